"""An Exchange item → ``message.Message``.

What arrived from outside has its Internet headers; what lies in Sent Items or Drafts, and mail between mailboxes of
one server, may have none: then the item's own properties say the same. Properties: MS-OXWSMSG, MS-OXWSCORE.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from connectors.exchange.folders import MailFolder
from mailcare.mail import headers
from mailcare.mail.message import Fault, Field, Message, Person

_RECIPIENTS = {"reply-to": "reply_to", "to": "to_recipients", "cc": "cc_recipients", "bcc": "bcc_recipients"}
_IDS = {"message-id": "message_id", "in-reply-to": "in_reply_to", "references": "references"}


def message(item: Any, key: str, folder: MailFolder, now: datetime) -> Message:
    """The message of exchangelib's item; ``now`` is the moment of reading."""
    fields = _headers(item.headers or ())
    people = {
        name: given for name, given in _mailboxes(item).items() if name not in fields or _garbled(fields, name, given)
    }
    fields = {name: texts for name, texts in fields.items() if name not in people}
    fields = _properties(item, people) | fields | _class(item.item_class or "")
    made = headers.message(
        fields,
        key=key,
        now=now,
        folders=[folder.path],
        roles=folder.roles,
        received_at=_plain(item.datetime_received),
        size=item.size or 0,
    )
    return replace(
        made,
        people=(*made.people, *_nameless(people)),
        conversation=item.conversation_id.id if item.conversation_id else "",
        conversation_index=getattr(item, "conversation_index", None) or b"",
    )


def _headers(given: Iterable[Any]) -> headers.Fields:
    """The Internet headers that are looked at, unfolded."""
    fields: headers.Fields = {}
    for one in given:
        if (name := (one.name or "").lower()) in headers.WANTED:
            fields.setdefault(name, []).append("".join((one.value or "").splitlines()))
    return fields


def _garbled(fields: headers.Fields, name: str, given: list[Any]) -> bool:
    """Whether the header's addresses can't be told apart, though the server knows them: some servers decode a header's
    encoded names before they hand it out, and a comma in one of them parts it in two.
    """
    read = headers.message({name: fields[name]}, key="", now=datetime.now(UTC))
    return all(map(_has_address, given)) and (Fault.ADDRESS_BROKEN in read.faults or len(read.people) != len(given))


def _mailboxes(item: Any) -> dict[str, list[Any]]:
    """Header name → exchangelib's mailboxes. The sender is left out where it is the author."""
    found = {name: list(getattr(item, attribute, None) or ()) for name, attribute in _RECIPIENTS.items()}
    author, sender = getattr(item, "author", None), getattr(item, "sender", None)
    found["from"] = [one for one in (author or sender,) if one]
    found["sender"] = [one for one in (sender,) if one and author and one.email_address != author.email_address]
    return {name: given for name, given in found.items() if given}


def _properties(item: Any, people: dict[str, list[Any]]) -> headers.Fields:
    """Header fields made of the item's own properties."""
    texts = {name: getattr(item, attribute, None) for name, attribute in _IDS.items()} | {"subject": item.subject}
    if sent := _plain(item.datetime_sent):
        texts["date"] = format_datetime(sent)
    fields = {name: [text] for name, text in texts.items() if text}
    for name, given in people.items():
        if entries := [_entry(one) for one in given if _has_address(one)]:
            fields[name] = [", ".join(entries)]
    return fields


def _class(item_class: str) -> headers.Fields:
    """The header that says the same as the item's class: a report, an invitation or its answer, an automatic reply."""
    name = item_class.upper()
    if name.startswith("REPORT"):
        return {"content-type": ["multipart/report"]}
    if name.startswith("IPM.SCHEDULE"):
        return {"content-type": ["text/calendar"]}
    return {"auto-submitted": ["auto-replied"]} if name.startswith("IPM.NOTE.RULES.") else {}


def _nameless(people: dict[str, list[Any]]) -> list[Person]:
    """Those of whom the server knows a name and no SMTP address, only one of the old X.500 kind (MS-OXOABK)."""
    return [
        Person(Field[name.upper().replace("-", "_")], one.name or "", "")
        for name, given in people.items()
        for one in given
        if not _has_address(one) and one.name
    ]


def _plain(moment: datetime | None) -> datetime | None:
    """exchangelib's instant as one of Python's, in UTC."""
    return datetime.fromtimestamp(moment.timestamp(), UTC) if moment else None


def _has_address(mailbox: Any) -> bool:
    return (mailbox.routing_type or "SMTP").upper() == "SMTP" and "@" in (mailbox.email_address or "")


def _entry(mailbox: Any) -> str:
    """As it would stand in a header; Exchange repeats the address where there is no name."""
    name = (mailbox.name or "").replace("\\", "\\\\").replace('"', '\\"')
    return f'"{name}" <{mailbox.email_address}>' if name != mailbox.email_address else f"<{mailbox.email_address}>"
