"""Integrity (docs/measures.md, "Integrity")."""

from itertools import combinations

import numpy as np
import pandas as pd

from mailcare.hours.clock import hours_per_day, working_hours
from mailcare.hours.survival import Z_95
from mailcare.measures.usual import WEEKS
from mailcare.measures.ways.figures import newest
from mailcare.measures.ways.promptness import within
from mailcare.measures.ways.window import Window
from mailcare.pipeline.mailbox import Mailbox
from mailcare.values.week import Figure, Way

ENOUGH_TURNS = 20
LOST = ("no_time", "id_repeated", "refused", "not_a_message", "unreadable", "hostile", "unknown_latency")
"""Of what could not be used (``tables.QUALITY``), the reasons that count messages."""


def integrity(box: Mailbox, seen: Window) -> Way:
    """How even-handed: over twelve weeks, the widest gap between two circles in the share of messages answered within
    one working day; beside it, the share of all mail that could not be used. Circles with fewer than twenty messages
    are left out."""
    recent = box.turns[box.turns["asked_at"].between(seen.until - WEEKS * 7 * 86_400, seen.until - 1)]
    watched = working_hours(box.time, recent["asked_at"].to_numpy(), np.full(len(recent), seen.moment))
    recent = recent.assign(watched=watched)
    quick = within(recent, hours_per_day(box.time))
    circles = quick.groupby(recent["circle"][quick.index]).agg(["mean", "sum", "size"])
    circles = circles[circles["size"] >= ENOUGH_TURNS]
    return Way("integrity", _gap(circles, newest(box, recent["ask"][quick.index[~quick]])), (_unusable(box),))


def _gap(circles: pd.DataFrame, evidence: tuple[str, ...]) -> Figure:
    """The widest gap, and how wide chance alone would make it if all circles were answered alike."""
    of = int(circles["size"].sum())
    if len(circles) < 2:
        return Figure("widest_gap", "points", None, len(circles), of)
    alike = circles["sum"].sum() / of
    one, other = max(combinations(circles.index, 2), key=lambda pair: abs(np.subtract(*circles["mean"][list(pair)])))
    chance = Z_95 * np.sqrt(alike * (1 - alike) * (1 / circles["size"][one] + 1 / circles["size"][other]))
    return Figure(
        "widest_gap",
        "points",
        value=float(abs(circles["mean"][one] - circles["mean"][other])),
        count=len(circles),
        of=of,
        low=0.0,
        high=float(chance),
        evidence=evidence,
    )


def _unusable(box: Mailbox) -> Figure:
    """The share of the mail that could not be used; the reasons stand in the page's data quality."""
    lost = sum(box.quality[reason] for reason in LOST)
    of = lost + len(box.messages)
    return Figure("unusable_mail", "share", lost / of if of else None, lost, of)
