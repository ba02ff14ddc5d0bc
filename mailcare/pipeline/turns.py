"""Asks, answers and what became of each turn (docs/measures.md, "Ask", "Turn", "Answer", "Covered" and "Outcome")."""

import numpy as np
import pandas as pd

from mailcare.hours.arrays import Ints
from mailcare.hours.clock import iso_weeks, week_name, working_hours
from mailcare.hours.worktime import WorkingTime
from mailcare.mail.message import Field
from mailcare.pipeline.people import OWNER

CHASER_HOURS = 4
CLOCK_SLACK = 5 * 60
"""Seconds by which an answer may be dated before what it answers and count as immediate."""
REACHED = [Field.TO, Field.CC, Field.BCC]
UNENDED = np.iinfo(np.int64).max
"""In place of the message that ends a wait, while there is none."""


def asks(messages: pd.DataFrame, on: pd.DataFrame, *, shared: bool) -> Ints:
    """The received, human messages from someone else with the owner in To (of a shared address: To or Cc)."""
    fields = [Field.TO, Field.CC] if shared else [Field.TO]
    addressed = np.zeros(len(messages), bool)
    addressed[on["message"][on["field"].isin(fields) & (on["person"] == OWNER)]] = True
    human = ~messages["sent"] & ~messages["automated"] & (messages["author"] > OWNER)
    return np.flatnonzero(addressed & human.to_numpy())


def turns(
    messages: pd.DataFrame,
    on: pd.DataFrame,
    linked: pd.DataFrame,
    people: pd.DataFrame,
    time: WorkingTime,
    as_of: int,
    *,
    shared: bool,
) -> pd.DataFrame:
    """One row per turn, in order of its first ask.

    Columns: ``thread``, ``asker`` (person), ``ask`` and ``last_ask`` (messages), ``asked_at``, ``asks``, ``chasers``,
    ``chased_at`` (seconds, -1 without), ``outcome``, ``by`` (the answer or covering message, -1 while open),
    ``ended_at`` (seconds), ``latency`` and ``working`` (hours; nan where unknown), ``circle``, ``monday``
    (of the ISO week).
    """
    asked = endings(messages, on, linked, people, asks(messages, on, shared=shared))
    return taken(asked, messages, people, time, as_of)


def taken(
    asked: pd.DataFrame, messages: pd.DataFrame, people: pd.DataFrame, time: WorkingTime, as_of: int
) -> pd.DataFrame:
    """The turns of these asks, as ``turns`` has them; ``asked`` as ``endings`` gives it."""
    asked["ended_before"] = _ended_before(asked, messages)
    asked = asked.sort_values(["thread", "asker", "ask"]).reset_index(drop=True)
    turn = asked.groupby(["thread", "asker", "ended_before"], sort=False).ngroup().to_numpy()
    at = asked["at"].to_numpy()
    same = np.append(False, turn[1:] == turn[:-1])
    gap = working_hours(time, np.append(at[:1], at[:-1]), at)
    asked["turn"] = turn
    asked["chaser"] = same & (gap > CHASER_HOURS)
    asked["chased_at"] = np.where(asked["chaser"], at, -1)
    grouped = asked.groupby("turn")
    table = grouped.agg(
        thread=("thread", "first"),
        asker=("asker", "first"),
        ask=("ask", "first"),
        last_ask=("ask", "last"),
        asked_at=("at", "first"),
        asks=("ask", "size"),
        chasers=("chaser", "sum"),
        chased_at=("chased_at", "max"),
        by=("ending", "min"),
    )
    table["covered"] = table["by"].isin(asked["ending"][asked["covered"]])
    table = table.sort_values(["asked_at", "ask"]).reset_index(drop=True)
    return _outcomes(table, messages, people, time, as_of)


def _outcomes(
    table: pd.DataFrame, messages: pd.DataFrame, people: pd.DataFrame, time: WorkingTime, as_of: int
) -> pd.DataFrame:
    by = table["by"].to_numpy()
    still_open = by == UNENDED
    sent_at = np.append(messages["at"].to_numpy(), as_of)[np.where(still_open, len(messages), by)]
    asked_at = table["asked_at"].to_numpy()
    unknown = sent_at < asked_at - CLOCK_SLACK
    latency = np.where(unknown, np.nan, np.maximum(sent_at - asked_at, 0) / 3600)
    working = np.where(unknown, np.nan, working_hours(time, asked_at, sent_at))
    return table.drop(columns="covered").assign(
        by=np.where(still_open, -1, by),
        outcome=np.select([still_open, table["covered"].to_numpy(bool)], ["open", "covered"], "answered"),
        ended_at=sent_at,
        latency=latency,
        working=working,
        circle=people["circle"].to_numpy(object)[table["asker"]],
        monday=iso_weeks(time, asked_at),
    )


def endings(
    messages: pd.DataFrame, on: pd.DataFrame, linked: pd.DataFrame, people: pd.DataFrame, ask: Ints
) -> pd.DataFrame:
    """What ended the wait of each ask: ``ask, thread, asker, at, ending`` (a message; ``UNENDED`` while open),
    ``covered``."""
    asked = pd.DataFrame(
        {
            "ask": ask,
            "thread": messages["thread"].to_numpy()[ask],
            "asker": messages["author"].to_numpy()[ask],
            "at": messages["at"].to_numpy()[ask],
        }
    )
    reach = _reach(asked, on)
    answer = np.minimum(_answers(messages, on, asked, reach), _named_before(messages, on, linked, asked, reach))
    cover = _covers(messages, on, people, asked, reach)
    at = np.append(messages["at"].to_numpy(), UNENDED)
    covered = at[np.minimum(cover, len(messages))] < at[np.minimum(answer, len(messages))]
    return asked.assign(ending=np.where(covered, cover, answer), covered=covered)


def _ended_before(asked: pd.DataFrame, messages: pd.DataFrame) -> Ints:
    """How many waits of this asker in this thread had ended before each ask: what lies between two asks parts them.

    An answer dated before its ask ends the wait at the ask.
    """
    group = asked.groupby(["thread", "asker"]).ngroup().to_numpy(np.int64) << 32
    ended = (asked["ending"] < UNENDED).to_numpy()
    at = asked["at"].to_numpy()
    ended_at = np.maximum(messages["at"].to_numpy()[asked["ending"].to_numpy()[ended]], at[ended])
    return np.asarray(np.searchsorted(np.unique(group[ended] + ended_at), group + at))


def _reach(asked: pd.DataFrame, on: pd.DataFrame) -> pd.DataFrame:
    """Whom an answer must reach: ``row`` of the ask, ``person`` – its From, and its Reply-To."""
    reply_to = on[on["field"] == Field.REPLY_TO].merge(asked.reset_index(), left_on="message", right_on="ask")
    rows = np.append(np.arange(len(asked)), reply_to["index"])
    person = np.append(asked["asker"], reply_to["person"])
    reach = pd.DataFrame({"row": rows, "person": person}).drop_duplicates()
    return reach[reach["person"] != OWNER]


def _answers(messages: pd.DataFrame, on: pd.DataFrame, asked: pd.DataFrame, reach: pd.DataFrame) -> Ints:
    """The first of the owner's messages in the thread, not before the ask, that reaches the asker."""
    from_owner = (messages["sent"] & ~messages["automated"]).to_numpy()
    reached = on[on["field"].isin(REACHED) & from_owner[on["message"]]]
    return first_after(
        messages,
        asked,
        sent=reached["message"].to_numpy(),
        sent_key=[reached["person"].to_numpy()],
        row=reach["row"].to_numpy(),
        key=[reach["person"].to_numpy()],
    )


def _covers(
    messages: pd.DataFrame, on: pd.DataFrame, people: pd.DataFrame, asked: pd.DataFrame, reach: pd.DataFrame
) -> Ints:
    """The first message to the asker from a colleague to whom the ask was addressed as well."""
    colleague = (people["circle"] == "colleagues").to_numpy(copy=True)
    colleague[OWNER] = False
    author = messages["author"].to_numpy()
    writes = (~messages["sent"] & ~messages["automated"]).to_numpy() & np.append(colleague, False)[author]
    to_cc = on[on["field"].isin([Field.TO, Field.CC])]
    written = to_cc[writes[to_cc["message"]]]
    beside = to_cc[colleague[to_cc["person"]]].merge(asked.reset_index(), left_on="message", right_on="ask")
    beside = beside[beside["person"] != beside["asker"]][["index", "person"]].drop_duplicates()
    pairs = beside.merge(reach, left_on="index", right_on="row", suffixes=("_beside", ""))
    return first_after(
        messages,
        asked,
        sent=written["message"].to_numpy(),
        sent_key=[author[written["message"]], written["person"].to_numpy()],
        row=pairs["row"].to_numpy(np.int64),
        key=[pairs["person_beside"].to_numpy(np.int64), pairs["person"].to_numpy(np.int64)],
    )


def first_after(
    messages: pd.DataFrame, asked: pd.DataFrame, *, sent: Ints, sent_key: list[Ints], row: Ints, key: list[Ints]
) -> Ints:
    """For each ask the first of the messages ``sent`` in its thread with a matching key and not before it.

    ``sent_key`` describes ``sent``; ``row`` and ``key`` are what to look for, several per ask. Messages are numbered in
    order of time, so the first is the smallest number.
    """
    first = np.full(len(asked), UNENDED, np.int64)
    thread = messages["thread"].to_numpy()
    wanted = np.column_stack([asked["thread"].to_numpy()[row], *key])
    codes = pd.factorize(_tuples(np.vstack([np.column_stack([thread[sent], *sent_key]), wanted])))[0].astype(np.int64)
    at = messages["at"].to_numpy()
    instants, seen_at = np.unique(at, return_inverse=True)
    timeline = np.sort((codes[: len(sent)] << 32) | sent)
    earliest = np.searchsorted(at, instants[seen_at[asked["ask"].to_numpy()]])[row]
    place = np.searchsorted(timeline, (codes[len(sent) :] << 32) | earliest)
    found = np.append(timeline, -1)[place]
    hit = (found >> 32) == codes[len(sent) :]
    np.minimum.at(first, row[hit], found[hit] & 0xFFFFFFFF)
    return first


def _tuples(columns: Ints) -> Ints:
    """One integer for each row: equal rows have equal integers."""
    code = columns[:, 0]
    for column in columns.T[1:]:
        code = pd.factorize((code.astype(np.int64) << 32) | column)[0]
    return code


def _named_before(
    messages: pd.DataFrame, on: pd.DataFrame, linked: pd.DataFrame, asked: pd.DataFrame, reach: pd.DataFrame
) -> Ints:
    """The first of the owner's messages that reaches the asker, names the ask and yet is dated before it."""
    first = np.full(len(asked), UNENDED, np.int64)
    from_owner = (messages["sent"] & ~messages["automated"]).to_numpy()
    named = linked[(linked["target"] > linked["message"]) & from_owner[linked["message"]]]
    named = named[["message", "target"]].drop_duplicates().merge(asked.reset_index(), left_on="target", right_on="ask")
    named = named.merge(reach, left_on="index", right_on="row")
    reached = on[on["field"].isin(REACHED)][["message", "person"]].drop_duplicates()
    named = named.merge(reached, on=["message", "person"])
    np.minimum.at(first, named["row"].to_numpy(np.int64), named["message"].to_numpy(np.int64))
    return first


def week_names(mondays: pd.Series) -> pd.Series:
    """``2026-W38`` for each Monday."""
    names = {monday: week_name(monday.date()) for monday in mondays.unique()}
    return mondays.map(names)
