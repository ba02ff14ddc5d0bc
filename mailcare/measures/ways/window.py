"""This week and the eight before it, each looked at as old as this one is now."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd

from mailcare.hours.arrays import Flags, Ints
from mailcare.hours.clock import midnight, working_hours
from mailcare.pipeline.mailbox import Mailbox

BEFORE_WEEKS = 8
"""This week is put beside the owner's own last eight (docs/measures.md, "The ten ways of caring")."""


@dataclass(frozen=True, slots=True)
class Window:
    """The weeks that a figure of care compares."""

    monday: date
    moment: int
    """The moment from which is looked back, in seconds since 1970."""
    starts: Ints
    """The beginnings of the weeks before, of this week, and of the next one (seconds); local midnights."""

    @property
    def since(self) -> int:
        """When this week began."""
        return int(self.starts[-2])

    @property
    def until(self) -> int:
        """When it ended."""
        return int(self.starts[-1])


def window(box: Mailbox, monday: date, moment: int) -> Window:
    """The week of this Monday, and the eight before it."""
    days = [monday + timedelta(weeks=week) for week in range(-BEFORE_WEEKS, 2)]
    return Window(monday, moment, np.array([midnight(box.time, day) for day in days], np.int64))


def this_week(at: "pd.Series[int] | Ints", seen: Window) -> Flags:
    """Which instants (seconds) lie in this week."""
    return np.asarray((at >= seen.since) & (at < seen.until), bool)


def before(at: "pd.Series[int] | Ints", seen: Window) -> Flags:
    """Which lie in the eight weeks before it."""
    return np.asarray((at >= seen.starts[0]) & (at < seen.since), bool)


def as_old(turns: pd.DataFrame, box: Mailbox, seen: Window) -> pd.DataFrame:
    """The turns of these nine weeks as they stood when their week was as old as this one is now: what ended a wait
    later had not been seen then. One more column, ``watched``: the working hours from the ask to that moment."""
    rows = turns[this_week(turns["asked_at"], seen) | before(turns["asked_at"], seen)].copy()
    week = np.searchsorted(seen.starts, rows["asked_at"].to_numpy(), side="right") - 1
    then = seen.moment - (seen.since - seen.starts[week])
    later = rows["ended_at"].to_numpy() > then
    rows["outcome"] = np.where(later, "open", rows["outcome"])
    rows["ended_at"] = np.where(later, then, rows["ended_at"])
    rows["watched"] = working_hours(box.time, rows["asked_at"].to_numpy(), then)
    rows["working"] = np.where(later, rows["watched"], rows["working"])
    return rows


def later_turns(turns: pd.DataFrame, box: Mailbox) -> "pd.Series[bool]":
    """Which turns began after an answer of the owner's in the same thread."""
    first = box.turns[box.turns["outcome"] == "answered"].groupby("thread")["by"].min()
    return turns["thread"].map(first) < turns["ask"]


def weekly_cases(rows: pd.DataFrame, seen: Window) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What was the case in this week, and in each of the eight before (one row for each week in which it was).

    ``rows`` have ``begins`` and ``ends`` (seconds) and ``done`` (that is how it ended); the result's ``done`` says
    whether it ended so within the week.
    """
    begins, ends = rows["begins"].to_numpy(), rows["ends"].to_numpy()
    weeks = []
    for since, until in pairwise(seen.starts):
        case = rows[(begins < until) & (ends >= since)]
        weeks.append(case.assign(done=case["done"] & (case["ends"] < until)))
    return weeks[-1], pd.concat(weeks[:-1], ignore_index=True)
