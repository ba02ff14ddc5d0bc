"""Graph's message → ``mailcare.mail.message.Message``.

The internet headers are taken where the message has them. What was never sent over the internet, such as the owner's
own mail in Sent Items, has none: there the properties stand in for them. Source: Microsoft Graph, message resource.
"""

import binascii
from base64 import b64decode
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from connectors.graph.api import SELECT, Item
from connectors.graph.folders import Folder
from mailcare.mail import headers
from mailcare.mail.message import Field, Message, Person, Role

_CONTENT = set(SELECT.split(",")) - {"id"}
_ALWAYS = {"subject", "toRecipients", "receivedDateTime"}
_PEOPLE = {"from": "from", "to": "toRecipients", "cc": "ccRecipients", "bcc": "bccRecipients"}
_EVERYBODY = _PEOPLE | {"reply-to": "replyTo"}
_BASE64 = str.maketrans("-_", "+/")
"""Graph's ids come in base64url too (RFC 4648 §5)."""


def is_whole(item: Item) -> bool:
    """Whether all of a message was given; a later round tells only what has changed."""
    return item.keys() >= _ALWAYS


def is_changed(item: Item) -> bool:
    """Whether anything was given that is stored; another mark of having been read is no change."""
    return not _CONTENT.isdisjoint(item)


def has_headers(item: Item) -> bool:
    """Whether the internet headers were given."""
    return bool(item.get("internetMessageHeaders"))


def message(item: Item, folder: Folder, now: datetime) -> Message:
    """The message as it lies in the folder; ``now`` is the moment of reading."""
    read = headers.message(
        _fields(item),
        key=str(item["id"]),
        now=now,
        folders=[folder.path],
        roles=dict.fromkeys((*folder.roles, *([Role.DRAFTS] if item.get("isDraft") else []))),
        received_at=instant(item.get("receivedDateTime")),
    )
    return replace(
        read,
        people=(*read.people, *_nameless(item)),
        conversation=_text(item.get("conversationId")),
        conversation_index=_octets(item.get("conversationIndex")),
    )


def instant(value: object) -> datetime | None:
    """A property's moment, in UTC; None where it has none."""
    try:
        moment = datetime.fromisoformat(_text(value))
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _fields(item: Item) -> headers.Fields:
    given = _internet_headers(item)
    return _properties(item, everything=not given) | given | _kind(item)


def _kind(item: Item) -> headers.Fields:
    """The header that says that a message is an invitation or its answer (eventMessage)."""
    invites = _text(item.get("@odata.type")).startswith("#microsoft.graph.eventMessage")
    return {"content-type": ["text/calendar"]} if invites else {}


def _internet_headers(item: Item) -> headers.Fields:
    fields: headers.Fields = {}
    for header in _dicts(item.get("internetMessageHeaders")):
        name = _text(header.get("name")).strip().lower()
        if name in headers.WANTED:
            fields.setdefault(name, []).append(_text(header.get("value")))
    return fields


def _properties(item: Item, *, everything: bool) -> headers.Fields:
    """What the properties tell, as header fields. Sender and Reply-To only with ``everything``: Graph fills in the
    first always, and the headers of a message without them are right."""
    fields: headers.Fields = {}
    for name, key in _PEOPLE.items():
        if listed := _addresses(_dicts(item.get(key))):
            fields[name] = [listed]
    if everything:
        if item.get("sender") != item.get("from") and (listed := _addresses(_dicts(item.get("sender")))):
            fields["sender"] = [listed]
        if listed := _addresses(_dicts(item.get("replyTo"))):
            fields["reply-to"] = [listed]
    for name, key in (("subject", "subject"), ("message-id", "internetMessageId")):
        if text := _text(item.get(key)):
            fields[name] = [text]
    if sent := instant(item.get("sentDateTime")):
        fields["date"] = [format_datetime(sent)]
    return fields


def _addresses(recipients: Iterable[dict[str, Any]]) -> str:
    """The recipients as a header's value, those without an internet address left out."""
    entries = []
    for name, address in map(_person, recipients):
        if "@" in address:
            quoted = name.replace("\\", "\\\\").replace('"', '\\"')
            entries.append(f'"{quoted}" <{address}>')
    return ", ".join(entries)


def _nameless(item: Item) -> list[Person]:
    """Those in the properties of whom there is a name and no internet address, only one of Exchange's own (X.500);
    where the headers name people, these do."""
    given = _internet_headers(item)
    keys = {name: key for name, key in (_PEOPLE if given else _EVERYBODY).items() if name not in given}
    everybody = [(name, *_person(one)) for name, key in keys.items() for one in _dicts(item.get(key))]
    return [
        Person(Field[header.upper().replace("-", "_")], name, "")
        for header, name, address in everybody
        if name and "@" not in address
    ]


def _person(recipient: dict[str, Any]) -> tuple[str, str]:
    """A recipient's name and address."""
    person = recipient.get("emailAddress")
    return (_text(person.get("name")), _text(person.get("address"))) if isinstance(person, dict) else ("", "")


def _dicts(value: object) -> list[dict[str, Any]]:
    """The objects of a property that is one or a list of them."""
    many = value if isinstance(value, list) else [value]
    return [one for one in many if isinstance(one, dict)]


def _text(value: object) -> str:
    """A property's text on one line; JSON can hold halves of characters, which are replaced."""
    if not isinstance(value, str):
        return ""
    if not value.isascii():
        value = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return " ".join(value.splitlines())


def _octets(value: object) -> bytes:
    try:
        return b64decode(_text(value).translate(_BASE64))
    except (binascii.Error, ValueError):
        return b""
