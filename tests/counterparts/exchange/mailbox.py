"""What an Exchange server keeps for the tests: mailboxes with folders, items stored from their MIME, and their changes.

Item ids change when an item is moved; of sent mail and drafts there are no Internet headers; the special folders have
German names.
"""

import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count

SPECIAL = {
    "inbox": "Posteingang",
    "sentitems": "Gesendete Elemente",
    "drafts": "Entwürfe",
    "junkemail": "Junk-E-Mail",
    "deleteditems": "Gelöschte Elemente",
    "outbox": "Postausgang",
}
OTHER = {
    "calendar": ("Kalender", "IPF.Appointment", "CalendarFolder"),
    "contacts": ("Kontakte", "IPF.Contact", "ContactsFolder"),
    "tasks": ("Aufgaben", "IPF.Task", "TasksFolder"),
    "searchfolders": ("Ungelesen", "IPF.Note", "SearchFolder"),
}


@dataclass
class Folder:
    id: str
    name: str
    parent: str
    folder_class: str = "IPF.Note"
    tag: str = "Folder"
    distinguished: str = ""


@dataclass
class Item:
    id: str
    folder: str
    raw: bytes
    arrived: datetime
    item_class: str
    has_headers: bool
    version: int = 0
    changes: dict[str, str] = field(default_factory=dict)
    """FieldURI → XML that is told in place of what the MIME says."""

    @property
    def mime(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass(frozen=True)
class Event:
    number: int
    folder: str
    item: str
    kind: str
    """``create``, ``update`` or ``delete``."""


class StoredMailbox:
    """One mailbox; ``epoch`` grows when the server forgets its sync states."""

    def __init__(self, address: str) -> None:
        self.address, self.epoch = address, 0
        self._numbers = count(1)
        self.folders: dict[str, Folder] = {}
        self.items: dict[str, Item] = {}
        self.events: list[Event] = []
        self.root = self.add_folder("Oberste Ebene des Informationsspeichers", "", distinguished="msgfolderroot").id
        for name, title in SPECIAL.items():
            self.add_folder(title, self.root, distinguished=name)
        for name, (title, folder_class, tag) in OTHER.items():
            self.add_folder(title, self.root, folder_class, tag, name)

    def id(self, kind: str) -> str:
        """Long, and with characters that only base64 has."""
        seed = hashlib.sha512(f"{self.address} {kind} {next(self._numbers)}".encode()).digest()
        return b64encode(seed + seed[:16]).decode()

    def add_folder(
        self, name: str, parent: str, folder_class: str = "IPF.Note", tag: str = "Folder", distinguished: str = ""
    ) -> Folder:
        folder = Folder(self.id("folder"), name, parent, folder_class, tag, distinguished)
        self.folders[folder.id] = folder
        return folder

    def special(self, distinguished: str) -> Folder | None:
        return next((one for one in self.folders.values() if one.distinguished == distinguished), None)

    def below(self, top: str) -> list[Folder]:
        """The folders in this one, and in those."""
        inside = [one for one in self.folders.values() if one.parent == top]
        return [*inside, *(deeper for one in inside for deeper in self.below(one.id))]

    def remove_folder(self, id: str) -> None:
        """With all that is in it."""
        for item in [item.id for item in self.items.values() if item.folder == id]:
            self.delete(item)
        del self.folders[id]

    def deliver(self, raw: bytes, folder: str, arrived: datetime, item_class: str = "", headers: bool = True) -> str:
        item = Item(self.id("item"), folder, raw, arrived, item_class or _class(raw), headers)
        self.items[item.id] = item
        self._note(item, "create")
        return item.id

    def update(self, id: str, **changes: str) -> None:
        item = self.items[id]
        item.version += 1
        item.changes |= changes
        self._note(item, "update")

    def delete(self, id: str) -> None:
        self._note(self.items.pop(id), "delete")

    def move(self, id: str, folder: str) -> str:
        item = self.items[id]
        self.delete(id)
        return self.deliver(item.raw, folder, item.arrived, item.item_class, item.has_headers)

    def _note(self, item: Item, kind: str) -> None:
        self.events.append(Event(len(self.events) + 1, item.folder, item.id, kind))

    def state(self, folder: str, number: int) -> str:
        return b64encode(f"{self.epoch} {folder} {number}".encode()).decode()

    def number(self, folder: str, state: str) -> int | None:
        """The last event that a client with this state has seen; None for a state that is none of ours."""
        if not state:
            return 0
        try:
            epoch, place, number = b64decode(state, validate=True).decode().split(" ")
        except ValueError:
            return None
        return int(number) if (int(epoch), place) == (self.epoch, folder) else None

    def changes(self, folder: str, after: int, most: int) -> tuple[list[tuple[str, str]], int, bool]:
        """Kinds and item ids since an event, the number of the last one told, and whether that was all.

        Not in the order of arrival: Exchange promises none.
        """
        here = [event for event in self.events if event.folder == folder]
        created = {event.item: event.number for event in here if event.kind == "create"}
        last = {event.item: event.number for event in here}
        told: list[tuple[str, str]] = []
        for event in here:
            if event.number <= after:
                continue
            new = created[event.item] > after
            if event.kind == "create" and event.item in self.items:
                told.append(("create", event.item))
            elif not new and event.number == last[event.item] and event.kind != "create":
                told.append((event.kind, event.item))
            if len(told) == most:
                return told, event.number, not any(later.number > event.number for later in here)
        return told, len(self.events), True


def _class(raw: bytes) -> str:
    kind = message_from_bytes(raw, policy=policy.compat32).get_content_type()
    return {"multipart/report": "REPORT.IPM.Note.NDR", "text/calendar": "IPM.Schedule.Meeting.Request"}.get(
        kind, "IPM.Note"
    )
