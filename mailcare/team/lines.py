"""One client's four weeks in numbers, and all clients' together (docs/teams.md, "What is counted")."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pandas as pd

from mailcare.hours.survival import Z_95, kaplan_meier
from mailcare.mail.message import Field
from mailcare.measures.reply_latency import ENOUGH_TURNS, reply_latency
from mailcare.measures.waiting_lists import QUIET_DAYS, WAITING_DAYS
from mailcare.team import privacy
from mailcare.team.pool import SHARED, Pool
from mailcare.values.review import Line, People, Promise


def line(
    client: str,
    promise_hours: float,
    turns: pd.DataFrame,
    ages: "pd.Series[float]",
    people: People | None,
    handed_over: int,
    day: float,
    earlier: Line | None,
) -> Line:
    """The line of one client: ``turns`` of the period with ``promised``, ``ages`` of what waits at its end."""
    kept = promise(turns)
    curve = reply_latency(turns, day)
    enough = curve.turns >= ENOUGH_TURNS
    return Line(
        client=client,
        promise_hours=promise_hours,
        turns=len(turns),
        answered=int((turns["outcome"] == "answered").sum()),
        promise=kept,
        quartiles=curve.quartiles if enough else (None, None, None),
        waiting=int(((ages >= WAITING_DAYS * day) & (ages <= QUIET_DAYS * day)).sum()),
        quiet=int((ages > QUIET_DAYS * day).sum()),
        fresh=int((ages < WAITING_DAYS * day).sum()),
        chasers=int(turns["chasers"].sum()),
        handed_over=handed_over,
        people=people,
        standing=standing(earlier.promise, kept) if earlier and earlier.promise_hours == promise_hours else "unknown",
    )


def total(made: tuple[Line, ...], turns: pd.DataFrame, written: pd.DataFrame, promise_hours: float, day: float) -> Line:
    """All listed lines together; ``turns`` and ``written`` are theirs. Conversations with two clients count once."""
    once = handed_over(written.drop_duplicates("message"))
    whole = line("", promise_hours, turns, pd.Series(dtype=float), _together(made), once, day, None)
    return replace(
        whole,
        waiting=sum(one.waiting for one in made),
        quiet=sum(one.quiet for one in made),
        fresh=sum(one.fresh for one in made),
    )


def _together(made: tuple[Line, ...]) -> People | None:
    parts = [one.people for one in made if one.people]
    if not parts:
        return None
    return People(*(sum(getattr(part, name.name) for part in parts) for name in fields(People)))


def promise(turns: pd.DataFrame) -> Promise:
    """Of the turns, those answered within the working hours that were ``promised``.

    An open turn past its promise counts as missed; a younger one, or one that a colleague outside the team covered
    by then, is censored. The range is the log-log band of the Kaplan–Meier curve, and Wilson's where that has none
    (nobody, or everybody, was answered by then).
    """
    known = turns[turns["working"].notna()]
    within = (known["working"] / known["promised"]).to_numpy(float)
    answered = (known["outcome"] == "answered").to_numpy()
    in_time = within <= 1 + 1e-9
    kept, of = int((answered & in_time).sum()), int((answered | ~in_time).sum())
    if not of:
        return Promise()
    steps: Any = kaplan_meier(within, answered)
    steps = steps[steps["hours"] <= 1 + 1e-9]
    share = float(steps["share"].iloc[-1]) if len(steps) else 0.0
    low, high = (float(steps[name].iloc[-1]) if len(steps) else np.nan for name in ("low", "high"))
    if np.isnan(low) or np.isnan(high):
        low, high = wilson(kept, of)
    return Promise(kept, of, share, low, high, of >= ENOUGH_TURNS)


def wilson(kept: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    share, square = kept / of, Z_95**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    reach = Z_95 * np.sqrt(share * (1 - share) / of + square / (4 * of**2)) / (1 + square / of)
    return max(float(middle - reach), 0.0), min(float(middle + reach), 1.0)


def standing(before: Promise, now: Promise) -> str:
    """Whether more (``sooner``) or fewer (``later``) were answered within the promise than before, beyond chance.

    Chance is the 95 % interval of the difference by Agresti and Caffo, from published counts alone.
    """
    if not (before.enough and now.enough):
        return "unknown"
    shares = [(one.kept + 1) / (one.of + 2) for one in (before, now)]
    variance = sum(share * (1 - share) / (one.of + 2) for share, one in zip(shares, (before, now), strict=True))
    difference = shares[1] - shares[0]
    if abs(difference) <= Z_95 * np.sqrt(variance):
        return "same"
    return "sooner" if difference > 0 else "later"


def handed_over(written: pd.DataFrame) -> int:
    """In how many conversations two or more of the team wrote; ``written`` as ``client_review`` makes it."""
    known = written[written["member"] != SHARED]
    return int((known.groupby("thread")["member"].nunique() >= 2).sum())


def people_of(pool: Pool, cell: str, since: int, until: int, min_group: int) -> People | None:
    """Who of a client's people stayed on the team's replies to two or more of them.

    None where too few of the team wrote such replies to speak of.
    """
    box = pool.box
    at = box.messages["at"].to_numpy()
    mine = box.concerned[np.isin(box.concerned["part"], ["kept", "dropped"])]
    mine = mine[box.people["circle"].to_numpy(object)[mine["person"]] == cell]
    mine = mine[(at[mine["message"]] >= since) & (at[mine["message"]] < until)]
    mine = mine[mine.groupby("message")["person"].transform("size") >= 2]
    replied = pool.writers[pool.writers["message"].isin(mine["message"])]
    if not privacy.speaks_of_a_group(replied["member"], min_group):
        return None
    dropped, in_cc = mine["part"] == "dropped", mine["field"] == Field.CC
    partly = mine["message"][dropped].nunique()
    replies = mine["message"].nunique()
    return People(
        replies=replies,
        full=replies - partly,
        to_kept=int((~dropped & ~in_cc).sum()),
        to_dropped=int((dropped & ~in_cc).sum()),
        cc_kept=int((~dropped & in_cc).sum()),
        cc_dropped=int((dropped & in_cc).sum()),
    )
