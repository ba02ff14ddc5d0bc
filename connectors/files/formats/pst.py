"""Outlook's data files, ``.pst`` and ``.ost``: opened where they lie, and read item by item, without a body.

Source: Microsoft, MS-PST; the folders that hold no mail of their own are those of searches and of Outlook itself.
"""

from collections.abc import Collection, Iterator
from contextlib import closing
from datetime import datetime
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from connectors.files.formats import mapi
from connectors.files.openers import Stream
from mailcare.errors import Exit, MailcareError
from mailcare.mail.folders import roles as roles_of
from mailcare.mail.message import Message, Role

WITHIN = "archive_within"
UNREADABLE = "unreadable"

_SUBTREE, _OUTBOX, _DELETED, _SENT, _DRAFTS, _OTHERS = 0x35E0, 0x35E2, 0x35E3, 0x35E4, 0x36D7, 0x36D8
_ROLES = {_OUTBOX: Role.DRAFTS, _DELETED: Role.TRASH, _SENT: Role.SENT, _DRAFTS: Role.DRAFTS}
_JUNK = 4
"""Its place among the other special folders."""
_SEARCH = 0x03
"""The last five bits of a search folder's number."""


class _Folder(NamedTuple):
    folder: Any
    name: str
    roles: tuple[Role, ...]
    many: int
    """How many items it holds."""


def is_it(head: bytes) -> bool:
    """Whether a file that begins so is one of Outlook's data files."""
    return head.startswith(b"!BDN") and head[8:10] in (b"SM", b"SO")


def messages(stream: Stream, folder: str, now: datetime) -> Iterator[Message | str]:
    """The messages in a data file, or the reasons for what is none. Those of people whom only Exchange's directory
    names come last, when all that is told of their addresses has been read. Raises MailcareError.
    """
    if stream.path is None or stream.compressed:
        yield WITHIN
        return
    pypff = _library(stream.path)
    file = pypff.file()
    try:
        file.open(str(stream.path))
        root = file.get_root_folder()
        store = _read(file.get_message_store(), {_SUBTREE, *_ROLES})
    except (OSError, MemoryError):
        yield UNREADABLE
        return
    with closing(file):
        known: dict[str, str] = {}
        waiting: list[tuple[_Folder, int]] = []
        for place in _folders(root, store, folder):
            if place is None:
                yield UNREADABLE
                continue
            for index in range(place.many):
                key, item = _item(place, index)
                if not isinstance(item, mapi.Item):
                    yield from [item] if item else []
                    continue
                known |= mapi.named(item)
                if mapi.is_unresolved(item, known):
                    waiting.append((place, index))
                else:
                    yield mapi.message(item, key=key, folder=place.name, roles=place.roles, now=now, known=known)
        for place, index in waiting:
            key, item = _item(place, index)
            if isinstance(item, mapi.Item):
                yield mapi.message(item, key=key, folder=place.name, roles=place.roles, now=now, known=known)
            else:
                yield UNREADABLE


def _library(path: Path) -> Any:
    try:
        import pypff
    except ImportError as error:
        raise MailcareError(
            "Outlook's data files need libpff-python, which is not installed",
            where=str(path),
            todo="Run: pipx inject mailcare libpff-python (in an environment of your own: pip install libpff-python).",
            code=Exit.USAGE,
        ) from error
    return pypff


def _folders(root: Any, store: mapi.Properties, top: str) -> Iterator[_Folder | None]:
    """The folders that may hold mail; None for one that can't be read."""
    tops = _tops(root, _number(store.octets(_SUBTREE)))
    roles = _special(store, [root, *(inner for folder in tops if folder for inner in _inner(folder) if inner)])
    waiting = [(folder, top, tuple[Role, ...]()) for folder in reversed(tops)]
    seen: set[int] = set()
    while waiting:
        folder, name, own = waiting.pop()
        if folder is None:
            yield None
        elif folder.identifier not in seen:
            seen.add(folder.identifier)
            yield _place(folder, name, own)
            for inner in reversed(_inner(folder)):
                called = _name(inner) if inner else ""
                role = (roles[inner.identifier],) if inner and inner.identifier in roles else roles_of([called])
                waiting.append((inner, f"{name}/{called}".strip("/"), tuple(dict.fromkeys((*own, *role)))))


def _tops(root: Any, subtree: int) -> list[Any]:
    """The folder with the owner's own folders in it: a .pst tells its number, an .ost has it by its name."""
    outer = _inner(root)
    near = [*outer, *(inner for folder in outer if folder for inner in _inner(folder))]
    found = [folder for folder in near if folder and (folder.identifier == subtree or _name(folder) == "IPM_SUBTREE")]
    return found or outer


def _place(folder: Any, name: str, roles: tuple[Role, ...]) -> _Folder | None:
    try:
        return _Folder(folder, name, roles, folder.number_of_sub_messages)
    except OSError:
        return None


def _name(folder: Any) -> str:
    try:
        return folder.name or ""
    except OSError:
        return ""


def _special(store: mapi.Properties, folders: list[Any]) -> dict[int, Role]:
    """What folders are for, by their numbers: the file tells some itself, and some in its root or its inbox."""
    roles = {_number(store.octets(tag)): role for tag, role in _ROLES.items()}
    for folder in folders:
        try:
            told = _read(folder, {_DRAFTS, _OTHERS})
        except OSError:
            continue
        roles[_number(told.octets(_DRAFTS))] = Role.DRAFTS
        roles |= {_number(one): Role.SPAM for one in _values(told.octets(_OTHERS))[_JUNK : _JUNK + 1]}
    return {number: role for number, role in roles.items() if number}


def _inner(folder: Any) -> list[Any]:
    """The folders in a folder, those of searches left out; None for what can't be read."""
    found: list[Any] = []
    try:
        for index in range(folder.number_of_sub_folders):
            inner = folder.get_sub_folder(index)
            found += [inner] if inner.identifier & 0x1F != _SEARCH else []
    except OSError:
        found.append(None)
    return found


def _item(place: _Folder, index: int) -> tuple[str, mapi.Item | str]:
    """The key and the content of an item; a reason, empty for what is no message, if there is none."""
    try:
        found = place.folder.get_sub_message(index)
        properties = _read(found, mapi.OF_MESSAGE)
        if not mapi.is_mail(properties.text(mapi.CLASS)):
            return "", ""
        recipients = found.recipients
        sets = recipients.record_sets if recipients else ()
        those = [_of(each, mapi.OF_RECIPIENT, properties.code_page) for each in sets]
    except (OSError, ValueError, MemoryError):
        return "", UNREADABLE
    key = blake2b(f"{place.name}\n{found.identifier:x}".encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()
    return key, mapi.item(properties, those)


def _read(item: Any, wanted: Collection[int]) -> mapi.Properties:
    return _of(item.get_record_set(0), wanted) if item.number_of_record_sets else mapi.Properties({})


def _of(record_set: Any, wanted: Collection[int], code_page: int = 0) -> mapi.Properties:
    """The wanted properties; the octets of no other are asked for."""
    entries = (entry for entry in record_set.entries if entry.entry_type in wanted)
    return mapi.Properties({entry.entry_type: (entry.value_type, entry.data or b"") for entry in entries}, code_page)


def _number(entry_id: bytes) -> int:
    """The number of the folder that an entry id names in its own file, 0 if it names none."""
    return int.from_bytes(entry_id[20:24], "little") if len(entry_id) == 24 else 0


def _values(octets: bytes) -> list[bytes]:
    """The values of a property that has several: how many, where each begins, and the values."""
    many = min(int.from_bytes(octets[:4], "little"), len(octets) // 4)
    starts = [int.from_bytes(octets[4 * at : 4 * at + 4], "little") for at in range(1, many + 1)]
    return [octets[start:end] for start, end in pairwise([*starts, len(octets)])]
