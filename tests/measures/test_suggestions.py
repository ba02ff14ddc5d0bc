"""One small thing to try and one question: by the facts of the week, never the same kind twice in a row."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations, pairwise

import pytest

from mailcare.measures.suggestions import GROUPS, candidates, chosen, question, suggested
from mailcare.values.week import (
    Curve,
    Figure,
    GoneQuiet,
    KeepingIn,
    LeftOut,
    Rhythm,
    SlowSlot,
    Tile,
    Usual,
    Waiting,
    Way,
    Week,
)
from tests.samples.week import NOTHING, PRIYA, RUTH, at, way

EVEN, ODD = date(2026, 9, 14), date(2026, 9, 21)
"""Weeks in which the first and the second group have their turn."""
SLOT = SlowSlot(1, True, 6.2, 3.1, 58, 12)
QUIET = GoneQuiet(RUTH, at(1), True, 14)
OLDEST = Waiting("k4t2", PRIYA, "Venues", at(15), 27.3)


def promptness(first: float | None, later: float | None) -> Way:
    """Half-way points of all messages and of those after a first answer."""
    return way(
        "promptness",
        km_p50=Figure("km_p50", "hours", first, 20, 30),
        km_p50_of_later_turns=Figure("km_p50_of_later_turns", "hours", later, 9, 12),
    )


FACTS = {
    "slow_slot": {"slow_slot": SLOT},
    "gone_quiet": {"gone_quiet": (QUIET,)},
    "follow_ups": {
        "ways": (promptness(2.0, 4.0),),
    },
    "left_out": {"keeping": KeepingIn(dropped_most=(LeftOut(RUTH, 3),))},
    "oldest_open": {"quiet": (OLDEST,)},
    "out_of_hours": {"rhythm": Rhythm(sent=60, outside=15, weeks=12)},
}


def week(*kinds: str, start: date = EVEN) -> Week:
    """A week whose facts speak for these kinds."""
    return replace(NOTHING, start=start, **{name: fact for kind in kinds for name, fact in FACTS[kind].items()})


def weeks(*kinds: str, count: int = 12) -> list[Week]:
    return [week(*kinds, start=EVEN + timedelta(weeks=n)) for n in range(count)]


def kinds_of(several: list[Week], declined: frozenset[str] = frozenset()) -> list[str | None]:
    found = [suggested(one, declined) for one in several]
    return [one.kind if one else None for one in found]


def test_each_kind_has_its_evidence():
    for kind, start in [*((kind, EVEN) for kind in GROUPS[0]), *((kind, ODD) for kind in GROUPS[1])]:
        found = list(candidates(week(kind, start=start)))
        assert [one.kind for one in found] == [kind]
    assert [one.evidence for one in candidates(week("slow_slot", "gone_quiet"))] == [SLOT, QUIET]


def test_the_kinds_take_turns():
    assert kinds_of(weeks(*FACTS, count=7)) == [
        "slow_slot",
        "left_out",
        "gone_quiet",
        "oldest_open",
        "follow_ups",
        "out_of_hours",
        "slow_slot",
    ]


@pytest.mark.parametrize("size", range(1, 7))
def test_no_kind_comes_twice_in_a_row_whatever_speaks_for_it(size):
    for kinds in combinations(FACTS, size):
        shown = kinds_of(weeks(*kinds))
        assert all(a != b for a, b in pairwise(shown) if a)
        assert set(shown) - {None} == set(kinds)


def test_nothing_is_suggested_where_nothing_speaks_for_it():
    assert kinds_of(weeks()) == [None] * 12
    assert suggested(week("slow_slot", start=ODD), ()) is None


def test_what_was_declined_is_left_out_and_the_next_one_comes():
    first = suggested(week("slow_slot", "gone_quiet"), ())
    assert first
    then = suggested(week("slow_slot", "gone_quiet"), {first.code})
    assert then
    assert (first.kind, then.kind) == ("slow_slot", "gone_quiet")
    assert suggested(week("slow_slot", "gone_quiet"), {first.code, then.code}) is None
    later = week("slow_slot", start=EVEN + timedelta(weeks=6))
    assert suggested(later, {first.code}) is None
    assert suggested(replace(later, slow_slot=replace(SLOT, weekday=2)), {first.code})


@pytest.mark.parametrize(
    "changed",
    [
        {"slow_slot": replace(SLOT, afternoon=False)},
        {"slow_slot": None, "gone_quiet": (QUIET,)},
        {"slow_slot": None, "gone_quiet": (replace(QUIET, contact=PRIYA),)},
    ],
)
def test_a_code_belongs_to_what_is_suggested_not_to_its_numbers(changed):
    plain, grown = (suggested(replace(week(), slow_slot=replace(SLOT, turns=turns)), ()) for turns in (58, 60))
    other = suggested(replace(week(), **changed), ())
    assert plain
    assert grown
    assert other
    assert plain.code == grown.code != other.code


def test_a_code_names_nobody():
    found = suggested(week("left_out", start=ODD), ())
    assert found
    assert len(found.code) == 16
    assert "ruth" not in found.code


@pytest.mark.parametrize(
    ("start", "facts"),
    [
        (ODD, {"keeping": KeepingIn(dropped_most=(LeftOut(RUTH, 2),))}),
        (ODD, {"rhythm": Rhythm(sent=60, outside=14, weeks=12)}),
        (ODD, {"rhythm": Rhythm(sent=49, outside=49, weeks=12)}),
        (EVEN, {"ways": (promptness(2.0, 3.9),)}),
        (EVEN, {"ways": (promptness(None, 3.9),)}),
        (EVEN, {"ways": (promptness(2.0, None),)}),
    ],
)
def test_too_little_speaks_for_nothing(start, facts):
    assert suggested(replace(NOTHING, start=start, **facts), ()) is None


def test_the_oldest_and_the_closest_are_chosen():
    waiting = replace(week(start=ODD), waiting=(OLDEST,), quiet=(replace(OLDEST, code="old1", working_hours=90.0),))
    assert [one.evidence for one in candidates(waiting)] == [waiting.quiet[0]]
    silent = replace(week(), gone_quiet=(QUIET, replace(QUIET, contact=PRIYA, exchanges=30)))
    assert [one.evidence for one in candidates(silent)] == [silent.gone_quiet[1]]


USUAL = Usual(3.0, 5.0, 2.0, 6.0, 11)


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ({}, "voice"),
        (
            {"waiting": tuple(replace(OLDEST, contact=replace(PRIYA, address=f"p{n}@x.example")) for n in range(5))},
            "help",
        ),
        ({"waiting": (OLDEST,) * 5}, "voice"),
        ({"half_tile": Tile(5.5, 30, 40, USUAL, 10)}, "attention"),
        ({"half_tile": Tile(2.5, 30, 40, USUAL, 10)}, "easier"),
        ({"half_tile": Tile(4.0, 30, 40, USUAL, 10)}, "voice"),
        (FACTS["out_of_hours"], "rest"),
        ({"waiting_for": (OLDEST,) * 5}, "awaiting"),
        ({"curve": Curve(turns=1, covered=1)}, "thanks"),
        ({"coverage_tile": Tile(0.5, 5, 10, Usual(0.7, 0.9, 0.6, 1.0, 11), 5)}, "audience"),
        (FACTS["gone_quiet"], "silence"),
        (FACTS["gone_quiet"] | FACTS["out_of_hours"], "rest"),
    ],
)
def test_the_question_follows_from_the_week(facts, name):
    assert question(replace(NOTHING, **facts)) == name


def test_a_week_with_its_suggestion_and_question_is_the_same_each_time():
    found = week(*FACTS)
    assert chosen(found, ()) == chosen(found, ()) != found
    assert (chosen(found, ()).suggestion, chosen(found, ()).question) == (suggested(found, ()), question(found))
