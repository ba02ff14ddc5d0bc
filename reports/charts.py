"""Geometry of the charts: from values to coordinates, with labels in a language. Drawing is the templates' part."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import ceil

from mailcare.values.week import Circle, Curve, KeepingIn, Rhythm, Tile, WeekPoint
from reports.words import Words

WIDTH = 440
HEIGHT = 290
LEFT, RIGHT, TOP, BOTTOM = 54, 420, 12, 250
LABEL_HEIGHT = 20
SHADES = 4


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: its place and its label; ``now`` where it stands for this week."""

    at: float
    label: str
    now: bool = False


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a line, with the text beside it; ``flip`` where the text stands better on its left."""

    x: float
    y: float
    label: str = ""
    flip: bool = False


@dataclass(frozen=True, slots=True)
class CurveChart:
    """The Kaplan–Meier curve with its band."""

    line: str
    band: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class TrendChart:
    """The weeks' half-way points with the middle halves; a gap where a week says nothing."""

    lines: tuple[str, ...]
    bands: tuple[str, ...]
    dots: tuple[Dot, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    away: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Strip:
    """This week's mark and the usual range, 0 to 100 across."""

    left: float
    width: float
    mark: float


@dataclass(frozen=True, slots=True)
class Bar:
    """People kept and left out in one header field; widths of at most ``WIDTH``."""

    label: str
    kept: int
    dropped: int
    kept_width: float
    dropped_width: float


@dataclass(frozen=True, slots=True)
class Pair:
    """The half-way points of both ways of a circle, 0 to 100 across; 0 where there is none."""

    mine: float
    theirs: float


@dataclass(frozen=True, slots=True)
class Cell:
    """A count in the table of the rhythm and its shade: 0 for none, up to ``SHADES``."""

    count: int
    shade: int


@dataclass(frozen=True, slots=True)
class Heat:
    """The rhythm from the first to the last hour in use; a row of cells for each weekday from Monday."""

    hours: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...]


def curve_chart(curve: Curve, day: float, words: Words) -> CurveChart:
    """Share answered by working hours, as steps: the axis ends between one and five working days, the line where
    nothing was observed any more."""
    seen = min(curve.observed_to, 5 * day)
    end = max(seen, day)
    steps = [step for step in zip(curve.hours, curve.share, curve.low, curve.high, strict=True) if step[0] <= end]
    hours = [step[0] for step in steps]
    share, low, high = ([step[place] for step in steps] for place in (1, 2, 3))

    def x(value: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * min(value, end) / end, 1)

    upper, lower = _steps(hours, high, x, seen), _steps(hours, low, x, seen)
    dots = []
    half, in_a_day = curve.quartiles[1], curve.share_in_one_day
    if half is not None and half <= end:
        apart = in_a_day is None or abs(_y(0.5, 1) - _y(in_a_day, 1)) > LABEL_HEIGHT
        dots.append(Dot(x(half), _y(0.5, 1), words.language.gettext("half") if apart else "", half > 0.6 * end))
    if in_a_day is not None:
        label = words.language.gettext("one working day: %(share)s") % {"share": words.percent(in_a_day)}
        dots.append(Dot(x(day), _y(in_a_day, 1), label, day > 0.5 * end))
    return CurveChart(
        line=_path(_steps(hours, share, x, seen)),
        band=_path([*upper, *reversed(lower)]) + " Z" if steps else "",
        x_ticks=tuple(Tick(x(value), label) for value, label in _hour_ticks(end, day, words)),
        y_ticks=tuple(Tick(_y(value / 4, 1), words.percent(value / 4)) for value in range(5)),
        dots=tuple(dots),
    )


def _y(value: float, top: float) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * min(value, top) / top, 1)


def _steps(
    hours: Sequence[float], values: Sequence[float], x: Callable[[float], float], end: float
) -> list[tuple[float, float]]:
    corners, height = [(x(0), _y(0, 1))], _y(0, 1)
    for hour, value in zip(hours, values, strict=True):
        corners += [(x(hour), height), (x(hour), _y(value, 1))]
        height = _y(value, 1)
    return [*corners, (x(end), height)]


def _path(corners: Sequence[tuple[float, float]]) -> str:
    """An SVG path from corner to corner; upright and level lines are told by one number."""
    (x, y), *_ = corners
    path = f"M{x:g},{y:g}"
    for (x, y), (to_x, to_y) in pairwise(corners):
        path += f"H{to_x:g}" if to_y == y else f"V{to_y:g}" if to_x == x else f"L{to_x:g},{to_y:g}"
    return path


def _hour_ticks(end: float, day: float, words: Words) -> list[tuple[float, str]]:
    days = int(end / day + 1e-9)
    half = round(day / 2)
    return [
        (0.0, "0"),
        *([(half, words.hours(half))] if half and days <= 3 else []),
        *(
            (n * day, words.language.ngettext("%(days)s day", "%(days)s days", n) % {"days": n})
            for n in range(1, days + 1)
        ),
    ]


def trend_chart(weeks: Sequence[WeekPoint], words: Words) -> TrendChart:
    """The half-way points of the weeks, the last one being this week."""
    shown = [point for point in weeks if point.p50 is not None]
    ceiling = _ceiling(max((point.p75 or point.p50 or 0 for point in shown), default=1))
    last = max(len(weeks) - 1, 1)
    place = {point.start: round(LEFT + 8 + (RIGHT - LEFT - 16) * n / last, 1) for n, point in enumerate(weeks)}
    runs = [list(run) for known, run in groupby(weeks, key=lambda point: point.p50 is not None) if known]

    def high(point: WeekPoint) -> float:
        return _y(point.p75 if point.p75 is not None else ceiling, ceiling)

    bands = []
    for run in runs:
        over = [(place[point.start], high(point)) for point in run]
        under = [(place[point.start], _y(point.p25 or 0, ceiling)) for point in run]
        bands.append(_path([*over, *reversed(under)]) + " Z")
    every = 2 if len(weeks) > 6 else 1
    labelled = [point for n, point in enumerate(weeks[: -every - 1]) if (len(weeks) - 1 - n) % every == 0]
    ticks = tuple(Tick(place[point.start], str(point.week)) for point in labelled)
    return TrendChart(
        lines=tuple(_path([(place[point.start], _y(point.p50 or 0, ceiling)) for point in run]) for run in runs),
        bands=tuple(bands),
        dots=tuple(Dot(place[point.start], _y(point.p50 or 0, ceiling)) for point in shown),
        x_ticks=(*ticks, Tick(place[weeks[-1].start], words.language.gettext("this week"), now=True)) if weeks else (),
        y_ticks=tuple(Tick(_y(ceiling * n / 4, ceiling), words.hours(ceiling * n / 4)) for n in range(5)),
        away=tuple(
            Tick(place[point.start], words.language.gettext("away"))
            for point in weeks
            if point.away and point.p50 is None
        ),
    )


def _ceiling(value: float) -> float:
    """The next round number of hours that four steps divide well."""
    tops = (1, 2, 4, 8, 12, 16, 20, 24, 32, 40, 60, 80, 120, 160, 240, 400)
    return next((top for top in tops if value <= top), 400 * ceil(value / 400))


def strip(tile: Tile) -> Strip | None:
    """Where this week lies in the span of the usual weeks; None without either."""
    if tile.value is None or tile.usual is None:
        return None
    least, most = min(tile.usual.least, tile.value), max(tile.usual.most, tile.value)
    margin = (most - least) * 0.15 or max(abs(most), 1) * 0.25
    low, span = least - margin, most - least + 2 * margin

    def x(value: float) -> float:
        return round(100 * (value - low) / span, 1)

    width = max(x(tile.usual.high) - x(tile.usual.low), 3)
    return Strip(left=x(tile.usual.low) - (1.5 if width == 3 else 0), width=round(width, 1), mark=x(tile.value))


def bars(keeping: KeepingIn, words: Words) -> tuple[Bar, ...]:
    """A bar for To and one for Cc, on one scale."""
    longest = max(keeping.to_kept + keeping.to_dropped, keeping.cc_kept + keeping.cc_dropped, 1)
    scale = (WIDTH - 4) / longest
    rows = (
        (words.language.pgettext("header field", "To"), keeping.to_kept, keeping.to_dropped),
        (words.language.pgettext("header field", "Cc"), keeping.cc_kept, keeping.cc_dropped),
    )
    return tuple(Bar(label, kept, out, round(kept * scale, 1), round(out * scale, 1)) for label, kept, out in rows)


def pairs(circles: Sequence[Circle]) -> tuple[Pair, ...]:
    """Two bars for each circle, all on one scale."""
    longest = max((side.half or 0 for circle in circles for side in (circle.mine, circle.theirs)), default=0) or 1

    def width(half: float | None) -> float:
        return round(100 * (half or 0) / longest, 1)

    return tuple(Pair(width(circle.mine.half), width(circle.theirs.half)) for circle in circles)


def heat(rhythm: Rhythm) -> Heat | None:
    """The rhythm as a table; None where nothing was sent."""
    used = [hour for row in rhythm.cells for hour, count in enumerate(row) if count]
    if not used:
        return None
    hours, most = range(min(used), max(used) + 1), max(map(max, rhythm.cells))
    rows = (tuple(Cell(row[hour], ceil(SHADES * row[hour] / most)) for hour in hours) for row in rhythm.cells)
    return Heat(tuple(hours), tuple(rows))
