"""How soon people hear back (docs/measures.md, "Latency", "Half-way point" and "Share answered, typical time")."""

from typing import Any

import pandas as pd

from mailcare.hours.survival import kaplan_meier, quantile, share_within, typical
from mailcare.pipeline.weeks import HORIZON_WORKING_DAYS
from mailcare.values.week import Curve

ENOUGH_TURNS = 10
"""With fewer turns there is no half-way point, no curve and no share worth saying."""


def reply_latency(turns: pd.DataFrame, day: float) -> Curve:
    """From somebody's first message to your first answer that reaches them, in working time. What is still open counts
    as not answered yet, and what a colleague answered as settled then; neither is left out.

    ``turns`` as ``pipeline.turns`` makes them, ``day`` the hours of a working day. Kaplan–Meier over all the turns
    given; those of unknown latency are left out.
    """
    known = turns[turns["working"].notna()]
    answered = (known["outcome"] == "answered").to_numpy()
    curve = kaplan_meier(known["working"], answered)
    horizon = HORIZON_WORKING_DAYS * day
    observed_to = float(known["working"].max()) if len(known) else 0.0
    return Curve(
        hours=tuple(curve["hours"]),
        share=tuple(curve["share"]),
        low=tuple(curve["low"].fillna(curve["share"])),
        high=tuple(curve["high"].fillna(curve["share"])),
        turns=len(known),
        answered=int(answered.sum()),
        covered=int((known["outcome"] == "covered").sum()),
        observed_to=observed_to,
        quartiles=(_one(quantile(curve, 0.25)), _one(quantile(curve, 0.5)), _one(quantile(curve, 0.75))),
        share_in_one_day=_one(share_within(curve, day), 0.0) if observed_to >= day else None,
        share_answered=_one(share_within(curve, horizon), 0.0) if len(known) else None,
        typical=_one(typical(curve, horizon)),
    )


def _one(by_group: "pd.Series[Any]", otherwise: float | None = None) -> float | None:
    return float(by_group.iloc[0]) if len(by_group) else otherwise
