"""A mailbox as Exchange Online keeps it: localised folders, messages from MIME, and a log of what has changed."""

from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any

from tests.counterparts.letters import Letter

FOLDERS = {
    "inbox": ("Posteingang", "inbox", ""),
    "archive": ("Kunden & Freunde", "", "inbox"),
    "sent": ("Gesendete Elemente", "sentitems", ""),
    "drafts": ("Entwürfe", "drafts", ""),
    "spam": ("Junk-E-Mail", "junkemail", ""),
    "trash": ("Gelöschte Elemente", "deleteditems", ""),
    "hidden": ("Verborgenes", "", ""),
    "search": ("Ungelesenes", "", ""),
}
"""Id → name, well-known name, parent."""
BASIC = (
    *("id", "createdDateTime", "receivedDateTime", "sentDateTime", "hasAttachments", "internetMessageId", "subject"),
    *("parentFolderId", "conversationId", "conversationIndex", "isRead", "isDraft", "sender", "from", "toRecipients"),
    *("ccRecipients", "bccRecipients", "replyTo"),
)
"""What Mail.ReadBasic gives without $select."""
SELECTABLE = {*BASIC, "internetMessageHeaders", "webLink"}

Json = dict[str, Any]


@dataclass
class Folder:
    id: str
    name: str
    well_known: str
    parent: str
    hidden: bool = False
    search: bool = False


@dataclass
class Mail:
    item: Json
    folder: str
    raw: bytes


@dataclass(frozen=True)
class Change:
    """``fields``: what changed of a message that stays; empty where it came to or left the folder."""

    folder: str
    key: str
    fields: tuple[str, ...] = ()


@dataclass
class Mailbox:
    """Messages by their immutable id, and the changes so far, in order."""

    folders: dict[str, Folder] = field(default_factory=dict)
    mails: dict[str, Mail] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    def __post_init__(self) -> None:
        for id, (name, well_known, parent) in FOLDERS.items():
            known = f"folder-{id}=="
            around = f"folder-{parent}==" if parent else ""
            self.folders[known] = Folder(known, name, well_known, around, id == "hidden", id == "search")

    def put(self, letter: Letter, place: str = "") -> str:
        """Deliver the letter, and return its id."""
        folder = place or f"folder-{letter.place}=="
        key = f"immutable-{len(self.changes)}-{sha256(letter.raw).hexdigest()[:8]}="
        self.mails[key] = Mail(self._item(letter, key), folder, letter.raw)
        self.changes.append(Change(folder, key))
        return key

    def remove(self, key: str) -> None:
        mail = self.mails.pop(key)
        self.changes.append(Change(mail.folder, key))

    def move(self, key: str, folder: str) -> None:
        mail = self.mails[key]
        self.changes += [Change(mail.folder, key), Change(folder, key)]
        mail.folder = folder

    def update(self, key: str, **fields: Any) -> None:
        """Change some properties, as marking it as read or editing a draft does."""
        self.mails[key].item |= fields
        self.changes.append(Change(self.mails[key].folder, key, tuple(fields)))

    def remove_folder(self, id: str) -> None:
        for key in [key for key, mail in self.mails.items() if mail.folder == id]:
            self.remove(key)
        del self.folders[id]

    def within(self, folder: str) -> list[str]:
        """The ids of a folder's messages, the newest first."""
        keys = [key for key, mail in self.mails.items() if mail.folder == folder]
        return sorted(keys, key=lambda key: (self.mails[key].item["receivedDateTime"], key), reverse=True)

    def key(self, letter: Letter) -> str:
        """The id of the letter's message."""
        return next(key for key, mail in self.mails.items() if mail.raw == letter.raw)

    def _item(self, letter: Letter, key: str) -> Json:
        plain = message_from_bytes(letter.raw)
        read = message_from_bytes(letter.raw, policy=policy.default)
        own = letter.place in ("sent", "drafts")
        arrived = _moment(letter.arrived)
        sender = _people(read, "from")[:1] or [None]
        index = self._index(plain, key)
        item: Json = {
            "id": key,
            "createdDateTime": arrived,
            "receivedDateTime": arrived,
            "sentDateTime": _moment(_dated(plain["date"]) or letter.arrived),
            "hasAttachments": False,
            "internetMessageId": (plain["message-id"] or f"<made-up-{key}@server.example>").strip(),
            "subject": " ".join(str(make_header(decode_header(plain["subject"] or ""))).splitlines()),
            "conversationId": b64encode(index[:22]).decode(),
            "conversationIndex": b64encode(index).decode(),
            "isRead": False,
            "isDraft": letter.place == "drafts",
            "sender": (_people(read, "sender") or sender)[0],
            "from": sender[0],
            "toRecipients": _people(read, "to"),
            "ccRecipients": _people(read, "cc"),
            "bccRecipients": _people(read, "bcc") if own else [],
            "replyTo": _people(read, "reply-to"),
        }
        if not own:
            item["internetMessageHeaders"] = [{"name": name, "value": str(value)} for name, value in plain.items()]
        return item

    def _index(self, plain: Any, key: str) -> bytes:
        """The conversation index: that of the message it answers and five bytes more, or 22 bytes of its own."""
        named = f"{plain['in-reply-to'] or ''} {plain['references'] or ''}".split()
        by_id = {mail.item["internetMessageId"]: mail.item["conversationIndex"] for mail in self.mails.values()}
        parent = next((b64decode(by_id[id]) for id in named if id in by_id), b"")
        own = sha256(key.encode()).digest()
        return parent + own[:5] if parent else b"\x01" + own[:21]


def _people(read: Any, name: str) -> list[Json]:
    """A header's people as Graph's recipients."""
    found = read[name]
    people = found.addresses if found else ()
    return [{"emailAddress": {"name": one.display_name or one.addr_spec, "address": one.addr_spec}} for one in people]


def _dated(value: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(value) if value else None
    except ValueError:
        return None


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
