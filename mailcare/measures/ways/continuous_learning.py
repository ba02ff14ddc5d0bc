"""Continuous learning (docs/measures.md, "Continuous learning")."""

from mailcare.hours.clock import hours_per_day
from mailcare.measures.ways.figures import newest, share
from mailcare.measures.ways.promptness import within
from mailcare.measures.ways.window import Window, as_old, before, this_week
from mailcare.pipeline.mailbox import Mailbox
from mailcare.values.week import Way


def continuous_learning(box: Mailbox, seen: Window) -> Way:
    """The share of the messages that asked for you and had an answer so far, this week against your own last eight,
    each looked at as old as this one is now; beside it, the share answered within one working day. What lies inside the
    interval that chance alone would give is no change."""
    turns = as_old(box.turns, box, seen)
    turns = turns[turns["outcome"] != "covered"]
    now, earlier = turns[this_week(turns["asked_at"], seen)], turns[before(turns["asked_at"], seen)]
    day = hours_per_day(box.time)
    answered = now["outcome"] == "answered"
    return Way(
        "continuous_learning",
        share("answered", answered, earlier["outcome"] == "answered", newest(box, now["ask"][~answered])),
        (share("within_one_day", within(now, day), within(earlier, day)),),
    )
