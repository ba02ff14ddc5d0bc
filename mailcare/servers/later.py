"""What may pass by: an operation at a server that failed, and may succeed if it is tried again."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


class Later(Exception):
    """The same operation may succeed later; the text says why it did not now."""

    hint: float | None = None
    """Seconds that the server asks to wait."""
    times = 0
    """It is given up once it has failed so many times in this way; 0: only patience ends it."""

    def __init__(self, why: str, hint: float | None = None) -> None:
        super().__init__(why)
        self.hint = hint


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
