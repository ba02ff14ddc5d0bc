"""What a connector is, and what it yields: batches of message metadata, and where to go on from."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol, runtime_checkable

from mailcare.mail.message import Message


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
