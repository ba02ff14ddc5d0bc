"""The way from a listed message into the owner's own mail program: a link that the reader may follow.

Nothing is asked of anybody until then. A Message-ID is a stranger's text, and a key a server's: in a link they are
percent-encoded, whole.
"""

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

from mailcare.config.settings import Account

Link = Callable[[str, str], str]
"""Message-ID, and the key that the connector gave → the link to the message; empty where there is no way to it."""

LONGEST = 500
_MESSAGE_ID = re.compile(r"<([!-;=?-~]+@[!-;=?-~]+)>")
_MADE_UP = "@without-id.mailcare>"
_ITEM_ID = re.compile(r"[A-Za-z0-9+/=_-]+")
_USUAL = {"gmail": "gmail", "imap": "mid", "files": "mid", "exchange": "outlook"}
"""What ``auto`` means, by connector; with any other the links are those that its server told (``message.Linked``).
Outlook on the web opens mail by the item id of EWS, which is the key there; not by Graph's immutable ids
(msgraph-sdk-go issue 795)."""


def nowhere(_: str, __: str) -> str:
    """No link at all."""
    return ""


def link(account: Account, known: Mapping[str, str]) -> Link:
    """The links of an account, as its ``links`` says: Gmail's search by Message-ID, Outlook on the web of its own
    Exchange server, or ``mid:`` (RFC 2392), which Thunderbird and Apple Mail open. ``known``: Message-ID → the address
    that the server told."""
    kind = _USUAL.get(account.connector.lower(), "known") if account.links == "auto" else account.links
    if kind == "off":
        return nowhere
    if kind == "known":
        return lambda message_id, _: known.get(message_id, "")
    if kind == "outlook":
        return _outlook(account)
    before = (
        f"https://mail.google.com/mail/?authuser={quote(account.owner.addresses[0], safe='')}#search/rfc822msgid%3A"
    )
    return _ending({"gmail": before, "mid": "mid:"}[kind], safe="@" if kind == "mid" else "")


def _ending(before: str, safe: str) -> Link:
    def to(message_id: str, _: str) -> str:
        found = _MESSAGE_ID.fullmatch(message_id)
        if not found or len(message_id) > LONGEST or message_id.endswith(_MADE_UP):
            return ""
        return before + quote(found[1], safe=safe)

    return to


def _outlook(account: Account) -> Link:
    """Outlook on the web where the server's name is known (as Microsoft describes WebClientReadFormQueryString: from
    Exchange 2013 on the id there is that of EWS). It leads to the message until that is moved."""
    host = account.options.get("server") or urlsplit(account.options.get("service_endpoint", "")).netloc

    def to(_: str, key: str) -> str:
        if not host or len(key) > LONGEST or not _ITEM_ID.fullmatch(key):
            return ""
        return f"https://{host}/owa/?ItemID={quote(key, safe='')}&exvsurl=1&viewmodel=ReadMessageItem"

    return to
