"""Apple Mail's files, one message each: its length in a line, the message, and a list of what Mail knows of it."""

import plistlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from xml.parsers.expat import ExpatError

from connectors.files.formats import letters
from connectors.files.openers import Part, Stream
from mailcare.mail.message import Message, Role

_LENGTH = re.compile(rb"(\d{1,12})[ \t]*\r?\n(?:[!-9;-~]{1,200}[ \t]*:|From |>From )")
_FLAGS = {1: Role.TRASH, 6: Role.DRAFTS, 24: Role.SPAM}
"""Bit of the flags → what it makes of a message."""
_LONGEST_LIST = 1 << 20
_NO_LIST = (ExpatError, ValueError, LookupError, ArithmeticError, RecursionError, AttributeError)
"""What plistlib raises for octets that are no list."""


def is_it(head: bytes) -> bool:
    """Whether a file that begins so is one of Apple Mail's."""
    return bool(_LENGTH.match(head))


def messages(stream: Stream, folder: str, now: datetime) -> Iterator[Message | str]:
    """The one message."""
    first = _LENGTH.match(stream.head())
    length, start = (int(first[1]), stream.head().index(b"\n") + 1) if first else (0, 0)
    stream.skip(start)
    part = Part(stream, length)
    block = letters.block(part.content())
    stream.skip(part.left)
    known = _known(stream.exactly(_LONGEST_LIST))
    flags, received = known.get("flags"), known.get("date-received")
    roles = [role for bit, role in _FLAGS.items() if isinstance(flags, int) and flags >> bit & 1]
    key = letters.key(block, folder)
    at = datetime.fromtimestamp(received, UTC) if isinstance(received, int) and 0 < received < 1 << 32 else None
    yield letters.message(block, key=key, folder=folder, now=now, size=length, roles=roles, at=at)


def _known(plist: bytes) -> dict[str, object]:
    try:
        known = plistlib.loads(plist.strip(b"\r\n\0 "))
    except _NO_LIST:
        return {}
    return known if isinstance(known, dict) else {}
