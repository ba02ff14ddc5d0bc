"""mbox files: cut into header blocks in one pass, and read on from where the last reading stopped.

A separator is a line that begins with "From ", before a line that looks like a header, and after an empty line (or at
the beginning) or with a time of day in it: some programs leave out the empty line. Bodies are passed over and never
kept; memory does not grow with the file.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from connectors.files.openers import Stream, opened
from mailcare.mail import headers
from mailcare.mail.connector import Batch, Known, Position
from mailcare.mail.encoded_words import decoded
from mailcare.mail.folders import roles
from mailcare.mail.message import Message

BATCH = 2000
LONGEST_BLOCK = 8 << 20
"""Octets of a header block that are read at most."""

_SEPARATOR = re.compile(rb"\nFrom [^\n]{0,2000}\n[!-9;-~]{1,500}[ \t]{0,8}:")
_TIME = re.compile(rb"\nFrom [^\n]* \d\d:\d\d(?::\d\d)? [^\n]*\n")
_REACH = 4096
"""Within so many octets it is decided whether a line is a separator."""
_BLANK = re.compile(rb"\n\r?\n")
_BEGINNING = 1 << 16
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


def split(stream: Stream, offset: int = 0, before: bytes = b"") -> Iterator[Envelope]:
    """The messages from ``offset`` on, where the stream stands; ``before`` is what stands before it, up to 4 KiB."""
    buffer = b"\n\n" + before
    base = offset - len(buffer)
    seek = len(buffer) - 1
    start, head, block, ahead = -1, 0, b"", b""
    more = in_body = True
    while more:
        piece = stream.read()
        more = bool(piece)
        buffer += piece
        while True:
            if not in_body:
                blank = _BLANK.search(buffer, head - base)
                if not blank and more and len(buffer) - (head - base) < LONGEST_BLOCK:
                    break
                seek = blank.start() if blank else len(buffer)
                block = buffer[head - base : seek + 1][:LONGEST_BLOCK]
                in_body = True
            at = _separator(buffer, seek, more)
            if at < 0:
                seek = max(seek, len(buffer) - _REACH)
                break
            if start >= 0:
                yield Envelope(start, block, base + at + 1 - head, ahead)
            start, head = base + at + 1, base + buffer.index(b"\n", at + 1) + 1
            ahead = buffer[max(at + 1 - _BEFORE, -base) : at + 1]
            in_body = False
        cut = max(0, (seek if in_body else head - base) - _BEFORE)
        buffer, base, seek = buffer[cut:], base + cut, seek - cut
    if start >= 0:
        yield Envelope(start, block, base + len(buffer) - head, ahead)


def _separator(buffer: bytes, seek: int, more: bool) -> int:
    """Where the next separator's line break is, or -1 if there is none or more must be read to decide."""
    while (at := buffer.find(b"\nFrom ", seek)) >= 0:
        if more and len(buffer) - at < _REACH:
            return -1
        if _SEPARATOR.match(buffer, at):
            after_empty_line = buffer[at - 1 : at] == b"\n" or buffer[at - 2 : at] == b"\n\r"
            if after_empty_line or _TIME.match(buffer, at):
                return at
        seek = at + 1
    return -1


def starts_mbox(path: Path) -> bool:
    """Whether the file begins with a separator's "From ". Raises OSError."""
    with opened(path) as stream:
        return stream.exactly(512).lstrip(b"\r\n").startswith(b"From ")


def read(path: Path, source: str, folder: str, known: Known, now: datetime) -> Iterator[Batch]:
    """What is new in the file: from its last message on if it has grown, all of it in a new generation if what was
    read before has changed. Raises OSError.
    """
    position = known.position(source)
    status = path.stat()
    state = {"size": status.st_size, "mtime_ns": status.st_mtime_ns}
    if position and position.complete and state.items() <= position.cursor.items():
        return
    if position is None or not _same_so_far(path, state, position.cursor):
        position = Position(position.generation + 1 if position else 1, {"offset": 0, "last": None}, False)
    yield from _read_on(path, source, folder, position, state, now)


def _same_so_far(path: Path, state: dict[str, Any], cursor: dict[str, Any]) -> bool:
    """Whether the file still begins with what was read of it, and goes on with a message."""
    offset = cursor["offset"]
    with opened(path) as stream:
        if not stream.compressed and state["size"] < cursor["size"]:
            return False
        before = _skipped(stream, offset)
        goes_on = stream.exactly(5) == b"From "
    return goes_on and _digest(before) == cursor["before"] and _beginning(path, offset) == cursor["beginning"]


def _read_on(
    path: Path, source: str, folder: str, position: Position, state: dict[str, Any], now: datetime
) -> Iterator[Batch]:
    """Batches from the position on. The last one's position is the start of the last message, which may still grow:
    the next reading begins with it.
    """
    offset, last = position.cursor["offset"], position.cursor["last"]
    messages: list[Message] = []
    removed: list[str] = []
    skipped: Counter[str] = Counter()

    def batch(at: int, before: bytes, end: list[Any] | None, complete: bool) -> Batch:
        cursor = state | {"offset": at, "beginning": _beginning(path, at), "before": _digest(before), "last": end}
        return Batch(source, Position(position.generation, cursor, complete), messages, removed, +skipped)

    with opened(path) as stream:
        envelope: Envelope | None = None
        end: list[Any] | None = None
        for envelope in split(stream, offset, _skipped(stream, offset)):
            if len(messages) + skipped.total() >= BATCH:
                yield batch(envelope.start, envelope.before, None, position.complete)
                messages, removed, skipped = [], [], Counter()
            end = [_digest(envelope.block), envelope.size]
            if end != last:
                removed += [last[0]] if last and last[0] != end[0] else []
                message = _message(envelope, end[0], folder, now)
                messages += [message] if message else []
                skipped["not_a_message"] += not message
            last = None
        skipped["truncated"] += stream.truncated
        if envelope is None:
            skipped["not_a_message"] += 1
        yield batch(envelope.start if envelope else 0, envelope.before if envelope else b"", end, True)


def _skipped(stream: Stream, offset: int) -> bytes:
    """What stands before the offset, up to 4 KiB; the stream goes on at the offset."""
    stream.skip(max(0, offset - _BEFORE))
    return stream.exactly(min(offset, _BEFORE))


def _beginning(path: Path, offset: int) -> str:
    """A digest of the file's first 64 KiB, or of what comes before the offset."""
    with opened(path) as stream:
        return _digest(stream.exactly(min(offset, _BEGINNING)))


def _digest(octets: bytes) -> str:
    return blake2b(octets, digest_size=12).hexdigest()


def _message(envelope: Envelope, key: str, folder: str, now: datetime) -> Message | None:
    """The message; None where it has none of the wanted header fields."""
    fields = headers.fields(envelope.block)
    if not fields:
        return None
    folders = _labels(fields) or (folder,)
    return headers.message(fields, key=key, now=now, folders=folders, roles=roles(folders), size=envelope.size)


def _labels(fields: headers.Fields) -> tuple[str, ...]:
    """Google Takeout's labels: encoded, separated by commas, quoted where they hold one."""
    if "x-gmail-labels" not in fields:
        return ()
    values = (decoded(value) for value in fields["x-gmail-labels"])
    return tuple(label.strip() for row in csv.reader(values, skipinitialspace=True) for label in row if label.strip())
