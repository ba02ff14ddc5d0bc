"""Inclusivity (docs/measures.md, "Inclusivity")."""

import numpy as np
import pandas as pd

from mailcare.mail.message import Field
from mailcare.measures.ways.figures import newest, share
from mailcare.measures.ways.window import Window, before, this_week
from mailcare.pipeline.mailbox import Mailbox
from mailcare.pipeline.people import OWNER
from mailcare.values.week import Way

MANY = 3


def inclusivity(box: Mailbox, seen: Window) -> Way:
    """In conversations of three or more people, the share of the people on the first message who are still on the
    latest one. You yourself are not counted, since your mailbox shows only what reaches you."""
    there = _stayed(box, seen)
    now, earlier = there[this_week(there["at"], seen)], there[before(there["at"], seen)]
    gone = newest(box, now["last"][~now["stayed"]])
    return Way("inclusivity", share("people_still_on", now["stayed"], earlier["stayed"], gone))


def _stayed(box: Mailbox, seen: Window) -> pd.DataFrame:
    """Each person of a thread's first message, for each week in which the thread went on: ``last`` (its last human
    message of that week), ``at``, ``stayed``."""
    messages = box.messages
    human = messages.index[~messages["automated"]].to_numpy()
    week = np.searchsorted(seen.starts, messages["at"].to_numpy()[human], side="right")
    spoken = pd.DataFrame({"message": human, "thread": messages["thread"].to_numpy()[human], "week": week})
    first = spoken.groupby("thread")["message"].transform("min")
    last = spoken.assign(first=first).drop_duplicates(["thread", "week"], keep="last")
    last = last[(last["message"] != last["first"]) & (last["week"] > 0) & (last["week"] < len(seen.starts))]
    people = _people(box)
    began = last.rename(columns={"message": "last"}).merge(people, left_on="first", right_on="message")
    others = began["person"] != OWNER
    size = began.groupby("last")["person"].transform("size")
    began = began[others & (size >= MANY)]
    there = pd.MultiIndex.from_frame(people[["message", "person"]])
    stayed = pd.MultiIndex.from_frame(began[["last", "person"]]).isin(there)
    return began.assign(stayed=stayed, at=messages["at"].to_numpy()[began["last"]])


def _people(box: Mailbox) -> pd.DataFrame:
    """The people on each message, in From, To, Cc or Bcc, less machines; the owner where they wrote or received it."""
    named = box.on[box.on["field"].isin([Field.FROM, Field.TO, Field.CC, Field.BCC])]
    named = named[~box.people["robot"].to_numpy(bool)[named["person"]]]
    return named[["message", "person"]].drop_duplicates()
