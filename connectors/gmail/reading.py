"""One reading of a Gmail mailbox: from what the store knows to what the mailbox holds, batch by batch."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.gmail.faults import NotThere
from connectors.gmail.fetch import Fetched
from connectors.gmail.mailbox import Changes, Mailbox
from mailcare.mail import headers
from mailcare.mail.connector import Batch, Known, Position
from mailcare.mail.message import Message, Role

SOURCE = ""
CHAT = "CHAT"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROLES = {"SENT": Role.SENT, "DRAFT": Role.DRAFTS, "SPAM": Role.SPAM, "TRASH": Role.TRASH}


class Reading:
    """Its cursor: ``history``, the id in Gmail's history up to which every change of what is stored is known;
    ``labels``, those that stay with a message (id → folder) as the stored messages have them; ``filled``, whether all
    older mail was read; ``left``, how much was not; ``refused``, the ids of messages that Gmail would not give out.
    """

    def __init__(self, mailbox: Mailbox, known: Known, now: datetime) -> None:
        self._mailbox, self._known, self._now = mailbox, known, now
        self._before = known.position(SOURCE)
        self._stored = known.keys(SOURCE) if self._before else set()
        cursor = self._before.cursor if self._before else {}
        self._history: str = cursor.get("history", "")
        self._labels: dict[str, str] = cursor.get("labels", {})
        self._filled: bool = cursor.get("filled", False)
        self._left: int = cursor.get("left", 0)
        self._refused: list[str] = list(cursor.get("refused", ()))

    def batches(self, since: datetime | None) -> Iterator[Batch]:
        """What changed, then older mail, the newest first, as far back as ``since``. Raises MailcareError."""
        changes = self._changes() if self._before else None
        newest = changes.newest if changes else self._mailbox.now()
        self._names = self._mailbox.labels()
        if not self._before:
            self._history, self._labels = newest, self._names
        else:
            renamed = any(self._names.get(id) != name for id, name in self._labels.items())
            yield from self._catch_up(changes)
            if renamed or changes is None:
                yield from self._compare(newest)
            elif (newest, self._names) != (self._history, self._labels):
                self._history, self._labels = newest, self._names
                yield self._batch(Fetched())
        if not self._filled:
            yield from self._fill(since)

    def _changes(self) -> Changes | None:
        """What happened since the last reading; None where Gmail no longer knows."""
        try:
            return self._mailbox.changes(self._history)
        except NotThere:
            return None

    def _catch_up(self, changes: Changes | None) -> Iterator[Batch]:
        """Store what the history tells of, and ask again for what was refused."""
        wanted = {id: id for id in self._refused}
        gone: set[str] = set()
        if changes:
            unsure = changes.added & changes.deleted
            gone = changes.deleted - unsure
            staying = self._names.keys() | self._labels.keys()
            changed = {id for id, labels in changes.labelled.items() if labels & staying}
            changed = (changes.added - self._stored) | (changed and changed & self._known.folders(SOURCE).keys())
            changed |= unsure
            wanted |= {id: thread for id, thread in reversed(changes.threads.items()) if id in changed}
            wanted = {id: thread for id, thread in wanted.items() if id not in gone}
        yield from self._batches(wanted)
        if gone & (self._stored | set(self._refused)):
            yield self._batch(Fetched(gone=sorted(gone)))

    def _compare(self, newest: str) -> Iterator[Batch]:
        """Bring what is stored up to date without a history: by the list of all messages, and each label's. New mail
        is left to the back-fill. Until its end the cursor stays, so that a reading cut short compares again.
        """
        there = self._mailbox.ids()
        if missing := self._stored - there.keys():
            missing -= self._mailbox.ids().keys()
        folders: dict[str, set[str]] = {}
        for label, name in self._names.items():
            for id in self._mailbox.ids(label):
                folders.setdefault(id, set()).add(name)
        held = self._known.folders(SOURCE)
        differing = {id for id in there.keys() & held.keys() if set(held[id]) != folders.get(id, set())}
        yield from self._batches({id: thread for id, thread in there.items() if id in differing})
        self._history, self._labels, self._filled = newest, self._names, False
        yield self._batch(Fetched(gone=sorted(missing)))

    def _fill(self, since: datetime | None) -> Iterator[Batch]:
        """Store what the list of all messages names and the store lacks. It is done when a new list names nothing
        more: pages shift while mail comes and goes.
        """
        out = set(self._mailbox.ids(CHAT)) if CHAT in self._names else set()
        while True:
            out |= self._stored | set(self._refused)
            wanted = {id: thread for id, thread in self._mailbox.ids().items() if id not in out}
            if not wanted:
                break
            self._left = len(wanted)
            for got in self._mailbox.fetch(wanted):
                self._left -= len(got)
                out.update(got.gone, got.messages)
                yield self._batch(got)
                if since and self._left and _is_older(got, since):
                    return
        self._filled, self._left = True, 0
        yield self._batch(Fetched())

    def _batches(self, wanted: dict[str, str]) -> Iterator[Batch]:
        """These messages (message → thread), fetched and stored."""
        left = len(wanted)
        for got in self._mailbox.fetch(wanted):
            left -= len(got)
            yield replace(self._batch(got), left=left + self._left)

    def _batch(self, got: Fetched) -> Batch:
        """What was fetched, and the position after it."""
        messages = [_message(one, self._names, self._now) for one in got.messages.values() if not _is_chat(one)]
        removed = [id for id in got.gone if id in self._stored]
        self._stored.update(message.key for message in messages)
        self._stored.difference_update(removed)
        before = len(self._refused)
        self._refused = [id for id in self._refused if id not in got.messages and id not in got.gone]
        self._refused += [id for id in got.refused if id not in self._refused]
        cursor: dict[str, Any] = {"history": self._history, "labels": self._labels, "refused": list(self._refused)}
        cursor |= {"filled": self._filled, "left": self._left}
        complete = self._filled or bool(self._before and self._before.complete)
        skipped = Counter({"refused": len(self._refused) - before} if len(self._refused) != before else {})
        return Batch(SOURCE, Position(1, cursor, complete), messages, removed, skipped, self._left, got.seconds)


def _message(resource: dict[str, Any], names: dict[str, str], now: datetime) -> Message:
    """A message resource's metadata; ``names`` are the labels that stay with a message."""
    fields: headers.Fields = {}
    for header in resource.get("payload", {}).get("headers", ()):
        if (name := header.get("name", "").lower()) in headers.WANTED:
            fields.setdefault(name, []).append(header.get("value", "").replace("\r", "").replace("\n", ""))
    labels = resource.get("labelIds", ())
    read = headers.message(
        fields,
        key=resource["id"],
        now=now,
        folders=dict.fromkeys(names[label] for label in labels if label in names),
        roles=[role for label, role in _ROLES.items() if label in labels],
        received_at=_arrived(resource),
        size=int(resource.get("sizeEstimate", 0)),
    )
    return replace(read, conversation=resource.get("threadId", ""))


def _arrived(resource: dict[str, Any]) -> datetime:
    """When Gmail took the message in; 1970 where it does not tell."""
    try:
        return _EPOCH + timedelta(milliseconds=int(resource.get("internalDate", 0)))
    except (ValueError, OverflowError):
        return _EPOCH


def _is_older(got: Fetched, since: datetime) -> bool:
    """Whether the last of what was asked for arrived before."""
    return all(id in got.messages and _arrived(got.messages[id]) < since for id in got.last)


def _is_chat(resource: dict[str, Any]) -> bool:
    return CHAT in resource.get("labelIds", ())
