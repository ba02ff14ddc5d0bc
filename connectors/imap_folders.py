"""What an IMAP server is asked: its folders, what lies in them, and header fields. Nothing here could return a body."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import accumulate
from typing import Any, NamedTuple

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from connectors.folders import roles, utf7_decoded
from mailcare import headers
from mailcare.message import Role

HEADER = f"BODY.PEEK[HEADER.FIELDS ({' '.join(headers.WANTED)})]".upper()
"""The one part of a message that is ever asked for (RFC 3501 §6.4.5); PEEK leaves it unseen."""
WINDOW = 50_000
"""So many messages are listed at a time: the library takes lines of a million octets at most."""

_SPECIAL = {b"\\sent": Role.SENT, b"\\drafts": Role.DRAFTS, b"\\junk": Role.SPAM, b"\\trash": Role.TRASH}
"""What a server says of its folders (RFC 6154)."""
_NOT_THERE = {b"\\noselect", b"\\nonexistent"}
_ITEMS = ["UIDVALIDITY", "UIDNEXT", "MESSAGES"]


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the user's own."""

    name: str
    """As the server writes it."""
    path: str
    """As people read it, its parts separated by slashes."""
    roles: tuple[Role, ...]


class Contents(NamedTuple):
    """What lies in a folder: the UID of each message."""

    validity: int
    """The folder's UIDVALIDITY."""
    uids: set[int]
    drafts: set[int]
    deleted: set[int]
    recent: set[int]
    """Those that arrived on the given day or later."""


class Fetched(NamedTuple):
    """What is known of a message."""

    header: bytes
    arrived: datetime | None
    """INTERNALDATE, in UTC."""
    size: int
    """Octets of the whole message."""


def folders(client: IMAPClient) -> list[Folder]:
    """The user's own folders, INBOX first and those of sent mail next; those of others and shared ones are left out."""
    listed = [(flags, _text(delimiter), _text(name)) for flags, delimiter, name in client.list_folders()]
    special: dict[str, Role] = {}
    paths: dict[str, str] = {}
    personal = _personal(client)
    for flags, delimiter, name in listed:
        lowered = {flag.lower() for flag in flags}
        path = utf7_decoded(name)
        path = path.replace(delimiter, "/") if delimiter else path
        for flag in lowered & _SPECIAL.keys():
            special[path] = _SPECIAL[flag]
        if lowered.isdisjoint(_NOT_THERE) and (is_inbox(name) or personal(name)):
            paths[path] = name
    found = [Folder(name, path, _roles(path, special)) for path, name in paths.items()]
    return sorted(found, key=lambda folder: (not is_inbox(folder.name), Role.SENT not in folder.roles))


def is_inbox(name: str) -> bool:
    """Whether new mail is delivered there: INBOX means the same in upper and lower case."""
    return name.upper() == "INBOX"


def status(client: IMAPClient, folder: Folder) -> dict[str, int]:
    """What changes whenever the folder does, without opening it."""
    if not folder.name.isascii():
        raise IMAPClientError("no name that a server understands")
    items = [*_ITEMS, "HIGHESTMODSEQ"] if client.has_capability("CONDSTORE") else _ITEMS
    return {name.decode().lower(): value for name, value in client.folder_status(folder.name, items).items()}


def examined(client: IMAPClient, name: str) -> dict[bytes, Any]:
    """What the server says of a folder when it opens it for reading only."""
    opened: dict[bytes, Any] = client.select_folder(name, readonly=True)
    return opened


def uid_validity(opened: dict[bytes, Any]) -> int:
    """Changes where the server numbers the messages anew; a server that does not tell is taken never to do so."""
    return opened.get(b"UIDVALIDITY") or 1


def contents(client: IMAPClient, folder: Folder, since: date | None) -> Contents:
    """What lies in the folder, which is opened for reading only."""
    opened = examined(client, folder.name)
    exists = opened[b"EXISTS"]
    uids = _found(client, exists)
    if exists and not uids:
        raise IMAPClientError("messages that are not listed")
    return Contents(
        uid_validity(opened),
        uids,
        _found(client, exists, "DRAFT"),
        _found(client, exists, "DELETED"),
        _found(client, exists, "SINCE", since) if since else uids,
    )


def fetched(client: IMAPClient, uids: list[int], octets: int) -> dict[int, Fetched]:
    """So many octets of each message's header fields; what the server does not give is left out."""
    answer = client.fetch(uids, [f"{HEADER}<0.{octets}>", "INTERNALDATE", "RFC822.SIZE"])
    found = ((uid, _header(items), items) for uid, items in answer.items())
    return {
        uid: Fetched(header, _instant(items.get(b"INTERNALDATE")), items.get(b"RFC822.SIZE") or 0)
        for uid, header, items in found
        if header is not None
    }


def still_there(client: IMAPClient, uids: list[int]) -> set[int]:
    """Those of these UIDs that the open folder still lists."""
    return set(client.search(["UID", ",".join(map(str, uids))]))


def _text(name: bytes | str | None) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name or ""


def _personal(client: IMAPClient) -> Any:
    """Whether a name belongs to the user (RFC 2342); all do where the server knows no namespaces."""
    spaces = client.namespace() if client.has_capability("NAMESPACE") else ((("", ""),), None, None)
    owners = [(_text(prefix), own == 0) for own, group in enumerate(spaces) for prefix, _ in group or ()]

    def personal(name: str) -> bool:
        return max(((len(prefix), own) for prefix, own in owners if name.startswith(prefix)), default=(0, True))[1]

    return personal


def _roles(path: str, special: dict[str, Role]) -> tuple[Role, ...]:
    """What the server says of the folder or a parent of it, else what their names say."""
    parts = accumulate(path.split("/"), "{}/{}".format)
    return tuple(dict.fromkeys(special[part] for part in parts if part in special)) or roles([path])


def _found(client: IMAPClient, exists: int, *criteria: str | date) -> set[int]:
    """The UIDs of what meets the criteria, listed from the newest message down, so that none slips through when
    others are expunged meanwhile.
    """
    return {uid for window in _windows(exists) for uid in client.search([window, *criteria])}


def _windows(exists: int) -> Iterator[str]:
    for top in range(exists, 0, -WINDOW):
        yield f"{max(1, top - WINDOW + 1)}:{'*' if top == exists else top}"


def _header(items: dict[bytes, Any]) -> bytes | None:
    return next((value for name, value in items.items() if name.startswith(b"BODY[")), None)


def _instant(moment: datetime | None) -> datetime | None:
    try:
        return moment.astimezone(UTC) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
