"""What is new in an Exchange mailbox, folder by folder: every folder is a source of its own, named by its id.

A source's cursor: ``state``, EWS's sync state: what happened before it is stored, or still to be back-filled;
``gone``, ids of items that left the folder, to be removed once the new mail of all folders is stored; ``refused``, ids
of items that the server could not hand over; ``path`` and ``roles``, what the stored messages say of the folder;
``whole``, whether all of it is to be read whatever ``since``; ``floor``, as of when everything is stored; ``older``,
the number of items before that; ``closed``, whether it could not be opened, which was counted. Of a deleted folder just
``deleted`` is left.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from connectors.exchange.asking import Closed
from connectors.exchange.folders import Listing, MailFolder
from connectors.exchange.items import message
from connectors.exchange.mailbox import ExchangeMailbox, StaleState
from connectors.exchange.services import Entry, is_mail
from mailcare.mail.connector import Batch, Known, Position
from mailcare.mail.message import Message, Role

BATCH = 500
"""Items of mail that are asked for before what came of it is handed on."""
CLOSED = "folder_closed"
"""The reason (``tables.QUALITY``) of folders that could not be opened."""


@dataclass(eq=False)
class _Source:
    """A folder, and how far it has been read."""

    folder: MailFolder
    generation: int = 1
    complete: bool = False
    state: str = ""
    gone: dict[str, None] = field(default_factory=dict)
    refused: dict[str, None] = field(default_factory=dict)
    whole: bool = False
    floor: str = ""
    older: int = 0
    waiting: int = 0
    """Items that this reading is still to bring."""
    closed: bool = False
    """Whether this reading can't open it."""
    counted: bool = False
    """Whether that was counted."""
    dirty: bool = False
    """Whether the position has to be stored, also without any message."""

    def batch(
        self, messages: Iterable[Message] = (), removed: Iterable[str] = (), refused: int = 0, left: int = 0
    ) -> Batch:
        self.dirty = False
        told = {"refused": refused, CLOSED: self.closed - self.counted}
        self.counted = self.closed
        cursor = {
            "path": self.folder.path,
            "roles": list(self.folder.roles),
            "state": self.state,
            "gone": list(self.gone),
            "refused": list(self.refused),
            "whole": self.whole,
            "floor": self.floor,
            "older": self.older,
            "closed": self.closed,
        }
        skipped = Counter({why: count for why, count in told.items() if count})
        position = Position(self.generation, cursor, self.complete)
        return Batch(self.folder.id, position, list(messages), list(removed), skipped, left)

    def restart(self) -> None:
        """Read the folder anew, beside what is stored."""
        self.generation += 1
        self.complete, self.whole, self.state, self.floor, self.older = False, True, "", "", 0
        self.gone, self.refused, self.counted = {}, {}, False

    def unfinished(self, since: datetime | None) -> bool:
        """Whether this reading is to bring items from before the state."""
        reached = since and self.floor and not self.whole and datetime.fromisoformat(self.floor) <= since
        return not (self.complete or reached)


class Reading:
    """One reading of a mailbox: changes first, then folders that are new since the last reading, as mail may have been
    moved there, then what was removed, then the back-fill, the newest mail first.
    """

    def __init__(self, mailbox: ExchangeMailbox, known: Known, now: datetime, since: datetime | None) -> None:
        self._mailbox, self._known, self._now, self._since = mailbox, known, now, since
        self._sources: list[_Source] = []

    def batches(self) -> Iterator[Batch]:
        """Raises MailcareError."""
        later = any(self._known.keys(source) for source in self._known.sources())
        listing = self._mailbox.folders()
        self._sources = [self._source(folder, later) for folder in listing.folders]
        for source in self._sources:
            if source.state:
                yield from self._retried(source)
                yield from self._changes(source)
        moved_into = [one for one in self._sources if not one.state or (one.whole and not one.complete)]
        listed = self._lists(moved_into)
        if self._sources and all(source.closed for source in self._sources):
            raise self._mailbox.closed()
        for source, _ in listed:
            if source.dirty:
                yield source.batch(left=self._left())
        yield from self._back_fill([one for one in listed if one[0].whole])
        noted = {source.folder.id: set(source.gone) for source in self._sources}
        for source in self._sources if any(noted.values()) else ():
            if source.state:
                yield from self._changes(source)
        yield from self._removals(noted)
        yield from self._unlisted(listing)
        begun = [one for one in self._sources if one not in moved_into and one.unfinished(self._since)]
        first = [one for one in listed if not one[0].whole]
        yield from self._back_fill(first + self._lists(begun))
        for source in self._sources:
            if source.closed != source.counted:
                yield source.batch(left=self._left())

    def _source(self, folder: MailFolder, later: bool) -> _Source:
        """The folder as it was left; anew where its name or place, which its messages bear, is another one now. What
        was never read waits until it is certain what it is for.
        """
        position = self._known.position(folder.id)
        if position is None:
            return _Source(folder, whole=later, closed=not folder.certain)
        cursor = position.cursor
        if not folder.certain and cursor.get("state"):
            folder = replace(folder, path=cursor["path"], roles=tuple(map(Role, cursor["roles"])))
        source = _Source(folder, position.generation)
        if "path" not in cursor or (cursor["state"] and _place(cursor) != (folder.path, list(folder.roles))):
            source.restart()
        else:
            source.complete = position.complete
            source.state, source.whole, source.floor, source.older = (
                cursor[name] for name in ("state", "whole", "floor", "older")
            )
            source.gone, source.refused = dict.fromkeys(cursor["gone"]), dict.fromkeys(cursor["refused"])
            source.counted = cursor.get("closed", False)
        source.closed = not folder.certain and not source.state
        return source

    def _retried(self, source: _Source) -> Iterator[Batch]:
        """Another try for what the server could not hand over before."""
        if source.refused:
            asked = [(Entry(self._now, id), source) for id in source.refused]
            for _, messages, change in self._fetched(asked, again=True):
                if change:
                    yield source.batch(messages, refused=change)

    def _changes(self, source: _Source) -> Iterator[Batch]:
        """What came into the folder since its state; what left it is noted."""
        try:
            for page in self._mailbox.pages(source.folder.id, source.state):
                if page.anything:
                    source.state, source.dirty = page.state, True
                source.gone |= dict.fromkeys(page.gone)
                for entry in page.mail:
                    source.gone.pop(entry.id, None)
                new = [(entry, source) for entry in sorted(page.mail, reverse=True)]
                for _, messages, change in self._fetched(new):
                    yield source.batch(messages, refused=change, left=self._left())
        except StaleState:
            source.restart()
        except Closed:
            source.closed = True

    def _lists(self, sources: list[_Source]) -> list[tuple[_Source, list[Entry]]]:
        """Each source with what ``_listed`` tells of it; those closed to the user are left as they are."""
        listed = []
        for source in sources:
            try:
                if not source.closed:
                    listed.append((source, self._listed(source)))
            except Closed:
                source.closed = True
        return listed

    def _listed(self, source: _Source) -> list[Entry]:
        """The folder's mail that is not stored, as far as this reading goes back; a new source gets its state."""
        found, state = self._mailbox.everything(source.folder.id)
        if source.state:
            for id in self._known.keys(source.folder.id) | source.refused.keys():
                found.pop(id, None)
            source.dirty = False
        else:
            source.state, source.dirty = state, True
        since = None if source.whole else self._since
        entries = [entry for entry in found.values() if since is None or entry.arrived >= since]
        source.older, source.waiting = len(found) - len(entries), len(entries)
        self._settle(source)
        return entries

    def _settle(self, source: _Source) -> None:
        """Note what is reached once nothing is waiting."""
        if not source.waiting:
            source.dirty = True
            source.complete = not source.older
            source.floor = self._since.isoformat() if source.older and self._since else ""

    def _back_fill(self, listed: list[tuple[_Source, list[Entry]]]) -> Iterator[Batch]:
        """All these items, the newest first whatever their folder."""
        order = sorted(((entry, source) for source, entries in listed for entry in entries), key=lambda one: one[0])
        while order:
            window = order[: -BATCH - 1 : -1]
            del order[-len(window) :]
            asked = Counter(source.folder.id for _, source in window)
            for source, messages, change in self._fetched(window):
                source.waiting -= asked[source.folder.id]
                self._settle(source)
                yield source.batch(messages, refused=change, left=self._left())
        for source, _ in listed:
            if source.dirty:
                yield source.batch(left=self._left())

    def _fetched(
        self, asked: list[tuple[Entry, _Source]], again: bool = False
    ) -> Iterator[tuple[_Source, list[Message], int]]:
        """The messages of these items, and how many more the server refuses, for each source that is among them."""
        fetched = self._mailbox.items([entry.id for entry, _ in asked], again)
        items, refused = dict(fetched.items), set(fetched.refused)
        for source in {source.folder.id: source for _, source in asked}.values():
            ids = [entry.id for entry, owner in asked if owner is source]
            before = len(source.refused)
            source.refused = {id: None for id in source.refused if id not in ids}
            source.refused |= {id: None for id in ids if id in refused}
            mail = ((id, items[id]) for id in ids if id in items)
            messages = [message(item, id, source.folder, self._now) for id, item in mail if is_mail(item.item_class)]
            yield source, messages, len(source.refused) - before

    def _removals(self, noted: dict[str, set[str]]) -> Iterator[Batch]:
        """What had left the folders before all of them were read once more: by now it is stored where it went."""
        for source in self._sources:
            if gone := source.gone.keys() & noted[source.folder.id]:
                removed = sorted(gone & self._known.keys(source.folder.id))
                refused = len(gone & source.refused.keys())
                source.refused = {id: None for id in source.refused if id not in gone}
                source.gone = {id: None for id in source.gone if id not in gone}
                yield source.batch(removed=removed, refused=-refused, left=self._left())
            elif source.dirty:
                yield source.batch(left=self._left())

    def _unlisted(self, listing: Listing) -> Iterator[Batch]:
        """Folders that are not listed any more: deleted, or closed to us. Who sees a part of the mailbox can't tell."""
        here = {source.folder.id for source in self._sources}
        for id in self._known.sources():
            position = self._known.position(id)
            if not position or id in here or "path" not in position.cursor:
                continue
            if listing.is_whole and self._mailbox.is_gone(id):
                yield Batch(id, Position(position.generation + 1, {"deleted": True}, True), left=self._left())
            elif not position.cursor.get("closed"):
                closed = replace(position, cursor=position.cursor | {"closed": True})
                yield Batch(id, closed, skipped=Counter({CLOSED: 1}), left=self._left())

    def _left(self) -> int:
        return sum(source.waiting + source.older for source in self._sources)


def _place(cursor: dict[str, Any]) -> tuple[str, list[str]]:
    return cursor["path"], cursor["roles"]
