"""The whole pipeline, one stage a line."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from mailcare import tables
from mailcare.config.settings import Account
from mailcare.hours.clock import local_days
from mailcare.hours.worktime import WorkingTime
from mailcare.mail.message import Field
from mailcare.mail.subjects import shown
from mailcare.pipeline.expected import Foresight, expected
from mailcare.pipeline.messages import facts, in_kept_folders, named_by_lists, without_own_mail
from mailcare.pipeline.people import people, recipients, senders_are_automated
from mailcare.pipeline.replies import replies, with_answered_asks
from mailcare.pipeline.states import settled_at, states, turns_settled_at
from mailcare.pipeline.theirs import theirs
from mailcare.pipeline.threads import conversations, links, parents, threads
from mailcare.pipeline.turns import turns, week_names
from mailcare.pipeline.weeks import weeks


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The stages' tables, people and messages as integer codes; columns as each stage's docstring says."""

    people: pd.DataFrame
    messages: pd.DataFrame
    on: pd.DataFrame
    """Who stands in which field of which message: ``message``, ``field``, ``person``."""
    turns: pd.DataFrame
    theirs: pd.DataFrame
    """The owner's turns with others: the same with the parts exchanged."""
    keys: pa.ChunkedArray
    """What the connector calls each copy; ``messages.copy`` counts here."""
    replies: pd.DataFrame
    concerned: pd.DataFrame
    """Who was kept, dropped or added on each reply."""
    threads: pd.DataFrame
    weeks: pd.DataFrame
    time: WorkingTime
    """The owner's working time, less the days on which an out-of-office note went out."""
    model: Foresight | None
    """How well the ``p_answer`` of the turns foresees answers; None where the rule for little history stands."""
    quality: Counter[str]
    """What could not be used: a key of ``tables.QUALITY`` → count."""


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


def tables_of(
    log: pa.Table,
    account: Account,
    as_of: datetime,
    skipped: Counter[str] | None = None,
    settled: dict[str, int] | None = None,
) -> Tables:
    """What the log of one account says as of a moment (aware).

    ``skipped`` is what reading left out, by reason; ``settled`` says when the owner settled a thread (id of a message
    of it → seconds since 1970).
    """
    return Tables(mailbox_of(log, account, as_of, skipped or Counter(), settled or {}), account.name)


def mailbox_of(
    log: pa.Table, account: Account, as_of: datetime, skipped: Counter[str], settled: dict[str, int]
) -> Mailbox:
    """The stages one after another; nothing later than ``as_of`` (aware) exists."""
    moment = int(as_of.timestamp())
    quality = Counter(skipped)
    log = in_kept_folders(without_own_mail(log.combine_chunks()), account)
    seen = recipients(log)
    persons, codes = people(seen, account)
    seen["person"] = np.append(codes, -1)[seen["address"].cat.codes]
    seen["automated"] = np.append(senders_are_automated(seen, account), False)[seen["address"].cat.codes]
    seen["list"] = named_by_lists(seen, log)
    seen = seen[seen["person"] >= 0][["copy", "field", "person", "automated", "list"]]
    messages, on, names, standing = facts(log, seen, persons, moment, quality)
    linked, provider = links(log, standing, names), conversations(log, messages)
    messages["thread"] = threads(messages, on, linked, provider)
    away = [] if account.shared else _out_of_office(messages, account.working_time)
    time = account.working_time.away_on(away)
    taken = turns(messages, on, linked, persons, time, moment, shared=account.shared)
    messages["settled_at"] = settled_at(messages, settled)
    taken["settled_at"] = turns_settled_at(taken, messages)
    messages["parent"] = parents(linked, provider)
    taken["p_answer"], model = expected(messages, on, taken, time, moment)
    messages["parent"] = with_answered_asks(messages["parent"].to_numpy(), messages, taken)
    sent, concerned = replies(messages, on, persons, time)
    quality["unknown_latency"] += int((taken["outcome"].ne("open") & taken["latency"].isna()).sum())
    return Mailbox(
        people=persons,
        messages=messages,
        keys=log["key"],
        on=on,
        turns=taken,
        theirs=theirs(messages, on, linked, persons, time, moment),
        replies=sent,
        concerned=concerned,
        threads=states(messages, on, persons, taken, time, account.grace_days, moment),
        weeks=weeks(taken, sent, messages, time),
        time=time,
        model=model,
        quality=+quality,
    )


def _out_of_office(messages: pd.DataFrame, time: WorkingTime) -> list[date]:
    """The owner's days on which their own out-of-office note went out."""
    notes = messages[messages["sent"] & messages["auto_reply"]]
    return sorted({day.date() for day in local_days(time, notes["at"].to_numpy())})


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
    frame = box.turns
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
    return _ids(box, box.threads["first"].to_numpy()[thread])


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
