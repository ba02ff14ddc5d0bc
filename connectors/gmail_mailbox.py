"""One mailbox at the Gmail API: what is in it, what has changed, and its messages' metadata.

Definitions: https://developers.google.com/workspace/gmail/api/reference/rest; units: its "Usage limits".
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from connectors.google_api import Api, Ask
from connectors.google_faults import NotThere, Passing
from mailcare.errors import Exit, MailcareError
from mailcare.headers import WANTED

SYSTEM = {"SENT": "Sent", "DRAFT": "Drafts", "SPAM": "Spam", "TRASH": "Trash", "CHAT": "Chats"}
"""Gmail's own labels that say what a message is. All others of its own change while mail is read and tidied up."""

_METADATA = {
    "format": "metadata",
    "metadataHeaders": [
        {"message-id": "Message-ID"}.get(name, name.title())
        for name in WANTED
        if not name.startswith(("x-gm-", "x-gmail-"))
    ],
}
_MESSAGE = "id,threadId,labelIds,internalDate,sizeEstimate,payload/headers"
"""No snippet, no part of a body."""
_ONE, _PAGE, _HISTORY, _GET, _THREAD = 1, 5, 2, 20, 40
"""Quota units of a small request, a page of a list, a page of the history, a message, a thread."""
_PARTS = 25
"""Requests in one batch; with more, Gmail answers that they are too many at a time."""
_CHEAPER = 3
"""From so many messages on, a thread costs less than they do one by one."""
_FEW = 3
"""So few failing alone are no outage."""
_UNANSWERED = Passing("Gmail left a request of a batch unanswered")
_TRIES = 3
"""A message that failed so often while others came through is left for a later run."""


@dataclass
class Changes:
    """What happened since a point of the history."""

    newest: str
    """The history id from which to go on: what happens while its pages are read comes again."""
    threads: dict[str, str] = field(default_factory=dict)
    """Message → thread of those below, in the order of what happened."""
    added: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    labelled: dict[str, set[str]] = field(default_factory=dict)
    """Message → labels that were added or removed."""

    def take(self, record: dict[str, Any]) -> None:
        """Add a record of the history."""
        for kind in ("messagesAdded", "messagesDeleted", "labelsAdded", "labelsRemoved"):
            for one in record.get(kind, ()):
                id = one["message"]["id"]
                self.threads[id] = one["message"]["threadId"]
                if kind == "messagesAdded":
                    self.added.add(id)
                elif kind == "messagesDeleted":
                    self.deleted.add(id)
                else:
                    self.labelled.setdefault(id, set()).update(one.get("labelIds", ()))


@dataclass
class Fetched:
    """What some requests for messages brought."""

    last: str = ""
    """The last message asked for."""
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Resources by id, in the order of the asking."""
    gone: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Ids that Gmail would not answer for, though it did for others."""

    def __len__(self) -> int:
        """How many messages were asked for."""
        return len(self.messages) + len(self.gone) + len(self.refused)

    def take(self, part: "_Part", answer: dict[str, Any] | NotThere) -> "list[_Part]":
        """Keep what a part brought; returns what is to be asked for instead, message by message."""
        entries = () if isinstance(answer, NotThere) else answer.get("messages", ()) if part.thread else (answer,)
        found = {one["id"]: one for one in entries}
        self.messages |= {id: found[id] for id in part.ids if id in found}
        if part.thread:
            return [single for single in part.singles() if single.ids[0] not in found]
        self.gone += [id for id in part.ids if id not in found]
        return []


@dataclass(frozen=True)
class _Part:
    """One request: for a thread, or for the only message wanted."""

    ids: tuple[str, ...]
    thread: str = ""

    @property
    def units(self) -> int:
        return _THREAD if self.thread else _GET

    def singles(self) -> "list[_Part]":
        """The same messages, one request for each."""
        return [_Part((id,)) for id in self.ids]


class Mailbox:
    """The mailbox of ``user``; ``me`` is that of who logged in. Raises MailcareError, and what its methods name."""

    def __init__(self, api: Api, user: str) -> None:
        self._api, self._user = api, user

    def now(self) -> str:
        """The id of the latest change in the history."""
        return str(
            self._api.mailbox(lambda users: users.getProfile(userId=self._user, fields="historyId"), _ONE)["historyId"]
        )

    def labels(self) -> dict[str, str]:
        """Those labels that stay with a message, as folders' names: the user's own, and some of Gmail's."""
        answer = self._api.mailbox(
            lambda users: users.labels().list(userId=self._user, fields="labels(id,name,type)"), _ONE
        )
        return {
            label["id"]: SYSTEM.get(label["id"], label["name"])
            for label in answer.get("labels", ())
            if label.get("type") == "user" or label["id"] in SYSTEM
        }

    def ids(self, label: str | None = None) -> dict[str, str]:
        """Message → thread of all messages, or of those with the label; the newest first."""
        found: dict[str, str] = {}
        arguments = {"labelIds": [label]} if label else {}
        try:
            for page in self._pages(
                lambda users, token: users.messages().list(
                    userId=self._user,
                    maxResults=500,
                    includeSpamTrash=True,
                    pageToken=token,
                    fields="messages(id,threadId),nextPageToken",
                    **arguments,
                ),
                _PAGE,
            ):
                found |= {one["id"]: one["threadId"] for one in page.get("messages", ()) if one["id"] not in found}
        except NotThere:
            if not label:
                raise self._api.absent() from None
        return found

    def changes(self, since: str) -> Changes:
        """What happened since this point of the history. Raises NotThere when Gmail no longer knows it."""
        changes: Changes | None = None
        moved = "message(id,threadId),labelIds"
        for page in self._pages(
            lambda users, token: users.history().list(
                userId=self._user,
                startHistoryId=since,
                maxResults=500,
                pageToken=token,
                fields="history(messagesAdded/message(id,threadId),messagesDeleted/message(id,threadId),"
                f"labelsAdded({moved}),labelsRemoved({moved})),historyId,nextPageToken",
            ),
            _HISTORY,
        ):
            changes = changes or Changes(str(page["historyId"]))
            for record in page.get("history", ()):
                changes.take(record)
        assert changes
        return changes

    def fetch(self, wanted: dict[str, str]) -> Iterator[Fetched]:
        """The metadata of these messages (message → thread), batch by batch, in their order."""
        parts = _parts(wanted)
        for start in range(0, len(parts), _PARTS):
            yield self._settled(parts[start : start + _PARTS])

    def _pages(self, ask: Callable[[Any, str | None], Any], units: int) -> Iterator[dict[str, Any]]:
        """All pages of a list. Raises NotThere."""
        token: str | None = None
        before: set[str] = set()
        while True:
            page = self._api.call(partial(_with_token, ask, token), units)
            yield page
            token = page.get("nextPageToken")
            if not token:
                return
            if token in before:
                raise MailcareError(
                    "Gmail's list goes round in a circle",
                    where=self._api.host,
                    todo="Run again later: what was read is kept.",
                    code=Exit.TEMPORARY,
                )
            before.add(token)

    def _settled(self, parts: list[_Part]) -> Fetched:
        """What these requests bring, each made until it is answered. Those that fail alone are made again alone, a
        thread's messages one by one; a batch that fails as a whole is halved.
        """
        got, failures = Fetched(parts[-1].ids[0]), Counter[_Part]()
        groups = deque([parts])
        while groups:
            group = groups.popleft()
            try:
                answers = self._api.batch(
                    {str(n): self._ask(part) for n, part in enumerate(group)}, sum(part.units for part in group)
                )
            except Passing as trouble:
                if not trouble.crowded and len(group) > 1:
                    groups.extend((group[: len(group) // 2], group[len(group) // 2 :]))
                    self._api.patience.wait(trouble.why, trouble.hint)
                    continue
                answers = dict.fromkeys(map(str, range(len(group))), trouble)
            again, troubles = [], []
            for n, part in enumerate(group):
                answer = answers.get(str(n), _UNANSWERED)
                if isinstance(answer, Passing):
                    failures[part] += not answer.crowded
                    troubles.append(answer)
                    again += part.singles() if part.thread and failures[part] > 1 else [part]
                else:
                    again += got.take(part, answer)
            if len(troubles) < len(group):
                self._api.patience.progress()
            suspects = [part for part in again if failures[part] >= _TRIES]
            if suspects and (got.messages or got.gone or (len(parts) <= _FEW and self.now())):
                got.refused += [id for part in suspects for id in part.ids]
                again = [part for part in again if part not in suspects]
            if again:
                groups.append(again)
            if again and troubles:
                self._api.patience.wait(troubles[0].why, max((t.hint for t in troubles if t.hint), default=None))
        return got

    def _ask(self, part: _Part) -> Ask:
        if part.thread:
            return lambda users: users.threads().get(
                userId=self._user, id=part.thread, fields=f"messages({_MESSAGE})", **_METADATA
            )
        return lambda users: users.messages().get(userId=self._user, id=part.ids[0], fields=_MESSAGE, **_METADATA)


def _with_token(ask: Callable[[Any, str | None], Any], token: str | None, users: Any) -> Any:
    return ask(users, token)


def _parts(wanted: dict[str, str]) -> list[_Part]:
    """The cheapest requests for these messages, in the order of each one's first message."""
    threads: dict[str, list[str]] = {}
    for id, thread in wanted.items():
        threads.setdefault(thread, []).append(id)
    parts: dict[_Part, None] = {}
    for id, thread in wanted.items():
        whole = len(threads[thread]) >= _CHEAPER
        parts[_Part(tuple(threads[thread]), thread) if whole else _Part((id,))] = None
    return list(parts)
