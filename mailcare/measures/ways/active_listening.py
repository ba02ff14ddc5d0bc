"""Active listening (docs/measures.md, "Active listening")."""

import pandas as pd

from mailcare.measures.ways.figures import mean, newest, share
from mailcare.measures.ways.window import Window, as_old, before, this_week
from mailcare.pipeline.mailbox import Mailbox
from mailcare.values.week import Way


def active_listening(box: Mailbox, seen: Window) -> Way:
    """Of the people on a message that you answered, the mean share who stayed on your reply; beside it, where two or
    more people asked something in one conversation, the share of them who had an answer."""
    replies = box.replies.assign(at=box.messages["at"].to_numpy()[box.replies["message"]])
    now, earlier = replies[this_week(replies["at"], seen)], replies[before(replies["at"], seen)]
    partial = now["message"][now["dropped"] > 0]
    asked = _askers(as_old(box.turns, box, seen))
    here, then = asked[this_week(asked["asked_at"], seen)], asked[before(asked["asked_at"], seen)]
    return Way(
        "active_listening",
        mean(
            "mean_coverage",
            "share",
            now["coverage"].to_numpy(),
            earlier["coverage"].to_numpy(),
            newest(box, partial),
            count=len(now) - len(partial),
        ),
        (share("askers_answered", here["heard"], then["heard"], newest(box, here["ask"][~here["heard"]])),),
    )


def _askers(turns: pd.DataFrame) -> pd.DataFrame:
    """The askers of threads with two or more: ``ask``, ``asked_at`` (of their first turn), ``heard`` (each of their
    turns was answered, or settled by a colleague)."""
    ended = turns.assign(heard=turns["outcome"] != "open")
    asked = ended.groupby(["thread", "asker"]).agg(
        ask=("ask", "first"), asked_at=("asked_at", "first"), heard=("heard", "all")
    )
    return asked[asked.groupby("thread")["ask"].transform("size") >= 2]
