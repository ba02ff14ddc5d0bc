"""A figure of care: this week's, that of the eight weeks before, and what chance alone would make of it.

Chance: if nothing had changed since before, this week would be another draw from the same; the interval holds 95 % of
such draws, and widens with few observations on either side.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.stats import betabinom, t

from mailcare.hours.arrays import Floats
from mailcare.hours.survival import Z_95, kaplan_meier, quantile
from mailcare.measures.lookup import NEWEST
from mailcare.measures.reply_latency import ENOUGH_TURNS
from mailcare.pipeline.mailbox import Mailbox
from mailcare.values.week import Figure, Kind

ENOUGH = 5
"""With fewer observations there is too little to say."""


def share(
    name: str,
    hits: "pd.Series[bool] | np.ndarray",
    earlier: "pd.Series[bool] | np.ndarray",
    missing: Iterable[str] = (),
) -> Figure:
    """A share of this week's cases, beside that of the earlier ones.

    The interval is that of the beta-binomial distribution: the earlier share is itself uncertain (Jeffreys' prior).
    """
    count, of, count_before, of_before = (int(n) for n in (np.sum(hits), len(hits), np.sum(earlier), len(earlier)))
    said, comparable = of >= ENOUGH, of >= ENOUGH and of_before >= ENOUGH
    drawn = betabinom(of, count_before + 0.5, of_before - count_before + 0.5)
    return Figure(
        name,
        "share",
        value=count / of if said else None,
        count=count,
        of=of,
        before=count_before / of_before if of_before >= ENOUGH else None,
        low=float(drawn.ppf(0.025)) / of if comparable else None,
        high=float(drawn.ppf(0.975)) / of if comparable else None,
        evidence=tuple(missing),
    )


def mean(
    name: str,
    kind: Kind,
    values: Floats,
    earlier: Floats,
    missing: Iterable[str] = (),
    count: int | None = None,
) -> Figure:
    """A mean of this week's values, beside that of the earlier ones; the interval is Student's, for a new mean.

    ``count`` is what of the values the page counts, all of them if left out.
    """
    of, of_before = len(values), len(earlier)
    comparable = of >= ENOUGH and of_before >= ENOUGH
    spread = (
        float(t.ppf(0.975, of_before - 1) * np.std(earlier, ddof=1) * np.sqrt(1 / of + 1 / of_before))
        if comparable
        else 0.0
    )
    usual = float(np.mean(earlier)) if of_before >= ENOUGH else None
    at_most = 1.0 if kind == "share" else np.inf
    return Figure(
        name,
        kind,
        value=float(np.mean(values)) if of >= ENOUGH else None,
        count=of if count is None else count,
        of=of,
        before=usual,
        low=max(usual - spread, 0.0) if comparable and usual is not None else None,
        high=min(usual + spread, at_most) if comparable and usual is not None else None,
        evidence=tuple(missing),
    )


def half(name: str, turns: pd.DataFrame, earlier: pd.DataFrame, missing: Iterable[str] = ()) -> Figure:
    """The Kaplan–Meier half-way point of this week's turns (working hours), beside that of the earlier ones.

    The interval comes from the earlier curve: where it reaches a half less and more the sampling error of both weeks.
    Where the curve does not get that far there is no interval.
    """
    known, known_before = (rows[rows["working"].notna()] for rows in (turns, earlier))
    curve, curve_before = (_curve(rows) for rows in (known, known_before))
    of, of_before = len(known), len(known_before)
    error = Z_95 * 0.5 * np.sqrt(1 / max(of, 1) + 1 / max(of_before, 1))
    comparable = of >= ENOUGH_TURNS and of_before >= ENOUGH_TURNS
    low, high = (_reached(curve_before, 0.5 + sign * error) if comparable else None for sign in (-1, 1))
    return Figure(
        name,
        "hours",
        value=_reached(curve, 0.5) if of >= ENOUGH_TURNS else None,
        count=int((known["outcome"] == "answered").sum()),
        of=of,
        before=_reached(curve_before, 0.5) if of_before >= ENOUGH_TURNS else None,
        low=low if high is not None else None,
        high=high if low is not None else None,
        evidence=tuple(missing),
    )


def count_of(name: str, kind: Kind, value: float | None, count: int, of: int, missing: Iterable[str] = ()) -> Figure:
    """A figure that stands for itself, without a comparison."""
    return Figure(name, kind, value, int(count), int(of), evidence=tuple(missing))


def newest(box: Mailbox, messages: "pd.Series[int] | np.ndarray") -> tuple[str, ...]:
    """The Message-IDs of these messages, newest first, at most forty."""
    numbers = np.unique(np.asarray(messages, np.int64))[::-1][:NEWEST]
    return tuple(box.messages["id"].to_numpy(object)[numbers])


def _curve(turns: pd.DataFrame) -> pd.DataFrame:
    return kaplan_meier(turns["working"], turns["outcome"] == "answered")


def _reached(curve: pd.DataFrame, part: float) -> float | None:
    """Hours until this part had an answer; None where the curve does not reach it."""
    if not 0 < part < 1:
        return None
    hours = quantile(curve, part)
    return float(hours.iloc[0]) if len(hours) else None
