"""What Microsoft Graph answers about a mailbox's folders and messages, with Mail.ReadBasic."""

import re
from collections.abc import Callable
from itertools import count
from urllib.parse import quote

from tests.counterparts.graph.mailbox import BASIC, Json, Mailbox
from tests.counterparts.letters import OWNER


class Refusal(Exception):
    def __init__(self, status: int, code: str, **headers: str) -> None:
        super().__init__(code)
        self.status, self.code, self.headers = status, code, headers


class Service:
    """Pages and single items. A test may change its public fields at any time."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self.poison: set[str] = set()
        """Messages at which the server fails."""
        self.headers_in_lists = True
        self.partial_arrivals = False
        """Whether a message that comes to a folder in a later round is told in part only."""
        self.strange: Callable[[Json, Callable[[], str]], Json] = lambda page, _: page
        """What becomes of a page of a delta round before it is sent; told a way to make a link to the same page."""
        self._tokens: dict[str, Json] = {}
        self._numbers = count(1)

    def forget(self) -> None:
        """Every next link and delta link is dead."""
        self._tokens.clear()

    def answer(self, path: str, asked: dict[str, str], prefers: str, base: str) -> Json:
        """What is at an address; ``base`` is how the client calls the server. Raises Refusal."""
        prefer = _Preferences(prefers)
        whose, alone, key = path.removeprefix("/v1.0/").partition("/messages/")
        if alone and whose in ("me", f"users/{OWNER}"):
            return self._item(self._existing(key), asked.get("$select", ""), prefer, alone=True)
        if path in ("/v1.0/me/messages", f"/v1.0/users/{OWNER}/messages"):
            return self._named(asked, prefer)
        whose, _, rest = path.removeprefix("/v1.0/").partition("/mailFolders")
        if whose not in ("me", f"users/{OWNER}"):
            raise Refusal(404, "ErrorInvalidUser")
        link = f"{base}/v1.0/{whose}/mailFolders"
        steps = [step for step in rest.split("/") if step]
        match steps:
            case []:
                return self._folders("", asked, f"{link}?")
            case [id, "childFolders"]:
                return self._folders(self._known(id), asked, f"{link}/{id}/childFolders?")
            case [id]:
                return _selected(self._folder_item(self._known(id)), asked)
            case [id, "messages", "delta"]:
                return self._delta(self._known(id), asked, prefer, f"{link}/{id}/messages/delta?")
            case [id, "messages"]:
                return self._list(self._known(id), asked, prefer, f"{link}/{id}/messages?")
            case [id, "messages", key]:
                mail = self.mailbox.mails.get(key)
                if not mail or mail.folder != self._known(id):
                    raise Refusal(404, "ErrorItemNotFound")
                return self._item(key, asked.get("$select", ""), prefer, alone=True)
        raise Refusal(400, "BadRequest")

    def _existing(self, key: str) -> str:
        if key not in self.mailbox.mails:
            raise Refusal(404, "ErrorItemNotFound")
        return key

    def _known(self, id: str) -> str:
        for folder in self.mailbox.folders.values():
            if id in (folder.id, folder.well_known):
                return folder.id
        raise Refusal(404, "ErrorItemNotFound")

    def _folder_item(self, id: str) -> Json:
        folder = self.mailbox.folders[id]
        kind = {"@odata.type": "#microsoft.graph.mailSearchFolder"} if folder.search else {}
        inside = [other for other in self.mailbox.folders.values() if other.parent == id and not other.hidden]
        return kind | {
            "id": id,
            "displayName": folder.name,
            "parentFolderId": folder.parent or "root",
            "childFolderCount": len(inside),
            "totalItemCount": len(self.mailbox.within(id)),
            "unreadItemCount": 0,
            "isHidden": folder.hidden,
        }

    def _folders(self, parent: str, asked: dict[str, str], link: str) -> Json:
        """Three folders a page at most, so that there are pages."""
        _only(asked, {"$select", "$top", "$skip"})
        start = int(asked.get("$skip", 0))
        inside = [one.id for one in self.mailbox.folders.values() if one.parent == parent and not one.hidden]
        page: Json = {"value": [_selected(self._folder_item(id), asked) for id in inside[start : start + 3]]}
        if inside[start + 3 :]:
            page["@odata.nextLink"] = f"{link}$select={asked['$select']}&$skip={start + 3}"
        return page

    def _list(self, folder: str, asked: dict[str, str], prefer: "_Preferences", link: str) -> Json:
        if "$skiptoken" in asked:
            state = self._tokens.get(asked["$skiptoken"])
            if not state:
                raise Refusal(400, "ErrorInvalidUrlQuery")
        else:
            _only(asked, {"$select", "$filter", "$orderby", "$top"})
            first, last = _span(asked, "receivedDateTime desc" if "$filter" in asked else "")
            keys = [key for key in self.mailbox.within(folder) if first <= self._received(key) <= last]
            state = {"select": asked.get("$select", ""), "keys": keys}
        here, rest = state["keys"][: prefer.size], state["keys"][prefer.size :]
        page: Json = {"value": [self._item(key, state["select"], prefer) for key in here if key in self.mailbox.mails]}
        if rest:
            page["@odata.nextLink"] = f"{link}$skiptoken={self._token(state | {'keys': rest})}"
        return page

    def _named(self, asked: dict[str, str], prefer: "_Preferences") -> Json:
        """The messages of one Message-ID, wherever they lie."""
        _only(asked, {"$select", "$filter"})
        written = re.fullmatch(r"internetMessageId eq '((?:[^']|'')*)'", asked.get("$filter", ""))
        if not written:
            raise Refusal(400, "ErrorInvalidUrlQuery")
        wanted = written[1].replace("''", "'")
        found = [key for key, mail in self.mailbox.mails.items() if mail.item["internetMessageId"] == wanted]
        return {"value": [self._item(key, asked.get("$select", ""), prefer) for key in found]}

    def _delta(self, folder: str, asked: dict[str, str], prefer: "_Preferences", link: str) -> Json:
        _only(asked, {"$select", "$orderby", "$filter", "$skiptoken", "$deltatoken"})
        token = asked.get("$skiptoken") or asked.get("$deltatoken")
        if token:
            state = self._tokens.get(token)
            if not state or state["folder"] != folder:
                raise Refusal(410, "SyncStateNotFound")
        else:
            _span(asked, "receivedDateTime desc")
            todo = [(key, None) for key in self.mailbox.within(folder)]
            now = len(self.mailbox.changes)
            state = {"folder": folder, "select": asked.get("$select", ""), "todo": todo, "then": now, "later": False}
        if "$deltatoken" in asked:
            now = len(self.mailbox.changes)
            state = state | {"todo": self._changed(folder, state["then"]), "then": now, "later": True}
        here, rest = state["todo"][: prefer.size], state["todo"][prefer.size :]
        page: Json = {"value": [self._told(folder, key, fields, state, prefer) for key, fields in here]}
        kind = "$skiptoken" if rest else "$deltatoken"
        following = self._token(state | {"todo": rest})
        page["@odata.nextLink" if rest else "@odata.deltaLink"] = f"{link}{kind}={following}"
        return self.strange(page, lambda: f"{link}$skiptoken={self._token(state)}")

    def _changed(self, folder: str, then: int) -> list[tuple[str, tuple[str, ...] | None]]:
        """What a round tells: each message that changed, and which of its properties, None for all."""
        changed: dict[str, tuple[str, ...] | None] = {}
        for change in self.mailbox.changes[then:]:
            if change.folder == folder:
                before = changed.get(change.key, ())
                changed[change.key] = None if before is None or not change.fields else (*before, *change.fields)
        return sorted(changed.items())

    def _told(self, folder: str, key: str, fields: tuple[str, ...] | None, state: Json, prefer: "_Preferences") -> Json:
        mail = self.mailbox.mails.get(key)
        if mail is None or mail.folder != folder:
            return {"@odata.type": "#microsoft.graph.message", "id": key, "@removed": {"reason": "deleted"}}
        item = self._item(key, state["select"], prefer)
        if fields is None and state["later"] and self.partial_arrivals:
            fields = ("isRead",)
        if fields is None:
            return item
        told = {"id", "@odata.etag", "parentFolderId", *fields}
        return {name: value for name, value in (item | {"isRead": mail.item["isRead"]}).items() if name in told}

    def _item(self, key: str, select: str, prefer: "_Preferences", *, alone: bool = False) -> Json:
        names = select.split(",") if select else list(BASIC)
        if key in self.poison and not {"id", "receivedDateTime"}.issuperset(names):
            raise Refusal(500, "ErrorInternalServerError")
        mail = self.mailbox.mails[key]
        id = key if prefer.immutable else f"passing-{mail.folder}-{key}"
        item = {"webLink": _web(id)} | mail.item | {"parentFolderId": mail.folder}
        given = {name: item[name] for name in names if name in item}
        if not (alone or self.headers_in_lists):
            given.pop("internetMessageHeaders", None)
        return {"@odata.etag": f'W/"{key}"'} | given | {"id": id}

    def _received(self, key: str) -> str:
        return str(self.mailbox.mails[key].item["receivedDateTime"])

    def _token(self, state: Json) -> str:
        token = f"state-{next(self._numbers)}"
        self._tokens[token] = state
        return token


def _web(id: str) -> str:
    """As Graph makes it; Outlook opens only those that are made of a passing id."""
    return f"https://outlook.office365.com/owa/?ItemID={quote(id, safe='')}&exvsurl=1&viewmodel=ReadMessageItem"


class _Preferences:
    def __init__(self, header: str) -> None:
        parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
        self.size = int(parts.get("odata.maxpagesize", 10))
        self.immutable = parts.get("IdType") == '"ImmutableId"'


def _only(asked: dict[str, str], known: set[str]) -> None:
    if not asked.keys() <= known:
        raise Refusal(400, "ErrorInvalidUrlQuery")


def _span(asked: dict[str, str], order: str) -> tuple[str, str]:
    """The first and last moment of the one kind of filter that there is."""
    if asked.get("$orderby", order) != order:
        raise Refusal(400, "ErrorInvalidUrlQuery")
    written = re.fullmatch(
        r"receivedDateTime ge (\S+)(?: and receivedDateTime le (\S+))?", asked.get("$filter", "receivedDateTime ge 0")
    )
    if not written:
        raise Refusal(400, "ErrorInvalidUrlQuery")
    return written[1], written[2] or "9999"


def _selected(item: Json, asked: dict[str, str]) -> Json:
    names = asked["$select"].split(",") if "$select" in asked else list(item)
    return {name: value for name, value in item.items() if name in (*names, "@odata.type")}
