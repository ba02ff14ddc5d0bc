"""Promptness (docs/measures.md, "Promptness")."""

import numpy as np
import pandas as pd

from mailcare.hours.clock import hours_per_day
from mailcare.measures.ways.figures import half, mean, newest, share
from mailcare.measures.ways.window import Window, as_old, before, later_turns, this_week
from mailcare.pipeline.mailbox import Mailbox
from mailcare.values.week import Figure, Way


def promptness(box: Mailbox, seen: Window) -> Way:
    """Working hours until half of the messages that asked for you had an answer; beside it, the share answered within
    one working day, how many messages of yours a conversation took in a week, how many of the people stayed on your
    replies, and the same half-way point for what came after your first answer in a conversation."""
    turns = as_old(box.turns, box, seen)
    now, earlier = turns[this_week(turns["asked_at"], seen)], turns[before(turns["asked_at"], seen)]
    later, later_before = (rows[later_turns(rows, box)] for rows in (now, earlier))
    day = hours_per_day(box.time)
    replies = box.replies.assign(at=box.messages["at"].to_numpy()[box.replies["message"]])
    kept, kept_before = (replies["coverage"][part(replies["at"], seen)].to_numpy() for part in (this_week, before))
    longer = newest(box, now["ask"][(now["outcome"] != "covered") & ~(now["working"] <= day)])
    return Way(
        "promptness",
        half("km_p50", now, earlier, longer),
        (
            share("within_one_day", within(now, day), within(earlier, day)),
            _rounds(box, seen),
            mean("mean_coverage", "share", kept, kept_before),
            half("km_p50_of_later_turns", later, later_before),
        ),
    )


def within(turns: pd.DataFrame, day: float) -> "pd.Series[bool]":
    """Whether each turn that was watched for a working day or more was answered within it. The younger ones are left
    out, answered or not: else those that came fast would count and those still open would not."""
    known = turns[(turns["watched"] >= day) & (turns["outcome"] != "covered")]
    return (known["outcome"] == "answered") & (known["working"] <= day)


def _rounds(box: Mailbox, seen: Window) -> Figure:
    """The owner's human messages in each conversation that they wrote in, week by week."""
    mine = box.messages[box.messages["sent"] & ~box.messages["automated"]]
    week = np.searchsorted(seen.starts, mine["at"].to_numpy(), side="right")
    written = mine.groupby([week, mine["thread"].to_numpy()]).size()
    number, last = written.index.get_level_values(0), len(seen.starts) - 1
    earlier = (number > 0) & (number < last)
    counts = np.asarray(written, np.float64)
    return mean("messages_per_thread", "number", counts[number == last], counts[earlier])
