"""Waiting between tries: as long as the server asks for, else longer each time, and never beyond a budget."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mailcare.errors import Exit, MailcareError

FIRST, LONGEST = 1.0, 60.0
"""Seconds of the first wait without a hint, and of the longest."""


class Patience:
    """How long to wait before the next try, on a clock that a test may replace; seconds throughout.

    ``tries`` and ``budget`` bound the waiting since the last progress, ``total`` all of it; more raises MailcareError
    (``Exit.TEMPORARY``).
    """

    def __init__(
        self,
        *,
        tries: int = 8,
        budget: float = 300.0,
        total: float = 1800.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.clock, self.sleep = clock, sleep
        self._tries, self._budget, self._total = tries, budget, total
        self._tried, self._waited, self._in_all = 0, 0.0, 0.0

    def progress(self) -> None:
        """Something came through: the count starts anew."""
        self._tried, self._waited = 0, 0.0

    def wait(self, why: str, hint: float | None = None) -> None:
        """Wait before another try. ``why`` is told where patience ends; ``hint`` is what the server asks for."""
        rising = min(FIRST * 2**self._tried, LONGEST)
        seconds = rising * random.uniform(0.5, 1.0) if hint is None else hint + random.uniform(0, 0.1 * FIRST)  # noqa: S311
        self._tried += 1
        self._waited += seconds
        self._in_all += seconds
        if self._tried > self._tries or self._waited > self._budget or self._in_all > self._total:
            asked = f", and asks to wait {hint:.0f} seconds" if hint and hint > self._budget else ""
            raise MailcareError(f"{why}{asked}", todo="Run again later: what was read is kept.", code=Exit.TEMPORARY)
        self.sleep(seconds)


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
