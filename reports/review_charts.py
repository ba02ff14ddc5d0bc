"""Geometry of the client review's charts: the strips, the promise week by week, the bars of the clients' people."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from mailcare.values.review import Line, PromiseWeek, Review
from reports.charts import (
    BOTTOM,
    LABEL_HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Bar,
    CurveChart,
    Dot,
    Tick,
    TrendChart,
    curve_chart,
)
from reports.words import Words


@dataclass(frozen=True, slots=True)
class LineStrip:
    """One client's waiting times, 0 to 100 across: the middle half, the half-way point, the promise."""

    left: float
    width: float
    half: float | None
    promise: float


def scale(lines: Sequence[Line]) -> float:
    """The hours at the right end of every strip: as far as the middle halves reach, but between twice and four times
    the longest promise."""
    promise = max((line.promise_hours for line in lines), default=1.0)
    reached = max((hours for line in lines for hours in line.quartiles if hours is not None), default=0.0)
    return min(max(reached, 2 * promise), 4 * promise)


def line_strip(line: Line, lines: Sequence[Line]) -> LineStrip | None:
    """The strip of one line, on the scale of all; None where there is too little to say."""
    first, half, third = line.quartiles
    if first is None:
        return None
    end = scale(lines)

    def x(value: float) -> float:
        return round(100 * min(value, end) / end, 1)

    right = x(third) if third is not None else 100.0
    width = max(right - x(first), 2.0)
    dot = x(half) if half is not None and half <= end else None
    return LineStrip(min(x(first), 98.0), width, dot, x(line.promise_hours))


def review_curve(review: Review, words: Words) -> CurveChart:
    """The curve of all that are listed; it marks the half-way point and the promise, where all have the same."""
    day, hours = review.hours_per_day, review.promise_hours
    chart = curve_chart(review.curve, day, words)
    if not review.one_promise:
        return chart
    end = max(min(review.curve.observed_to, 5 * day), day)
    answered = [share for hour, share in zip(review.curve.hours, review.curve.share, strict=True) if hour <= hours]
    if not answered or hours > end:
        return chart
    height = round(BOTTOM - (BOTTOM - TOP) * answered[-1], 1)
    left = round(LEFT + (RIGHT - LEFT) * hours / end, 1)
    said = words.language.gettext("our promise: %(share)s") % {"share": words.percent(answered[-1])}
    promise = Dot(left, height, said, hours > 0.5 * end)
    half = round(BOTTOM - (BOTTOM - TOP) * 0.5, 1)
    halves = [dot for dot in chart.dots if dot.y == half and review.curve.quartiles[1] is not None][:1]
    halves = [replace(dot, label=dot.label if abs(half - height) > LABEL_HEIGHT else "") for dot in halves]
    return replace(chart, dots=(*halves, promise))


def promise_chart(weeks: Sequence[PromiseWeek], words: Words) -> TrendChart:
    """The share within the promise in each week, with its likely range; a gap where too little is known."""
    last = max(len(weeks) - 1, 1)
    place = {week.start: round(LEFT + 8 + (RIGHT - LEFT - 16) * n / last, 1) for n, week in enumerate(weeks)}
    lowest = min((week.promise.low or 0.0 for week in weeks if week.told), default=0.0)
    floor = 0.5 if lowest >= 0.5 else 0.0

    def y(share: float | None) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (max(share or 0.0, floor) - floor) / (1 - floor), 1)

    def path(corners: Sequence[tuple[float, float]]) -> str:
        return "M" + " L".join(f"{left:g},{top:g}" for left, top in corners)

    runs = [list(run) for told, run in groupby(weeks, key=lambda week: week.told) if told]
    bands = [
        path(
            [(place[week.start], y(week.promise.high)) for week in run]
            + [(place[week.start], y(week.promise.low)) for week in reversed(run)]
        )
        + " Z"
        for run in runs
    ]
    every = 2 if len(weeks) > 6 else 1
    labelled = [week for n, week in enumerate(weeks) if (len(weeks) - 1 - n) % every == 0]
    steps = [n / 10 for n in range(5, 11)] if floor else [n / 4 for n in range(5)]
    return TrendChart(
        lines=tuple(path([(place[week.start], y(week.promise.share)) for week in run]) for run in runs),
        bands=tuple(bands),
        dots=tuple(Dot(place[week.start], y(week.promise.share)) for week in weeks if week.told),
        x_ticks=tuple(Tick(place[week.start], str(week.start.isocalendar().week)) for week in labelled),
        y_ticks=tuple(Tick(y(step), words.percent(step)) for step in steps),
        away=(),
    )


def people_bars(lines: Sequence[Line]) -> tuple[Bar, ...]:
    """A bar for each client of whose people something is told, on one scale."""
    told = [(line, line.people) for line in lines if line.client and line.people]
    longest = max([people.kept + people.dropped for _, people in told] or [1])
    unit = (WIDTH - 4) / max(longest, 1)
    return tuple(
        Bar(line.client, people.kept, people.dropped, round(people.kept * unit, 1), round(people.dropped * unit, 1))
        for line, people in told
    )
