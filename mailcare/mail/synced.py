"""What one reading of an account brings, and who is told while it goes on."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from mailcare.mail.connector import Sighting


@dataclass(slots=True)
class Synced:
    """What one reading of an account brought."""

    messages: int = 0
    removed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    """What was read and could not be stored: reason → count."""
    let_go: int = 0
    """Messages that were older than the account keeps them, and are no longer stored."""
    newest: datetime | None = None
    """When the newest stored message arrived or was sent (UTC), one that stands alone passed over; None without any."""
    nobodys: bool = False
    """Whether there is mail, and none of it names the owner."""
    left: int = 0
    """Messages that are still to be read: older mail, left for a later run."""
    found: list[Sighting] = field(default_factory=list)
    """What was found where the mail is kept: for the owner's terminal alone."""
    seconds: float = 0.0
    """How long it took."""
    seconds_left: float = 0.0
    """How long what is left takes at least, at the pace so far and by the provider's quota."""


Progress = Callable[[Synced], None]
"""Is told after each stored batch what the reading has brought so far."""


def unseen(_: Synced) -> None:
    """Progress that nobody watches."""
