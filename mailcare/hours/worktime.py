"""When somebody works, as the configuration says it. Loads nothing heavy: every command reads the configuration."""

import re
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY_MINUTES = 24 * 60
_SPAN = re.compile(r"(?P<first>[A-Za-z]{3})(?:-(?P<last>[A-Za-z]{3}))?\s+(?P<start>\d\d?:\d\d)-(?P<end>\d\d?:\d\d)")
_TIME = re.compile(r"\d\d?:\d\d")

Journey = tuple[date, date, str]
"""First and last day, both included, and the time zone of the place."""


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """When the owner works."""

    time_zone: str = "UTC"
    hours: str = "Mon-Fri 09:00-17:00"
    """Comma-separated spans of weekdays and local times; see ``parse_hours``."""
    holidays: str = ""
    """ISO 3166 countries, or country-subdivisions, comma-separated, such as ``DE-BY, AT``; empty for none. Half
    holidays are free from noon on."""
    days_off: tuple[tuple[date, date], ...] = ()
    """First and last day of each absence, both included; a night's work is that of the day on which it begins."""
    hours_off: tuple[tuple[date, int, int], ...] = ()
    """Parts of days off: the day, first and last minute."""
    journeys: tuple[Journey, ...] = ()
    """Days spent in another time zone, none of them twice."""

    def away_on(self, days: list[date]) -> "WorkingTime":
        """The same with further days off, such as those of an out-of-office note."""
        return replace(self, days_off=self.days_off + tuple((day, day) for day in days))


def parse_hours(text: str) -> list[tuple[int, int, int]]:
    """Working spans as (weekday from 0 = Monday, first minute, last minute), ascending.

    ``Mon-Fri 09:00-17:00`` or several of the kind, comma-separated: ``Mon-Thu 09:00-12:00, Mon-Thu 13:00-17:30,
    Fri 09:00-13:00``. A day ends at 24:00; ``22:00-02:00`` ends on the day after, at the minute 26 * 60 of its own.
    Raises ValueError with a readable message.
    """
    spans = sorted(span for part in text.split(",") for span in _spans(part.strip()))
    next_week = [(day + 7, start, end) for day, start, end in spans[:1]]
    for (day, _, end), (next_day, start, _) in pairwise(spans + next_week):
        if next_day * DAY_MINUTES + start < day * DAY_MINUTES + end:
            raise ValueError(f"two spans overlap on {WEEKDAYS[next_day % 7]}")
    return spans


def parse_minutes(text: str) -> tuple[int, int]:
    """``12:00-17:00`` as its first and last minute after midnight, of one day. Raises ValueError."""
    start, _, end = text.partition("-")
    if not (_TIME.fullmatch(start) and _TIME.fullmatch(end)):
        raise ValueError(f"'{text}' is not of the form '12:00-17:00'")
    span = _minutes(start), _minutes(end)
    if span[1] <= span[0]:
        raise ValueError(f"'{text}' ends before it starts")
    return span


def _spans(part: str) -> list[tuple[int, int, int]]:
    match = _SPAN.fullmatch(part)
    if not match:
        raise ValueError(f"'{part}' is not of the form 'Mon-Fri 09:00-17:00'")
    first, last = (_weekday(match[name] or match["first"]) for name in ("first", "last"))
    start, end = _minutes(match["start"]), _minutes(match["end"])
    if end == start:
        raise ValueError(f"'{part}' ends when it starts")
    end += DAY_MINUTES * (end < start)
    return [((first + step) % 7, start, end) for step in range((last - first) % 7 + 1)]


def _weekday(name: str) -> int:
    if name.title() not in WEEKDAYS:
        raise ValueError(f"'{name}' is not one of {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(name.title())


def _minutes(text: str) -> int:
    hour, minute = map(int, text.split(":"))
    if minute > 59 or hour * 60 + minute > DAY_MINUTES:
        raise ValueError(f"'{text}' is not a time of day")
    return hour * 60 + minute
