"""The tables for readers: addresses and ids in words, instants in UTC (``mailcare.tables``)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from mailcare import tables
from mailcare.mail.message import Field
from mailcare.mail.subjects import shown
from mailcare.pipeline.mailbox import Mailbox
from mailcare.pipeline.turns import week_names


@dataclass(frozen=True)
class Tables:
    """The tables for readers, as ``mailcare.tables`` declares them, each made when it is asked for."""

    mailbox: Mailbox
    account: str

    @cached_property
    def messages(self) -> pd.DataFrame:
        return tables.check(_messages(self.mailbox, self.account), tables.MESSAGES)

    @cached_property
    def turns(self) -> pd.DataFrame:
        return tables.check(_turns(self.mailbox, self.account), tables.TURNS)

    @cached_property
    def replies(self) -> pd.DataFrame:
        return tables.check(_replies(self.mailbox, self.account), tables.REPLIES)

    @cached_property
    def threads(self) -> pd.DataFrame:
        return tables.check(_threads(self.mailbox, self.account), tables.THREADS)

    @cached_property
    def weekly(self) -> pd.DataFrame:
        return tables.check(_weekly(self.mailbox, self.account), tables.WEEKLY)


def _messages(box: Mailbox, account: str) -> pd.DataFrame:
    frame = box.messages
    fields = {
        name: _listed(box, box.on[box.on["field"] == field], len(frame))
        for name, field in (("to", Field.TO), ("cc", Field.CC), ("bcc", Field.BCC))
    }
    return pd.DataFrame(
        {
            "account": account,
            "message_id": frame["id"],
            "thread_id": _thread_ids(box, frame["thread"]),
            "at": _instants(frame["at"]),
            "direction": np.where(frame["sent"], "sent", "received"),
            "automated": frame["automated"].to_numpy(bool),
            "from": _addresses(box, frame["writer"]),
            **fields,
            "subject": _subjects(frame["subject"]),
            "parent_message_id": _ids(box, frame["parent"]),
        }
    )


def _turns(box: Mailbox, account: str) -> pd.DataFrame:
    frame = box.judged
    return pd.DataFrame(
        {
            "account": account,
            "thread_id": _thread_ids(box, frame["thread"]),
            "ask_message_id": _ids(box, frame["ask"]),
            "asker": _addresses(box, frame["asker"]),
            "asked_at": _instants(frame["asked_at"]),
            "asks": frame["asks"],
            "chasers": frame["chasers"],
            "outcome": frame["outcome"],
            "ended_at": _instants(frame["ended_at"]),
            "by_message_id": _ids(box, frame["by"]),
            "latency_hours": frame["latency"],
            "working_hours": frame["working"],
            "circle": frame["circle"],
            "week": week_names(frame["monday"]),
            "p_answer": frame["p_answer"],
        }
    )


def _replies(box: Mailbox, account: str) -> pd.DataFrame:
    frame = box.replies
    row = pd.Series(frame.index, index=frame["message"])
    concerned = box.concerned.assign(message=box.concerned["message"].map(row))
    part = concerned["part"]
    lists = {name: _listed(box, concerned[part == name], len(frame)) for name in ("kept", "dropped", "added")}
    return pd.DataFrame(
        {
            "account": account,
            "message_id": _ids(box, frame["message"]),
            "parent_message_id": _ids(box, frame["parent"]),
            "at": _instants(box.messages["at"].to_numpy()[frame["message"]]),
            "audience": frame["audience"],
            **lists,
            "brought_back": _listed(box, concerned[concerned["brought_back"]], len(frame)),
            "coverage": frame["coverage"],
        }
    )


def _threads(box: Mailbox, account: str) -> pd.DataFrame:
    frame = box.threads
    return pd.DataFrame(
        {
            "account": account,
            "thread_id": _ids(box, frame["first"]),
            "state": frame["state"],
            "since": _instants(frame["since"]).where(frame["since"] >= 0),
            "waiting_for": _addresses(box, frame["person"]),
            "subject": _subjects(box.messages["subject"].to_numpy(object)[frame["first"]]),
        }
    )


def _weekly(box: Mailbox, account: str) -> pd.DataFrame:
    return box.weeks.assign(account=account, week=week_names(box.weeks["monday"])).drop(columns="monday")


def _thread_ids(box: Mailbox, thread: pd.Series) -> Any:
    return _ids(box, box.states["first"].to_numpy()[thread])


def _ids(box: Mailbox, message: Any) -> Any:
    return np.append(box.messages["id"].to_numpy(object), "")[np.asarray(message, np.int64)]


def _subjects(kept: Any) -> list[str]:
    return [shown(subject) or "" for subject in kept]


def _addresses(box: Mailbox, person: Any) -> Any:
    return np.append(box.people["address"].to_numpy(object), "")[np.asarray(person, np.int64)]


def _instants(values: Any) -> pd.Series:
    return pd.Series(np.asarray(values, np.int64).astype("datetime64[s]")).dt.tz_localize("UTC")


def _listed(box: Mailbox, rows: pd.DataFrame, count: int) -> pd.Series:
    """For each message 0 … count - 1 the addresses of its people, in the alphabet's order."""
    named = pd.DataFrame({"message": rows["message"].to_numpy(), "address": _addresses(box, rows["person"])})
    named = named.drop_duplicates().sort_values(["message", "address"])
    ends = np.searchsorted(named["message"].to_numpy(), np.arange(count + 1))
    values = pa.array(named["address"], pa.string())
    lists = pa.ListArray.from_arrays(pa.array(ends, pa.int32()), values)
    return pd.Series(lists.to_pylist(), dtype=object)
