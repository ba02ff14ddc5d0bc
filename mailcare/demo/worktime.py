"""Amara's working time, worked out day by day: the plain way, to check ``mailcare.hours.clock`` against.

No clock change falls between May and September, so wall-clock arithmetic is right throughout.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
AS_OF = datetime(2026, 9, 21, 6, tzinfo=BERLIN)
FIRST_DAY = date(2026, 5, 4)
WEEKS = 20
LAST_MONDAY = FIRST_DAY + timedelta(weeks=WEEKS - 1)
LAST_CLOSING = datetime(2026, 9, 18, 17, tzinfo=BERLIN)

HOLIDAYS = (date(2026, 5, 14), date(2026, 5, 25))
AWAY = tuple(date(2026, 8, day) for day in range(10, 15))
ILL = date(2026, 6, 10)
"""Not in the config: the out-of-office notes that Amara's account sent show it."""

OPENS, CLOSES = time(9), time(17)


def moment(day: str, clock: str) -> datetime:
    """``moment("2026-09-15", "13:42")``, on Amara's clock."""
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), BERLIN)


def working_hours(start: datetime, end: datetime) -> float:
    """Hours between two instants that fall into Amara's working time."""
    spans = (min(end, closes) - max(start, opens) for opens, closes in _working_days(start, end.date()))
    return sum(max(span.total_seconds(), 0) for span in spans) / 3600


def after(start: datetime, hours: float) -> datetime:
    """The instant at which that many hours of Amara's working time have passed, to the second."""
    left = timedelta(seconds=round(hours * 3600))
    for opens, closes in _working_days(start, date.max):
        begin = max(start, opens)
        if begin + left <= closes:
            return begin + left
        left -= max(closes - begin, timedelta())
    raise AssertionError("working days do not end")


def _working_days(start: datetime, last: date) -> Iterator[tuple[datetime, datetime]]:
    day = start.date()
    while day <= last:
        if day.weekday() < 5 and day not in (*HOLIDAYS, *AWAY, ILL):
            yield datetime.combine(day, OPENS, BERLIN), datetime.combine(day, CLOSES, BERLIN)
        day += timedelta(days=1)
