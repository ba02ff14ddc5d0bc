"""One message: its header block, cut off before the body, and what programs note in it about the message."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b

from connectors.files.openers import Stream
from mailcare.mail import headers
from mailcare.mail.encoded_words import decoded
from mailcare.mail.folders import roles as roles_of
from mailcare.mail.message import Message, Role

BLANK = re.compile(rb"\n\r*\n(?!\xef\xbb\xbf)")
"""The end of a header block. Before a byte order mark it goes on: some programs put one in its middle."""
SEPARATORS = re.compile(rb"(?:\xef\xbb\xbf)?(?:>?From [^\n]{0,2000}\n){1,8}")
"""The separator of an mbox, with those that other programs put behind it, quoted or not."""

_PIECE = 1 << 16
_WRAPS = re.compile(rb"^Content-Type[ \t]*:\s{0,9}message/rfc822\b", re.IGNORECASE | re.MULTILINE)
_MARKED = (b"-Status", b"X-Evolution", b"X-Unsent")
_MARK = re.compile(
    rb"^(X-Mozilla-Status2?|X-Status|X-Evolution|X-Unsent)[ \t]*:[ \t]*([^\r\n]{0,40})", re.IGNORECASE | re.MULTILINE
)
_LABEL = re.compile(r'\s*(?:"((?:[^"]|"")*)"?[^,]*|([^,]*))(?:,|$)')
_LONGEST_LABEL = 1000
_CHATS = {"chat", "chats", "чат", "чаты", "チャット", "聊天", "채팅", "bate-papo", "czat", "csevegés", "sohbet"}
_INTERNAL = "DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA"

LARGE = 50_000_000
"""Octets of a message that is larger than mail servers take."""

NO_MESSAGE = "not_a_message"
EMPTY = "empty_file"
OTHER = "other_file"
TRUNCATED = "truncated"
ENDLESS = "endless"
NO_MAIL = "not_mail"
HOSTILE = "hostile"
ODD = "odd"
"""Told beside a message that may hold others."""


def blank(buffer: bytes | bytearray, start: int = 0, searched: int = 0) -> re.Match[bytes] | None:
    """The end of the header block that begins at ``start``, at ``searched`` or later; that of the inner block if the
    message is wholly another one.
    """
    found = BLANK.search(buffer, searched)
    if found and _WRAPS.search(buffer, start, found.start()):
        outer = BLANK.search(buffer, start)
        if outer and _WRAPS.search(buffer, start, outer.start()):
            return BLANK.search(buffer, outer.end())
    return found


def block(stream: Stream) -> bytes:
    """The header block at the beginning of what comes, without a leading separator."""
    found = bytearray()
    end, searched = None, 0
    while not end and len(found) < headers.LONGEST_BLOCK and (piece := stream.exactly(_PIECE)):
        found += piece if found else piece.lstrip(b"\r\n\0")
        end = blank(found, 0, searched)
        if end and end.end() + 3 > len(found):
            found += stream.exactly(3)
            end = blank(found, 0, searched)
        searched = max(0, len(found) - 64)
    return _headed(bytes(found[: end.start()] if end else found))


def cut(text: bytes) -> bytes:
    """The header block at the beginning of a message that is there as octets, without a leading separator."""
    text = text.lstrip(b"\r\n\0")
    end = blank(text)
    return _headed(text[: end.start()] if end else text)


def _headed(block: bytes) -> bytes:
    separators = SEPARATORS.match(block)
    return block[separators.end() :].lstrip(b"\r\n") if separators else block


def key(block: bytes, folder: str) -> str:
    """The name of a message that has no other: it says nothing of what it is made from."""
    return blake2b(folder.encode("utf-8", "backslashreplace") + b"\n" + block, digest_size=16).hexdigest()


def message(
    block: bytes,
    *,
    key: str,
    folder: str,
    now: datetime,
    size: int = 0,
    roles: Iterable[Role] = (),
    at: datetime | None = None,
) -> Message | str:
    """The message of a header block, or the reason why it is none. ``at`` is its time if its headers tell none."""
    try:
        return _message(block, key, folder, now, size, tuple(roles), at)
    except Exception:  # noqa: BLE001 - one message out of millions, of which the sender chose every octet
        return HOSTILE


def _message(
    block: bytes,
    key: str,
    folder: str,
    now: datetime,
    size: int,
    roles: tuple[Role, ...],
    at: datetime | None,
) -> Message | str:
    if b"\r" in block:
        block = block.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n")
    fields = _fields(block)
    if not fields:
        return NO_MESSAGE
    labels = _labels(fields)
    folders = labels or ((folder,) if folder else ())
    if (is_chat(labels) and "received" not in fields) or _INTERNAL in fields.get("subject", [""])[0]:
        return NO_MAIL
    all_roles = dict.fromkeys((*roles, *roles_of(folders), *_marked(_unmarked(block))))
    return headers.message(fields, key=key, now=now, folders=folders, roles=all_roles, separated_at=at, size=size)


def _fields(block: bytes) -> headers.Fields:
    """The header fields of the message, or of the one that it wholly is."""
    end = BLANK.search(block)
    fields = headers.fields(_unmarked(block[: end.start()] if end else block))
    return (end and headers.wraps(fields) and headers.fields(block[end.end() :])) or fields


def _unmarked(block: bytes) -> bytes:
    """The block without byte order marks."""
    return block.replace(b"\n\xef\xbb\xbf", b"\n")


def timeless(found: Message) -> bool:
    """Whether no header of the message tells a time."""
    return found.sent_at is None and found.received_at is None


def _labels(fields: headers.Fields) -> tuple[str, ...]:
    """Google Takeout's labels: encoded, separated by commas, quoted where they hold one."""
    return tuple(label for value in fields.get("x-gmail-labels", ()) for label in _split(decoded(value)))


def _split(value: str) -> Iterator[str]:
    for quoted, plain in _LABEL.findall(value):
        label = (quoted.replace('""', '"') or plain).strip()
        if 0 < len(label) <= _LONGEST_LABEL:
            yield label


def is_chat(labels: tuple[str, ...]) -> bool:
    """Whether Google's labels say that it is a chat."""
    return any(label.lower() in _CHATS for label in labels)


def _marked(block: bytes) -> Iterator[Role]:
    """What mail programs note in a message's own header: deleted, not sent yet, junk."""
    found = _MARK.findall(block) if any(one in block for one in _MARKED) else []
    for name, value in found:
        yield from _MARKS[name.lower()](value.decode("latin-1").strip())


def _bits(value: str) -> int:
    found = re.match(r"[0-9A-Fa-f]{1,8}", value)
    return int(found[0], 16) if found else 0


def _mozilla(value: str) -> Iterator[Role]:
    if _bits(value) & 0x0008:
        yield Role.TRASH
    if _bits(value) & 0x0800:
        yield Role.DRAFTS


def _mozilla_2(value: str) -> Iterator[Role]:
    if _bits(value) & 0x00200000:
        yield Role.TRASH
    if _bits(value) & 0x00400000:
        yield Role.DRAFTS


def _status(value: str) -> Iterator[Role]:
    if "D" in value:
        yield Role.TRASH
    if "T" in value:
        yield Role.DRAFTS


def _evolution(value: str) -> Iterator[Role]:
    bits = _bits(value.partition("-")[2])
    yield from (role for bit, role in ((2, Role.TRASH), (4, Role.DRAFTS), (0x80, Role.SPAM)) if bits & bit)


def _unsent(value: str) -> Iterator[Role]:
    if value == "1":
        yield Role.DRAFTS


_MARKS = {
    b"x-mozilla-status": _mozilla,
    b"x-mozilla-status2": _mozilla_2,
    b"x-status": _status,
    b"x-evolution": _evolution,
    b"x-unsent": _unsent,
}
"""A program's header field → what its value means."""


def messages(stream: Stream, folder: str, now: datetime) -> Iterator[Message | str]:
    """The one message of a file that holds nothing else."""
    found = block(stream)
    if stream.truncated:
        yield TRUNCATED
    elif not found:
        yield EMPTY
    else:
        size = 0 if stream.compressed else stream.size
        yield message(found, key=key(found, folder), folder=folder, now=now, size=size)
        if size >= LARGE:
            yield ODD


def placed(found: Message, roles: Iterable[Role], labels: tuple[str, ...]) -> Message:
    """The message with what its place says of it, and with the labels that are noted beside it, if any."""
    if not (roles or labels):
        return found
    every = dict.fromkeys((*roles, *found.roles, *roles_of(labels)))
    return replace(found, roles=tuple(every), folders=labels or found.folders)
