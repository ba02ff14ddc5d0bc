"""Week by week: the cohorts of turns, and the replies sent (docs/measures.md, "Half-way point" and "Coverage")."""

import numpy as np
import pandas as pd

from mailcare.hours.clock import hours_per_day, iso_weeks
from mailcare.hours.survival import kaplan_meier, quantile, share_within, typical
from mailcare.hours.worktime import WorkingTime

HORIZON_WORKING_DAYS = 10
"""The share answered is that within so many working days."""
HORIZON_CALENDAR_DAYS = 14
"""The same on the calendar clock."""


def weeks(turns: pd.DataFrame, replies: pd.DataFrame, messages: pd.DataFrame, time: WorkingTime) -> pd.DataFrame:
    """One row per ISO week from the first to the last with a turn or a reply: ``monday`` and the figures of
    ``tables.WEEKLY``. A turn belongs to the week in which it began."""
    sent_in = pd.Series(iso_weeks(time, messages["at"].to_numpy()[replies["message"]]), dtype="datetime64[s]")
    began_in = turns["monday"].astype("datetime64[s]")
    every = pd.concat([sent_in, began_in])
    if every.empty:
        mondays = pd.DatetimeIndex([], dtype="datetime64[s]")
    else:
        mondays = pd.date_range(every.min(), every.max(), freq="7D", unit="s")
    table = pd.DataFrame({"monday": mondays})
    table["turns"] = _count(mondays, began_in)
    for outcome in ("answered", "covered", "open"):
        table[outcome] = _count(mondays, began_in[turns["outcome"] == outcome])
    week = mondays.get_indexer(pd.DatetimeIndex(began_in))
    day = hours_per_day(time)
    for before, hours, horizon in (
        ("", "working", HORIZON_WORKING_DAYS * day),
        ("calendar_", "latency", HORIZON_CALENDAR_DAYS * 24),
    ):
        table = table.join(_survival(turns, hours, week, horizon).add_prefix(before))
    known = _count(mondays, began_in[turns["latency"].notna()]) > 0
    for name in ("share_answered", "calendar_share_answered"):
        table[name] = np.where(known, table[name].fillna(0.0), np.nan)
    by_week = replies.groupby(sent_in.to_numpy())["coverage"]
    table["replies"] = _count(mondays, sent_in)
    table["mean_coverage"] = by_week.mean().reindex(mondays).to_numpy()
    table["full_replies"] = _count(mondays, sent_in[(replies["coverage"] == 1).to_numpy()])
    return table


def _count(mondays: pd.DatetimeIndex, of: pd.Series) -> np.ndarray:
    return of.value_counts().reindex(mondays, fill_value=0).to_numpy()


def _survival(turns: pd.DataFrame, hours: str, week: np.ndarray, horizon: float) -> pd.DataFrame:
    """F(horizon), quartiles and typical time of each week's turns; turns of unknown latency are left out."""
    known = turns[hours].notna().to_numpy()
    curve = kaplan_meier(
        turns[hours].to_numpy()[known], (turns["outcome"] == "answered").to_numpy()[known], week[known]
    )
    return pd.DataFrame(
        {
            "share_answered": share_within(curve, horizon),
            "km_p25": quantile(curve, 0.25),
            "km_p50": quantile(curve, 0.5),
            "km_p75": quantile(curve, 0.75),
            "typical_hours": typical(curve, horizon),
        }
    )
