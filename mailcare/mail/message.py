"""The metadata of one message.

There is no field for a body, a preview or an attachment: what isn't there can't leak.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, IntFlag, StrEnum
from typing import NamedTuple

YEARS = range(1990, 2101)
"""Of which mail, days off and reports can be."""
OWN_MAIL = "@summary.mailcare>"
"""How the Message-ID of mailcare's own e-mail ends, by which it is left out of everything that is measured."""


class Field(IntEnum):
    """The header field in which a person stands."""

    FROM = 0
    SENDER = 1
    REPLY_TO = 2
    TO = 3
    CC = 4
    BCC = 5
    X_ORIGINAL_FROM = 6
    """Where a list or forwarder that rewrites From notes what stood there."""
    X_ORIGINAL_SENDER = 7


class Mark(IntFlag):
    """What the headers say about how a message came about (docs/measures.md, "Automated")."""

    NONE = 0
    AUTO_REPLY = 1
    """A machine answered: Auto-Submitted: auto-replied, X-Autoreply, X-Autorespond, Precedence: auto_reply."""
    MACHINE = 2
    """No person wrote it: other Auto-Submitted, X-Auto-Response-Suppress, Return-Path: <>, a report, an invitation."""
    BULK = 4
    """List-Unsubscribe, or Precedence: bulk or junk."""
    LIST_POST = 8
    """List-Post is present and not NO: it came through a discussion list."""


class Role(StrEnum):
    """What a folder or label is for, whatever its name and language."""

    SENT = "sent"
    DRAFTS = "drafts"
    SPAM = "spam"
    TRASH = "trash"


class Fault(StrEnum):
    """Why a part of a message could not be used (data quality)."""

    DATE_UNPARSABLE = "date_unparsable"
    DATE_ABSURD = "date_absurd"
    """Before 1990, or more than 24 h after the moment of reading."""
    ADDRESS_BROKEN = "address_broken"
    NO_MESSAGE_ID = "no_message_id"


class Person(NamedTuple):
    """Somebody in a header field, as written there; ``address`` is empty where there was none to be read."""

    field: Field
    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Message:
    """The metadata of one copy of a message. Instants are aware and in UTC; ids keep their angle brackets."""

    key: str
    """The source's own name for this copy; the same copy has the same key at every reading."""
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    conversation: str = ""
    """The provider's own thread id."""
    conversation_index: bytes = b""
    sent_at: datetime | None = None
    """The Date header."""
    received_at: datetime | None = None
    """The server's own time."""
    people: tuple[Person, ...] = ()
    subject: str = ""
    folders: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    marks: Mark = Mark.NONE
    list_id: str = ""
    """The address that List-Id names (``<name.host>`` is name@host), or empty."""
    size: int = 0
    """Octets of the whole message where the source knows it cheaply, else 0."""
    faults: tuple[Fault, ...] = ()
