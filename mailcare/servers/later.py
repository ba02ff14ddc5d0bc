"""What may pass by: an operation at a server that failed, and may succeed if it is tried again."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Protocol


class Time(Protocol):
    """A clock, which a test may replace; in seconds."""

    def clock(self) -> float:
        """The time that has passed since some moment."""

    def sleep(self, seconds: float, /) -> None:
        """Let so much time pass."""


class Later(Exception):
    """The same operation may succeed later; the text says why it did not now."""

    def __init__(self, why: str, hint: float | None = None, *, times: int = 0) -> None:
        """``hint``: seconds that the server asks to wait. ``times``: it is given up once it has failed so many times in
        this way; with 0 only patience ends it."""
        super().__init__(why)
        self.hint, self.times = hint, times


class Due:
    """What may pass by and is not raised at once, as something came through beside it: it is waited for before the next
    request."""

    def __init__(self) -> None:
        self._later: Later | None = None

    def keep(self, later: Later) -> None:
        """Have this waited for, in place of what was kept before."""
        self._later = later

    def tell(self) -> None:
        """Raise what is kept, once, to whoever tries again; without any, nothing happens."""
        later, self._later = self._later, None
        if later:
            raise later


def retry_after(value: str | None) -> float | None:
    """The seconds that a Retry-After header asks for, written as a number or a date (RFC 9110 §10.2.3)."""
    if not value:
        return None
    try:
        if value.strip().isdecimal():
            return float(value)
        moment = parsedate_to_datetime(value)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds()) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
