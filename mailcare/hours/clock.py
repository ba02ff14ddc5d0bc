"""Working hours between instants, in columns: time zones, weekday hours, public holidays, days and hours off."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from mailcare.hours.arrays import Flags, Floats, Ints
from mailcare.hours.public_holidays import public_holidays
from mailcare.hours.worktime import DAY_MINUTES, WorkingTime, parse_hours
from mailcare.hours.zones import DAY, day_number, stays

MARGIN_WEEKS = 26
"""So long at most days off and holidays put off the end of a span of working time."""
_NOON = 12 * 60


def hours_per_day(time: WorkingTime) -> float:
    """Working hours of an average working day."""
    spans = parse_hours(time.hours)
    return sum(end - start for _, start, end in spans) / 60 / len({day for day, _, _ in spans})


def working_hours(time: WorkingTime, start: Any, end: Any) -> Floats:
    """The working hours between instants, element by element (docs/measures.md, "Working time").

    ``start`` and ``end`` are arrays of UTC instants, as ``datetime64`` or as seconds since 1970; an end before its
    start gives 0. Daylight saving is that of the time zone.
    """
    first, last = seconds(start), seconds(end)
    if not len(first):
        return np.zeros(0)
    opens, closes = calendar(time, int(min(first.min(), last.min())), int(max(first.max(), last.max())))
    worked = _worked(opens, closes, last) - _worked(opens, closes, first)
    return np.asarray(np.maximum(worked, 0) / 3600, np.float64)


def worked_after(time: WorkingTime, start: Any, hours: Any) -> Ints:
    """The instants (seconds since 1970) at which so many working hours have passed since ``start``, one for one."""
    first, wanted = seconds(start), np.round(np.asarray(hours, float) * 3600).astype(np.int64)
    if not len(first):
        return first
    weeks = wanted.max() / 3600 / sum(end - start for _, start, end in parse_hours(time.hours)) * 60
    opens, closes = calendar(time, int(first.min()), int(first.max()) + int((weeks + MARGIN_WEEKS) * 7 * 86_400))
    ends = np.cumsum(closes - opens)
    target = _worked(opens, closes, first) + wanted
    span = np.minimum(np.searchsorted(ends, target), len(ends) - 1)
    return np.asarray(np.maximum(closes[span] - (ends[span] - target), first), np.int64)


def working_days(time: WorkingTime, first: date, last: date) -> list[date]:
    """The days from first to last, both included, on which the owner works."""
    days = pd.date_range(first, last, freq="D")
    weekdays = {day for day, _, _ in parse_hours(time.hours)}
    return [day.date() for day in days[days.day_of_week.isin(weekdays) & ~days.isin(_closed_days(time, days))]]


def seconds(instants: Any) -> Ints:
    """UTC instants (datetimes, zoned or naive, or seconds already) as whole seconds since 1970."""
    values = np.asarray(instants)
    if np.issubdtype(values.dtype, np.integer):
        return values.astype(np.int64)
    if np.issubdtype(values.dtype, np.floating) and len(values):
        raise TypeError("seconds must be whole numbers")
    stamps = pd.to_datetime(pd.Series(instants), utc=True)
    return stamps.dt.tz_localize(None).to_numpy().astype("datetime64[s]").astype(np.int64)


def calendar(time: WorkingTime, first: int, last: int) -> tuple[Ints, Ints]:
    """When working time opens and closes, ascending and apart, from two days before ``first`` to the day after
    ``last``."""
    return _calendar(time, first // DAY - 2, last // DAY + 2)


@lru_cache(maxsize=16)
def _calendar(time: WorkingTime, first: int, last: int) -> tuple[Ints, Ints]:
    dates = pd.date_range(pd.Timestamp(first, unit="D"), pd.Timestamp(last, unit="D"), freq="D")
    closed, halved = _closed_days(time, dates), public_holidays(time.holidays, dates[0].year, dates[-1].year, half=True)
    dates = dates[~dates.isin(closed)]
    days, weekdays = dates.to_numpy().astype("datetime64[D]").astype(np.int64), dates.day_of_week
    spans = [(days[weekdays == weekday], start, end) for weekday, start, end in parse_hours(time.hours)]
    opens, closes = (
        np.concatenate([_instants(time, on, span[minute], earlier=minute == 0) for on, *span in spans])
        for minute in (0, 1)
    )
    for day, start, end in (*time.hours_off, *((day, _NOON, DAY_MINUTES) for day in halved)):
        on = np.array([day_number(day)])
        begins, ends = (_instants(time, on, minute, earlier=minute == start)[0] for minute in (start, end))
        opens = np.concatenate([opens, np.maximum(opens, ends)])
        closes = np.concatenate([np.minimum(closes, begins), closes])
        opens, closes = opens[opens < closes], closes[opens < closes]
    return _apart(opens, closes)


def _instants(time: WorkingTime, days: Ints, minute: int, *, earlier: bool) -> Ints:
    return stays(time).instants(days, np.full(len(days), minute), earlier=earlier)


def _apart(opens: Ints, closes: Ints) -> tuple[Ints, Ints]:
    """The spans in order, what two of them share (an hour that a clock change repeats) in the earlier one only."""
    order = np.argsort(opens, kind="stable")
    opens, closes = opens[order], np.maximum.accumulate(closes[order])
    opens[1:] = np.maximum(opens[1:], closes[:-1])
    return opens[opens < closes], closes[opens < closes]


def _closed_days(time: WorkingTime, days: pd.DatetimeIndex) -> list[pd.Timestamp]:
    closed = {day for first, last in time.days_off for day in pd.date_range(first, last, freq="D")}
    return sorted(closed | {pd.Timestamp(day) for day in public_holidays(time.holidays, days[0].year, days[-1].year)})


def _worked(opens: Ints, closes: Ints, instants: Ints) -> Ints:
    """Ints of working time from the first opening to each instant."""
    if not len(opens):
        return np.zeros(len(instants), np.int64)
    before = np.concatenate([[0], np.cumsum(closes - opens)])
    span = np.searchsorted(opens, instants, side="right") - 1
    inside = np.clip(np.minimum(instants, closes[span]) - opens[span], 0, None)
    return np.where(span < 0, 0, before[np.maximum(span, 0)] + inside)


def local_days(time: WorkingTime, instants: Any) -> pd.DatetimeIndex:
    """The owner's calendar day of each UTC instant, as naive midnights; later instants never have an earlier day."""
    return pd.DatetimeIndex((stays(time).days(seconds(instants)) * DAY).astype("datetime64[s]"))


def iso_weeks(time: WorkingTime, instants: Any) -> pd.DatetimeIndex:
    """The Monday (naive) of each instant's ISO week in the owner's time zone."""
    days = local_days(time, instants)
    return days - pd.to_timedelta(days.day_of_week, unit="D")


def at_work(time: WorkingTime, instants: Any) -> Flags:
    """Whether each UTC instant lies inside the owner's working time."""
    stamps = seconds(instants)
    if not len(stamps):
        return np.zeros(0, bool)
    opens, closes = calendar(time, int(stamps.min()), int(stamps.max()))
    span = np.searchsorted(opens, stamps, side="right") - 1
    return np.asarray((span >= 0) & (stamps < np.append(closes, 0)[span]), bool)


def week_name(monday: date) -> str:
    """``2026-W38`` for the ISO week that begins on this Monday."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02d}"


def monday_before(day: date) -> date:
    """The Monday of the day's ISO week."""
    return day - timedelta(days=day.weekday())


def local_times(time: WorkingTime, instants: Any) -> pd.DatetimeIndex:
    """The owner's wall-clock time of each UTC instant (naive), where they were then."""
    return pd.DatetimeIndex(stays(time).clock(seconds(instants)).astype("datetime64[s]"))


def local_time(time: WorkingTime, instant: int) -> datetime:
    """The instant (seconds since 1970) in the time zone in which the owner was then."""
    stay = stays(time).at(np.array([instant]))[0]
    return datetime.fromtimestamp(int(instant), ZoneInfo(stays(time).zones[stay]))


def midnight(time: WorkingTime, day: date) -> int:
    """When the owner's day begins, in seconds since 1970: ``local_days`` of every instant from then on is this day or
    a later one."""
    return stays(time).midnight(day_number(day))
