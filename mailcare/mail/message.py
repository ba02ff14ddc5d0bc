"""What a connector yields: batches of message metadata, and where to go on from.

There is no field for a body, a preview or an attachment: what isn't there can't leak.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, IntFlag, StrEnum
from typing import Any, NamedTuple, Protocol, runtime_checkable

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


class Mark(IntFlag):
    """What the headers say about how a message came about (MEASURES section 1, "Automated")."""

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


@dataclass(frozen=True, slots=True)
class Position:
    """How far a source has been read."""

    generation: int
    """1 at the first reading; one more each time the source has to be read anew."""
    cursor: dict[str, Any]
    """What the connector needs to go on; plain JSON values."""
    complete: bool
    """Whether this generation was read to its end at least once."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some messages of one source, and the position after them: stored together or not at all."""

    source: str
    """A part of the account that is read on its own, such as one mbox file; empty where the account is one."""
    position: Position
    messages: list[Message] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    """Keys of copies that are no longer there."""
    skipped: Counter[str] = field(default_factory=Counter)
    """What was read and could not be stored: reason → count. A negative count takes back an earlier one."""
    left: int = 0
    """Messages of the account that are still to be read after this batch, as far as the source tells."""
    seconds: float = 0.0
    """How long these take at least, where the provider's quota says so."""


class Known(Protocol):
    """What the store tells a connector about earlier readings."""

    def sources(self) -> list[str]:
        """Every source that was read before, in the order of first reading."""

    def position(self, source: str) -> Position | None:
        """Where the last reading of this source ended, or None before the first."""

    def keys(self, source: str) -> set[str]:
        """The keys stored for this source in the generation that is being read."""

    def folders(self, source: str) -> dict[str, tuple[str, ...]]:
        """The same keys, forgotten ones left out, each with the folders or labels in which its copy lay when read."""


class Connector(Protocol):
    """One account's way to its mail. Configured by its own keys and the vault; raises ``errors.MailcareError`` only."""

    def check(self) -> None:
        """Reach the mail and log in, and read none of it. Raises where ``read`` would at its beginning."""

    def read(self, known: Known, now: datetime, since: datetime | None = None) -> Iterator[Batch]:
        """What is new since ``known``: first what has changed since the last reading, then the back-fill, the newest
        mail first. The caller may stop after any batch; the next reading goes on from there.

        ``now`` is the moment of reading (aware). ``since`` bounds the back-fill for this reading: mail that arrived
        before it is left for a later one; a connector that reads whole files may read more.
        """


class Sighting(NamedTuple):
    """Something that was found where the owner's mail is kept. It may name files and folders: it is for the owner's
    terminal, and neither stored nor logged.
    """

    told: str
    """A sentence."""
    well: bool = True
    """Whether there is nothing for the owner to do."""


@runtime_checkable
class Surveyed(Protocol):
    """A connector that can say what it found where the mail is kept, so that nothing is missing unnoticed."""

    def survey(self, known: Known) -> list[Sighting]:
        """What was found at the last reading. Raises MailcareError."""


@runtime_checkable
class Linked(Protocol):
    """A connector at whose provider only the server knows the address at which a message is opened."""

    def links(self, message_ids: Collection[str]) -> dict[str, str]:
        """Message-ID → the https address of its message, as it is now; without those that have none."""
