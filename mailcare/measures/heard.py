"""How soon one side heard back from the other, in few numbers."""

import pandas as pd

from mailcare.measures.reply_latency import reply_latency
from mailcare.values.week import Heard

ENOUGH = 5
"""With fewer turns only their number is said."""


def heard(turns: pd.DataFrame, day: float) -> Heard:
    """The turns (rows of ``pipeline.turns`` or ``pipeline.theirs``) as their Kaplan–Meier curve has it; ``day`` is the
    hours of a working day."""
    curve = reply_latency(turns, day)
    said = curve.turns >= ENOUGH
    return Heard(
        turns=len(turns),
        answered=int((turns["outcome"] == "answered").sum()),
        half=curve.quartiles[1] if said else None,
        typical=curve.typical if said else None,
        share_in_one_day=curve.share_in_one_day if said else None,
        enough=said,
    )
