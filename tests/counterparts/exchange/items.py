"""An item's properties as Exchange tells them: whole to GetItem; to FindItem and SyncFolderItems without recipients and
sender addresses, and cut at 255 characters.
"""

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable, Iterable
from datetime import UTC
from email.headerregistry import Address
from email.utils import parsedate_to_datetime
from xml.sax.saxutils import escape, quoteattr

from tests.counterparts.exchange.mailbox import Item

CUT = 255
TAGS = {
    "IPM.APPOINTMENT": "CalendarItem",
    "IPM.CONTACT": "Contact",
    "IPM.TASK": "Task",
    "IPM.POST": "PostItem",
    "IPM.SCHEDULE.MEETING.REQUEST": "MeetingRequest",
    "IPM.SCHEDULE.MEETING.RESP": "MeetingResponse",
    "IPM.SCHEDULE.MEETING.CANCELED": "MeetingCancellation",
}
BODIES = {
    *("item:Body", "item:TextBody", "item:UniqueBody", "item:NormalizedBody", "item:MimeContent", "item:Preview"),
    *("item:Attachments", "item:FirstBody", "item:MimeContentUTF8"),
}


def element(tag: str, text: str, prefix: str = "t") -> str:
    return f"<{prefix}:{tag}>{escape(text)}</{prefix}:{tag}>" if text else ""


def item_xml(item: Item, asked: Iterable[str], whole: bool) -> str:
    """The item's element with these properties, named by their FieldURI; properties that it lacks are left out."""
    tag = next((tag for name, tag in TAGS.items() if item.item_class.upper().startswith(name)), "Message")
    told = "".join(_property(item, uri, whole) for uri in asked if whole or uri not in ONLY_WHOLE)
    return f"<t:{tag}>{item_id(item)}{told}</t:{tag}>"


def item_id(item: Item) -> str:
    return f"<t:ItemId Id={quoteattr(item.id)} ChangeKey={quoteattr(f'CQAAABYA{item.version:04}')}/>"


def _property(item: Item, uri: str, whole: bool) -> str:
    return item.changes[uri] if uri in item.changes else PROPERTIES[uri](item, whole)


def _cut(text: str, whole: bool) -> str:
    return text if whole else text[:CUT]


def _header(name: str, tag: str) -> Callable[[Item, bool], str]:
    def told(item: Item, whole: bool) -> str:
        return element(tag, _cut(" ".join(str(item.mime.get(name, "")).split()), whole))

    return told


def _mailbox(address: Address, whole: bool) -> str:
    where = element("EmailAddress", address.addr_spec) + element("RoutingType", "SMTP") if whole else ""
    return f"<t:Mailbox>{element('Name', address.display_name or address.addr_spec)}{where}</t:Mailbox>"


def _addresses(item: Item, name: str) -> list[Address]:
    found = item.mime.get(name)
    return list(found.addresses) if found else []


def _single(name: str, tag: str, other: str = "") -> Callable[[Item, bool], str]:
    def told(item: Item, whole: bool) -> str:
        found = _addresses(item, name) or _addresses(item, other)
        return f"<t:{tag}>{_mailbox(found[0], whole)}</t:{tag}>" if found else ""

    return told


def _several(name: str, tag: str) -> Callable[[Item, bool], str]:
    def told(item: Item, _: bool) -> str:
        found = "".join(_mailbox(one, True) for one in _addresses(item, name))
        return f"<t:{tag}>{found}</t:{tag}>" if found else ""

    return told


def _sent(item: Item, _: bool) -> str:
    date = parsedate_to_datetime(item.mime["Date"]) if item.mime["Date"] else item.arrived
    return element("DateTimeSent", f"{date.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}")


def _internet_headers(item: Item, _: bool) -> str:
    if not item.has_headers:
        return ""
    block = re.sub(rb"\r\n(?=[ \t])", b"", item.raw.partition(b"\r\n\r\n")[0]).decode("latin-1")
    lines = (line.partition(":") for line in block.split("\r\n"))
    told = "".join(
        f"<t:InternetMessageHeader HeaderName={quoteattr(name)}>{escape(value.strip())}</t:InternetMessageHeader>"
        for name, _, value in lines
    )
    return f"<t:InternetMessageHeaders>{told}</t:InternetMessageHeaders>"


def _thread(item: Item) -> tuple[bytes, int]:
    mime = item.mime
    ids = [*re.findall(r"<[^>]+>", str(mime.get("References", ""))), str(mime.get("Message-ID", item.id))]
    return hashlib.sha256(ids[0].encode()).digest()[:22], len(ids) - 1


def _conversation(item: Item, _: bool) -> str:
    return f"<t:ConversationId Id={quoteattr(b64encode(_thread(item)[0]).decode())}/>"


def _index(item: Item, _: bool) -> str:
    head, depth = _thread(item)
    return element("ConversationIndex", b64encode(head + b"reply" * depth).decode())


PROPERTIES: dict[str, Callable[[Item, bool], str]] = {
    "item:Subject": _header("Subject", "Subject"),
    "item:DateTimeReceived": lambda item, _: element("DateTimeReceived", f"{item.arrived:%Y-%m-%dT%H:%M:%SZ}"),
    "item:DateTimeSent": _sent,
    "item:ItemClass": lambda item, _: element("ItemClass", item.item_class),
    "item:Size": lambda item, _: element("Size", str(len(item.raw))),
    "item:InReplyTo": _header("In-Reply-To", "InReplyTo"),
    "item:InternetMessageHeaders": _internet_headers,
    "item:ConversationId": _conversation,
    "message:From": _single("From", "From"),
    "message:Sender": _single("Sender", "Sender", "From"),
    "message:ReplyTo": _several("Reply-To", "ReplyTo"),
    "message:ToRecipients": _several("To", "ToRecipients"),
    "message:CcRecipients": _several("Cc", "CcRecipients"),
    "message:BccRecipients": _several("Bcc", "BccRecipients"),
    "message:InternetMessageId": _header("Message-ID", "InternetMessageId"),
    "message:References": _header("References", "References"),
    "message:ConversationIndex": _index,
}
ONLY_WHOLE = {
    *("message:ReplyTo", "message:ToRecipients", "message:CcRecipients", "message:BccRecipients"),
    *("item:InternetMessageHeaders", "message:ConversationIndex"),
}
"""FindItem and SyncFolderItems keep silent about these."""
