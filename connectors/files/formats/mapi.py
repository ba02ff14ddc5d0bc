"""What Outlook keeps of a message: MAPI properties → header fields → ``Message``.

What came over the internet has its transport headers among them; what lies in Sent Items, or never left an Exchange
server, has none: then other properties say the same. No property that holds a body is asked for.
Source: Microsoft, MS-OXPROPS, MS-OXCMSG.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import NamedTuple

from mailcare.mail import headers
from mailcare.mail.addresses import written
from mailcare.mail.message import Message, Role

CLASS, SUBJECT, SUBMITTED, DELIVERED, FLAGS, SIZE = 0x001A, 0x0037, 0x0039, 0x0E06, 0x0E07, 0x0E08
TRANSPORT, CONVERSATION_INDEX, CODE_PAGE = 0x007D, 0x0071, 0x3FFD
MESSAGE_ID, REFERENCES, IN_REPLY_TO = 0x1035, 0x1039, 0x1042
KIND = 0x0C15

_AUTHOR = (0x0042, 0x0065, 0x5D02)
_SENDER = (0x0C1A, 0x0C1F, 0x5D01)
_RECIPIENT = (0x3001, 0x3003, 0x39FE)
"""Name, address (SMTP or X.500) and SMTP address of a person."""
_DISPLAYED = {"to": 0x0E04, "cc": 0x0E03, "bcc": 0x0E02}
"""The recipients' names alone."""
_IDS = {"message-id": MESSAGE_ID, "in-reply-to": IN_REPLY_TO, "references": REFERENCES}

OF_MESSAGE = frozenset(
    [
        *(CLASS, SUBJECT, SUBMITTED, DELIVERED, FLAGS, SIZE, TRANSPORT, CONVERSATION_INDEX, CODE_PAGE),
        *(*_AUTHOR, *_SENDER, *_DISPLAYED.values(), *_IDS.values()),
    ]
)
"""The properties of a message that are read."""
OF_RECIPIENT = frozenset([KIND, *_RECIPIENT])
"""The properties of a recipient that are read."""

_TEXT, _UNICODE = 0x001E, 0x001F
_UNSENT = 0x0008
_KINDS = {1: "to", 2: "cc", 3: "bcc"}
_BEGINNING = datetime(1601, 1, 1, tzinfo=UTC)
_EMPTY_LINE = re.compile(r"\n\r?\n")
_MAIL = re.compile(
    r"IPM\.NOTE\b(?!\.MICROSOFT\.CONVERSATION)|REPORT\b|IPM\.SCHEDULE\.MEETING\b|IPM\.OUTLOOK\.RECALL\b|IPM\Z|\Z"
)
"""Classes of messages; all others are appointments, contacts, chats, notes, and what Outlook keeps for itself."""


class Properties:
    """The properties of a message or recipient: number → type and octets, as they are stored."""

    def __init__(self, stored: Mapping[int, tuple[int, bytes]], code_page: int = 0) -> None:
        self.stored = stored
        self.code_page = code_page or self.number(CODE_PAGE)

    def octets(self, number: int) -> bytes:
        """The property as it is stored, empty if there is none."""
        return self.stored[number][1] if number in self.stored else b""

    def text(self, number: int) -> str:
        """The property as text, empty if there is none."""
        kind, octets = self.stored.get(number, (_UNICODE, b""))
        if kind == _UNICODE:
            return octets.decode("utf-16-le", "replace").rstrip("\0")
        if kind != _TEXT:
            return ""
        try:
            return octets.decode(_charset(self.code_page), "replace").rstrip("\0")
        except LookupError:
            return octets.decode("cp1252", "replace").rstrip("\0")

    def number(self, number: int) -> int:
        """The property as an integer, 0 if there is none."""
        return int.from_bytes(self.octets(number)[:4], "little")

    def moment(self, number: int) -> datetime | None:
        """The property as a moment, None if there is none."""
        since = int.from_bytes(self.octets(number)[:8], "little")
        try:
            return _BEGINNING + timedelta(seconds=since // 10_000_000) if since else None
        except OverflowError:
            return None


class Party(NamedTuple):
    """Somebody on a message."""

    header: str
    """The header field that names such people."""
    name: str
    address: str
    """The SMTP address, empty if there is none."""
    x500: str
    """The name in Exchange's directory, lower-case; empty if there is none."""


class Item(NamedTuple):
    """A message as Outlook keeps it."""

    properties: Properties
    parties: list[Party]
    told: headers.Fields
    """Its transport headers."""


def item(properties: Properties, recipients: list[Properties]) -> Item:
    """The item of these properties."""
    # Behind an empty line there are at most the headers of the body's parts.
    block = _EMPTY_LINE.split(properties.text(TRANSPORT).lstrip(), maxsplit=1)[0]
    return Item(properties, _parties(properties, recipients), headers.fields(block.encode()))


def is_mail(item_class: str) -> bool:
    """Whether an item of this class is a message."""
    return bool(_MAIL.match(item_class.upper()))


def named(item: Item) -> dict[str, str]:
    """The SMTP addresses of those whose name in Exchange's directory the message tells too."""
    pairs = {party.x500: party.address for party in item.parties if party.x500 and party.address}
    for author in item.parties[:1]:
        if author.header == "from" and author.x500 not in ("", *pairs):
            told = headers.message({"from": item.told.get("from", [""])}, key="", now=_BEGINNING).people
            pairs |= {author.x500: told[0].address} if len(told) == 1 and told[0].address else {}
    return pairs


def is_unresolved(item: Item, known: Mapping[str, str]) -> bool:
    """Whether somebody is named by Exchange's directory alone, and isn't among the known."""
    return any(
        party.x500 and not party.address and party.x500 not in known and party.header not in item.told
        for party in item.parties
    )


def message(
    item: Item, *, key: str, folder: str, roles: Iterable[Role], now: datetime, known: Mapping[str, str]
) -> Message:
    """The message; ``known`` are the SMTP addresses of names in Exchange's directory."""
    properties = item.properties
    delivered = properties.moment(DELIVERED)
    drafts = [Role.DRAFTS] if properties.number(FLAGS) & _UNSENT and not delivered else []
    made = headers.message(
        _people(item, known) | _others(properties) | item.told | _always(properties),
        key=key,
        now=now,
        folders=[folder] if folder else [],
        roles=dict.fromkeys((*roles, *drafts)),
        received_at=delivered,
        size=properties.number(SIZE),
    )
    return replace(made, conversation_index=properties.octets(CONVERSATION_INDEX))


def _parties(properties: Properties, recipients: list[Properties]) -> list[Party]:
    """Everybody on a message, the author first. The names of recipients that aren't kept stand for these."""
    author, sender = _party("from", properties, _AUTHOR), _party("sender", properties, _SENDER)
    if not any(author[1:]):
        author, sender = sender._replace(header="from"), author
    if sender[2:] == author[2:]:
        sender = Party("sender", "", "", "")
    kept = (_party(_KINDS.get(each.number(KIND) & 0xF, ""), each, _RECIPIENT) for each in recipients)
    shown = (
        ()
        if recipients
        else (
            Party(header, name.strip(), "", "")
            for header, tag in _DISPLAYED.items()
            for name in properties.text(tag).split(";")
        )
    )
    return [party for party in (author, sender, *kept, *shown) if party.header and any(party[1:])]


def _party(header: str, properties: Properties, tags: tuple[int, int, int]) -> Party:
    name, address, smtp = (properties.text(tag).strip() for tag in tags)
    x500 = address.lower() if address.startswith("/") else ""
    return Party(header, name, smtp if "@" in smtp else "" if x500 else address, x500)


def _people(item: Item, known: Mapping[str, str]) -> headers.Fields:
    """The header fields of the people on the message."""
    fields: headers.Fields = {}
    for party in item.parties:
        address = party.address or known.get(party.x500, "") or party.x500
        fields.setdefault(party.header, []).append(written(party.name, address))
    return fields


def _others(properties: Properties) -> headers.Fields:
    texts = {name: properties.text(tag) for name, tag in _IDS.items()}
    if submitted := properties.moment(SUBMITTED):
        texts["date"] = format_datetime(submitted)
    return {name: [text] for name, text in texts.items() if text}


def _always(properties: Properties) -> headers.Fields:
    """What the properties say better than the transport headers: the subject, and what kind of message it is."""
    subject = properties.text(SUBJECT)
    subject = subject[2:] if subject.startswith("\1") else subject
    fields = {"subject": [" ".join(subject.split())]} if subject else {}
    kind = properties.text(CLASS).upper()
    if kind.startswith("REPORT"):
        fields["content-type"] = ["multipart/report"]
    elif kind.startswith("IPM.SCHEDULE"):
        fields["content-type"] = ["text/calendar"]
    elif kind.startswith("IPM.NOTE.RULES."):
        fields["auto-submitted"] = ["auto-replied"]
    return fields


def _charset(code_page: int) -> str:
    known = {0: "cp1252", 20127: "cp1252", 28591: "cp1252", 65001: "utf-8", 50220: "iso2022_jp", 51932: "euc_jp"}
    known |= {54936: "gb18030", 20866: "koi8_r", 21866: "koi8_u", 936: "gb18030"}
    known |= {28590 + part: f"iso8859_{part}" for part in (2, 3, 4, 5, 6, 7, 8, 9, 15)}
    return known.get(code_page, f"cp{code_page}")
