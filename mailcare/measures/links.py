"""The way from a listed message into the owner's own mail program: a link that the reader may follow.

Nothing is asked of anybody until then. A Message-ID is a stranger's text: in a link it is percent-encoded, whole.
"""

import re
from collections.abc import Callable
from urllib.parse import quote

from mailcare.config import Account

Link = Callable[[str], str]
"""Message-ID → the link to the message; empty where there is no way to it."""

LONGEST = 500
_MESSAGE_ID = re.compile(r"<([!-;=?-~]+@[!-;=?-~]+)>")
_MADE_UP = "@without-id.mailcare>"
_USUAL = {"gmail": "gmail", "imap": "mid", "files": "mid"}
"""What ``auto`` means, by connector. Outlook on the web opens mail by an id that changes with every folder, and not by
the immutable ones that mailcare reads: Graph's ``webLink`` made of these leads nowhere (msgraph-sdk-go issue 795)."""


def nowhere(_: str) -> str:
    """No link at all."""
    return ""


def link(account: Account) -> Link:
    """The links of an account, as its ``links`` says: Gmail's search by Message-ID, or ``mid:`` (RFC 2392), which
    Thunderbird and Apple Mail open."""
    kind = _USUAL.get(account.connector.lower(), "off") if account.links == "auto" else account.links
    if kind == "off":
        return nowhere
    before = f"https://mail.google.com/mail/?authuser={quote(account.addresses[0], safe='')}#search/rfc822msgid%3A"
    return _ending({"gmail": before, "mid": "mid:"}[kind], safe="@" if kind == "mid" else "")


def _ending(before: str, safe: str) -> Link:
    def to(message_id: str) -> str:
        found = _MESSAGE_ID.fullmatch(message_id)
        if not found or len(message_id) > LONGEST or message_id.endswith(_MADE_UP):
            return ""
        return before + quote(found[1], safe=safe)

    return to
