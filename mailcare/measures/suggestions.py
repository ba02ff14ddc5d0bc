"""One small thing to try, and one question for a one-to-one: chosen from the facts of a week, without chance.

The kinds of suggestion stand in two groups that take turns week by week, so that no kind comes twice in a row; within
its group each kind in turn goes first. The same week with the same declined ones gives the same suggestion
(docs/measures.md, "One small thing to try" and "Open question").
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import date
from hashlib import blake2b
from typing import Protocol

from mailcare.values.week import (
    Evidence,
    GoneQuiet,
    KeepingIn,
    LeftOut,
    Rhythm,
    SlowSlot,
    Suggestion,
    Waiting,
    Way,
    Week,
)

GROUPS = (("slow_slot", "gone_quiet", "follow_ups"), ("left_out", "oldest_open", "out_of_hours"))
OFTEN = 3
"""So many times left out of a reply, over the weeks of the trend."""
MUCH_LONGER = 2.0
ENOUGH_SENT = 50
MUCH_OUT_OF_HOURS = 0.25
MANY_WAITING = 5


class Facts(Protocol):
    """What speaks for a suggestion: a finished week, or ``week.Measured``, which makes only what is looked at."""

    @property
    def start(self) -> date: ...
    @property
    def waiting(self) -> tuple[Waiting, ...]: ...
    @property
    def quiet(self) -> tuple[Waiting, ...]: ...
    @property
    def slow_slot(self) -> SlowSlot | None: ...
    @property
    def gone_quiet(self) -> tuple[GoneQuiet, ...]: ...
    @property
    def keeping(self) -> KeepingIn: ...
    @property
    def rhythm(self) -> Rhythm: ...
    @property
    def promptness(self) -> Way | None: ...


def chosen(week: Week, declined: Collection[str]) -> Week:
    """The week with its suggestion and its question."""
    return replace(week, suggestion=suggested(week, declined), question=question(week))


def suggested(week: Facts, declined: Collection[str]) -> Suggestion | None:
    """The first of the week's suggestions that was not declined (``declined`` are codes); None where there is none."""
    return next((one for one in candidates(week) if one.code not in declined), None)


def candidates(week: Facts) -> Iterator[Suggestion]:
    """What may be suggested this week, the most fitting first."""
    turn = week.start.toordinal() // 7
    group = GROUPS[turn % 2]
    first = turn // 2 % len(group)
    for kind in group[first:] + group[:first]:
        if found := _EVIDENCE[kind](week):
            yield Suggestion(kind, _code(kind, found), found)


def question(week: Week) -> str:
    """The name of an open question that the week's facts bring up; ``voice`` where none of them stands out."""
    facts = (
        ("help", week.people_waiting >= MANY_WAITING),
        ("attention", week.half_tile.standing == "above"),
        ("rest", _out_of_hours(week) is not None),
        ("awaiting", len(week.waiting_for) >= MANY_WAITING),
        ("thanks", week.curve.covered > 0),
        ("audience", week.coverage_tile.standing == "below"),
        ("silence", len(week.gone_quiet) > 0),
        ("easier", week.half_tile.standing == "below"),
    )
    return next((name for name, holds in facts if holds), "voice")


def _slow_slot(week: Facts) -> SlowSlot | None:
    return week.slow_slot


def _gone_quiet(week: Facts) -> GoneQuiet | None:
    """The one with whom there was most to write."""
    return max(week.gone_quiet, key=lambda one: one.exchanges, default=None)


def _follow_ups(week: Facts) -> Way | None:
    """Promptness, if the half-way point of what came after a first answer lies far above that of everything."""
    way = week.promptness
    first, later = (way["km_p50"].value, way["km_p50_of_later_turns"].value) if way else (None, None)
    return way if first is not None and later is not None and later >= first * MUCH_LONGER else None


def _left_out(week: Facts) -> LeftOut | None:
    return next((one for one in week.keeping.dropped_most if one.times >= OFTEN), None)


def _oldest_open(week: Facts) -> Waiting | None:
    return max((*week.waiting, *week.quiet), key=lambda one: one.working_hours, default=None)


def _out_of_hours(week: Facts) -> Rhythm | None:
    rhythm = week.rhythm
    much = rhythm.sent >= ENOUGH_SENT and rhythm.outside / rhythm.sent >= MUCH_OUT_OF_HOURS
    return rhythm if much else None


_EVIDENCE: dict[str, Callable[[Facts], Evidence | None]] = {
    "slow_slot": _slow_slot,
    "gone_quiet": _gone_quiet,
    "follow_ups": _follow_ups,
    "left_out": _left_out,
    "oldest_open": _oldest_open,
    "out_of_hours": _out_of_hours,
}


def _code(kind: str, evidence: Evidence) -> str:
    """The same in every week for the same kind about the same half-day, person or conversation."""
    match evidence:
        case SlowSlot():
            about = f"{evidence.weekday} {evidence.afternoon}"
        case GoneQuiet() | LeftOut():
            about = evidence.contact.address
        case Waiting():
            about = evidence.code
        case _:
            about = ""
    return blake2b(f"{kind} {about}".encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
