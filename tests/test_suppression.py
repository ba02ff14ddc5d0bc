"""What a client review tells of a group, and that nobody's own figure can be worked out from many of them."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from mailcare import privacy
from mailcare.privacy import NOBODY_KNOWS, Names, Shown

GROUP = 3
CELLS = ("client 0", "client 1", "client 2", "client 3", "others")
WEEKS = 4


def written(rows: list[tuple[str, int, int, bool]]) -> pd.DataFrame:
    """Messages as (cell, week, member, answers)."""
    frame = pd.DataFrame(rows, columns=["cell", "week", "member", "answers"])
    return frame.assign(message=np.arange(len(frame)))


def sizes(frame: pd.DataFrame, by: str) -> dict[object, int]:
    return dict(frame[by].value_counts().items())


messages = some.lists(
    some.tuples(some.sampled_from(CELLS), some.integers(0, WEEKS - 1), some.integers(NOBODY_KNOWS, 5), some.booleans()),
    max_size=120,
)


@settings(deadline=None)
@given(messages, some.integers(3, 5))
def test_every_listed_cell_is_a_groups_and_never_is_exactly_one_hidden(rows, min_group):
    frame = written(rows)
    listed = privacy.listed(frame, sizes(frame, "cell"), min_group)
    for cell in listed:
        counts = frame["member"][frame["cell"] == cell].value_counts()
        known = counts[counts.index != NOBODY_KNOWS]
        assert len(known) >= min_group
        assert known.max() <= privacy.DOMINANT * counts.sum()
    assert not listed or frame["cell"].nunique() - len(listed) != 1


@settings(deadline=None)
@given(messages, some.integers(3, 5))
def test_every_week_that_is_shown_is_a_groups_and_never_is_exactly_one_hidden(rows, min_group):
    frame = written(rows)
    shown = privacy.shown_weeks(frame, sizes(frame, "week"), min_group)
    for week in shown:
        assert frame["member"][(frame["week"] == week) & (frame["member"] != NOBODY_KNOWS)].nunique() >= min_group
    assert not shown or frame["week"].nunique() - len(shown) != 1


def spread(cell: str, *members: int, answers: bool = False) -> list[tuple[str, int, int, bool]]:
    return [(cell, 0, member, answers) for member in members]


@pytest.mark.parametrize(
    ("members", "is_listed"),
    [
        ((0, 1, 2), True),
        ((0, 1, 1), False),
        ((0, 1, NOBODY_KNOWS), False),
        ((0,) * 17 + (1, 1, 2), True),
        ((0,) * 18 + (1, 2), False),
        ((0,) * 10 + (NOBODY_KNOWS,) * 8 + (1, 2), False),
    ],
)
def test_three_writers_and_nobody_nearly_alone(members, is_listed):
    frame = written(spread("others", *members))
    assert bool(privacy.listed(frame, {"others": 9}, GROUP)) is is_listed


def test_answers_of_fewer_than_a_group_hide_the_cell():
    frame = written(spread("others", 0, 1, 2) + spread("others", *[0] * 6, answers=True))
    assert privacy.listed(frame, {"others": 9}, GROUP) == frozenset()
    two = written(spread("others", 0, 1, 2) + spread("others", 0, 1, answers=True))
    assert privacy.listed(two, {"others": 9}, GROUP) == frozenset()
    three = written(spread("others", 0, 1, 2) + spread("others", 0, 0, 0, 1, 2, answers=True))
    assert privacy.listed(three, {"others": 9}, GROUP) == {"others"}


def test_where_one_is_hidden_the_smallest_goes_with_it():
    frame = written([row for cell in CELLS[:3] for row in spread(cell, 0, 1, 2)] + spread(CELLS[3], 0))
    counted = {CELLS[0]: 9, CELLS[1]: 5, CELLS[2]: 7, CELLS[3]: 1}
    assert privacy.listed(frame, counted, GROUP) == {CELLS[0], CELLS[2]}
    assert privacy.listed(frame, counted | {"others": 1}, GROUP) == {*CELLS[:3]}


@pytest.mark.parametrize(
    ("addressed", "how"),
    [
        ({NOBODY_KNOWS}, Shown.OPENLY),
        ({NOBODY_KNOWS, 0}, Shown.OPENLY),
        ({0, 1, 2}, Shown.AS_ONE_OF_A_GROUP),
        ({0, 1}, Shown.COUNTED),
        (set(), Shown.COUNTED),
    ],
)
def test_how_much_of_a_message_is_shown(addressed, how):
    assert privacy.shown(addressed, GROUP) is how


@pytest.mark.parametrize(
    "text", ["Question for Kim", "kim.fox@home.example asked", "KIM FOX", "about fox", "Kim's plan"]
)
def test_a_text_that_names_a_member(text):
    assert Names(["Kim Fox", "kim.fox@home.example"]).within(text)


@pytest.mark.parametrize("text", ["Kimono", "the firefox", "", "home.example"])
def test_a_text_that_names_nobody(text):
    assert not Names(["Kim Fox", "kim.fox@home.example"]).within(text)


def test_without_members_no_text_names_one():
    assert not Names([]).within("anything")


def test_periods_are_fixed_and_follow_one_another():
    assert privacy.last_period(date(2026, 9, 21)) == date(2026, 8, 24)
    assert privacy.last_period(date(2026, 9, 20)) == date(2026, 7, 27)
    assert {privacy.last_period(date(2026, 9, day)) for day in range(21, 31)} == {date(2026, 8, 24)}


# The attack: whoever reads all the reviews adds up and subtracts what they say, and knows who wrote to whom and when,
# but not how much. A number is found out where it is a sum of published ones.

PERIODS = 12
Key = tuple[int, int, str, int]
"""Period, week, cell, member."""
Row = frozenset[Key]


def worlds(seed: int) -> list[pd.DataFrame]:
    """Twelve periods of a team in which people join and leave: who wrote to which cell in which week, and how often."""
    chance = np.random.default_rng(seed)
    joined = chance.integers(-4, 9, 10)
    left = joined + chance.integers(2, 14, 10)
    busy = chance.gamma(0.7, 1.0, (10, len(CELLS)))
    found = []
    for period in range(PERIODS):
        there = [member for member in range(10) if joined[member] <= period < left[member]]
        rows = [
            (cell, week, member, bool(chance.random() < 0.7))
            for member in there
            for number, cell in enumerate(CELLS)
            for week in range(WEEKS)
            for _ in range(chance.poisson(busy[member, number]))
        ]
        found.append(written(rows))
    return found


def published(period: int, frame: pd.DataFrame, *, answers: bool, suppressed: bool = True) -> Iterator[Row]:
    """What each figure of one review is the sum of: messages of the team, or the answers among them."""
    cells, weeks = frozenset(frame["cell"]), frozenset(frame["week"])
    listed = privacy.listed(frame, sizes(frame, "cell"), GROUP) if suppressed else cells
    told = frame[frame["cell"].isin(listed)]
    shown = privacy.shown_weeks(told, sizes(told, "week"), GROUP) if suppressed else weeks
    counted = told[told["answers"].astype(bool)] if answers else told
    parts = [counted, *(counted[counted["cell"] == cell] for cell in listed)]
    parts += [counted[counted["week"] == week] for week in shown]
    for rows in parts:
        if len(rows):
            yield frozenset((period, *key) for key in zip(rows["week"], rows["cell"], rows["member"], strict=True))


def found_out(rows: set[Row]) -> set[int]:
    """The members of whom some number can be worked out: of a week and cell, of a cell, a week, a period, or of all."""
    keys = sorted(frozenset().union(*rows))
    place = {key: number for number, key in enumerate(keys)}
    known = np.zeros((len(rows), len(keys)))
    for number, row in enumerate(sorted(rows, key=sorted)):
        known[number, [place[key] for key in row]] = 1
    sought = {}
    for key in keys:
        period, week, cell, member = key
        for kind in ((period, week, cell), (period, None, cell), (period, week, None), (period, None, None), ()):
            sought.setdefault((member, kind), []).append(place[key])
    basis = np.linalg.svd(known, full_matrices=False)
    space = basis.Vh[basis.S > 1e-9]
    found = set()
    for (member, _), places in sought.items():
        target = np.zeros(len(keys))
        target[places] = 1
        if np.linalg.norm(target - space.T @ (space @ target)) < 1e-6:
            found.add(member)
    return found


@pytest.mark.parametrize("answers", [False, True])
@pytest.mark.parametrize("seed", [*range(4), 107, 126, 146])
def test_nobodys_figure_is_found_in_twelve_reviews(seed, answers):
    rows = {row for period, frame in enumerate(worlds(seed)) for row in published(period, frame, answers=answers)}
    assert len({period for row in rows for period, *_ in row}) > 1
    assert found_out(rows) == set()


@pytest.mark.parametrize("answers", [False, True])
def test_without_suppression_somebodys_is(answers):
    rows = {
        row
        for period, frame in enumerate(worlds(0))
        for row in published(period, frame, answers=answers, suppressed=False)
    }
    assert found_out(rows) != set()


def test_weeks_that_would_tell_of_one_member_are_not_shown(monkeypatch):
    """In these worlds a week and a client have one writer between them, and the other sums leave exactly that."""
    monkeypatch.setattr(privacy, "tells_of_one", lambda *_: False)
    rows = {row for period, frame in enumerate(worlds(107)) for row in published(period, frame, answers=True)}
    assert found_out(rows) != set()


def test_without_pinning_whoever_leaves_is_found_out():
    """A review made again without the mailbox of somebody who has left is less by exactly their part."""
    frame = written([(cell, 0, member, False) for cell in CELLS for member in range(5)])
    both = {row for one in (frame, frame[frame["member"] != 4]) for row in published(5, one, answers=False)}
    assert found_out(both) == {4}
    assert found_out(set(published(5, frame, answers=False))) == set()
