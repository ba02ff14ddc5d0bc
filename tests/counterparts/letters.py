"""An invented mailbox that every counterpart of a connector can hold, and what each of its letters is there for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Literal

CANARY = "zebra-crossing-canary"
"""Stands in every body and attachment, and nowhere else."""
OWNER = "me@home.example"
START = datetime(2026, 8, 3, 8, tzinfo=UTC)

Place = Literal["inbox", "archive", "sent", "drafts", "spam", "trash"]


@dataclass(frozen=True)
class Letter:
    """A message as the server has it: its octets (CRLF), where it lies, when it arrived (UTC, whole seconds)."""

    raw: bytes
    place: Place
    arrived: datetime
    id: str
    """Its Message-ID, with angle brackets; empty where it has none."""


def letter(number: int, *headers: str | bytes, place: Place = "inbox", id: str | None = None) -> Letter:
    """The letter of that number: one every three hours from START, sent nine seconds before it arrived."""
    arrived = START + timedelta(hours=3 * number)
    message_id = f"<letter-{number}@ann.example>" if id is None else id
    given = [one.encode() if isinstance(one, str) else one for one in headers]
    names = {one.partition(b":")[0].lower() for one in given}
    me, ann = f"Me <{OWNER}>".encode(), b"Ann Other <ann@client.example>"
    usual = {
        b"From": me if place in ("sent", "drafts") else ann,
        b"To": ann if place in ("sent", "drafts") else me,
        b"Subject": f"Letter {number}".encode(),
        b"Date": format_datetime(arrived - timedelta(seconds=9)).encode(),
        b"Message-ID": message_id.encode(),
    }
    lines = [b"%s: %s" % (name, value) for name, value in usual.items() if value and name.lower() not in names]
    body = f"{CANARY} {number}: nobody reads this.".encode()
    return Letter(b"\r\n".join([*lines, *given, b"", body, b""]), place, arrived, message_id)


def mailbox() -> list[Letter]:
    """Plain letters, answers, and one of everything that is hard about headers."""
    return [*_letters()]


def _letters() -> Iterator[Letter]:
    yield from (letter(number) for number in range(8))
    answers = "In-Reply-To: <letter-0@ann.example>", "References: <letter-0@ann.example>"
    yield letter(8, "Subject: Re: Letter 0", *answers, place="sent")
    chain = "References: <letter-0@ann.example>\r\n <letter-8@ann.example>"
    yield letter(9, "Subject: Re: Letter 0", "In-Reply-To: <letter-8@ann.example>", chain, place="archive")
    yield letter(
        10, f'To: "Me, myself" <{OWNER}>,\r\n Bob <bob@home.example>', "Cc: team@home.example, Cy <cy@cy.example>"
    )
    yield letter(
        11, "From: =?utf-8?q?J=C3=BCrgen_M=C3=BCller?= <jm@client.example>", "Subject: =?utf-8?b?R3LDvMOfZQ==?="
    )
    yield letter(12, "Reply-To: Desk <desk@client.example>", "Sender: Robot <robot@client.example>")
    yield letter(13, "Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All")
    list_headers = "List-Id: Talk <talk.lists.example>", "List-Post: <mailto:talk@lists.example>", "Precedence: list"
    yield letter(14, *list_headers, "To: talk@lists.example")
    yield letter(
        15, "List-Unsubscribe: <mailto:out@news.example>", "Precedence: bulk", "From: News <news@news.example>"
    )
    yield letter(16, "References: " + "\r\n ".join(f"<ref-{n}-{'x' * 60}@ann.example>" for n in range(40)))
    yield letter(17, "To: undisclosed-recipients:;")
    yield letter(18, "Bcc: Hidden <hidden@client.example>", place="sent")
    yield letter(19, place="drafts")
    yield letter(20, place="spam")
    yield letter(21, place="trash")
    many = ",\r\n ".join(f"Person {n} <person{n}@crowd.example>" for n in range(120))
    yield letter(22, f"To: {OWNER},\r\n {many}")
    yield letter(23, "Content-Type: multipart/report; report-type=delivery-status; boundary=x", "Return-Path: <>")
    yield letter(24, "Subject:  Folded\r\n  and spaced  ", "Message-ID:  <letter-24@ann.example> ")
    yield from (letter(number, place="archive") for number in range(25, 40))
