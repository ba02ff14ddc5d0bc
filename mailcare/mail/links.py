"""The way from a listed message into the owner's own mail program: a link that the reader may follow.

Nothing is asked of anybody until then. A Message-ID is a stranger's text, and a key a server's: in a link they are
percent-encoded, whole.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

Link = Callable[[str, str], str]
"""Message-ID, and the key that the connector gave → the link to the message; empty if there is no way to it."""

LONGEST = 500
_MESSAGE_ID = re.compile(r"<([!-;=?-~]+@[!-;=?-~]+)>")
_MADE_UP = "@without-id.mailcare>"


@dataclass(frozen=True, slots=True)
class Clues:
    """What tells how a mailbox's messages are opened."""

    address: str
    """The owner's first address."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The connector's own keys of the configuration."""
    told: Mapping[str, str] = field(default_factory=dict)
    """Message-ID → the address that the server told (``connector.Linked``)."""


Rule = Callable[[Clues], Link]
"""One kind of link."""


def nowhere(_: str, __: str) -> str:
    """No link at all."""
    return ""


def off(_: Clues) -> Link:
    """No links."""
    return nowhere


def mid(_: Clues) -> Link:
    """``mid:`` (RFC 2392), which Thunderbird and Apple Mail open."""
    return _ending("mid:", safe="@")


def gmail(clues: Clues) -> Link:
    """Gmail's search by Message-ID, on the web."""
    user = quote(clues.address, safe="")
    return _ending(f"https://mail.google.com/mail/?authuser={user}#search/rfc822msgid%3A", safe="")


def told(clues: Clues) -> Link:
    """The addresses that the server told."""
    return lambda message_id, _: clues.told.get(message_id, "")


KINDS: dict[str, Rule] = {"gmail": gmail, "mid": mid, "off": off}
"""The kinds of link that a reader can choose."""
USUAL = "auto"
"""In place of these: the links that suit the connector."""


def link(kind: str, usual: Rule, clues: Clues) -> Link:
    """The links of the kind that the reader chose; ``usual`` are those of the connector."""
    return usual(clues) if kind == USUAL else KINDS[kind](clues)


def _ending(before: str, safe: str) -> Link:
    def to(message_id: str, _: str) -> str:
        found = _MESSAGE_ID.fullmatch(message_id)
        if not found or len(message_id) > LONGEST or message_id.endswith(_MADE_UP):
            return ""
        return before + quote(found[1], safe=safe)

    return to
