"""A team in the notation of ``tests.conversation``: several mailboxes, one line of mail in those that hold it.

Where a line ends in ``@kim+lee`` it lies in these mailboxes; without, in the mailbox of everybody who stands on it.
The members, kim, lee and moe unless others are named, live at home.example; ``support`` is their shared address.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pyarrow as pa

from mailcare.owner import Client, Owner, Team
from mailcare.team.measures import review
from mailcare.team.pool import Pool, pooled
from mailcare.team.privacy import PERIOD
from mailcare.values.review import Review
from tests.conversation import instant, log

HOME = "home.example"
SUPPORT = f"support@{HOME}"
MEMBERS = ("kim", "lee", "moe")


def member(name: str) -> Owner:
    return Owner(addresses=(f"{name}@{HOME}",), shared=name == "support", circles={"colleagues": (HOME,)})


def team(members: Sequence[str] = MEMBERS, **changes: object) -> Team:
    made = Team(
        name="northshore",
        accounts=(*members, "support"),
        shared=(SUPPORT,),
        min_group=3,
        clients=(
            Client("Alder", ("alder.example", "alder-group.example")),
            Client("Birch", ("birch.example", "ben@free.example"), 4.0),
        ),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def logs(conversation: str, members: Sequence[str] = MEMBERS) -> list[tuple[str, Owner, pa.Table]]:
    """The mailbox of each member, and the shared address's. A name without @ that is a member's is at home."""
    boxes = (*members, "support")
    found = []
    for box in boxes:
        lines = [line for line in map(str.strip, conversation.splitlines()) if " -> " in line]
        own = [_spelled(text, boxes) for text, held in map(_held, lines) if box in (held or _on(text, boxes))]
        rows = log("\n".join(own)) if own else log("")
        found.append((box, member(box), rows))
    return found


def pool(conversation: str, as_of: str = "Fri 17:00", members: Sequence[str] = MEMBERS, **changes: object) -> Pool:
    return pooled(logs(conversation, members), team(members, **changes), instant(as_of))


def _held(line: str) -> tuple[str, list[str]]:
    text, mark, boxes = line.rpartition(" @")
    return (text, boxes.split("+")) if mark else (line, [])


def _words(line: str) -> list[str]:
    head, _, rest = line.partition(" -> ")
    people = rest.partition('"')[0].partition("[")[0]
    return [head.split()[-1], *[part.split()[-1] for part in people.split(",") if part.split()]]


def _on(line: str, boxes: Sequence[str]) -> list[str]:
    return [word for word in _words(line) if word in boxes]


def _spelled(line: str, boxes: Sequence[str]) -> str:
    """The members of the line written out as addresses, and its copy in Sent or Inbox as the pool would not mind."""
    head, _, rest = line.partition(" -> ")
    people, opened, tail = rest.partition("[")
    quoted, quote, subject = people.partition('"')
    time, _, sender = head.rpartition(" ")

    def address(word: str) -> str:
        return f"{word}@{HOME}" if word in boxes else word

    parts = [" ".join([*part.split()[:-1], address(part.split()[-1])]) for part in quoted.split(",") if part.split()]
    return f"{time} {address(sender)} -> {', '.join(parts)} {quote}{subject}{opened}{tail}"


def asked(client: str, member: str, day: str, ident: str, hours: int | None = 1) -> str:
    """A client person asks a member at nine of a day and is answered after so many hours; None: not at all."""
    who = f"ada{ident}@{client}.example"
    lines = [f"{day} 09:00  {who} -> {member}  [a{ident}]"]
    if hours is not None:
        lines += [f"{day} {9 + hours:02d}:00  {member} -> {who}  [r{ident} < a{ident}]"]
    return "\n".join(lines)


def exchanges(client: str, day: str = "Mon", hours: int = 1, members: Sequence[str] = MEMBERS, ident: str = "") -> str:
    """Every member answers one message of the client: enough of them to speak of it."""
    return "\n".join(asked(client, one, day, f"{ident}{client}{one}{day}", hours) for one in members)


def review_of(
    conversation: str,
    before: Review | None = None,
    members: Sequence[str] = MEMBERS,
    start: date = date(2026, 8, 24),
    **changes: object,
) -> Review:
    """The review of four weeks, by default those that end with the week of ``tests.conversation``."""
    end = datetime.combine(start + PERIOD, time(), UTC)
    made = team(members, **changes)
    return review(pooled(logs(conversation, members), made, end), made, start, before)
