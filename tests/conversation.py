"""A small notation for mail: a test's docstring is the exchange that it is about.

One message a line; lines of prose may stand between. Times are UTC, in the week of Monday 2026-09-14::

    Mon 09:00    ann -> me, cc bob           "Budget"       [a1]
    Tue+1 11:00  me -> ann, bcc kim          "Re: Budget"   [r1 < a1]

``Tue+1`` is the Tuesday a week later, ``Tue-1`` a week earlier; a date (``2026-03-27 16:00``) and seconds work too.

People: ``me`` is the owner, me@home.example; ``kim`` and ``lee`` are colleagues at home.example; any other name lives
at elsewhere.example; an address stands for itself, ``?`` for a person whose address could not be read. Recipients
are in To unless ``cc`` or ``bcc`` stands before the name.

In brackets, separated by commas: the message's id (``a1`` is ``<a1>``; without one, the line's number counts), what it
answers (``r1 < a1``: In-Reply-To), and

==================  ==================================================================================
``refs:x y``        References
``conv:x``          the provider's conversation id
``index:x.1.2``     a conversation index: 22 bytes for the topic x, and 5 for each part after it
``no-id``           no Message-ID
``folder:a+b``      folders (default: Sent for the owner's messages, else Inbox); a role's name has that role
``dated:Mon 08:00``     the Date header, where it differs from the line's time; ``dated:none`` for none
``received:Mon 10:00``  the server's time, likewise
``sender:kim``      Sender; ``reply-to:ann2`` Reply-To (several: joined by ``+``); ``original:ann`` X-Original-From
``auto``            a machine answered (an out-of-office note); ``machine``: no person wrote it
``bulk``            List-Unsubscribe or Precedence: bulk; ``post``: List-Post
``list:dev@lists.example``  List-Id; ``fault:address_broken``: what could not be read; ``source:two.mbox``
==================  ==================================================================================

``seen`` writes what the pipeline made of it in the same words.
"""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import wraps
from hashlib import sha256
from typing import Any

import pandas as pd
import pyarrow as pa

from mailcare.hours.worktime import WorkingTime
from mailcare.mail.message import Fault, Field, Mark, Message, Person, Role
from mailcare.owner import Owner
from mailcare.pipeline.exported import Tables
from mailcare.pipeline.mailbox import Mailbox
from mailcare.store.rows import copies
from mailcare.tables import LOG

OWNER = Owner(
    addresses=("me@home.example",),
    circles={"colleagues": ("home.example",), "clients": ("client.example",)},
)
BERLIN = WorkingTime("Europe/Berlin")

_MONDAY = datetime(2026, 9, 14, tzinfo=UTC)
_DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_HOME = ("me", "kim", "lee")
_MARKS = {"auto": Mark.AUTO_REPLY, "machine": Mark.MACHINE, "bulk": Mark.BULK, "post": Mark.LIST_POST}
_RECIPIENTS = {"to": Field.TO, "cc": Field.CC, "bcc": Field.BCC}
_TIME = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:[+-]\d+)?|\d{4}-\d\d-\d\d) \d\d:\d\d(?::\d\d)?"
_LINE = re.compile(rf'({_TIME})\s+(\S+) -> ([^"\[]*?)\s*(?:"(.*)")?\s*(?:\[(.*)\])?')


def instant(text: str) -> datetime:
    """``Mon+1 09:00`` or ``2026-03-27 16:00``, in UTC."""
    day, _, time = text.partition(" ")
    if day[0].isdigit():
        return datetime.fromisoformat(f"{day} {time}+00:00")
    hours, minutes, seconds = (int(part) for part in f"{time}:00".split(":")[:3])
    days = _DAYS.index(day[:3]) + 7 * int(day[3:] or 0)
    return _MONDAY + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def address(name: str) -> str:
    """The address of a name of the notation."""
    if "@" in name or name == "?":
        return name.replace("?", "")
    return f"{name}@{'home' if name in _HOME else 'elsewhere'}.example"


def log(*conversations: str) -> pa.Table:
    """The LOG of some conversations. Raises ValueError for a line that looks like a message and is none."""
    lines = [line.strip() for text in conversations for line in text.splitlines() if " -> " in line]
    parsed = [_parsed(number, line) for number, line in enumerate(lines, 1)]
    sources = pa.array([source for source, _ in parsed], pa.string()).dictionary_encode()
    return copies([message for _, message in parsed]).add_column(0, LOG.field("source"), sources)


def tables(
    conversation: str | pa.Table,
    as_of: str = "Fri 17:00",
    skipped: Counter[str] | None = None,
    settled: dict[str, str] | None = None,
    **owner: Any,
) -> Tables:
    """What the pipeline makes of a conversation at ``as_of``, for the owner with these settings;
    ``settled`` says when which thread was settled: ``{"a1": "Wed 10:00"}``."""
    table = log(conversation) if isinstance(conversation, str) else conversation
    marks = {f"<{thread}>": int(instant(at).timestamp()) for thread, at in (settled or {}).items()}
    return Tables(Mailbox(table, replace(OWNER, **owner), instant(as_of), skipped, marks), "home")


def told(as_of: str = "Fri 17:00", **owner: Any) -> Callable[[Callable[[Tables], None]], Callable[[], None]]:
    """A test whose docstring is the conversation; it is handed what the pipeline makes of it."""

    def decorate(test: Callable[[Tables], None]) -> Callable[[], None]:
        @wraps(test)
        def run() -> None:
            test(tables(test.__doc__ or "", as_of, **owner))

        del run.__wrapped__  # pytest would ask for a fixture of the test's parameter
        return run

    return decorate


def seen(frame: pd.DataFrame, columns: str) -> list[str]:
    """The rows of a table in the words of the notation, in alphabetical order; ``-`` is an empty cell."""
    return sorted(" ".join(_word(cell) for cell in row) for row in frame[columns.split()].itertuples(index=False))


def threads(made: Tables) -> list[str]:
    """The threads as their messages' ids, such as ``a1+r1``."""
    grouped = made.messages.groupby("thread_id")["message_id"].agg(list)
    return sorted(_word(ids) for ids in grouped)


def _parsed(number: int, line: str) -> tuple[str, Message]:
    """The source and the message of a line."""
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"not in the notation: {line}")
    when, sender, recipients, subject, bracket = match.groups()
    options = _options(bracket or "")
    people = [(Field.FROM, sender), *_recipients(recipients)]
    people += [(Field.SENDER, name) for name in options.get("sender", "").split("+") if name]
    people += [(Field.X_ORIGINAL_FROM, name) for name in options.get("original", "").split("+") if name]
    people += [(Field.REPLY_TO, name) for name in options.get("reply-to", "").split("+") if name]
    folders = options.get("folder", "Sent" if sender == "me" else "Inbox").split("+")
    faults = [Fault.NO_MESSAGE_ID] if "no-id" in options else []
    message = Message(
        key=str(number),
        message_id="" if "no-id" in options else f"<{options.get('id', number)}>",
        in_reply_to=tuple(f"<{parent}>" for parent in options.get("<", "").split()),
        references=tuple(f"<{parent}>" for parent in options.get("refs", "").split()),
        conversation=options.get("conv", ""),
        conversation_index=_index(options.get("index", "")),
        sent_at=_time(options.get("dated", when)),
        received_at=_time(options.get("received", when)),
        people=tuple(Person(field, "", address(name)) for field, name in people),
        subject=subject or "",
        folders=tuple(folders),
        roles=tuple(Role(folder.lower()) for folder in folders if folder.lower() in list(Role)),
        marks=Mark(sum(mark for name, mark in _MARKS.items() if name in options)),
        list_id=options.get("list", ""),
        size=1000,
        faults=(*faults, *map(Fault, options.get("fault", "").split())),
    )
    return options.get("source", ""), message


def _options(bracket: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for part in (part.strip() for part in bracket.split(",")):
        if "<" in part:
            own, _, parents = part.partition("<")
            options |= {"<": parents.strip()} | ({"id": own.strip()} if own.strip() else {})
        elif ":" in part:
            name, _, value = part.partition(":")
            options[name] = value
        elif part in _MARKS or part == "no-id":
            options[part] = ""
        elif part:
            options["id"] = part
    known = {
        "id",
        "<",
        "refs",
        "conv",
        "index",
        "no-id",
        "folder",
        "dated",
        "received",
        "sender",
        "reply-to",
        "original",
    }
    if unknown := set(options) - known - set(_MARKS) - {"list", "fault", "source"}:
        raise ValueError(f"unknown options: {sorted(unknown)}")
    return options


def _recipients(text: str) -> list[tuple[Field, str]]:
    words = [person.split() for person in text.split(",") if person.strip()]
    return [(_RECIPIENTS[word[0]] if len(word) > 1 else Field.TO, word[-1]) for word in words]


def _time(text: str) -> datetime | None:
    return None if text == "none" else instant(text)


def _index(text: str) -> bytes:
    topic, *parts = text.split(".")
    return sha256(topic.encode()).digest()[:22] + b"".join(part.encode().rjust(5) for part in parts) if topic else b""


def _word(cell: Any) -> str:
    if isinstance(cell, list | tuple):
        return "+".join(sorted(_word(item) for item in cell)) or "-"
    if cell is None or cell is pd.NaT or cell is pd.NA or cell != cell or cell == "":
        return "-"
    if isinstance(cell, datetime):
        days = (cell - _MONDAY).days
        week = f"{days // 7:+}" if days // 7 else ""
        return f"{_DAYS[days % 7]}{week} {cell:%H:%M}"
    if isinstance(cell, str):
        name = cell.removeprefix("<").removesuffix(">").removesuffix("@elsewhere.example")
        return name.removesuffix("@home.example") if name.removesuffix("@home.example") in _HOME else name
    if pd.api.types.is_bool(cell):
        return "yes" if cell else "no"
    return f"{round(float(cell), 4):g}"
