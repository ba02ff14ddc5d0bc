"""One small thing to try, and one question for a one-to-one: chosen from the facts of a week, without chance.

The kinds of suggestion stand in two groups that take turns week by week, so that no kind comes twice in a row; within
its group each kind in turn goes first. The same week with the same declined ones gives the same suggestion.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from hashlib import blake2b

from mailcare.values.week import GoneQuiet, LeftOut, Rhythm, SlowSlot, Suggestion, Waiting, Way, Week

GROUPS = (("slow_slot", "gone_quiet", "follow_ups"), ("left_out", "oldest_open", "out_of_hours"))
OFTEN = 3
"""So many times left out of a reply, over the weeks of the trend."""
LATER = 3
"""Where promptness has the half-way point of what came after a first answer."""
MUCH_LONGER = 2.0
ENOUGH_SENT = 50
MUCH_OUT_OF_HOURS = 0.25
MANY_WAITING = 5


def chosen(week: Week, declined: Collection[str]) -> Week:
    """The week with its suggestion and its question."""
    return replace(week, suggestion=suggested(week, declined), question=question(week))


def suggested(week: Week, declined: Collection[str]) -> Suggestion | None:
    """The first of the week's suggestions that was not declined (``declined`` are codes); None where there is none."""
    return next((one for one in candidates(week) if one.code not in declined), None)


def candidates(week: Week) -> Iterator[Suggestion]:
    """What may be suggested this week, the most fitting first."""
    turn = week.start.toordinal() // 7
    group = GROUPS[turn % 2]
    first = turn // 2 % len(group)
    evidence = {
        "slow_slot": week.slow_slot,
        "gone_quiet": _gone_quiet(week),
        "follow_ups": _follow_ups(week),
        "left_out": _left_out(week),
        "oldest_open": _oldest_open(week),
        "out_of_hours": _out_of_hours(week),
    }
    for kind in group[first:] + group[:first]:
        if found := evidence[kind]:
            yield Suggestion(kind, _code(kind, found), found)


def question(week: Week) -> str:
    """The name of an open question that the week's facts bring up; ``voice`` where none of them stands out."""
    many = len({one.contact.address for one in week.waiting}) >= MANY_WAITING
    facts = (
        ("help", many),
        ("attention", week.half_tile.standing == "above"),
        ("rest", _out_of_hours(week) is not None),
        ("awaiting", len(week.waiting_for) >= MANY_WAITING),
        ("thanks", week.curve.covered > 0),
        ("audience", week.coverage_tile.standing == "below"),
        ("silence", len(week.gone_quiet) > 0),
        ("easier", week.half_tile.standing == "below"),
    )
    return next((name for name, holds in facts if holds), "voice")


def _gone_quiet(week: Week) -> GoneQuiet | None:
    """The one with whom there was most to write."""
    return max(week.gone_quiet, key=lambda one: one.exchanges, default=None)


def _follow_ups(week: Week) -> Way | None:
    """Promptness, where the half-way point of what came after a first answer lies far above that of everything."""
    for way in week.ways:
        if way.name == "promptness" and len(way.beside) > LATER:
            first, later = way.figure.value, way.beside[LATER].value
            return way if first is not None and later is not None and later >= first * MUCH_LONGER else None
    return None


def _left_out(week: Week) -> LeftOut | None:
    return next((one for one in week.keeping.dropped_most if one.times >= OFTEN), None)


def _oldest_open(week: Week) -> Waiting | None:
    return max((*week.waiting, *week.quiet), key=lambda one: one.working_hours, default=None)


def _out_of_hours(week: Week) -> Rhythm | None:
    rhythm = week.rhythm
    much = rhythm.sent >= ENOUGH_SENT and rhythm.outside / rhythm.sent >= MUCH_OUT_OF_HOURS
    return rhythm if much else None


def _code(kind: str, evidence: SlowSlot | GoneQuiet | Way | LeftOut | Waiting | Rhythm) -> str:
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
