"""What holds for every mailbox, tried on small invented ones."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from mailcare import tables as declared
from mailcare.hours.clock import working_hours
from mailcare.hours.worktime import WorkingTime
from tests.conversation import Tables, log, seen, tables

AS_OF = "Mon+3 12:00"
SENDERS = ["me", "me", "me", "ann", "ann", "bob", "kim", "lee", "noreply@shop.example"]
RECIPIENTS = ["me", "ann", "bob", "kim", "lee", "dev@lists.example"]
SUBJECTS = ["Budget", "Re: Budget", "Bill", "Fwd: Bill", "[dev] AW: Bill"]
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

quickly = settings(max_examples=25, deadline=None)


@st.composite
def mailboxes(draw: st.DrawFn, plain: bool = False) -> str:
    """Up to fourteen messages in the notation, no two at one time. ``plain``: parents are earlier messages, and no
    out-of-office notes."""
    minutes = draw(st.lists(st.integers(0, 3 * 7 * 24 * 12), min_size=1, max_size=14, unique=True))
    if plain:
        minutes.sort()
    return "\n".join(_line(draw, number, minute * 5, len(minutes), plain) for number, minute in enumerate(minutes, 1))


def _line(draw: st.DrawFn, number: int, minute: int, count: int, plain: bool) -> str:
    day, time = divmod(minute, 24 * 60)
    sender = draw(st.sampled_from(SENDERS))
    recipients = draw(st.lists(st.sampled_from(RECIPIENTS), min_size=1, max_size=4, unique=True))
    fields = [draw(st.sampled_from(["", "", "cc ", "bcc "])) + name for name in recipients]
    known = [f"m{other}" for other in range(1, number if plain else count + 1)] or ["lost"]
    options = [f"m{number} < {draw(st.sampled_from(known))}" if draw(st.booleans()) else f"m{number}"]
    options += [f"refs:{draw(st.sampled_from([*known, 'lost']))}"] if draw(st.integers(0, 4)) == 0 else []
    kinds = ["", "", "", "machine", "bulk", "bulk, post", "conv:7"] + ([] if plain else ["auto", "no-id"])
    options += [draw(st.sampled_from(kinds))]
    options += ["reply-to:desk"] if not plain and draw(st.integers(0, 6)) == 0 else []
    when = f"{DAYS[day % 7]}+{day // 7} {time // 60:02}:{time % 60:02}"
    bracket = ", ".join(option for option in options if option)
    return f'{when}  {sender} -> {", ".join(fields)}  "{draw(st.sampled_from(SUBJECTS))}"  [{bracket}]'


def everything(mail: Tables) -> dict[str, list[str]]:
    frames = (mail.messages, mail.turns, mail.replies, mail.threads, mail.weekly)
    return {
        table.name: seen(frame, " ".join(table.names)) for table, frame in zip(declared.EXPORTED, frames, strict=True)
    }


def changed(table: pa.Table, **columns: Any) -> pa.Table:
    rows = [row | columns | {"key": f"{row['key']}'"} for row in table.to_pylist()]
    return pa.Table.from_pylist(rows, schema=declared.LOG)


@quickly
@given(mailboxes(), st.randoms(use_true_random=False))
def test_the_order_of_reading_does_not_matter(conversation: str, random: Any) -> None:
    table = log(conversation)
    order = list(range(len(table)))
    random.shuffle(order)
    assert everything(tables(table.take(order), AS_OF)) == everything(tables(table, AS_OF))


@quickly
@given(mailboxes())
def test_a_copy_of_everything_in_another_folder_changes_nothing(conversation: str) -> None:
    table = log(conversation)
    doubled = pa.concat_tables([table, changed(table, folders=["Archive"], roles=[])])
    assert everything(tables(doubled, AS_OF)) == everything(tables(table, AS_OF))


@quickly
@given(mailboxes())
def test_an_archive_that_rewrites_ids_changes_no_figure(conversation: str) -> None:
    table = log(conversation)
    rows = [row | {"message_id": row["message_id"] and f"<z-{row['message_id'][1:]}"} for row in table.to_pylist()]
    archive = changed(pa.Table.from_pylist(rows, schema=declared.LOG), folders=["Archive"], roles=[])
    assert everything(tables(pa.concat_tables([table, archive]), AS_OF)) == everything(tables(table, AS_OF))


@quickly
@given(mailboxes(), st.data())
def test_a_mailbox_in_two_files_is_one_mailbox(conversation: str, data: st.DataObject) -> None:
    table = log(conversation)
    rows = [row | {"source": data.draw(st.sampled_from(["one.mbox", "two.mbox"]))} for row in table.to_pylist()]
    split = pa.Table.from_pylist(sorted(rows, key=lambda row: row["source"]), schema=declared.LOG)
    assert everything(tables(split, AS_OF)) == everything(tables(table, AS_OF))


@quickly
@given(mailboxes())
def test_tables_fit_together(conversation: str) -> None:
    mail = tables(conversation, AS_OF)
    turns, replies, weekly, messages = mail.turns, mail.replies, mail.weekly, mail.messages
    assert messages["message_id"].is_unique
    assert mail.threads["thread_id"].is_unique
    assert set(mail.threads["thread_id"]) == set(messages["thread_id"])
    # coverage
    assert replies["coverage"].between(0, 1).all()
    assert (replies["audience"] >= 2).all()
    assert (replies["kept"].map(len) + replies["dropped"].map(len) == replies["audience"]).all()
    assert all(set(row.brought_back) <= set(row.dropped) for row in replies.itertuples())
    # every ask is in exactly one turn
    asks = [row for row in messages.to_dict("records") if _is_ask(row)]
    assert turns["asks"].sum() == len(asks)
    assert turns["ask_message_id"].is_unique
    assert set(turns["ask_message_id"]) <= {row["message_id"] for row in asks}
    # each turn counts once in the weeks, each reply too
    for outcome in ("answered", "covered", "open"):
        assert weekly[outcome].sum() == (turns["outcome"] == outcome).sum()
    assert (weekly["answered"] + weekly["covered"] + weekly["open"] == weekly["turns"]).all()
    assert weekly["replies"].sum() == len(replies)
    assert weekly["full_replies"].sum() == (replies["coverage"] == 1).sum()
    # a thread waits for the owner where a turn is open (all are younger than the horizon), once
    waiting = mail.threads["state"].isin(["waiting_on_you", "dropped", "probably_closed"])
    assert set(mail.threads.loc[waiting, "thread_id"]) == set(turns.loc[turns["outcome"] == "open", "thread_id"])
    # working hours are a part of calendar hours
    known = turns.dropna(subset=["latency_hours"])
    assert (known["working_hours"] <= known["latency_hours"] + 1e-9).all()
    assert (known["working_hours"] >= 0).all()


@quickly
@given(mailboxes(), st.integers(0, 20))
def test_what_comes_later_does_not_change_what_was(conversation: str, day: int) -> None:
    as_of = f"{DAYS[day % 7]}+{day // 7} 12:01"
    lines = conversation.splitlines()
    position = {name: number for number, name in enumerate(DAYS)}
    earlier = [line for line in lines if (int(line[4]), position[line[:3]], line[6:11]) <= (day // 7, day % 7, "12:01")]
    assert everything(tables("\n".join(earlier), as_of)) == everything(tables(conversation, as_of))


# Section 2, read once more, one message after another


@quickly
@given(mailboxes(plain=True))
def test_turns_are_those_of_a_plain_reading_of_the_definitions(conversation: str) -> None:
    mail = tables(conversation, AS_OF)
    expected = sorted(
        turn for _, thread in mail.messages.groupby("thread_id") for turn in _turns(thread.to_dict("records"))
    )
    columns = ["ask_message_id", "asker", "asks", "chasers", "outcome", "by_message_id"]
    assert sorted(mail.turns[columns].itertuples(index=False, name=None)) == expected


def _is_ask(message: dict[str, Any]) -> bool:
    from_somebody = message["from"] not in ("", "me@home.example")
    return bool(from_somebody and not message["automated"] and "me@home.example" in message["to"])


def _turns(thread: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    thread.sort(key=lambda message: message["at"])
    for asker in {message["from"] for message in thread if _is_ask(message)}:
        human = [message for message in thread if not message["automated"]]
        answers = [m for m in human if m["direction"] == "sent" and asker in m["to"] + m["cc"] + m["bcc"]]
        turns: list[list[dict[str, Any]]] = []
        for ask in (message for message in thread if _is_ask(message) and message["from"] == asker):
            endings = [*answers, *(m for m in human if turns and _covers(m, turns[-1]))]
            if turns and not any(turns[-1][-1]["at"] <= ending["at"] < ask["at"] for ending in endings):
                turns[-1].append(ask)
            else:
                turns.append([ask])
        for asks in turns:
            answer = next((m for m in answers if m["at"] >= asks[0]["at"]), None)
            cover = next((m for m in human if _covers(m, asks)), None)
            if cover and answer and cover["at"] > answer["at"]:
                cover = None
            outcome = "covered" if cover else "answered" if answer else "open"
            by = (cover or answer or {"message_id": ""})["message_id"]
            yield asks[0]["message_id"], asker, len(asks), _chasers(asks), outcome, by


def _covers(message: dict[str, Any], asks: list[dict[str, Any]]) -> bool:
    colleague, asker = message["from"], asks[0]["from"]
    return (
        colleague in ("kim@home.example", "lee@home.example")
        and colleague != asker
        and asker in message["to"] + message["cc"]
        and any(ask["at"] < message["at"] and colleague in ask["to"] + ask["cc"] for ask in asks)
    )


def _chasers(asks: list[dict[str, Any]]) -> int:
    at = [np.array([ask["at"].to_datetime64()], "datetime64[s]") for ask in asks]
    return sum(bool(working_hours(WorkingTime(), before, after)[0] > 4) for before, after in pairwise(at))
