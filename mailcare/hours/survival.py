"""Kaplan–Meier: how long people wait, counting those who still wait (docs/measures.md, "Half-way point")."""

from typing import Any

import numpy as np
import pandas as pd

from mailcare.hours.arrays import Floats

Z_95 = 1.959963984540054


def kaplan_meier(hours: Any, event: Any, group: Any = None) -> pd.DataFrame:
    """Share answered within t, for each group, with Greenwood log-log 95 % bands.

    ``hours`` are times under observation (≥ 0), ``event`` is true where an answer ended them and false where they are
    right-censored, ``group`` is an integer per observation (one group if left out). One row per group and distinct
    time at which somebody was answered: ``group, hours, at_risk, events, share, low, high`` with share = 1 − S(t).
    Censored at the same time as an event counts as still at risk then. The band is not defined (nan) while
    share is 0 or once it is 1.
    """
    time = np.asarray(hours, float)
    code = np.zeros(len(time), np.int64) if group is None else np.asarray(group, np.int64)
    frame = pd.DataFrame({"group": code, "hours": time, "events": np.asarray(event, bool).astype(np.int64)})
    steps = frame.groupby(["group", "hours"], sort=True)["events"].agg(["size", "sum"]).reset_index()
    steps.columns = pd.Index(["group", "hours", "leaving", "events"])
    leaving = steps.groupby("group")["leaving"]
    steps["at_risk"] = leaving.transform("sum") - leaving.cumsum() + steps["leaving"]
    steps = steps[steps["events"] > 0].reset_index(drop=True)
    steps["share"] = 1 - (1 - steps["events"] / steps["at_risk"]).groupby(steps["group"]).cumprod()
    steps["low"], steps["high"] = _band(steps)
    return steps[["group", "hours", "at_risk", "events", "share", "low", "high"]]


def _band(steps: pd.DataFrame) -> tuple[Floats, Floats]:
    """Greenwood's variance on the log(−log S) scale."""
    risk, events = steps["at_risk"].to_numpy(float), steps["events"].to_numpy(float)
    survival = 1 - steps["share"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = pd.Series(events / (risk * (risk - events))).groupby(steps["group"].to_numpy()).cumsum().to_numpy()
        spread = Z_95 * np.sqrt(greenwood) / np.abs(np.log(survival))
        low, high = 1 - survival ** np.exp(-spread), 1 - survival ** np.exp(spread)
    inside = (survival > 0) & (survival < 1)
    return np.where(inside, low, np.nan), np.where(inside, high, np.nan)


def quantile(curve: pd.DataFrame, share: float | Floats) -> pd.Series:
    """Hours until that share had an answer, by group; a group whose curve does not reach it is missing.

    ``share`` is one share for all, or one for each row of the curve.
    """
    reached = curve[curve["share"].to_numpy() >= np.asarray(share) - 1e-12]
    return reached.groupby("group")["hours"].min()


def share_within(curve: pd.DataFrame, horizon: float) -> pd.Series:
    """F(horizon): the share answered within so many hours, by group; a group with no answer by then is missing."""
    return curve[curve["hours"] <= horizon].groupby("group")["share"].max()


def typical(curve: pd.DataFrame, horizon: float) -> pd.Series:
    """The typical time of an answer that comes, by group: the hours t with F(t) = F(horizon) / 2."""
    half = curve["group"].map(share_within(curve, horizon)).to_numpy(float) / 2
    return quantile(curve, np.where(np.isnan(half), np.inf, half))
