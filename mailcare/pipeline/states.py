"""Where each thread stands (docs/measures.md, "State")."""

import numpy as np
import pandas as pd

from mailcare.hours.arrays import Flags, Floats, Ints
from mailcare.hours.clock import hours_per_day, working_hours
from mailcare.hours.worktime import WorkingTime
from mailcare.mail.message import Field
from mailcare.pipeline.expected import UNLIKELY
from mailcare.pipeline.messages import DAY
from mailcare.pipeline.people import OWNER

HORIZON_DAYS = 90
"""Whose turn it is no longer matters after so many days."""
CLOSING_ASK_DAYS = 1
SILENCE_DAYS = 5
NEVER = 1 << 62
"""The moment, in seconds, at which what was not settled will be."""


def states(
    messages: pd.DataFrame,
    on: pd.DataFrame,
    people: pd.DataFrame,
    turns: pd.DataFrame,
    time: WorkingTime,
    grace_days: dict[str, float],
    as_of: int,
) -> pd.DataFrame:
    """One row per thread, in the order of the threads' numbers.

    Columns: ``thread``, ``first`` (message), ``state``, ``since`` (seconds, -1 where settled), ``person`` (who waits,
    or for whom the owner waits; -1 without), ``turn`` (the oldest open turn within the horizon, -1 without).
    """
    table = pd.DataFrame({"first": np.flatnonzero(~messages["thread"].duplicated())})
    table.insert(0, "thread", messages["thread"].to_numpy()[table["first"]])
    table = table.assign(state="settled", since=-1, person=-1, turn=-1)
    _awaited(table, messages, on, people, time, grace_days, as_of)
    unanswered = turns[turns["outcome"] == "open"]
    marked = messages["settled_at"].to_numpy()[table["first"]]
    sorted_out = (marked <= as_of) & (table["since"].to_numpy() <= marked)
    nobody_waits = sorted_out | table["thread"].isin(unanswered["thread"]).to_numpy()
    table.loc[nobody_waits, "state"] = "settled"
    table.loc[nobody_waits, ["since", "person"]] = -1
    unanswered = unanswered[unanswered["settled_at"] > as_of]
    oldest = unanswered[unanswered["asked_at"] >= as_of - HORIZON_DAYS * DAY].drop_duplicates("thread")
    rows = oldest["thread"].to_numpy()
    grace = grace_hours(oldest["circle"], grace_days, time)
    late = oldest["working"].to_numpy() > grace
    table.loc[rows, "state"] = np.where(late, "dropped", "waiting_on_you")
    table.loc[rows, "since"] = oldest["asked_at"].to_numpy()
    table.loc[rows, "person"] = oldest["asker"].to_numpy()
    table.loc[rows, "turn"] = oldest.index
    return table


def closed(
    table: pd.DataFrame, messages: pd.DataFrame, on: pd.DataFrame, turns: pd.DataFrame, time: WorkingTime, as_of: int
) -> pd.DataFrame:
    """The threads of ``states``, those of the dropped to which an answer is unlikely as ``probably_closed``; ``turns``
    with ``p_answer``."""
    late = (table["state"] == "dropped").to_numpy()
    state = table["state"].to_numpy(object, copy=True)
    waits = turns.loc[table["turn"][late]]
    state[late] = np.where(unlikely(messages, on, waits, time, as_of), "probably_closed", "dropped")
    return table.assign(state=state)


def settled_at(messages: pd.DataFrame, settled: dict[str, int]) -> Ints:
    """For each message, when the owner last said that its thread is settled (seconds since 1970; NEVER without)."""
    marked = messages["id"].map(settled).groupby(messages["thread"]).transform("max")
    return marked.fillna(NEVER).to_numpy(np.int64)


def turns_settled_at(turns: pd.DataFrame, messages: pd.DataFrame) -> Ints:
    """For each turn, when the owner settled its thread (NEVER without); one that is asked again later is open again."""
    last = turns["last_ask"].to_numpy()
    moment = messages["settled_at"].to_numpy()[last]
    return np.where(messages["at"].to_numpy()[last] <= moment, moment, NEVER)


def grace_hours(circles: "pd.Series[str]", grace_days: dict[str, float], time: WorkingTime) -> Floats:
    """The grace period of each circle in working hours."""
    days = circles.map(grace_days).astype(float).fillna(grace_days["default"])
    return np.asarray(days * hours_per_day(time), float)


def _awaited(
    table: pd.DataFrame,
    messages: pd.DataFrame,
    on: pd.DataFrame,
    people: pd.DataFrame,
    time: WorkingTime,
    grace_days: dict[str, float],
    as_of: int,
) -> None:
    """Marks the threads whose last human message is the owner's, to somebody else, past the grace period."""
    human = messages[~messages["automated"]]
    last = human.index[~human["thread"].duplicated(keep="last")].to_numpy()
    last = last[messages["sent"].to_numpy()[last]]
    reached = on[on["field"].isin([Field.TO, Field.CC, Field.BCC]) & (on["person"] != OWNER) & on["message"].isin(last)]
    to = reached.sort_values(["message", "field"], kind="stable").drop_duplicates("message")
    at = messages["at"].to_numpy()[to["message"]]
    age = working_hours(time, at, np.full(len(at), as_of))
    grace = grace_hours(people["circle"][to["person"]], grace_days, time)
    old = (age > grace) & (at >= as_of - HORIZON_DAYS * DAY)
    rows = messages["thread"].to_numpy()[to["message"][old]]
    table.loc[rows, "state"] = "waiting_on_them"
    table.loc[rows, "since"] = at[old]
    table.loc[rows, "person"] = to["person"].to_numpy()[old]


def unlikely(messages: pd.DataFrame, on: pd.DataFrame, turns: pd.DataFrame, time: WorkingTime, as_of: int) -> Flags:
    """Whether an answer to each open turn is unlikely: by the model, or without one by its rule
    (docs/measures.md, "p_answer" and "The rule")."""
    if turns["p_answer"].isna().any():
        return closing(messages, on, turns, time, as_of)
    return np.asarray(turns["p_answer"] < UNLIKELY, bool)


def closing(messages: pd.DataFrame, on: pd.DataFrame, turns: pd.DataFrame, time: WorkingTime, as_of: int) -> Flags:
    """Whether an open turn looks like a closing word, by the rule for little history (docs/measures.md, "The rule").

    A single ask that follows within one working day on the owner's answer to the same person, in a thread where that
    person wrote before, with nothing after it for 5 working days.
    """
    at, thread = messages["at"].to_numpy(), messages["thread"].to_numpy()
    day = hours_per_day(time)
    rows = turns.reset_index(drop=True)
    final = pd.Series(np.arange(len(messages))).groupby(thread).max().reindex(rows["thread"]).to_numpy()
    alone = final == rows["ask"].to_numpy()
    silent = working_hours(time, rows["asked_at"], np.full(len(rows), as_of)) >= SILENCE_DAYS * day
    reached = on[on["field"].isin([Field.TO, Field.CC, Field.BCC]) & messages["sent"].to_numpy()[on["message"]]]
    reached = reached.assign(thread=thread[reached["message"]])[["message", "thread", "person"]]
    answers = rows.reset_index().merge(reached, left_on=["thread", "asker"], right_on=["thread", "person"])
    before = answers[answers["message"] < answers["ask"]].groupby("index")["message"].max()
    answer = before.reindex(rows.index)
    prompt = np.zeros(len(rows), bool)
    has = answer.notna().to_numpy()
    answered_at = at[answer[has].to_numpy(np.int64)]
    prompt[has] = working_hours(time, answered_at, rows["asked_at"].to_numpy()[has]) <= CLOSING_ASK_DAYS * day
    wrote = pd.Series(np.arange(len(messages))).groupby([thread, messages["author"].to_numpy()]).min()
    first = wrote.reindex(pd.MultiIndex.from_frame(rows[["thread", "asker"]])).to_numpy()
    return np.asarray(alone & silent & prompt & (first < answer.fillna(-1).to_numpy()), bool)
