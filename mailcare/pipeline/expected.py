"""Is an answer expected? (docs/measures.md, "p_answer" and "Checked"): what the owner's own past says of each turn."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mailcare.hours.arrays import Flags, Floats, Ints
from mailcare.hours.clock import hours_per_day, local_times, working_hours
from mailcare.hours.worktime import WorkingTime
from mailcare.mail.message import Field
from mailcare.owner import CIRCLES
from mailcare.pipeline.messages import DAY
from mailcare.pipeline.people import OWNER

HAD_DAYS = 14
ENOUGH_TURNS = 200
UNLIKELY = 0.2
FOLDS = 5
STRENGTHS = (0.01, 0.1, 1.0)
"""How freely the model may learn (sklearn's C), the strictest first. Which is best differs: lists, where people answer
by what a message says, need the first; who never answers a thank-you is learnt well by the last alone."""
TRUST = 2
"""An asker's own past weighs like the whole mailbox's past when it has so many turns."""
SIZES = (1, 4 << 10, 16 << 10, 64 << 10)
"""Where the size classes begin, in octets; below the first the size is unknown."""
HOURS = (6, 12, 18)
"""Where the parts of a day begin, after the night."""


@dataclass(frozen=True, slots=True)
class Foresight:
    """How well the model foresaw turns that were later than those it had learnt from."""

    turns: int
    """Turns that it has learnt from in the end."""
    brier: float
    base_brier: float
    """The same for the share answered so far, said of every turn."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was said of turns by what had been known before them: parallel arrays, in order of time."""

    answered: Flags
    """Whether the turn was answered within 14 days."""
    said: Floats
    base: Floats
    """The share answered until then."""
    strength: float
    """Which of ``STRENGTHS`` did best."""


def expected(
    messages: pd.DataFrame, on: pd.DataFrame, turns: pd.DataFrame, time: WorkingTime, as_of: int
) -> tuple[Floats, Foresight | None]:
    """For each turn the probability that the owner answers it within 14 days, and how well such were foreseen.

    A logistic regression on what was known when the turn began, learnt from the turns that have had their 14 days. nan
    and None where they are fewer than 200, where all or none of them were answered, where nothing can be checked, and
    where it foresaw later turns no better than the share answered did: then the rule of ``states.closing`` stands.
    """
    table, answered, rows, due = learnable(messages, on, turns, time, as_of)
    nothing = np.full(len(turns), np.nan), None
    if len(rows) < ENOUGH_TURNS or answered[rows].min() == answered[rows].max():
        return nothing
    seen = checked(table[rows], answered[rows], turns["asked_at"].to_numpy()[rows], due[rows])
    if not seen:
        return nothing
    brier, base_brier = (float(((said - seen.answered) ** 2).mean()) for said in (seen.said, seen.base))
    if brier >= base_brier:
        return nothing
    said = _foreseen(table[rows], answered[rows], table, seen.strength).round(4)
    return said, Foresight(len(rows), brier, base_brier)


def learnable(
    messages: pd.DataFrame, on: pd.DataFrame, turns: pd.DataFrame, time: WorkingTime, as_of: int
) -> tuple[Floats, Flags, Ints, Ints]:
    """What the model sees of each turn, whether it was answered within 14 days, the turns that have had them (row
    numbers), and when each had them (seconds)."""
    due = turns["asked_at"].to_numpy() + HAD_DAYS * DAY
    answered = ((turns["outcome"] == "answered") & (turns["ended_at"] <= due)).to_numpy()
    rows = np.flatnonzero(had_time(turns, answered, due, as_of))
    known = features(messages, on, turns, time).assign(past=past_share(turns, answered, due, rows))
    return known.to_numpy(float), answered, rows, due


def had_time(turns: pd.DataFrame, answered: Flags, due: Ints, as_of: int) -> Flags:
    """Which turns have had 14 days to be answered. Not those that a colleague covered or the owner settled meanwhile,
    and those whose answer came nobody knows when."""
    covered = (turns["outcome"] == "covered") & (turns["ended_at"] <= due)
    settled = (turns["settled_at"] <= due) & ~answered
    unknown = turns["latency"].isna()
    return np.asarray((due <= as_of) & ~covered & ~settled & ~unknown, bool)


def features(messages: pd.DataFrame, on: pd.DataFrame, turns: pd.DataFrame, time: WorkingTime) -> pd.DataFrame:
    """What metadata said of each turn when it began, but for its asker's past: numbers, and flags for classes."""
    ask = turns["ask"].to_numpy()
    addressed = on[on["field"].isin([Field.TO, Field.CC])].drop_duplicates(["message", "person"])
    recipients = addressed.groupby("message").size().reindex(ask, fill_value=0).to_numpy()
    first = addressed.drop_duplicates("message").set_index("message")["person"].reindex(ask).to_numpy()
    copied = on["message"][on["field"] == Field.CC].value_counts().reindex(ask, fill_value=0).to_numpy()
    opens = messages.reset_index().groupby("thread")["index"].min()[turns["thread"]].to_numpy(np.int64)
    parent, sent = messages["parent"].to_numpy()[ask], messages["sent"].to_numpy()
    asked = local_times(time, turns["asked_at"])
    return pd.DataFrame(
        {
            "alone": recipients == 1,
            "first": first == OWNER,
            "recipients": np.log1p(recipients),
            "copied": np.log1p(copied),
            "turn": np.log1p(turns.groupby("thread").cumcount().to_numpy()),
            "message": np.log1p(messages.groupby("thread").cumcount().to_numpy()[ask]),
            "acquaintance": np.log1p(turns.groupby("asker").cumcount().to_numpy()),
            "reply": messages["prefix"].to_numpy()[ask] == "reply",
            "opens": opens == ask,
            "owner began": sent[opens],
            "answers owner": (parent >= 0) & sent[parent],
            **_classes("owner wrote", _since_owner_wrote(messages, turns, time), 5),
            **_classes("size", np.digitize(messages["size"].to_numpy()[ask], SIZES), len(SIZES) + 1),
            **_classes("weekday", asked.day_of_week.to_numpy(), 7),
            **_classes("hours", np.digitize(asked.hour.to_numpy(), HOURS), len(HOURS) + 1),
            **{circle: turns["circle"].to_numpy() == circle for circle in CIRCLES},
        }
    )


def _classes(name: str, code: Ints, count: int) -> dict[str, Flags]:
    return {f"{name} {one}": code == one for one in range(count)}


def _since_owner_wrote(messages: pd.DataFrame, turns: pd.DataFrame, time: WorkingTime) -> Ints:
    """How long before each turn the owner last wrote in its thread: within a working hour (0), day (1), week of five
    days (2), earlier (3), never (4)."""
    own = np.flatnonzero((messages["sent"] & ~messages["automated"]).to_numpy())
    thread, at = messages["thread"].to_numpy(np.int64), messages["at"].to_numpy()
    written = np.sort((thread[own] << 32) | own)
    asked_in = turns["thread"].to_numpy(np.int64)
    place = np.searchsorted(written, (asked_in << 32) | turns["ask"].to_numpy())
    last = np.append(-1, written)[place]
    wrote = (last >> 32) == asked_in
    hours = working_hours(time, at[np.where(wrote, last & 0xFFFFFFFF, 0)], turns["asked_at"].to_numpy())
    day = hours_per_day(time)
    return np.where(wrote, np.digitize(hours, [1, day, 5 * day]), 4)


def past_share(turns: pd.DataFrame, answered: Flags, due: Ints, rows: Ints) -> Floats:
    """Of each asker's earlier turns, as far as was known when this one began, the share answered; drawn towards the
    mailbox's own, the more so the fewer they are."""
    everybody, everybodys = _before(np.zeros(len(turns), np.int64), turns["asked_at"], answered, due, rows)
    theirs, answers = _before(turns["asker"].to_numpy(np.int64), turns["asked_at"], answered, due, rows)
    usual = (everybodys + 1) / (everybody + 2)
    return np.asarray((answers + TRUST * usual) / (theirs + TRUST), np.float64)


def _before(group: Ints, asked_at: "pd.Series[int]", answered: Flags, due: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """How many turns of each turn's group were due when it began, and how many of them were answered."""
    ends = (group[rows] << 32) | due[rows]
    order = np.argsort(ends, kind="stable")
    total = np.append(0, np.cumsum(answered[rows][order]))
    start = np.searchsorted(ends[order], group << 32)
    stop = np.searchsorted(ends[order], (group << 32) | asked_at.to_numpy(), side="right")
    return stop - start, total[stop] - total[start]


def checked(table: Floats, answered: Flags, asked_at: Ints, due: Ints) -> Checked | None:
    """Cross-validation in order of time; None where nothing could be checked.

    Each part is foreseen from the turns before it that were due when it began, with the strength that did best until
    then: nothing is judged by what came later.
    """
    from sklearn.model_selection import TimeSeriesSplit

    errors = np.zeros(len(STRENGTHS))
    parts: list[tuple[Flags, Floats, Floats]] = []
    for before, part in TimeSeriesSplit(FOLDS).split(table):
        learnt = before[due[before] <= asked_at[part[0]]]
        if not len(learnt):
            continue
        said = [_foreseen(table[learnt], answered[learnt], table[part], strength) for strength in STRENGTHS]
        best = said[errors.argmin()]
        errors += [((one - answered[part]) ** 2).sum() for one in said]
        parts.append((answered[part], best, np.full(len(part), answered[learnt].mean())))
    if not parts:
        return None
    came, foreseen, base = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Checked(came, foreseen, base, STRENGTHS[errors.argmin()])


def _foreseen(learnt: Floats, answered: Flags, asked: Floats, strength: float) -> Floats:
    """The probabilities of ``asked`` by a logistic regression on ``learnt``; where all of that ended alike, just so."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if answered.min() == answered.max():
        return np.full(len(asked), float(answered[0]))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000))
    return np.asarray(model.fit(learnt, answered).predict_proba(asked)[:, 1], np.float64)
