"""Dovecot's sdbox and mdbox files: messages with their length before them, and notes of Dovecot's behind them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from connectors.files.formats import letters
from connectors.files.openers import Part, Stream
from mailcare.mail.folders import utf7_decoded
from mailcare.mail.message import Message

_FILE = re.compile(rb"2 M([0-9a-f]{1,4}) C[0-9a-f]{1,16}[^\n]*\n")
_LENGTH = re.compile(rb"\x01\x02N[^\n]{10}([0-9A-Fa-f]{16})")
_NOTES = b"\n\1\3\n"
_LONGEST_NOTE = 1 << 16


def is_it(head: bytes) -> bool:
    """Whether a file that begins so is one of Dovecot's."""
    return bool(_FILE.match(head))


def messages(stream: Stream, folder: str, now: datetime) -> Iterator[Message | str]:
    """The messages of the file, each in the folder into which it was delivered, if Dovecot noted it."""
    begins = _FILE.match(stream.head())
    length_of_header = int(begins[1], 16) if begins else 0
    stream.skip(begins.end() if begins else 0)
    while found := _LENGTH.match(stream.exactly(length_of_header)):
        part = Part(stream, int(found[1], 16))
        size = part.left
        block = letters.block(part.content())
        stream.skip(part.left)
        notes = _notes(stream)
        place = utf7_decoded(notes.get("B", "")) or folder
        received = notes.get("R", "")
        at = datetime.fromtimestamp(int(received, 16), UTC) if re.fullmatch("[0-9a-f]{1,8}", received) else None
        yield letters.message(block, key=letters.key(block, place), folder=place, now=now, size=size, at=at)


def _notes(stream: Stream) -> dict[str, str]:
    """What Dovecot noted behind a message: a letter, its value."""
    if stream.head(len(_NOTES)) != _NOTES:
        return {}
    stream.skip(len(_NOTES))
    text = stream.head(_LONGEST_NOTE)[:_LONGEST_NOTE]
    text = text[: text.find(b"\n\n") + 1]
    stream.skip(len(text) + 1)
    return {line[:1]: line[1:] for line in text.decode("utf-8", "replace").splitlines()}
