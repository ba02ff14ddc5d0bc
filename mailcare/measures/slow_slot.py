"""The half-day whose messages wait longest: evidence for a suggestion (docs/measures.md, "Slow half-day")."""

import numpy as np
import pandas as pd

from mailcare.hours.clock import local_times
from mailcare.hours.survival import kaplan_meier, quantile
from mailcare.hours.worktime import WorkingTime, parse_hours
from mailcare.values.week import SlowSlot

ENOUGH_TURNS = 20
NOON = 12


def slowest_slot(turns: pd.DataFrame, time: WorkingTime, weeks: int) -> SlowSlot | None:
    """The half-day whose half-way point lies furthest above that of all the others, if that is more than chance.

    More than chance: when half of the others have an answer, the 95 % band of the slot is still below a half.
    ``turns`` are those of the last ``weeks`` weeks.
    """
    asked = local_times(time, turns["asked_at"])
    known = turns["working"].notna().to_numpy() & asked.day_of_week.isin({day for day, _, _ in parse_hours(time.hours)})
    slot = (asked.day_of_week * 2 + (asked.hour >= NOON)).to_numpy()[known]
    hours, answered = turns["working"].to_numpy()[known], (turns["outcome"] == "answered").to_numpy()[known]
    found = [_compared(slot == one, hours, answered, int(one), weeks) for one in np.unique(slot)]
    return max((one for one in found if one), key=lambda one: one.hours - one.other_hours, default=None)


def _compared(inside: np.ndarray, hours: np.ndarray, answered: np.ndarray, slot: int, weeks: int) -> SlowSlot | None:
    if min(inside.sum(), (~inside).sum()) < ENOUGH_TURNS:
        return None
    curve = kaplan_meier(hours, answered, inside)
    half = quantile(curve, 0.5)
    if not {0, 1} <= set(half.index):
        return None
    by_then = curve[(curve["group"] == 1) & (curve["hours"] <= half[0])]
    if len(by_then) and not by_then["high"].iloc[-1] < 0.5:
        return None
    return SlowSlot(slot // 2, slot % 2 == 1, float(half[1]), float(half[0]), int(inside.sum()), weeks)
