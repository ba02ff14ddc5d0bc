"""mbx files of UW-IMAP and Pine: each message's length and marks are in a line before it."""

import re
from collections.abc import Iterator
from datetime import datetime

from connectors.files.formats import letters
from connectors.files.openers import Part, Stream
from mailcare.mail.dates import instant
from mailcare.mail.message import Message, Role

_MAGIC = b"*mbx*\r\n"
_FILE_HEADER = 2048
_LINE = re.compile(
    rb"([ \d]\d-[A-Za-z]{3}-\d{4} \d\d:\d\d:\d\d [+-]\d{4}),(\d{1,12});[\da-fA-F]{8}([\da-fA-F]{4})-[\da-fA-F]{8}\r\n"
)
_MARKS = {0x0002: Role.TRASH, 0x0020: Role.DRAFTS, 0x8000: Role.TRASH}
"""Bit of the marks → what it makes of a message: deleted, draft, expunged."""


def is_it(head: bytes) -> bool:
    """Whether a file that begins so is one."""
    return head.startswith(_MAGIC)


def messages(stream: Stream, folder: str, now: datetime) -> Iterator[Message | str]:
    """The messages of the file."""
    stream.skip(_FILE_HEADER)
    while found := _LINE.match(stream.head(128)):
        stream.skip(found.end())
        part = Part(stream, int(found[2]))
        size, bits = part.left, int(found[3], 16)
        block = letters.block(part.content())
        stream.skip(part.left)
        roles = [role for bit, role in _MARKS.items() if bits & bit]
        at = instant(found[1].decode().replace("-", " ", 2))
        key = letters.key(block, folder)
        yield letters.message(block, key=key, folder=folder, now=now, size=size, roles=dict.fromkeys(roles), at=at)
