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


def figures_of(ways: Iterable[Way]) -> pd.DataFrame:
    """Each figure of these ways, with the columns of ``tables.WAYS`` but account and week."""
    rows = [
        {"way": way.name, "figure": figure.name}
        | {part: getattr(figure, part) for part in ("value", "count", "of", "before", "low", "high", "evidence")}
        for way in ways
        for figure in way.figures
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
