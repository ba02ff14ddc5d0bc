"""Invented messages as RFC 5322 text in an mboxrd file."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.header import Header
from email.utils import format_datetime, formataddr
from functools import cache

from mailcare.demo.cast import OWNER, Person

TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Mail:
    """One message; ``at`` is the instant that counts: sent by Amara, or arrived at her server."""

    id: str
    sender: Person
    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    at: datetime
    subject: str
    body: str
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    """Further headers, encoded already; one that is written anyway is replaced."""

    @property
    def sent(self) -> bool:
        return self.sender in OWNER


def mboxrd(mails: Iterable[Mail]) -> str:
    """The messages one after the other, lines that begin with ``From`` quoted."""
    return "".join(
        f"From {mail.sender.address} {mail.at:%a %b %d %H:%M:%S %Y}\n{_quoted(_text(mail))}\n" for mail in mails
    )


def _quoted(text: str) -> str:
    return re.sub(r"(?m)^(>*From )", r">\1", text)


def _text(mail: Mail) -> str:
    headers = {
        "Received": "" if mail.sent else _received(mail),
        "Message-ID": mail.id,
        "Date": _date(mail),
        "From": _people((mail.sender,)),
        "To": _people(mail.to),
        "Cc": _people(mail.cc),
        "Subject": _encoded(mail.subject),
        "In-Reply-To": mail.in_reply_to,
        "References": "\n ".join(mail.references),
        "MIME-Version": "1.0",
        "Content-Type": TEXT,
        "Content-Transfer-Encoding": "8bit",
        **dict(mail.extra),
    }
    return "".join(f"{name}: {value}\n" for name, value in headers.items() if value) + f"\n{mail.body}\n"


def _received(mail: Mail) -> str:
    """Two hops, the last one on top: it ends at ``mail.at``."""
    hop = f"from mail.{mail.sender.domain} by mx.fernhill.example with ESMTPS;\n {format_datetime(mail.at)}"
    first = f"from desk.{mail.sender.domain} by mail.{mail.sender.domain} with ESMTPSA;\n {_date(mail)}"
    return f"{hop}\nReceived: {first}"


def _date(mail: Mail) -> str:
    """Sent up to 40 seconds before it arrived, on the sender's own clock."""
    underway = 0 if mail.sent else 3 + sum(mail.id.encode()) % 38
    clock = timezone(timedelta(hours=mail.sender.utc_offset))
    return format_datetime((mail.at - timedelta(seconds=underway)).astimezone(clock))


def _people(people: tuple[Person, ...]) -> str:
    return ",\n ".join(map(_person, people))


@cache
def _person(person: Person) -> str:
    return formataddr((person.name, person.address))


@cache
def _encoded(subject: str) -> str:
    return subject if subject.isascii() else Header(subject, "utf-8").encode()
