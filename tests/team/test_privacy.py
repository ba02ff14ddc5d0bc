"""What a client review tells of a group, and that nobody's own figure can be worked out from many of them."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from mailcare.team import privacy
from mailcare.team.privacy import NOBODY_KNOWS, Names, Shown

GROUP = 3
CELLS = ("client 0", "client 1", "client 2", "client 3", "others")
WEEKS = 4


def written(rows: list[tuple[str, int, int, bool]]) -> pd.DataFrame:
    """Messages as (cell, week, member, answers)."""
    frame = pd.DataFrame(rows, columns=["cell", "week", "member", "answers"])
    return frame.assign(message=np.arange(len(frame)))


def asked(*to: tuple[int, ...], cell: str = "others", week: int = 0) -> pd.DataFrame:
    """Asks, each as the members it was written to."""
    rows = [(ask, cell, member, week) for ask, members in enumerate(to) for member in members]
    return pd.DataFrame(rows, columns=["ask", "cell", "member", "week"])


NOTHING_ASKED = asked()


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
    listed = privacy.listed(frame, NOTHING_ASKED, sizes(frame, "cell"), min_group)
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
    shown = privacy.shown_weeks(frame, NOTHING_ASKED, sizes(frame, "week"), min_group)
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
    assert bool(privacy.listed(frame, NOTHING_ASKED, {"others": 9}, GROUP)) is is_listed


def test_answers_of_fewer_than_a_group_hide_the_cell():
    frame = written(spread("others", 0, 1, 2) + spread("others", *[0] * 6, answers=True))
    assert privacy.listed(frame, NOTHING_ASKED, {"others": 9}, GROUP) == frozenset()
    two = written(spread("others", 0, 1, 2) + spread("others", 0, 1, answers=True))
    assert privacy.listed(two, NOTHING_ASKED, {"others": 9}, GROUP) == frozenset()
    three = written(spread("others", 0, 1, 2) + spread("others", 0, 0, 0, 1, 2, answers=True))
    assert privacy.listed(three, NOTHING_ASKED, {"others": 9}, GROUP) == {"others"}


@pytest.mark.parametrize(
    ("to", "is_listed"),
    [
        ([(0,), (1,), (2,)], True),
        ([(0,), (1,), (0, 1)], False),
        ([(0, 1, 2)], True),
        ([(0,)] * 17 + [(1,), (2,), (1, 2)], True),
        ([(0,)] * 18 + [(1,), (2,)], False),
        ([(0, 1, 2, 3)] * 2 + [(0,)] * 11, True),
        ([(0, 1, 2, 3)] * 2 + [(0,)] * 12, False),
        ([], True),
    ],
)
@pytest.mark.parametrize("week", [0, -3])
def test_what_has_no_answer_is_a_figure_about_those_who_were_asked(to, is_listed, week):
    """Three of the team wrote; the asks were put to these."""
    frame = written(spread("others", 0, 1, 2))
    assert bool(privacy.listed(frame, asked(*to, week=week), {"others": 9}, GROUP)) is is_listed


def test_the_asks_of_the_period_itself_are_a_groups_too():
    frame = written(spread("others", 0, 1, 2))
    before, now = (
        asked((0,), (1,), (2,), (0, 1, 2), week=-1),
        asked((0,), (0,)).assign(ask=lambda rows: rows["ask"] + 9),
    )
    assert privacy.listed(frame, before, {"others": 9}, GROUP)
    assert not privacy.listed(frame, pd.concat([before, now]), {"others": 9}, GROUP)


def test_a_week_whose_asks_were_put_to_one_is_not_shown():
    rows = [("others", week, member, False) for week in range(WEEKS) for member in range(3)]
    everyone = [asked((0, 1, 2), week=week).assign(ask=week) for week in range(WEEKS)]
    counted = {0: 3, 1: 4, 2: 5, 3: 6}
    assert privacy.shown_weeks(written(rows), pd.concat(everyone), counted, GROUP) == {0, 1, 2, 3}
    alone = pd.concat([*everyone[:3], asked((0,), (0,), week=3).assign(ask=[8, 9])])
    assert privacy.shown_weeks(written(rows), alone, counted, GROUP) == {1, 2}


def test_where_one_is_hidden_the_smallest_goes_with_it():
    frame = written([row for cell in CELLS[:3] for row in spread(cell, 0, 1, 2)] + spread(CELLS[3], 0))
    counted = {CELLS[0]: 9, CELLS[1]: 5, CELLS[2]: 7, CELLS[3]: 1}
    assert privacy.listed(frame, NOTHING_ASKED, counted, GROUP) == {CELLS[0], CELLS[2]}
    assert privacy.listed(frame, NOTHING_ASKED, counted | {"others": 1}, GROUP) == {*CELLS[:3]}


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
KINDS = ("messages", "answers", "asks")
SEVERAL = -2
"""In place of a member: what was put to more than one."""
Key = tuple[int, int, str, int]
"""Period, week, cell, member."""
Row = frozenset[Key]
World = tuple[pd.DataFrame, pd.DataFrame]
"""What the team wrote in a period, and what it was asked."""


def worlds(seed: int) -> list[World]:
    """Twelve periods of a team in which people join and leave: who wrote to which cell in which week, and who was
    asked, alone or with another."""
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
        to = [
            asked({member, int(chance.choice(there)) if chance.random() < 0.4 else member}, cell=cell, week=week)
            for cell, week, member, _ in rows
        ]
        asks = pd.concat([NOTHING_ASKED, *(one.assign(ask=number) for number, one in enumerate(to))])
        found.append((written(rows), asks))
    return found


def counted(world: World, kind: str) -> pd.DataFrame:
    """What the figures of one kind count, with ``cell``, ``week`` and whose it is (``member``)."""
    wrote, asks = world
    if kind != "asks":
        return wrote[wrote["answers"].astype(bool)] if kind == "answers" else wrote
    alone = ~asks["ask"].duplicated(keep=False)
    return asks.assign(member=asks["member"].where(alone, SEVERAL)).drop_duplicates("ask")


def published(period: int, world: World, kind: str, *, suppressed: bool = True) -> Iterator[Row]:
    """What each figure of one review is the sum of."""
    wrote, asks = world
    listed, weeks = frozenset(wrote["cell"]), frozenset(wrote["week"])
    if suppressed:
        listed = privacy.listed(wrote, asks, sizes(wrote, "cell"), GROUP)
        told = wrote[wrote["cell"].isin(listed)]
        weeks = privacy.shown_weeks(told, asks[asks["cell"].isin(listed)], sizes(told, "week"), GROUP)
    rows = counted(world, kind)
    rows = rows[rows["cell"].isin(listed)]
    for part in [
        rows,
        *(rows[rows["cell"] == cell] for cell in listed),
        *(rows[rows["week"] == week] for week in weeks),
    ]:
        if len(part):
            yield frozenset((period, *key) for key in zip(part["week"], part["cell"], part["member"], strict=True))


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
            if member != SEVERAL:
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


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [*range(3), 15, 38])
def test_nobodys_figure_is_found_in_twelve_reviews(seed, kind):
    rows = {row for period, world in enumerate(worlds(seed)) for row in published(period, world, kind)}
    assert len({period for row in rows for period, *_ in row}) > 1
    assert found_out(rows) == set()


@pytest.mark.parametrize("kind", KINDS)
def test_without_suppression_somebodys_is(kind):
    rows = {row for period, world in enumerate(worlds(1)) for row in published(period, world, kind, suppressed=False)}
    assert found_out(rows) != set()


def test_weeks_that_would_tell_of_one_member_are_not_shown(monkeypatch):
    """In these worlds a week and a client have one writer between them, and the other sums leave exactly that."""
    monkeypatch.setattr(privacy, "tells_of_one", lambda *_: False)
    rows = {row for period, world in enumerate(worlds(15)) for row in published(period, world, "answers")}
    assert found_out(rows) != set()


def test_without_pinning_whoever_leaves_is_found_out():
    """A review made again without the mailbox of somebody who has left is less by exactly their part."""
    frame = written([(cell, 0, member, False) for cell in CELLS for member in range(5)])
    without = frame[frame["member"] != 4]
    both = {row for one in (frame, without) for row in published(5, (one, NOTHING_ASKED), "messages")}
    assert found_out(both) == {4}
    assert found_out(set(published(5, (frame, NOTHING_ASKED), "messages"))) == set()
