"""Trying again: an operation that may succeed later is repeated, after as long as the server asks for, else longer each
time, and never beyond a budget.

A connector's way to its server only says what may pass by (``Later``). It is wrapped from outside, by ``patient``.
"""

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

from mailcare.errors import Exit, MailcareError
from mailcare.servers.later import Later

T = TypeVar("T")

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

    def repeat(self, operation: Callable[[], T], where: str = "") -> T:
        """The operation's outcome, once it does not end with ``Later``; ``where`` is the server, as errors name it.

        Raises Later once it failed as often as it may, and MailcareError (``Exit.TEMPORARY``) when patience ends.
        """
        failed = 0
        while True:
            try:
                outcome = operation()
            except Later as later:
                failed += later.times > 0
                if failed and failed == later.times:
                    raise
                try:
                    self.wait(str(later), later.hint)
                except MailcareError as end:
                    raise (end.at(where) if where else end) from None
            else:
                self.progress()
                return outcome


class _Patient:
    """Something whose methods are repeated."""

    def __init__(self, talk: object, patience: Patience, where: str) -> None:
        self._talk, self._patience, self._where = talk, patience, where

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._talk, name)
        if not callable(found):
            return found
        return lambda *given, **named: self._patience.repeat(lambda: found(*given, **named), self._where)


def patient(talk: T, patience: Patience, where: str = "") -> T:
    """The same way to a server, each of whose methods is repeated as ``Patience.repeat`` does."""
    return cast(T, _Patient(talk, patience, where))
