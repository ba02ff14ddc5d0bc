"""A raw header block → ``message.Message``. Any bytes give a message; what could not be read is in its ``faults``.

Only the header fields in ``WANTED`` are looked at. Standards: RFC 5322 with its obsolete forms, RFC 2047, RFC 2919
(List-Id), RFC 3834 (Auto-Submitted); what counts as automated is defined elsewhere (docs/measures.md, "Automated").
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from mailcare.mail.addresses import people
from mailcare.mail.dates import instant
from mailcare.mail.encoded_words import decoded, from_bytes
from mailcare.mail.message import YEARS, Fault, Field, Mark, Message, Person, Role
from mailcare.mail.subjects import prefix

WANTED = (
    *("from", "sender", "reply-to", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references"),
    *("auto-submitted", "list-id", "list-post", "list-unsubscribe", "precedence", "x-auto-response-suppress"),
    *(
        "x-original-from",
        "x-original-sender",
        "x-autoreply",
        "x-autorespond",
        "return-path",
        "content-type",
        "received",
        "x-gm-thrid",
        "x-gmail-labels",
    ),
)
"""Names of the header fields that are read, in lower case."""

LONGEST_BLOCK = 8 << 20
"""Octets of a header block that are read at most."""

EARLIEST = datetime(YEARS[0], 1, 1, tzinfo=UTC)
FUTURE = timedelta(hours=24)
IMPORTED = timedelta(hours=24)
"""A server's time so much later than the headers tell is that of an import or a move, not of the arrival."""

Fields = dict[str, list[str]]
"""Header fields: lower-case name → their values as text, unfolded, in the order in which they stand."""

_FIELD = re.compile(rf"\n({'|'.join(sorted(WANTED))})[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.ASCII)
_ID = re.compile(r"<([^<>]+)>")
_PEOPLE = tuple((field, field.name.lower().replace("_", "-")) for field in Field)
_AUTO_REPLY, _MACHINE, _BULK, _LIST_POST = (int(mark) for mark in Mark)
_MARKS = [Mark(bits) for bits in range(2 * _LIST_POST)]
_SUPPRESSED = {"all", "oof", "autoreply"}


def parse(
    raw: bytes,
    *,
    key: str,
    now: datetime,
    folders: Iterable[str] = (),
    roles: Iterable[Role] = (),
    received_at: datetime | None = None,
    size: int = 0,
) -> Message:
    """The message of a header block; ``now`` is the moment of reading, ``received_at`` the server's own time.

    Without ``received_at``, and where that is the time of an import, it is the topmost parsable Received header's
    time, else the Date's (docs/measures.md, "Time").
    """
    return message(fields(raw), key=key, now=now, folders=folders, roles=roles, received_at=received_at, size=size)


def fields(raw: bytes) -> Fields:
    """The wanted header fields of a raw header block; empty where it has none of them."""
    raw = raw.removeprefix(BOM_UTF8)
    if b"\r" in raw:
        raw = raw.replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        text, mixed = raw.decode(), False
    except UnicodeDecodeError:
        text, mixed = raw.decode("latin-1"), True
    found: Fields = {}
    for name, value in _FIELD.findall("\n" + text):
        if mixed:
            value = from_bytes(value.encode("latin-1"))
        if "\n" in value:
            value = value.replace("\n", "")
        found.setdefault(name.lower(), []).append(value)
    return found


def wraps(fields: Fields) -> bool:
    """Whether the whole message is another one, as filters and archives wrap it: the next header block is that one's.
    One who forwards a message is the author of what wraps it.
    """
    return _word(fields, "content-type") == "message/rfc822" and prefix(decoded(_first(fields, "subject"))) != "forward"


def message(
    fields: Fields,
    *,
    key: str,
    now: datetime,
    folders: Iterable[str] = (),
    roles: Iterable[Role] = (),
    received_at: datetime | None = None,
    separated_at: datetime | None = None,
    size: int = 0,
) -> Message:
    """As ``parse``, from header fields. ``separated_at`` is the time in an mbox's separator: it counts if there is no
    other.
    """
    everybody, broken = _people(fields)
    sent_at, date_fault = _sent_at(fields, now)
    message_id = _message_id(fields)
    return Message(
        key=key,
        message_id=message_id,
        in_reply_to=_ids(fields, "in-reply-to"),
        references=_ids(fields, "references"),
        conversation=_first(fields, "x-gm-thrid"),
        sent_at=sent_at,
        received_at=_arrival(_usable(received_at, now), _received_at(fields, now) or sent_at)
        or _usable(separated_at, now),
        people=everybody,
        subject=decoded(_first(fields, "subject")),
        folders=tuple(folders),
        roles=tuple(roles),
        marks=_marks(fields),
        list_id=_list_id(fields),
        size=size,
        faults=(*date_fault, *([Fault.ADDRESS_BROKEN] * broken), *([] if message_id else [Fault.NO_MESSAGE_ID])),
    )


def _first(fields: Fields, name: str) -> str:
    return fields[name][0].strip() if name in fields else ""


def _usable(moment: datetime | None, now: datetime) -> datetime | None:
    return moment if moment and EARLIEST <= moment <= now + FUTURE else None


def _sent_at(fields: Fields, now: datetime) -> tuple[datetime | None, list[Fault]]:
    moment = instant(_first(fields, "date"))
    if moment is None:
        return None, [Fault.DATE_UNPARSABLE]
    usable = _usable(moment, now)
    return usable, [] if usable else [Fault.DATE_ABSURD]


def _received_at(fields: Fields, now: datetime) -> datetime | None:
    """The topmost usable Received header's time: what follows its last semicolon."""
    for value in fields.get("received", ()):
        _, semicolon, date = value.rpartition(";")
        if semicolon and (moment := _usable(instant(date), now)):
            return moment
    return None


def _arrival(server: datetime | None, told: datetime | None) -> datetime | None:
    """The server's time, unless it is that of an import: then what the headers tell."""
    return told if server is None or (told and server > told + IMPORTED) else server


def _people(fields: Fields) -> tuple[tuple[Person, ...], int]:
    """Everybody in the address fields, and the number of broken entries."""
    everybody: list[Person] = []
    broken = 0
    for field, name in _PEOPLE:
        if name in fields:
            for value in fields[name]:
                named, bad = people(field, value)
                everybody += named
                broken += bad
    return tuple(everybody), broken


def _ids(fields: Fields, name: str) -> tuple[str, ...]:
    """Every Message-ID in the values, each once; other text there means nothing."""
    found: dict[str, None] = {}
    for value in fields.get(name, ()):
        if "<" not in value and "@" in (bare := value.strip()) and len(bare.split()) == 1:
            found[f"<{bare}>"] = None
        for text in _ID.findall(value):
            if text := "".join(text.split()):
                found[f"<{text}>"] = None
    return tuple(found)


def _message_id(fields: Fields) -> str:
    value = _first(fields, "message-id")
    inside = _ID.search(value)
    text = "".join((inside[1] if inside else value.strip("<>")).split())
    return f"<{text}>" if text else ""


def _list_id(fields: Fields) -> str:
    inside = _ID.search(_first(fields, "list-id"))
    name, _, host = "".join(inside[1].split()).lower().partition(".") if inside else ("", "", "")
    return f"{name}@{host}" if name and host else ""


def _marks(fields: Fields) -> Mark:
    """What the headers say about how the message came about (docs/measures.md, "Automated")."""
    marks = 0
    if "auto-submitted" in fields and (submitted := _word(fields, "auto-submitted")) not in ("", "no"):
        marks |= _AUTO_REPLY if submitted == "auto-replied" else _MACHINE
    if "precedence" in fields and (precedence := _word(fields, "precedence")):
        marks |= {"auto_reply": _AUTO_REPLY, "bulk": _BULK, "junk": _BULK}.get(precedence, 0)
    if "x-autoreply" in fields or "x-autorespond" in fields:
        marks |= _AUTO_REPLY
    if "x-auto-response-suppress" in fields:
        words = re.findall(r"\w+", " ".join(fields["x-auto-response-suppress"]).lower())
        marks |= 0 if _SUPPRESSED.isdisjoint(words) else _MACHINE
    if "return-path" in fields and _first(fields, "return-path").replace(" ", "") == "<>":
        marks |= _MACHINE
    if "content-type" in fields and _word(fields, "content-type") in ("multipart/report", "text/calendar"):
        marks |= _MACHINE
    if "list-unsubscribe" in fields:
        marks |= _BULK
    if "list-post" in fields and _word(fields, "list-post") not in ("", "no"):
        marks |= _LIST_POST
    return _MARKS[marks]


def _word(fields: Fields, name: str) -> str:
    """The first word of a value, in lower case."""
    return (_first(fields, name).lower().replace(";", " ").split() or [""])[0]
