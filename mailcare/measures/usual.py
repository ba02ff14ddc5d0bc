"""This week beside the owner's own last twelve weeks (docs/measures.md, "Usual" and "Drift")."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from mailcare.hours.clock import working_days
from mailcare.hours.worktime import WorkingTime, parse_hours
from mailcare.measures.reply_latency import ENOUGH_TURNS
from mailcare.values.week import Drift, Tile, Usual, WeekPoint

WEEKS = 12
ENOUGH_WEEKS = 5
"""With fewer weeks there is no usual and no trend."""
NOT_REACHED_AT_MOST = 0.25


def usual_range(values: "pd.Series[float]") -> Usual | None:
    """The middle half and the extremes of earlier weeks' values; None with fewer than five."""
    known = values.dropna()
    if len(known) < ENOUGH_WEEKS:
        return None
    low, high = np.quantile(known, [0.25, 0.75])
    return Usual(float(low), float(high), float(known.min()), float(known.max()), len(known))


def mostly_reached(medians: "pd.Series[float]") -> "pd.Series[float]":
    """The half-way points of earlier weeks; none where more than a quarter of them was not reached: without its slowest
    weeks the usual would flatter."""
    return medians if medians.isna().mean() <= NOT_REACHED_AT_MOST else medians[:0]


def tile(value: float | None, count: int, of: int, earlier: "pd.Series[float]", needed: int) -> Tile:
    """One figure beside its usual; it takes ``needed`` to say something."""
    known = None if value is None or np.isnan(value) else float(value)
    return Tile(known, int(count), int(of), usual_range(earlier), needed)


def away(time: WorkingTime, monday: date) -> bool:
    """Whether the owner was away for most of the week's working days."""
    normal = len({day for day, _, _ in parse_hours(time.hours)})
    return len(working_days(time, monday, monday + timedelta(days=6))) * 2 < normal


def points(weeks: pd.DataFrame, time: WorkingTime) -> tuple[WeekPoint, ...]:
    """The weeks of the trend, one point each; ``weeks`` are rows of ``pipeline.weeks``."""
    return tuple(_point(week, time) for week in weeks.itertuples())


def _point(week: Any, time: WorkingTime) -> WeekPoint:
    monday = week.monday.date()
    gone = away(time, monday)
    usable = week.turns >= ENOUGH_TURNS and not gone
    figures = (week.km_p25, week.km_p50, week.km_p75, week.typical_hours)
    p25, p50, p75, typical = (float(figure) if usable and not np.isnan(figure) else None for figure in figures)
    return WeekPoint(monday, monday.isocalendar().week, int(week.turns), p25, p50, p75, typical, gone, bool(usable))


def drift(trend: tuple[WeekPoint, ...]) -> Drift | None:
    """How the half-way point moved, by a straight line through the usable weeks; None with fewer than five, or where
    more than a quarter of them did not reach it."""
    eligible = [point for point in trend if point.usable]
    usable = [point for point in eligible if point.p50 is not None]
    if len(usable) < max(ENOUGH_WEEKS, (1 - NOT_REACHED_AT_MOST) * len(eligible)):
        return None
    week = np.array([(point.start - usable[0].start).days / 7 for point in usable])
    hours = np.array([point.p50 for point in usable], float)
    slope, start = np.polyfit(week, hours, 1)
    left = len(usable) - 2
    error = np.sqrt(((hours - start - slope * week) ** 2).sum() / left / ((week - week.mean()) ** 2).sum())
    return Drift(
        start=usable[0].start,
        before=max(float(start), 0.0),
        now=max(float(start + slope * week[-1]), 0.0),
        beyond_wobble=bool(abs(slope) > stdtrit(left, 0.975) * error),
    )
