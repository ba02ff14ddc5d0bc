"""mbox files: cut into header blocks in one pass, and read on from where the last reading stopped.

Bodies are passed over and never kept; memory does not grow with the file.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from connectors.files.formats import letters
from connectors.files.formats.separators import Separator, begins_mbox, is_lenient, looks_like_one, moment, separator
from connectors.files.openers import REACH, Stream, opened
from mailcare.mail import headers
from mailcare.mail.connector import Batch, Known, Position
from mailcare.mail.message import Message

BATCH = 2000
EDITION = 2
"""Of what is read and how: what was read in another one is read anew."""
MANY = 10
"""Lines in one body that look like separators: with so many, messages may have been missed."""

_BEGINNING = 1 << 16
_LENGTH = re.compile(rb"^Content-Length[ \t]*:[ \t]*(\d{1,12})[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
_FOLLOWS = re.compile(rb".(?:\r?\n){0,3}(?:From |\Z)", re.DOTALL)
_BEFORE = 4096


class Envelope(NamedTuple):
    """A message in an mbox, without its body."""

    start: int
    """Offset of its separator in the (decompressed) file."""
    block: bytes
    """Its header block."""
    size: int
    """Octets from its first header to the next separator or the end."""
    before: bytes
    """What stands before its separator, up to 4 KiB."""
    line: bytes
    """Its separator."""
    alike: int
    """Lines of its body that look like separators and are none."""

    @property
    def odd(self) -> bool:
        """Whether it may hold other messages."""
        return self.alike >= MANY or self.size >= letters.LARGE


def split(stream: Stream, offset: int = 0, before: bytes = b"", *, lenient: bool = False) -> Iterator[Envelope]:
    """The messages from ``offset`` on, where the stream stands; ``before`` is what stands before it, up to 4 KiB."""
    buffer = b"\n\n" + before
    base = offset - len(buffer)
    seek = len(buffer)
    start, head, searched, alike, block, line, ahead = -1, 0, 0, 0, b"", b"", b""
    more = in_body = True
    while more:
        piece = stream.read()
        more = bool(piece)
        buffer += piece
        while True:
            if not in_body:
                blank = letters.blank(buffer, head - base, max(head - 1, searched) - base)
                cut_short = blank and blank.end() + 3 > len(buffer)
                if more and (cut_short or (not blank and len(buffer) - (head - base) < headers.LONGEST_BLOCK)):
                    searched = base + max(len(buffer) - 64, head - 1 - base)
                    break
                seek = blank.start() if blank else len(buffer)
                body = base + blank.end() if blank else 0
                block = buffer[head - base : seek + 1][: headers.LONGEST_BLOCK]
                seek = max(seek, _told_end(block, body, stream) - base)
                in_body = True
            found, seek, like = _next(buffer, seek, more, lenient)
            alike += like
            if found is None:
                break
            if start >= 0:
                yield Envelope(start, block, base + found.end - head, ahead, line, alike)
            start, head, alike = base + found.start, base + found.head, 0
            line = buffer[found.start : buffer.index(b"\n", found.start)]
            ahead = buffer[max(found.start - _BEFORE, -base) : found.start]
            in_body, searched = False, head - 1
        cut = min(len(buffer), max(0, (seek if in_body else head - base) - _BEFORE))
        buffer, base, seek = buffer[cut:], base + cut, seek - cut
    if start >= 0:
        yield Envelope(start, block, base + len(buffer) - head, ahead, line, alike)


def _told_end(block: bytes, body: int, stream: Stream) -> int:
    """Where the body that begins there ends by its Content-Length, if a message or the file's end follows; else 0.

    Programs that write one leave lines in the body that look like separators as they are.
    """
    told = _LENGTH.search(block)
    end = body + int(told[1]) if told and body else 0
    behind = stream.at(end - 1, 16) if end else None
    return end if behind and _FOLLOWS.match(behind) else 0


def _next(buffer: bytes, seek: int, more: bool, lenient: bool) -> tuple[Separator | None, int, int]:
    """The next separator, if there is one and enough was read to tell; from where to look on; the lines that were
    passed over and look like one.
    """
    alike = 0
    while (at := buffer.find(b"From ", seek)) >= 0:
        if more and len(buffer) - at < REACH:
            return None, at, alike
        if found := separator(buffer, at, lenient):
            return found, at, alike
        alike += looks_like_one(buffer, at)
        seek = at + 5
    return None, max(seek, len(buffer) - 4), alike


def is_it(head: bytes) -> bool:
    """Whether a file that begins so is an mbox."""
    return begins_mbox(head)


def messages(stream: Stream, folder: str, now: datetime) -> Iterator[Message | str]:
    """All messages of an mbox that is read in one pass, and the reasons for what is none."""
    for envelope in split(stream, lenient=is_lenient(stream.head(REACH))):
        yield _message(envelope, letters.key(envelope.block, folder), folder, now)
        if envelope.odd:
            yield letters.ODD


def headless(stream: Stream, folder: str, now: datetime) -> Iterator[Message | str]:
    """The messages of an mbox that has lost its first separator."""
    block = letters.cut(stream.head(_BEGINNING))
    yield letters.message(block, key=letters.key(block, folder), folder=folder, now=now)
    yield from messages(stream, folder, now)


def goes_on(path: Path) -> bool:
    """Whether there is a separator in a file that does not begin with one. Raises OSError."""
    with opened(path) as stream:
        return next(split(stream), None) is not None


def holds_several(path: Path) -> bool:
    """Whether there is more than one message in the mbox. Raises OSError."""
    with opened(path) as stream:
        found = split(stream, lenient=is_lenient(stream.head(REACH)))
        return next(found, None) is not None and next(found, None) is not None


def read(path: Path, source: str, folder: str, known: Known, now: datetime) -> Iterator[Batch]:
    """What is new in the file: from its last message on if it has grown, all of it in a new generation if what was
    read before has changed. Raises OSError.
    """
    position = known.position(source)
    status = path.stat()
    state = {"size": status.st_size, "mtime_ns": status.st_mtime_ns, "edition": EDITION}
    if position and position.complete and state.items() <= position.cursor.items():
        return
    if position is None or not _same_so_far(path, state, position.cursor):
        position = Position(position.generation + 1 if position else 1, {"offset": 0, "last": None}, False)
    yield from _read_on(path, source, folder, position, state, now)


def _same_so_far(path: Path, state: dict[str, Any], cursor: dict[str, Any]) -> bool:
    """Whether the file still begins with what was read of it, and goes on with a message."""
    if cursor.get("edition") != EDITION:
        return False
    offset = cursor["offset"]
    with opened(path) as stream:
        if not stream.compressed and state["size"] < cursor["size"]:
            return False
        beginning = stream.head(_BEGINNING)
        before = _skipped(stream, offset)
        goes_on = stream.exactly(5) == b"From "
    return goes_on and _digest(before) == cursor["before"] and _digest(beginning[:offset]) == cursor["beginning"]


def _read_on(
    path: Path, source: str, folder: str, position: Position, state: dict[str, Any], now: datetime
) -> Iterator[Batch]:
    """Batches from the position on. The last one's position is the start of the last message, which may still grow:
    the next reading begins with it.
    """
    offset, last, odd = position.cursor["offset"], position.cursor["last"], position.cursor.get("odd", 0)
    messages: list[Message] = []
    removed: list[str] = []
    skipped: Counter[str] = Counter()

    def batch(at: int, before: bytes, end: list[Any] | None, complete: bool) -> Batch:
        cursor = state | {"offset": at, "beginning": _digest(beginning[:at]), "before": _digest(before), "last": end}
        cursor |= {"odd": odd} if odd else {}
        return Batch(source, Position(position.generation, cursor, complete), messages, removed, +skipped)

    with opened(path) as stream:
        beginning = stream.head(_BEGINNING)[:_BEGINNING]
        envelope: Envelope | None = None
        end: list[Any] | None = None
        before = _skipped(stream, offset)
        for envelope in split(stream, offset, before, lenient=is_lenient(beginning[:REACH])):
            if len(messages) + skipped.total() >= BATCH:
                yield batch(envelope.start, envelope.before, None, position.complete)
                messages, removed, skipped = [], [], Counter()
            end = [_digest(envelope.block), envelope.size]
            if end != last:
                removed += [last[0]] if last and last[0] != end[0] else []
                message = _message(envelope, end[0], folder, now)
                if isinstance(message, Message):
                    messages.append(message)
                else:
                    skipped[message] += 1
                if envelope.odd:
                    skipped[letters.ODD] += not odd
                    odd = 1
            last = None
        skipped["truncated"] += stream.truncated
        skipped["endless"] += stream.endless
        if envelope is None:
            skipped[letters.NO_MESSAGE] += 1
        yield batch(envelope.start if envelope else 0, envelope.before if envelope else b"", end, True)


def _skipped(stream: Stream, offset: int) -> bytes:
    """What stands before the offset, up to 4 KiB; the stream goes on at the offset."""
    stream.skip(max(0, offset - _BEFORE))
    return stream.exactly(min(offset, _BEFORE))


def _digest(octets: bytes) -> str:
    return blake2b(octets, digest_size=12).hexdigest()


def _message(envelope: Envelope, key: str, folder: str, now: datetime) -> Message | str:
    """The message, or the reason why it is none."""
    found = letters.message(envelope.block, key=key, folder=folder, now=now, size=envelope.size)
    if isinstance(found, Message) and letters.timeless(found) and (at := moment(envelope.line)):
        return letters.message(envelope.block, key=key, folder=folder, now=now, size=envelope.size, at=at)
    return found
