"""Whose turn it is (docs/measures.md, "Conversations that went quiet" and "Recovered")."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mailcare.hours.clock import hours_per_day, working_hours
from mailcare.mail.message import Field
from mailcare.measures.lookup import code, contact, key, local, subject_of
from mailcare.pipeline.mailbox import Mailbox
from mailcare.pipeline.messages import DAY
from mailcare.pipeline.people import OWNER
from mailcare.pipeline.states import HORIZON_DAYS, grace_hours, unlikely
from mailcare.values.week import Recovered, Waiting

WAITING_DAYS = 1
"""What is younger, in working days, is fresh and can wait its turn."""
QUIET_DAYS = 10
"""After so many working days a conversation has gone quiet."""
ENOUGH_BEFORE = 3
"""Fewer earlier turns of somebody show no habit of answering them."""


@dataclass(frozen=True, slots=True)
class WaitingLists:
    """The conversations that wait, as of a moment; the fields of ``values.Week``."""

    fresh: int
    waiting: tuple[Waiting, ...]
    quiet: tuple[Waiting, ...]
    probably_closed: int
    waiting_for: tuple[Waiting, ...]


def waiting_lists(box: Mailbox) -> WaitingLists:
    """A conversation waits on you while somebody's message to you has no answer; after ten working days it has gone
    quiet, and after ninety days it is left alone.

    As of the mailbox's moment.
    """
    rows = oldest_open(box, box.moment)
    day = hours_per_day(box.time)
    days = rows["age"] / day
    listed = rows[~rows["closing"]]
    days = days[~rows["closing"]]
    waiting = listed[(days >= WAITING_DAYS) & (days <= QUIET_DAYS)]
    waiting = waiting.sort_values(["age", "asked_at"], ascending=[False, True])
    quiet = listed[days > QUIET_DAYS].sort_values(["p_answer", "asked_at"], ascending=False)
    awaited = unprompted(box).sort_values(["since", "thread"])
    return WaitingLists(
        fresh=int((days < WAITING_DAYS).sum()),
        waiting=_waiting(box, waiting),
        quiet=_waiting(box, quiet),
        probably_closed=int(rows["closing"].sum()),
        waiting_for=_waiting_for(box, awaited),
    )


def unprompted(box: Mailbox) -> pd.DataFrame:
    """The threads that wait on somebody else for something that the owner asked: their last message answers nothing."""
    awaited = box.states[box.states["state"] == "waiting_on_them"]
    last = box.messages[~box.messages["automated"]].drop_duplicates("thread", keep="last")
    answers = last["thread"][last.index.isin(box.turns["by"])]
    return awaited[~awaited["thread"].isin(answers)]


def quiet_count(box: Mailbox, moment: int) -> int:
    """How many conversations had gone quiet on the owner's turn at a moment (seconds), as was known then."""
    rows = oldest_open(box, moment)
    return int(((rows["age"] > QUIET_DAYS * hours_per_day(box.time)) & ~rows["closing"]).sum())


def oldest_open(box: Mailbox, moment: int) -> pd.DataFrame:
    """The oldest turn of each thread that was open at a moment and within the horizon: rows of ``box.judged`` with
    ``age`` (working hours) and ``closing`` (past its grace period, and an answer is unlikely, by the model as
    it is today)."""
    turns = box.judged
    known = (turns["asked_at"] <= moment) & (turns["asked_at"] >= moment - HORIZON_DAYS * DAY)
    unsettled = turns["settled_at"] > moment
    open_then = (turns["outcome"] == "open") | (turns["ended_at"] > moment)
    rows = turns[known & unsettled & open_then].drop_duplicates("thread")
    messages = box.messages.iloc[: np.searchsorted(box.messages["at"], moment, side="right")]
    on = box.on.iloc[: np.searchsorted(box.on["message"], len(messages))]
    age = working_hours(box.time, rows["asked_at"].to_numpy(), np.full(len(rows), moment))
    grace = grace_hours(rows["circle"], box.owner.grace_days, box.time)
    closes = unlikely(messages, on, rows, box.time, moment) & (age > grace)
    return rows.assign(age=age, closing=closes)


def recovered(box: Mailbox, since: int, until: int) -> Recovered | None:
    """The longest wait that the owner's answer ended between two instants after its grace period had run out."""
    turns = box.turns
    ended = turns[(turns["outcome"] == "answered") & (turns["ended_at"] >= since) & (turns["ended_at"] < until)]
    late = ended[ended["working"] > grace_hours(ended["circle"], box.owner.grace_days, box.time)]
    if late.empty:
        return None
    longest: Any = late.iloc[late["working"].argmax()]
    return Recovered(contact(box, longest["asker"]), local(box, longest["ended_at"]), float(longest["working"]))


def circumstances(box: Mailbox, rows: pd.DataFrame) -> pd.DataFrame:
    """The turns with ``others`` (people addressed besides owner and asker), ``owner_wrote_before`` (in the thread),
    ``others_answered`` (somebody else wrote to the asker since), ``asked_before`` and ``answered_before`` (the asker's
    earlier turns, and how many of them were answered; 0 if they are too few to speak of)."""
    messages = box.messages
    to_cc = box.on[box.on["field"].isin([Field.TO, Field.CC])][["message", "person"]].drop_duplicates()
    beside = rows.reset_index()[["index", "ask", "asker"]].merge(to_cc, left_on="ask", right_on="message")
    beside = beside[(beside["person"] != OWNER) & (beside["person"] != beside["asker"])]
    first_sent = messages.index[messages["sent"]].to_series().groupby(messages["thread"]).min()
    human = messages[~messages["sent"] & ~messages["automated"] & messages["thread"].isin(rows["thread"])]
    written = to_cc.merge(human[["thread", "author"]], left_on="message", right_index=True)
    since = rows.reset_index()[["index", "thread", "asker", "ask"]].merge(
        written, left_on=["thread", "asker"], right_on=["thread", "person"]
    )
    since = since[(since["message"] > since["ask"]) & (since["author"] != since["asker"])]
    past = rows.reset_index()[["index", "asker", "asked_at"]].merge(
        box.turns[["asker", "asked_at", "outcome"]], on="asker", suffixes=("", "_before")
    )
    past = past[past["asked_at_before"] < past["asked_at"]]
    answered = (past["outcome"] == "answered").groupby(past["index"]).agg(["size", "sum"])
    answered = answered[answered["size"] >= ENOUGH_BEFORE].reindex(rows.index, fill_value=0)
    return rows.assign(
        asked_before=answered["size"],
        answered_before=answered["sum"],
        others=beside.groupby("index").size().reindex(rows.index, fill_value=0),
        owner_wrote_before=rows["thread"].map(first_sent).lt(rows["ask"]),
        others_answered=rows.index.isin(since["index"]),
    )


def _waiting(box: Mailbox, rows: pd.DataFrame) -> tuple[Waiting, ...]:
    turns: Any = circumstances(box, rows).itertuples()
    return tuple(
        Waiting(
            code=code(box.messages["id"][box.states["first"][turn.thread]]),
            contact=contact(box, turn.asker),
            subject=subject_of(box, turn.ask),
            since=local(box, turn.asked_at),
            working_hours=float(turn.age),
            others=int(turn.others),
            chased_at=local(box, turn.chased_at) if turn.chased_at >= 0 else None,
            owner_wrote_before=bool(turn.owner_wrote_before),
            others_answered=bool(turn.others_answered),
            asked_before=int(turn.asked_before),
            answered_before=int(turn.answered_before),
            p_answer=None if np.isnan(turn.p_answer) else float(turn.p_answer),
            message_id=box.messages["id"][turn.ask],
            key=key(box, turn.ask),
        )
        for turn in turns
    )


def _waiting_for(box: Mailbox, awaited: pd.DataFrame) -> tuple[Waiting, ...]:
    age = working_hours(box.time, awaited["since"].to_numpy(), np.full(len(awaited), box.moment))
    rows: Any = awaited.itertuples()
    return tuple(
        Waiting(
            code=code(box.messages["id"][thread.first]),
            contact=contact(box, thread.person),
            subject=subject_of(box, thread.first),
            since=local(box, thread.since),
            working_hours=float(hours),
            message_id=box.messages["id"][thread.first],
            key=key(box, thread.first),
        )
        for thread, hours in zip(rows, age, strict=True)
    )
