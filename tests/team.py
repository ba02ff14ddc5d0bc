"""A team in the notation of ``tests.conversation``: several mailboxes, one line of mail in those that hold it.

Where a line ends in ``@kim+lee`` it lies in these mailboxes; without, in the mailbox of everybody who stands on it.
The members, kim, lee and moe unless others are named, live at home.example; ``support`` is their shared address.
"""

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from mailcare.config import Account
from mailcare.config_teams import Client, Team
from mailcare.pool import Pool, pooled
from tests.conversation import instant, log

HOME = "home.example"
SUPPORT = f"support@{HOME}"
MEMBERS = ("kim", "lee", "moe")


def account(name: str) -> Account:
    return Account(
        name=name,
        connector="files",
        addresses=(f"{name}@{HOME}",),
        shared=name == "support",
        circles={"colleagues": (HOME,)},
        team="northshore",
    )


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


def logs(conversation: str, members: Sequence[str] = MEMBERS) -> list[tuple[Account, pa.Table]]:
    """The mailbox of each member, and the shared address's. A name without @ that is a member's is at home."""
    boxes = (*members, "support")
    found = []
    for box in boxes:
        lines = [line for line in map(str.strip, conversation.splitlines()) if " -> " in line]
        own = [_spelled(text, boxes) for text, held in map(_held, lines) if box in (held or _on(text, boxes))]
        rows = log("\n".join(own)) if own else log("")
        found.append((account(box), rows))
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
