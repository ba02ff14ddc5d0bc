"""Accountability (docs/measures.md, "Accountability")."""

import numpy as np
import pandas as pd

from mailcare.hours.clock import worked_after
from mailcare.measures.waiting_lists import oldest_open
from mailcare.measures.ways.figures import count_of, newest, share
from mailcare.measures.ways.window import Window, weekly_cases
from mailcare.pipeline.mailbox import Mailbox
from mailcare.pipeline.messages import DAY
from mailcare.pipeline.states import HORIZON_DAYS, grace_hours
from mailcare.values.week import Way


def accountability(box: Mailbox, seen: Window) -> Way:
    """Of the messages that had waited for longer than the grace period, the share that you came back to within the
    week; beside it, the age of the oldest one still open, in working hours."""
    now, earlier = weekly_cases(_past_grace(box, seen.moment), seen)
    oldest = oldest_open(box, seen.moment)
    oldest = oldest[~oldest["closing"]]
    age = float(oldest["age"].max()) if len(oldest) else None
    longest = newest(box, oldest["ask"][oldest["age"] == age])
    return Way(
        "accountability",
        share("recovered", now["done"], earlier["done"], newest(box, now["ask"][~now["done"]])),
        (count_of("oldest_open_hours", "hours", age, len(oldest), len(oldest), longest),),
    )


def _past_grace(box: Mailbox, moment: int) -> pd.DataFrame:
    """The turns that outlived their grace period: ``ask``, ``begins`` (it was over), ``ends`` (seconds: the answer, the
    covering message, the settling, or the horizon), ``done`` (it was answered)."""
    turns = box.turns
    grace = grace_hours(turns["circle"], box.owner.grace_days, box.time)
    over = worked_after(box.time, turns["asked_at"].to_numpy(), grace)
    ended = np.where(turns["outcome"] == "open", moment + 1, turns["ended_at"])
    horizon = turns["asked_at"].to_numpy() + HORIZON_DAYS * DAY
    ends = np.minimum(np.minimum(ended, turns["settled_at"].to_numpy()), horizon)
    table = pd.DataFrame(
        {"ask": turns["ask"], "begins": over, "ends": ends, "done": (turns["outcome"] == "answered") & (ends == ended)}
    )
    return table[table["begins"] < table["ends"]]
