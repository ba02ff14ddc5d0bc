"""Mailboxes whose messages have a mark of their own between them: MMDF, Babyl (Emacs), Pegasus Mail's folders."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from connectors.files.formats import letters
from connectors.files.openers import Stream
from mailcare.mail import headers
from mailcare.mail.message import Message, Role

_FOUR = b"\n\1\1\1\1"
_EOOH = re.compile(rb"^\*\*\* EOOH \*\*\*[^\n]*\n", re.MULTILINE)
_PEGASUS = re.compile(rb".{128}[!-9;-~]{1,100}[ \t]*:[ \t]", re.DOTALL)
_PEGASUS_HEADER = 128
_DELETED = re.compile(rb"[01],[^\n]*\bdeleted,", re.IGNORECASE)


class Part(NamedTuple):
    """What is between two marks."""

    beginning: bytes
    """Its first octets, up to the longest header block."""
    size: int


def is_mmdf(head: bytes) -> bool:
    """Whether a file that begins so is an MMDF mailbox."""
    return head.startswith(_FOUR[1:])


def mmdf(stream: Stream, folder: str, now: datetime) -> Iterator[Message | str]:
    """The messages of an MMDF mailbox."""
    for part in _parts(stream, _FOUR):
        if part.beginning.strip(b"\r\n"):
            yield _message(letters.cut(part.beginning), part, folder, now)


def is_babyl(head: bytes) -> bool:
    """Whether a file that begins so is a Babyl file."""
    return head.lstrip(b"\r\n").startswith(b"BABYL OPTIONS:")


def babyl(stream: Stream, folder: str, now: datetime) -> Iterator[Message | str]:
    """The messages of a Babyl file; the header that came is taken, not the one that is shown."""
    for part in _parts(stream, b"\n\x1f"):
        marks, _, text = part.beginning.lstrip(b"\r\n\x0c").partition(b"\n")
        if marks[:2] in (b"0,", b"1,"):
            shown = _EOOH.search(text)
            came = (
                text if marks[:1] == b"1" and not text.startswith(b"*** EOOH") else text[shown.end() if shown else 0 :]
            )
            block = letters.cut(came).partition(b"*** EOOH ***")[0]
            yield _message(block, part, folder, now, (Role.TRASH,) if _DELETED.match(marks) else ())


def is_pegasus(head: bytes) -> bool:
    """Whether a file that begins so is a folder of Pegasus Mail: notes of its own that hold a NUL, then a header."""
    return bool(_PEGASUS.match(head)) and b"\0" in head[:_PEGASUS_HEADER]


def pegasus(stream: Stream, folder: str, now: datetime) -> Iterator[Message | str]:
    """The messages of a folder of Pegasus Mail."""
    stream.skip(_PEGASUS_HEADER)
    for part in _parts(stream, b"\x1a"):
        if part.beginning.strip(b"\r\n\0"):
            yield _message(letters.cut(part.beginning), part, folder, now)


def _message(block: bytes, part: Part, folder: str, now: datetime, roles: tuple[Role, ...] = ()) -> Message | str:
    key = letters.key(block, folder)
    return letters.message(block, key=key, folder=folder, now=now, size=part.size, roles=roles)


def _parts(stream: Stream, mark: bytes) -> Iterator[Part]:
    """What is between the marks, the part before the first included."""
    buffer, beginning, size, more = b"\n", bytearray(), 0, True
    while more:
        piece = stream.read()
        more = bool(piece)
        buffer += piece
        seek = 0
        while (at := buffer.find(mark, seek)) >= 0:
            beginning += buffer[seek:at][: headers.LONGEST_BLOCK - len(beginning)]
            yield Part(bytes(beginning), size + at - seek)
            beginning, size, seek = bytearray(), 0, at + len(mark)
        keep = max(seek, len(buffer) - len(mark)) if more else len(buffer)
        beginning += buffer[seek:keep][: headers.LONGEST_BLOCK - len(beginning)]
        size, buffer = size + keep - seek, buffer[keep:]
    yield Part(bytes(beginning), size)
