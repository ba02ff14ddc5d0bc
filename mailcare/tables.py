"""Every table: its columns, their types and what they mean.

``LOG`` is what the store keeps. The exported tables (``MESSAGES`` … ``WEEKLY``) are what the pipeline makes for its
readers: instants are UTC, durations are hours, addresses are canonical strings, Message-IDs keep their angle brackets.
"""

from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from mailcare.mail.columns import SCHEMA

LOG = SCHEMA.insert(1, pa.field("removed", pa.bool_())).insert(
    0, pa.field("source", pa.dictionary(pa.int32(), pa.string()))
)
"""One row per copy of a message, in the order of reading: the fields of ``mail.message.Message`` as ``mail.columns``
makes columns of them, with the ``source`` it was read from and whether it was ``removed`` there. ``store.Store.load``
yields the latest row of each (source, key), and none that was removed."""

QUALITY = {
    "date_unparsable": "dates that could not be read",
    "date_absurd": "dates before 1990 or in the future",
    "date_replaced": "dates more than a day after the server's own time, which was taken instead",
    "no_time": "messages with no usable time, left out",
    "address_broken": "addresses that could not be read",
    "no_message_id": "messages without a Message-ID",
    "id_repeated": "messages that carry the Message-ID of another one, left out",
    "unknown_latency": "answers dated before the message they answer",
    "not_a_message": "files that hold no message",
    "empty_file": "empty files",
    "unreadable": "files that could not be opened",
    "truncated": "compressed files that end early",
    "endless": "compressed files that grow without end, read in part",
    "other_file": "files of other kinds in archives",
    "encrypted": "encrypted files in archives",
    "archive_within": "archives within archives, not opened",
    "not_mail": "chats, and mail programs' own notes among the mail",
    "hostile": "messages so broken that they could not be read",
    "odd": "files in which messages may be missing, because one is very large or looks like several",
    "link": "links to other folders, not followed",
    "folder_closed": "folders that could not be opened",
    "shown_partly": "folders of which the server may show only a part; what it no longer shows is kept",
    "no_sent_folder": "mailboxes without a folder for sent mail, so that answers may be missing",
    "refused": "messages that the server did not give; they are asked for again in each run",
    "unfinished": "folders or files whose older mail is still to be read, which the next runs will do",
}
"""Why something could not be used: reason → what the report calls it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of an exported table."""

    name: str
    kind: str
    """``string``, ``strings`` (a list), ``instant`` (UTC), ``hours``, ``count``, ``share``, ``number`` or ``flag``."""
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """An exported table."""

    name: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]


def _table(name: str, *columns: tuple[str, str, str]) -> Table:
    return Table(name, tuple(Column(*column) for column in columns))


MESSAGES = _table(
    "messages",
    ("account", "string", "name of the account"),
    ("message_id", "string", "the message's id; of several ids of one message the smallest"),
    ("thread_id", "string", "the thread: its earliest message's id"),
    ("at", "instant", "sent_at where the owner sent it, else received_at"),
    ("direction", "string", "sent or received"),
    ("automated", "flag", "no person waits for an answer"),
    ("from", "string", "canonical address; empty where there is none"),
    ("to", "strings", "canonical addresses"),
    ("cc", "strings", "canonical addresses"),
    ("bcc", "strings", "canonical addresses"),
    ("subject", "string", "decoded; empty also where it was not kept"),
    ("parent_message_id", "string", "the message that this one answers, where it is in the mailbox; else empty"),
)
TURNS = _table(
    "turns",
    ("account", "string", "name of the account"),
    ("thread_id", "string", "the thread"),
    ("ask_message_id", "string", "first ask of the turn"),
    ("asker", "string", "canonical address of the asker"),
    ("asked_at", "instant", "when the turn's first ask arrived"),
    ("asks", "count", "asks in the turn"),
    ("chasers", "count", "asks more than 4 working hours after the one before"),
    ("outcome", "string", "answered, covered or open"),
    ("ended_at", "instant", "the answer, the covering message, or as_of where open"),
    ("by_message_id", "string", "the answer or the covering message; empty where open"),
    ("latency_hours", "hours", "calendar hours from asked_at to ended_at; empty where unknown"),
    ("working_hours", "hours", "the part of them inside the owner's working time; empty where unknown"),
    ("circle", "string", "colleagues, clients, suppliers or others"),
    ("week", "string", "ISO week of asked_at in the owner's time zone, such as 2026-W38"),
    (
        "p_answer",
        "share",
        "probability of an answer within 14 days, by the owner's past; empty where that is too short",
    ),
)
REPLIES = _table(
    "replies",
    ("account", "string", "name of the account"),
    ("message_id", "string", "the reply"),
    ("parent_message_id", "string", "what it answers"),
    ("at", "instant", "when it was sent"),
    ("audience", "count", "people who were on the parent"),
    ("kept", "strings", "those who are on the reply"),
    ("dropped", "strings", "those who are not"),
    ("added", "strings", "people on the reply who were not on the parent"),
    ("brought_back", "strings", "dropped people who are on a later message within 3 working days"),
    ("coverage", "share", "kept / audience"),
)
THREADS = _table(
    "threads",
    ("account", "string", "name of the account"),
    ("thread_id", "string", "the thread"),
    ("state", "string", "waiting_on_you, dropped, probably_closed, waiting_on_them or settled"),
    ("since", "instant", "beginning of the oldest open turn; for waiting_on_them the owner's last message; else empty"),
    ("waiting_for", "string", "who waits, or for whom the owner waits; else empty"),
    ("subject", "string", "of the thread's earliest message; empty also where it was not kept"),
)
_QUARTILES = tuple(
    (f"{clock}{figure}", "hours", f"{meaning}, {'calendar' if clock else 'working'} hours; empty where not reached")
    for clock in ("", "calendar_")
    for figure, meaning in (
        ("km_p25", "hours until a quarter had an answer"),
        ("km_p50", "hours until half had an answer"),
        ("km_p75", "hours until three quarters had an answer"),
        ("typical_hours", "typical time of an answer that comes"),
    )
)
WEEKLY = _table(
    "weekly",
    ("account", "string", "name of the account"),
    ("week", "string", "ISO week in the owner's time zone"),
    ("turns", "count", "turns that began in the week"),
    ("answered", "count", "of them answered by as_of"),
    ("covered", "count", "of them covered by as_of"),
    ("open", "count", "of them open at as_of"),
    ("share_answered", "share", "F(H): share answered within 10 working days, by Kaplan-Meier"),
    *_QUARTILES[:4],
    ("calendar_share_answered", "share", "F(H) on the calendar clock: within 14 days"),
    *_QUARTILES[4:],
    ("replies", "count", "replies with coverage sent in the week"),
    ("mean_coverage", "share", "mean coverage of them"),
    ("full_replies", "count", "of them with coverage 1"),
)
WAYS = _table(
    "ways",
    ("account", "string", "name of the account"),
    ("week", "string", "ISO week in the owner's time zone: the last full one before as_of"),
    ("way", "string", "the way of caring, such as follow_through"),
    ("figure", "string", "what of it is counted; each way's own figure comes first"),
    ("value", "number", "a share, working hours, or a number; empty where there is too little to say"),
    ("count", "count", "what the figure rests on: so many"),
    ("of", "count", "of so many"),
    ("before", "number", "the same over the eight weeks before, taken together"),
    ("low", "number", "lower end of what chance alone would bring in 19 weeks of 20"),
    ("high", "number", "upper end"),
    ("evidence", "strings", "ids of the messages behind it, the newest first, at most forty"),
)
CLIENTS = _table(
    "clients",
    ("team", "string", "name of the team"),
    ("from", "string", "first day of the four weeks, a Monday"),
    ("client", "string", "name of the client; empty for everyone else"),
    ("promise_hours", "hours", "working hours within which a first answer was promised"),
    ("turns", "count", "turns that began in the four weeks"),
    ("answered", "count", "those that were answered by their end"),
    ("within_promise", "count", "those answered within the promise"),
    ("of_promise", "count", "those answered, or open for longer than promised"),
    ("share_within_promise", "share", "Kaplan-Meier share answered within the promise"),
    ("share_low", "share", "lower end of its 95 % range"),
    ("share_high", "share", "upper end"),
    ("km_p25", "hours", "Kaplan-Meier quartile, in working hours; empty where not reached or too few"),
    ("km_p50", "hours", "the median"),
    ("km_p75", "hours", "the upper quartile"),
    ("waiting", "count", "conversations that wait for one to ten working days at the end"),
    ("quiet", "count", "conversations that wait for more than ten, up to ninety days"),
    ("chasers", "count", "asks more than 4 working hours after the one before, in these turns"),
    ("handed_over", "count", "conversations in which two or more of the team wrote"),
    ("people_kept", "count", "people of the client kept on replies to several of them; empty where too few replied"),
    ("people_dropped", "count", "people of the client left out of these"),
    ("standing", "string", "against the four weeks before: sooner, later, same or unknown"),
)
"""The client reviews of a team as they were published; nothing in it is about one member."""
EXPORTED = (MESSAGES, TURNS, REPLIES, THREADS, WEEKLY)


def check(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The frame itself, its columns in the table's order. Raises ValueError where they differ from the table's."""
    if set(frame.columns) != set(table.names):
        raise ValueError(f"{table.name}: columns {sorted(set(frame.columns) ^ set(table.names))} differ")
    return frame[table.names]
