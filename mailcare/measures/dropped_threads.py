"""Whose turn it is in each conversation (MEASURES section 3, "Dropped threads")."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mailcare.clock import hours_per_day, working_hours
from mailcare.measures.lookup import code, contact, local
from mailcare.message import Field
from mailcare.pipeline.messages import DAY
from mailcare.pipeline.people import OWNER
from mailcare.pipeline.states import HORIZON_DAYS, closing
from mailcare.pipeline.tables_of import Mailbox
from mailcare.values import Recovered, Waiting

QUIET_DAYS = 10


@dataclass(frozen=True, slots=True)
class Dropped:
    """The conversations that wait, as of a moment; the fields of ``values.Week``."""

    fresh: int
    waiting: tuple[Waiting, ...]
    quiet: tuple[Waiting, ...]
    probably_closed: int
    waiting_for: tuple[Waiting, ...]


def dropped_threads(box: Mailbox, as_of: int) -> Dropped:
    """A conversation waits on you while somebody's message to you has no answer; after ten working days it has gone
    quiet, and after ninety days it is left alone.

    ``as_of`` in seconds since 1970, the moment of the mailbox's tables.
    """
    rows = oldest_open(box, as_of)
    day = hours_per_day(box.time)
    days = rows["age"] / day
    listed = rows[~rows["closing"]]
    days = days[~rows["closing"]]
    waiting = listed[(days >= 1) & (days <= QUIET_DAYS)].sort_values(["age", "asked_at"], ascending=[False, True])
    quiet = listed[days > QUIET_DAYS].sort_values("asked_at", ascending=False)
    awaited = unprompted(box).sort_values(["since", "thread"])
    return Dropped(
        fresh=int((days < 1).sum()),
        waiting=tuple(_waiting(box, turn) for turn in waiting.itertuples()),
        quiet=tuple(_waiting(box, turn) for turn in quiet.itertuples()),
        probably_closed=int(rows["closing"].sum()),
        waiting_for=_waiting_for(box, awaited, as_of),
    )


def unprompted(box: Mailbox) -> pd.DataFrame:
    """The threads that wait on somebody else for something that the owner asked: their last message answers nothing."""
    awaited = box.threads[box.threads["state"] == "waiting_on_them"]
    last = box.messages[~box.messages["automated"]].drop_duplicates("thread", keep="last")
    answers = last["thread"][last.index.isin(box.turns["by"])]
    return awaited[~awaited["thread"].isin(answers)]


def quiet_count(box: Mailbox, moment: int) -> int:
    """How many conversations had gone quiet on the owner's turn at a moment (seconds), as was known then."""
    rows = oldest_open(box, moment)
    return int(((rows["age"] > QUIET_DAYS * hours_per_day(box.time)) & ~rows["closing"]).sum())


def oldest_open(box: Mailbox, moment: int) -> pd.DataFrame:
    """The oldest turn of each thread that was open at a moment and within the horizon: rows of ``box.turns`` with
    ``age`` (working hours) and ``closing`` (an answer is unlikely)."""
    turns = box.turns
    known = (turns["asked_at"] <= moment) & (turns["asked_at"] >= moment - HORIZON_DAYS * DAY)
    rows = turns[known & ((turns["outcome"] == "open") | (turns["ended_at"] > moment))].drop_duplicates("thread")
    messages = box.messages.iloc[: np.searchsorted(box.messages["at"], moment, side="right")]
    on = box.on.iloc[: np.searchsorted(box.on["message"], len(messages))]
    return rows.assign(
        age=working_hours(box.time, rows["asked_at"].to_numpy(), np.full(len(rows), moment)),
        closing=closing(messages, on, rows, box.time, moment),
    )


def recovered(box: Mailbox, since: int, until: int, grace_days: dict[str, float]) -> Recovered | None:
    """The longest wait that the owner's answer ended between two instants after its grace period had run out."""
    turns = box.turns
    ended = turns[(turns["outcome"] == "answered") & (turns["ended_at"] >= since) & (turns["ended_at"] < until)]
    grace = ended["circle"].map(grace_days).astype(float).fillna(grace_days["default"]) * hours_per_day(box.time)
    late = ended[ended["working"] > grace]
    if late.empty:
        return None
    longest: Any = late.iloc[late["working"].argmax()]
    return Recovered(contact(box, longest["asker"]), local(box, longest["ended_at"]), float(longest["working"]))


def _waiting(box: Mailbox, turn: Any) -> Waiting:
    messages = box.messages
    thread = messages[messages["thread"] == turn.thread]
    on_ask = box.on[(box.on["message"] == turn.ask) & box.on["field"].isin([Field.TO, Field.CC])]
    later = thread.index[(thread.index > turn.ask) & ~thread["automated"] & ~thread["sent"]]
    others_wrote = later[messages["author"][later] != turn.asker]
    reached = box.on[box.on["message"].isin(others_wrote) & box.on["field"].isin([Field.TO, Field.CC])]
    return Waiting(
        code=code(messages["id"][box.threads["first"][turn.thread]]),
        contact=contact(box, turn.asker),
        subject=messages["subject"][turn.ask],
        since=local(box, turn.asked_at),
        working_hours=float(turn.age),
        others=on_ask["person"][~on_ask["person"].isin([OWNER, turn.asker])].nunique(),
        chased_at=local(box, turn.chased_at) if turn.chased_at >= 0 else None,
        owner_wrote_before=bool(thread["sent"][thread.index < turn.ask].any()),
        others_answered=bool((reached["person"] == turn.asker).any()),
    )


def _waiting_for(box: Mailbox, awaited: pd.DataFrame, as_of: int) -> tuple[Waiting, ...]:
    age = working_hours(box.time, awaited["since"].to_numpy(), np.full(len(awaited), as_of))
    rows: Any = awaited.itertuples()
    return tuple(
        Waiting(
            code=code(box.messages["id"][thread.first]),
            contact=contact(box, thread.person),
            subject=box.messages["subject"][thread.first],
            since=local(box, thread.since),
            working_hours=float(hours),
        )
        for thread, hours in zip(rows, age, strict=True)
    )
