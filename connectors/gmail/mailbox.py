"""One mailbox at the Gmail API: what is in it, and what has changed.

Definitions: https://developers.google.com/workspace/gmail/api/reference/rest; units: its "Usage limits".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from connectors.gmail.api import Api
from connectors.gmail.faults import NotThere
from connectors.gmail.fetch import Fetched, fetch
from mailcare.errors import Exit, MailcareError

SYSTEM = {"SENT": "Sent", "DRAFT": "Drafts", "SPAM": "Spam", "TRASH": "Trash", "CHAT": "Chats"}
"""Gmail's own labels that say what a message is. All others of its own change while mail is read and tidied up."""

_ONE, _PAGE, _HISTORY = 1, 5, 2
"""Quota units of a small request, of a page of a list, of a page of the history."""


@dataclass
class Changes:
    """What happened since a point of the history."""

    newest: str
    """The history id from which to go on: what happens while its pages are read comes again."""
    threads: dict[str, str] = field(default_factory=dict)
    """Message → thread of those below, in the order of what happened."""
    added: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    """Those in both sets may be there or not: the history is not strictly in order."""
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
        yield from fetch(self._api, self._user, wanted, self.now)

    def _pages(self, ask: Callable[..., Any], units: int) -> Iterator[dict[str, Any]]:
        """All pages of a list. Raises NotThere."""
        token: str | None = None
        before: set[str] = set()
        while True:
            page = self._api.call(partial(ask, token=token), units)
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
