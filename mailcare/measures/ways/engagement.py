"""Engagement (docs/measures.md, "Engagement")."""

import numpy as np
import pandas as pd

from mailcare.hours.arrays import Ints
from mailcare.hours.clock import hours_per_day, working_hours
from mailcare.mail.message import Field
from mailcare.measures.ways.figures import newest, share
from mailcare.measures.ways.window import Window
from mailcare.pipeline.mailbox import Mailbox
from mailcare.pipeline.people import OWNER
from mailcare.values.week import Way

DAYS = 5


def engagement(box: Mailbox, seen: Window) -> Way:
    """Of the people in To of a conversation that you began with two or more of them, the share who wrote back within
    five working days. A conversation counts in the week in which those five days ended."""
    invited = _invited(box)
    limit = DAYS * hours_per_day(box.time)
    begun = invited["at"].to_numpy(np.int64)
    waited = [working_hours(box.time, begun, np.full(len(begun), end)) for end in seen.starts]
    ended = np.sum([hours < limit for hours in waited], axis=0)
    week = np.where(ended < len(seen.starts), ended - 1, -1)
    now, earlier = invited[week == len(seen.starts) - 2], invited[(week >= 0) & (week < len(seen.starts) - 2)]
    return Way(
        "engagement",
        share("wrote_back", _back(now, limit), _back(earlier, limit), newest(box, now["ask"][~_back(now, limit)])),
    )


def _back(invited: pd.DataFrame, limit: float) -> "pd.Series[bool]":
    return invited["hours"] <= limit


def _invited(box: Mailbox) -> pd.DataFrame:
    """Each person in To of a thread that the owner began with two or more of them: ``ask`` (the thread's first
    message), ``at``, ``hours`` (working hours until they wrote in it; infinite where they did not)."""
    messages, first = box.messages, box.states["first"].to_numpy()
    mine = first[(messages["sent"] & ~messages["automated"]).to_numpy()[first]]
    to = box.on[(box.on["field"] == Field.TO) & box.on["message"].isin(mine) & (box.on["person"] > OWNER)]
    to = to[~box.people["robot"].to_numpy(bool)[to["person"]]].drop_duplicates(["message", "person"])
    to = to[to.groupby("message")["person"].transform("size") >= 2]
    ask = to["message"].to_numpy(np.int64)
    at = messages["at"].to_numpy()
    table = pd.DataFrame({"ask": ask, "at": at[ask], "hours": np.inf})
    wrote = _first_words(box).reindex(
        pd.MultiIndex.from_arrays([messages["thread"].to_numpy()[ask], to["person"].to_numpy()])
    )
    has = wrote.notna().to_numpy()
    answer: Ints = wrote[has].to_numpy(np.int64)
    table.loc[has, "hours"] = working_hours(box.time, at[ask[has]], np.maximum(at[answer], at[ask[has]]))
    return table


def _first_words(box: Mailbox) -> "pd.Series[int]":
    """The first human message of each person in each thread, by (thread, person)."""
    human = box.messages[~box.messages["automated"] & (box.messages["author"] > OWNER)]
    return pd.Series(human.index, index=[human["thread"], human["author"]]).groupby(level=[0, 1]).min()
