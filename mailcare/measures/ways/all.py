"""The ten ways of caring together, in the contract's order (docs/measures.md, "The ten ways of caring")."""

from collections.abc import Iterable

import pandas as pd

from mailcare.measures.ways.accountability import accountability
from mailcare.measures.ways.active_listening import active_listening
from mailcare.measures.ways.continuous_learning import continuous_learning
from mailcare.measures.ways.empathy import empathy
from mailcare.measures.ways.engagement import engagement
from mailcare.measures.ways.follow_through import follow_through
from mailcare.measures.ways.inclusivity import inclusivity
from mailcare.measures.ways.integrity import integrity
from mailcare.measures.ways.proactiveness import proactiveness
from mailcare.measures.ways.promptness import promptness
from mailcare.measures.ways.window import Window
from mailcare.pipeline.mailbox import Mailbox
from mailcare.tables import WAYS
from mailcare.values.week import Way

FIGURES = {
    "active_listening": ("mean_coverage", "askers_answered"),
    "engagement": ("wrote_back",),
    "inclusivity": ("people_still_on",),
    "promptness": ("km_p50", "within_one_day", "messages_per_thread", "mean_coverage", "km_p50_of_later_turns"),
    "follow_through": ("later_turns_answered", "chasers_per_100_turns"),
    "empathy": ("outside_working_hours", "median_audience"),
    "proactiveness": ("followed_up", "threads_started_per_100"),
    "accountability": ("recovered", "oldest_open_hours"),
    "continuous_learning": ("answered", "within_one_day"),
    "integrity": ("widest_gap", "unusable_mail"),
}
"""The names of each way's figures: its own, and those beside it, in the order of ``values.Way``."""


def figures_of(ways: Iterable[Way]) -> pd.DataFrame:
    """Each figure of these ways, with the columns of ``tables.WAYS`` but account and week."""
    rows = [
        {"way": way.name, "figure": name}
        | {part: getattr(figure, part) for part in ("value", "count", "of", "before", "low", "high", "evidence")}
        for way in ways
        for name, figure in zip(FIGURES[way.name], (way.figure, *way.beside), strict=True)
    ]
    return pd.DataFrame(rows, columns=WAYS.names[2:])


def ten_ways(box: Mailbox, seen: Window) -> tuple[Way, ...]:
    """All ten, each for itself."""
    return (
        active_listening(box, seen),
        engagement(box, seen),
        inclusivity(box, seen),
        promptness(box, seen),
        follow_through(box, seen),
        empathy(box, seen),
        proactiveness(box, seen),
        accountability(box, seen),
        continuous_learning(box, seen),
        integrity(box, seen),
    )
