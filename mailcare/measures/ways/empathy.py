"""Empathy (docs/measures.md, "Empathy")."""

import numpy as np

from mailcare.hours.clock import at_work
from mailcare.mail.message import Field
from mailcare.measures.ways.figures import ENOUGH, count_of, newest, share
from mailcare.measures.ways.window import Window, before, this_week
from mailcare.pipeline.mailbox import Mailbox
from mailcare.pipeline.people import OWNER
from mailcare.values.week import Way


def empathy(box: Mailbox, seen: Window) -> Way:
    """Of your messages to colleagues, the share sent outside your working hours; beside it, how many people a message
    of yours usually goes to."""
    messages = box.messages
    sent = messages.index[messages["sent"] & ~messages["automated"]].to_numpy()
    reached = box.on[box.on["field"].isin([Field.TO, Field.CC, Field.BCC]) & (box.on["person"] != OWNER)]
    reached = reached[reached["message"].isin(sent)].drop_duplicates(["message", "person"])
    colleagues = (box.people["circle"] == "colleagues").to_numpy()[reached["person"]]
    to_colleagues = np.unique(reached["message"][colleagues])
    at = messages["at"].to_numpy()
    outside = ~at_work(box.time, at[to_colleagues])
    now, earlier = this_week(at[to_colleagues], seen), before(at[to_colleagues], seen)
    audience = reached.groupby("message").size()
    here = audience[this_week(at[audience.index.to_numpy(np.int64)], seen)]
    usual = float(here.median()) if len(here) >= ENOUGH else None
    return Way(
        "empathy",
        share("outside_working_hours", outside[now], outside[earlier], newest(box, to_colleagues[now & outside])),
        (count_of("median_audience", "number", usual, len(here), len(here)),),
    )
