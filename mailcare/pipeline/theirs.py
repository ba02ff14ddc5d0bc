"""The same definitions with the parts exchanged: how long the owner waits (docs/measures.md, "Both ways")."""

import numpy as np
import pandas as pd

from mailcare.hours.arrays import Floats, Ints
from mailcare.hours.clock import seconds, working_hours
from mailcare.hours.worktime import WorkingTime
from mailcare.mail.message import Field
from mailcare.pipeline.messages import DAY
from mailcare.pipeline.people import OWNER
from mailcare.pipeline.turns import UNENDED, first_after, taken

ABSENT_DAYS = 14
"""So long at most an out-of-office note of somebody else counts, if they write nothing before."""


def theirs(
    messages: pd.DataFrame, on: pd.DataFrame, linked: pd.DataFrame, people: pd.DataFrame, time: WorkingTime, as_of: int
) -> pd.DataFrame:
    """The owner's turns with others, in columns as ``turns.turns``: ``asker`` is whom the owner asked.

    The owner's human messages ask each person in To; that person's first human message back, in the thread, answers. A
    wait stands still while the other one is away (``absences``); the clock is the owner's working time.
    """
    asked = _asked(messages, on, people)
    first = np.minimum(_answers(messages, asked), _named_before(messages, linked, asked))
    asked = asked.assign(ending=first, covered=False)
    table = taken(asked, messages, people, time, as_of)
    away = absences(messages, as_of)
    return table.assign(working=np.maximum(table["working"] - _absent_hours(table, away, time), 0.0))


def absences(messages: pd.DataFrame, as_of: int) -> pd.DataFrame:
    """When others were away: ``person, since, until`` (seconds), from an out-of-office note to the person's next human
    message in the mailbox, for fourteen days at most."""
    note = np.flatnonzero(messages["auto_reply"] & ~messages["sent"] & (messages["author"] > OWNER))
    human = np.flatnonzero(~messages["automated"] & ~messages["sent"])
    author, at = messages["author"].to_numpy(), messages["at"].to_numpy()
    written = np.sort((author[human] << 32) | human)
    place = np.searchsorted(written, (author[note] << 32) | note)
    following = np.append(written, -1)[place]
    wrote = following >> 32 == author[note]
    back = np.where(wrote, at[np.where(wrote, following & 0xFFFFFFFF, 0)], as_of)
    spans = pd.DataFrame(
        {"person": author[note], "since": at[note], "until": np.minimum(back, at[note] + ABSENT_DAYS * DAY)}
    )
    return _merged(spans)


def _merged(spans: pd.DataFrame) -> pd.DataFrame:
    """Overlapping spans of a person taken together."""
    spans = spans.sort_values(["person", "since"]).reset_index(drop=True)
    reached = spans.groupby("person")["until"].cummax().groupby(spans["person"]).shift(fill_value=-1)
    block = (spans["since"] > reached).groupby(spans["person"]).cumsum()
    merged = spans.groupby([spans["person"], block.rename("block")]).agg(since=("since", "min"), until=("until", "max"))
    return merged.reset_index()[["person", "since", "until"]]


def _absent_hours(turns: pd.DataFrame, away: pd.DataFrame, time: WorkingTime) -> Floats:
    """The working hours of each turn in which the other one was away."""
    rows = turns[["asker", "asked_at", "ended_at"]].reset_index().merge(away, left_on="asker", right_on="person")
    start = np.maximum(rows["asked_at"].to_numpy(np.int64), rows["since"].to_numpy(np.int64))
    end = np.minimum(rows["ended_at"].to_numpy(np.int64), rows["until"].to_numpy(np.int64))
    hours = pd.Series(working_hours(time, seconds(start), seconds(np.maximum(start, end))))
    return np.asarray(hours.groupby(rows["index"].to_numpy()).sum().reindex(turns.index, fill_value=0.0), float)


def _asked(messages: pd.DataFrame, on: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """One row for each person in To of each of the owner's human messages: ``ask, thread, asker, at``."""
    mine = (messages["sent"] & ~messages["automated"]).to_numpy()
    to = on[(on["field"] == Field.TO) & mine[on["message"]] & (on["person"] > OWNER)]
    to = to[~people["robot"].to_numpy(bool)[to["person"]]]
    ask = to["message"].to_numpy(np.int64)
    return pd.DataFrame(
        {
            "ask": ask,
            "thread": messages["thread"].to_numpy()[ask],
            "asker": to["person"].to_numpy(np.int64),
            "at": messages["at"].to_numpy()[ask],
        }
    ).drop_duplicates(ignore_index=True)


def _answers(messages: pd.DataFrame, asked: pd.DataFrame) -> Ints:
    """The first human message in the thread that the person wrote, not before the ask."""
    written = np.flatnonzero(~messages["sent"] & ~messages["automated"] & (messages["author"] > OWNER))
    return first_after(
        messages,
        asked,
        sent=written,
        sent_key=[messages["author"].to_numpy()[written]],
        row=np.arange(len(asked)),
        key=[asked["asker"].to_numpy()],
    )


def _named_before(messages: pd.DataFrame, linked: pd.DataFrame, asked: pd.DataFrame) -> Ints:
    """The first message of the person that names the ask and yet is dated before it."""
    first = np.full(len(asked), UNENDED, np.int64)
    human = (~messages["sent"] & ~messages["automated"]).to_numpy()
    named = linked[(linked["target"] > linked["message"]) & human[linked["message"]]][["message", "target"]]
    named = named.drop_duplicates().assign(asker=messages["author"].to_numpy()[named.drop_duplicates()["message"]])
    named = named.merge(asked.reset_index(), left_on=["target", "asker"], right_on=["ask", "asker"])
    np.minimum.at(first, named["index"].to_numpy(np.int64), named["message"].to_numpy(np.int64))
    return first
