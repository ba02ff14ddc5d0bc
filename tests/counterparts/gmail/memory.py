"""A Gmail mailbox in memory: as much of the API as the connector may use, in place of the emulator."""

import base64
from email import message_from_bytes
from itertools import count
from typing import Any

Answer = tuple[int, dict[str, Any]]
SYSTEM = ("INBOX", "SENT", "UNREAD", "STARRED", "IMPORTANT", "TRASH", "SPAM", "DRAFT", "CHAT", "CATEGORY_UPDATES")


class Memory:
    """An empty mailbox."""

    def __init__(self) -> None:
        self.messages: dict[str, dict[str, Any]] = {}
        self.labels = {id: {"id": id, "name": id, "type": "system"} for id in SYSTEM}
        self._records: list[dict[str, Any]] = []
        self._number = count(1)

    def request(
        self, method: str, path: str, query: dict[str, list[str]] | None = None, body: dict[str, Any] | None = None
    ) -> Answer:
        """The answer to a request below ``users/me/``: its status and content."""
        kind, _, id = path.partition("/")
        name, _, action = id.partition("/")
        handler = getattr(self, f"_{method.lower()}_{kind}{'_' + action if action else '_one' if id else ''}")
        answer: Answer = handler(name, query or {}, body or {})
        return answer

    def history(self) -> str:
        """The id of the latest change."""
        return str(self._records[-1]["id"] if self._records else 1)

    def close(self) -> None:
        """There is nothing to end."""

    def _get_messages(self, _: str, query: dict[str, list[str]], __: dict[str, Any]) -> Answer:
        labels = set(query.get("labelIds", ()))
        if labels - self.labels.keys():
            return _error(400, "invalidArgument")
        hidden = set() if query.get("includeSpamTrash") == ["true"] else {"SPAM", "TRASH"}
        found = [
            one
            for one in self.messages.values()
            if labels <= set(one["labelIds"]) and not hidden & set(one["labelIds"])
        ]
        found.sort(key=lambda one: -int(one["internalDate"]))
        page = _page("messages", [{"id": one["id"], "threadId": one["threadId"]} for one in found], query)
        return 200, page | {"resultSizeEstimate": len(found)}

    def _get_messages_one(self, id: str, *_: object) -> Answer:
        return (200, self.messages[id]) if id in self.messages else _error(404, "notFound")

    def _get_threads_one(self, id: str, *_: object) -> Answer:
        found = [one for one in self.messages.values() if one["threadId"] == id]
        return (200, {"id": id, "snippet": "", "messages": found}) if found else _error(404, "notFound")

    def _get_labels(self, *_: object) -> Answer:
        return 200, {"labels": list(self.labels.values())}

    def _get_history(self, _: str, query: dict[str, list[str]], __: dict[str, Any]) -> Answer:
        """All pages tell of the moment of the first."""
        start, _, end = query.get("pageToken", [f"0-{self.history()}"])[0].partition("-")
        span = range(int(query["startHistoryId"][0]) + 1, int(end) + 1)
        records = [record | {"id": str(record["id"])} for record in self._records if record["id"] in span]
        page = _page("history", records, query | {"pageToken": [start]}) | {"historyId": self.history()}
        return 200, page | ({"nextPageToken": f"{page['nextPageToken']}-{end}"} if "nextPageToken" in page else {})

    def _post_messages(self, _: str, __: dict[str, list[str]], body: dict[str, Any]) -> Answer:
        raw = base64.urlsafe_b64decode(body["raw"])
        parsed = message_from_bytes(raw)
        number = next(self._number)
        id, content = f"{number:016x}", raw.partition(b"\r\n\r\n")[2].decode("latin-1")
        linked = f"{parsed.get('In-Reply-To', '')} {parsed.get('References', '')}".split()
        threads = {one["messageId"]: one["threadId"] for one in self.messages.values()}
        self.messages[id] = {
            "id": id,
            "threadId": next((threads[link] for link in linked if link in threads), id),
            "messageId": (parsed.get("Message-ID") or id).strip(),
            "labelIds": list(body["labelIds"]),
            "snippet": content[:100],
            "historyId": str(self._record("messagesAdded", id)),
            "internalDate": body["internalDate"],
            "sizeEstimate": len(raw),
            "payload": {"mimeType": "text/plain", "headers": [], "body": {"size": len(content), "data": content}},
        }
        self._records[-1]["messagesAdded"][0]["message"]["threadId"] = self.messages[id]["threadId"]
        return 200, self.messages[id]

    def _post_messages_modify(self, id: str, _: dict[str, list[str]], body: dict[str, Any]) -> Answer:
        labels = self.messages[id]["labelIds"]
        for kind, changed in (("labelsAdded", body.get("addLabelIds")), ("labelsRemoved", body.get("removeLabelIds"))):
            if changed:
                self._record(kind, id, labelIds=changed)
        removed = body.get("removeLabelIds", ())
        self.messages[id]["labelIds"] = [
            *(label for label in labels if label not in removed),
            *(label for label in body.get("addLabelIds", ()) if label not in labels),
        ]
        return 200, self.messages[id]

    def _delete_messages_one(self, id: str, *_: object) -> Answer:
        self._record("messagesDeleted", id)
        del self.messages[id]
        return 204, {}

    def _post_labels(self, _: str, __: dict[str, list[str]], body: dict[str, Any]) -> Answer:
        id = f"Label_{next(self._number)}"
        self.labels[id] = {"id": id, "name": body["name"], "type": "user"}
        return 200, self.labels[id]

    def _patch_labels_one(self, id: str, _: dict[str, list[str]], body: dict[str, Any]) -> Answer:
        self.labels[id] |= body
        return 200, self.labels[id]

    def _delete_labels_one(self, id: str, *_: object) -> Answer:
        del self.labels[id]
        for one in self.messages.values():
            one["labelIds"] = [label for label in one["labelIds"] if label != id]
        return 204, {}

    def _record(self, kind: str, id: str, **more: Any) -> int:
        number = next(self._number) + 1000
        thread = self.messages[id]["threadId"] if id in self.messages else id
        self._records.append({"id": number, kind: [{"message": {"id": id, "threadId": thread}, **more}]})
        return number


def _page(name: str, entries: list[Any], query: dict[str, list[str]]) -> dict[str, Any]:
    start, size = int(query.get("pageToken", ["0"])[0]), int(query.get("maxResults", ["100"])[0])
    page = {name: entries[start : start + size]} if entries else {}
    return page | ({"nextPageToken": str(start + size)} if start + size < len(entries) else {})


def _error(status: int, reason: str) -> Answer:
    return status, {"error": {"code": status, "message": reason, "errors": [{"reason": reason}]}}
