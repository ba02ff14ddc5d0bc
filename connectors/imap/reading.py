"""One folder in one reading: what is new in it, what is left of its older mail, what is gone.

A message's key is its UID, and its flags where they make it a draft or trash: with other flags it is another copy.
So what there is to do is the difference between the keys in the folder and those that are stored.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from connectors.imap.answers import Closed, Refused
from connectors.imap.fetch import Chunk
from connectors.imap.folders import Contents, Fetched, Folder, contents, status
from connectors.imap.session import Session
from mailcare.mail import headers
from mailcare.mail.connector import Batch, Known, Position
from mailcare.mail.message import Message, Role

CHUNK = 500
"""Messages that are asked for at once, and stored together."""

_FLAGS = {"draft": Role.DRAFTS, "deleted": Role.TRASH}
_REFUSED, _EMPTY, _CLOSED, _PARTLY = "refused", "not_a_message", "folder_closed", "shown_partly"
_THE_FOLDER, _THE_LIST = "folder", "list"
"""Stand among the UIDs that were skipped where the folder could not be opened, or is not listed in full."""
_MISSING = "missing"
"""Stands in the cursor after a reading in which the folder was listed no more, and the server did not say why."""


@dataclass(slots=True)
class Reading:
    """What there is to do in a folder. UIDs rise with the time of arrival: the last of a list is the newest."""

    folder: Folder
    position: Position
    """After the batches so far."""
    skipped: dict[str, str]
    """UID, or a word about the folder → why something could not be read, as it will be remembered."""
    seen: dict[str, int] = field(default_factory=dict)
    """The folder's STATUS, from before it was listed."""
    validity: int = 0
    first: int = 1
    """The UID from which on a message counts as new, and not as older mail."""
    flags: dict[int, list[str]] = field(default_factory=dict)
    """Of the messages that have any: what makes them a draft or trash."""
    new: list[int] = field(default_factory=list)
    old: list[int] = field(default_factory=list)
    later: int = 0
    """Older messages that are left for another reading."""
    again: list[int] = field(default_factory=list)
    """Messages that the server did not give at an earlier reading."""
    gone: list[str] = field(default_factory=list)
    """The keys of copies that are no longer there."""
    abandoned: bool = False
    hopeless: bool = False
    """The server fails at one message after the other."""

    @property
    def left(self) -> int:
        return len(self.new) + len(self.old) + self.later

    def fetch(self, session: Session, queue: list[int], now: datetime) -> list[Message]:
        """The queue's newest messages, which leave it. Raises MailcareError."""
        repeated = queue is self.again
        uids, queue[-CHUNK:] = queue[-CHUNK:], []
        chunk = Chunk(session, self.folder.name, self.validity)
        try:
            chunk.fetch(uids[::-1])
        except Closed:
            self._abandon()
        if chunk.hopeless:
            session.gave()
            self.hopeless = self.hopeless or not repeated
            self._abandon()
        if self.abandoned and not repeated:
            self.later += len(set(uids) - chunk.found.keys() - set(chunk.failed))
        messages = {uid: self._message(uid, found, now) for uid, found in chunk.found.items()}
        for uid, message in messages.items():
            self.skipped.pop(str(uid), None)
            self.skipped |= {} if message else {str(uid): _EMPTY}
        self.skipped |= {str(uid): _REFUSED for uid in chunk.failed}
        return [message for message in messages.values() if message]

    def batch(self, messages: list[Message], removed: list[str], left: int, *, end: bool) -> Batch | None:
        """What is to be stored, if it changes anything; the last batch of a folder may come only where ``end`` is."""
        done = end and _THE_FOLDER not in self.skipped and not (self.left or self.gone)
        cursor: dict[str, Any] = {
            "name": self.folder.name,
            "validity": self.validity,
            "first": self.first,
            "skipped": dict(self.skipped),
            **({"seen": self.seen} if done else {}),
        }
        skipped = Counter(self.skipped.values())
        skipped.subtract(self.position.cursor.get("skipped", {}).values())
        changes = Counter({reason: count for reason, count in skipped.items() if count})
        before, self.position = (
            self.position,
            Position(self.position.generation, cursor, self.position.complete or done),
        )
        if not (messages or removed or changes) and self.position == before:
            return None
        return Batch(self.folder.path, self.position, messages, removed, changes, left)

    def _abandon(self) -> None:
        """The folder was closed, removed or made anew meanwhile, or the server fails: the next reading will see."""
        self.later += len(self.new) + len(self.old)
        self.new, self.old, self.again, self.abandoned = [], [], [], True

    def _message(self, uid: int, found: Fetched, now: datetime) -> Message | None:
        """The message; None where it has none of the wanted header fields."""
        fields = headers.fields(found.header)
        if not fields:
            return None
        flags = self.flags.get(uid, [])
        return headers.message(
            fields,
            key=_key(uid, flags),
            now=now,
            folders=[self.folder.path],
            roles=dict.fromkeys([*(_FLAGS[flag] for flag in flags), *self.folder.roles]),
            received_at=found.arrived,
            size=found.size,
        )


def survey(
    session: Session, folder: Folder, known: Known, since: date | None, notes: dict[str, str], *, fresh: bool
) -> Reading | None:
    """What there is to do in the folder; None where nothing is. ``fresh``: nothing of the account was read before.

    ``notes`` are to be remembered with what is skipped. Raises MailcareError.
    """
    stored = known.position(folder.path)
    position = stored or Position(1, {}, False)
    remembered: dict[str, str] = position.cursor.get("skipped", {})
    kept = position.cursor.get("validity", 0), position.cursor.get("first", 1)
    closed = Reading(folder, position, remembered | notes | {_THE_FOLDER: _CLOSED}, {}, *kept)
    same_name = position.cursor.get("name", folder.name) == folder.name
    try:
        seen = session.ask(lambda client: status(client, folder))
        if same_name and _unchanged(seen, position, notes):
            return None
        there = _contents(session, folder, since)
    except Refused:
        return closed
    anew = not same_name or position.cursor.get("validity", 0) not in (0, there.validity)
    if anew:
        position, remembered = Position(position.generation + 1, {}, False), {}
    read, readable = (set(), set()) if anew else (known.keys(folder.path), set(known.folders(folder.path)))
    first = max(there.uids, default=0) + 1 if fresh and not stored else position.cursor.get("first", 1)
    flags = {uid: _flags(there, uid) for uid in there.drafts | there.deleted}
    keys = {_key(uid, flags.get(uid, [])) for uid in there.uids}
    skipped = {int(uid): reason for uid, reason in remembered.items() if uid.isdigit() and not there.lacks(int(uid))}
    shown = {_THE_LIST: _PARTLY} if there.hidden or there.limited else {}
    hidden = 0 if _THE_LIST in remembered else there.hidden
    unread = sorted(_uids(keys - read) - _uids(read - readable) - skipped.keys())
    older = [uid for uid in unread if uid < first]
    old = [uid for uid in older if uid in there.recent]
    return Reading(
        folder,
        position,
        {str(uid): reason for uid, reason in skipped.items()} | notes | shown,
        seen,
        there.validity,
        first,
        flags,
        new=unread[len(older) :],
        old=old,
        later=len(older) - len(old) + hidden,
        again=sorted(uid for uid, reason in skipped.items() if reason == _REFUSED and uid in there.uids),
        gone=sorted(key for key in readable - keys if _uid(key) in there.uids or there.lacks(_uid(key))),
    )


def farewell(session: Session, source: str, known: Known) -> Position | None:
    """The new position of a folder that is listed no more: with the next generation, which is empty, where the server
    knows nothing of it; None where nothing is to be stored. Raises MailcareError.

    A refusal without NONEXISTENT (RFC 5530) is believed when it comes without any code in two readings in a row.
    """
    position = known.position(source)
    name = position.cursor.get("name") if position else None
    if not position or not name:
        return None
    said: str | None = None
    try:
        session.ask(lambda client: status(client, Folder(name, source, ())))
    except Refused as refused:
        said = str(refused)
    doubted = _MISSING in position.cursor
    if said == "NONEXISTENT" or (said == "" and doubted):
        return Position(position.generation + 1, {}, True)
    if (said == "") == doubted:
        return None
    rest = {word: value for word, value in position.cursor.items() if word != _MISSING}
    return Position(position.generation, rest if doubted else rest | {_MISSING: True}, position.complete)


def _contents(session: Session, folder: Folder, since: date | None) -> Contents:
    """What lies in the folder; asked a second time where others may have expunged messages meanwhile."""

    def ask() -> Contents:
        return session.ask(lambda client: contents(client, folder, since))

    try:
        there = ask()
    except Refused:
        return ask()
    return ask() if there.hidden else there


def _unchanged(seen: dict[str, int], position: Position, notes: dict[str, str]) -> bool:
    """Whether the folder is as it was at the end of the last reading; only a MODSEQ tells (RFC 7162)."""
    remembered = position.cursor.get("skipped", {})
    same_notes = notes == {word: reason for word, reason in remembered.items() if not word.isdigit()}
    as_before = seen == position.cursor.get("seen") and seen.get("highestmodseq", 0) > 0
    return as_before and same_notes and _REFUSED not in remembered.values() and _MISSING not in position.cursor


def _flags(there: Contents, uid: int) -> list[str]:
    return [*(["draft"] if uid in there.drafts else []), *(["deleted"] if uid in there.deleted else [])]


def _key(uid: int, flags: list[str]) -> str:
    return " ".join([str(uid), *flags])


def _uids(keys: Iterable[str]) -> set[int]:
    return {_uid(key) for key in keys}


def _uid(key: str) -> int:
    return int(key.partition(" ")[0])
