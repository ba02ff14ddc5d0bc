"""Geometry: whatever the values, a drawing stays in its frame and says what they say."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailcare.values.week import Circle, Curve, Heard, KeepingIn, Rhythm, Tile, Usual
from reports import charts
from tests.samples.pages import english
from tests.samples.week import MONDAY, SAMPLES, curve, points

HOURS = st.lists(st.floats(0.01, 900), min_size=1, max_size=60).map(sorted)
HALVES = st.lists(st.none() | st.floats(0.01, 2_000), min_size=1, max_size=12)
FIGURE = st.floats(0, 5_000)
SAID = st.integers(0, 10_000)


def corners(path: str) -> list[tuple[float, float]]:
    """The corners of a path of M, L, H and V."""
    places: list[tuple[float, float]] = []
    for command, numbers in re.findall(r"([MLHV])([-\d.,e+]+)", path):
        x, y = places[-1] if places else (0.0, 0.0)
        first, *second = map(float, numbers.split(","))
        places.append((first, second[0]) if second else (first, y) if command == "H" else (x, first))
    return places


def in_frame(places: list[tuple[float, float]]) -> bool:
    return all(charts.LEFT <= x <= charts.RIGHT and charts.TOP <= y <= charts.BOTTOM for x, y in places)


class TestTheCurve:
    @given(HOURS, st.integers(0, 40), st.floats(4, 10))
    def test_it_stays_in_the_frame_and_only_rises(self, hours, open_turns, day):
        chart = charts.curve_chart(curve(hours, open_turns, observed_to=hours[-1] + 1), day, english)
        line = corners(chart.line)
        assert in_frame(line + corners(chart.band) + [(dot.x, dot.y) for dot in chart.dots])
        assert [x for x, _ in line] == sorted(x for x, _ in line)
        assert [y for _, y in line] == sorted((y for _, y in line), reverse=True)
        assert line[0] == (charts.LEFT, charts.BOTTOM)
        assert line[-1][0] <= charts.RIGHT

    @given(HOURS, st.floats(4, 10))
    def test_ticks_stand_in_the_frame_apart_from_each_other(self, hours, day):
        chart = charts.curve_chart(curve(hours, 3, observed_to=hours[-1] + 1), day, english)
        assert all(charts.LEFT <= tick.at <= charts.RIGHT for tick in chart.x_ticks)
        assert all(b.at - a.at >= 35 for a, b in zip(chart.x_ticks, chart.x_ticks[1:], strict=False))
        assert [tick.label for tick in chart.y_ticks] == ["0%", "25%", "50%", "75%", "100%"]

    def test_steps_stand_where_the_answers_came(self):
        chart = charts.curve_chart(curve([4.0, 8.0], 2, observed_to=16.0), 8.0, english)
        middle, quarter = (charts.LEFT + charts.RIGHT) / 2, (charts.BOTTOM - charts.TOP) / 4
        start = (charts.LEFT + middle) / 2
        assert corners(chart.line) == [
            (charts.LEFT, charts.BOTTOM),
            (start, charts.BOTTOM),
            (start, charts.BOTTOM - quarter),
            (middle, charts.BOTTOM - quarter),
            (middle, charts.BOTTOM - 2 * quarter),
            (charts.RIGHT, charts.BOTTOM - 2 * quarter),
        ]
        assert [(dot.x, dot.y) for dot in chart.dots] == [(middle, charts.BOTTOM - 2 * quarter)] * 2

    @given(st.floats(0.5, 100), st.floats(4, 10))
    def test_it_ends_where_nothing_was_observed_any_more(self, observed_to, day):
        chart = charts.curve_chart(curve([0.25], 9, observed_to=observed_to), day, english)
        full_width = charts.RIGHT - charts.LEFT
        drawn = corners(chart.line)[-1][0] - charts.LEFT
        assert drawn == pytest.approx(full_width * min(observed_to / day, 1), abs=0.1)
        assert max(x for x, _ in corners(chart.band)) == corners(chart.line)[-1][0]

    def test_two_labels_at_one_height_become_one(self):
        chart = charts.curve_chart(curve([4.0, 8.0], 2, observed_to=16.0), 8.0, english)
        assert [dot.label for dot in chart.dots] == ["", "one working day: 50%"]

    def test_a_curve_without_answers_lies_on_the_ground(self):
        chart = charts.curve_chart(Curve(turns=12, observed_to=20.0), 8.0, english)
        assert {y for _, y in corners(chart.line)} == {charts.BOTTOM}
        assert chart.band == ""

    def test_beyond_five_working_days_nothing_is_drawn(self):
        chart = charts.curve_chart(curve([1.0, 39.0, 500.0], 0, observed_to=501.0), 8.0, english)
        assert len(corners(chart.line)) == 2 + 2 * 2
        assert chart.x_ticks[-1].label == "5 days"


class TestTheTrend:
    @given(HALVES)
    def test_it_stays_in_the_frame_in_the_order_of_the_weeks(self, halves):
        chart = charts.trend_chart(points(*halves), english)
        drawn = [place for path in (*chart.lines, *chart.bands) for place in corners(path)]
        assert in_frame(drawn + [(dot.x, dot.y) for dot in chart.dots])
        assert [dot.x for dot in chart.dots] == sorted({dot.x for dot in chart.dots})
        assert len(chart.dots) == sum(half is not None for half in halves)
        assert sum(len(corners(line)) for line in chart.lines) == len(chart.dots)
        assert all(charts.LEFT <= tick.at <= charts.RIGHT for tick in chart.x_ticks)
        assert chart.x_ticks[-1].label == "this week"

    @given(st.lists(st.floats(0.1, 20), min_size=2, max_size=12))
    def test_a_longer_wait_stands_higher(self, halves):
        heights = [dot.y for dot in charts.trend_chart(points(*halves), english).dots]
        for (a, high), (b, other) in zip(
            zip(halves, heights, strict=True), list(zip(halves, heights, strict=True))[1:], strict=False
        ):
            assert (a <= b) == (high >= other) or high == other

    def test_a_week_that_says_nothing_leaves_a_gap(self):
        chart = charts.trend_chart(points(3.0, 4.0, None, 2.0, away=(1,)), english)
        assert [len(corners(line)) for line in chart.lines] == [2, 1]
        assert [gap.label for gap in chart.away] == ["away"]
        assert chart.dots[1].x < chart.away[0].at < chart.dots[2].x

    def test_a_week_without_a_third_quarter_is_drawn_to_the_top(self):
        weeks = points(3.0, 4.0)
        chart = charts.trend_chart((replace(weeks[0], p75=None), weeks[1]), english)
        assert min(y for _, y in corners(chart.bands[0])) == charts.TOP

    @given(st.floats(0.01, 5_000))
    def test_the_scale_reaches_over_its_values(self, half):
        top = float(charts.trend_chart(points(half), english).y_ticks[-1].label.split()[0])
        assert top >= half * 1.8 * 0.999

    def test_each_chart_of_the_samples_can_be_drawn(self):
        for week in SAMPLES.values():
            assert charts.trend_chart(week.weeks, english).x_ticks
            assert charts.curve_chart(week.curve, week.hours_per_day, english).line

    def test_weeks_are_named_by_their_number(self):
        chart = charts.trend_chart(points(*[3.0] * 12), english)
        weeks = [MONDAY - timedelta(weeks=back) for back in (10, 8, 6, 4)]
        assert [tick.label for tick in chart.x_ticks[:-1]] == [str(week.isocalendar().week) for week in weeks]


class TestTheStrip:
    @given(FIGURE, st.lists(FIGURE, min_size=4, max_size=4).map(sorted))
    def test_mark_and_range_lie_on_the_line(self, value, usual):
        least, low, high, most = usual
        tile = Tile(value, 1, 1, Usual(low, high, least, most, 11), 1)
        shape = charts.strip(tile)
        assert shape is not None
        assert 0 <= shape.mark <= 100
        assert -2 <= shape.left <= shape.left + shape.width <= 102
        assert shape.width >= 3
        if tile.standing == "below":
            assert shape.mark <= shape.left + 1.6
        if tile.standing == "above":
            assert shape.mark >= shape.left + shape.width - 1.6

    @pytest.mark.parametrize("tile", [Tile(None, 0, 0, Usual(1, 2, 0, 3, 9), 1), Tile(2.0, 1, 1, None, 1)])
    def test_there_is_none_without_a_value_or_a_usual(self, tile):
        assert charts.strip(tile) is None


class TestTheBars:
    @given(SAID, SAID, SAID, SAID)
    def test_they_share_one_scale_and_fit(self, to_kept, to_dropped, cc_kept, cc_dropped):
        rows = charts.bars(KeepingIn(1, 1, 1.0, to_kept, to_dropped, cc_kept, cc_dropped), english)
        assert [(bar.kept, bar.dropped) for bar in rows] == [(to_kept, to_dropped), (cc_kept, cc_dropped)]
        assert all(0 <= bar.kept_width + 2 + max(bar.dropped_width, 3) <= charts.WIDTH + 3.1 for bar in rows)
        scale = max(to_kept + to_dropped, cc_kept + cc_dropped, 1) / (charts.WIDTH - 4)
        assert all(abs(bar.kept_width * scale - bar.kept) <= scale for bar in rows)


class TestThePairs:
    @given(st.lists(st.none() | FIGURE, min_size=2, max_size=8))
    def test_they_share_one_scale(self, halves):
        sides = list(zip(halves[::2], halves[1::2], strict=False))
        circles = [Circle("clients", 1, Heard(1, 1, mine), Heard(1, 1, theirs)) for mine, theirs in sides]
        widths = [width for pair in charts.pairs(circles) for width in (pair.mine, pair.theirs)]
        known = [half or 0 for side in sides for half in side]
        assert all(0 <= width <= 100 for width in widths)
        assert all(
            abs(width * max(known) / 100 - half) <= max(known) / 1000 for width, half in zip(widths, known, strict=True)
        )

    def test_the_longest_is_as_wide_as_it_can_be(self):
        (pair,) = charts.pairs([Circle("clients", 1, Heard(9, 9, 2.0), Heard(9, 9, 8.0))])
        assert (pair.mine, pair.theirs) == (25.0, 100.0)
        assert charts.pairs([]) == ()


class TestTheHeat:
    @given(st.lists(st.lists(st.integers(0, 500), min_size=24, max_size=24), min_size=7, max_size=7))
    def test_it_holds_every_message_and_shades_by_their_number(self, cells):
        sent = sum(map(sum, cells))
        heat = charts.heat(Rhythm(tuple(map(tuple, cells)), sent, 0, 12))
        if not sent:
            assert heat is None
            return
        assert heat
        shown = [cell for row in heat.rows for cell in row]
        assert sum(cell.count for cell in shown) == sent
        assert {len(row) for row in heat.rows} == {len(heat.hours)}
        assert {cell.shade for cell in shown if cell.count == 0} <= {0}
        assert all(1 <= cell.shade <= charts.SHADES for cell in shown if cell.count)
        ordered = sorted(shown, key=lambda cell: cell.count)
        assert [cell.shade for cell in ordered] == sorted(cell.shade for cell in shown)

    def test_it_spans_the_hours_in_use(self):
        cells = [[0] * 24 for _ in range(7)]
        cells[1][9], cells[6][20] = 4, 1
        heat = charts.heat(Rhythm(tuple(map(tuple, cells)), 5, 1, 12))
        assert heat
        assert heat.hours == tuple(range(9, 21))
        assert [(row[0].count, row[0].shade, row[-1].count, row[-1].shade) for row in heat.rows] == [
            (0, 0, 0, 0),
            (4, 4, 0, 0),
            *[(0, 0, 0, 0)] * 4,
            (0, 0, 1, 1),
        ]
        assert charts.heat(Rhythm()) is None
