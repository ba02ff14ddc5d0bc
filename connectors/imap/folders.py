"""What an IMAP server is asked: its folders, what lies in them, and header fields. Nothing here could return a body."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import accumulate
from typing import Any, NamedTuple

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, ProtocolError

from mailcare.mail import headers
from mailcare.mail.folders import roles, utf7_decoded
from mailcare.mail.message import Role

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
    """As people read it, its parts separated by slashes; where two would read the same, as the server writes it."""
    roles: tuple[Role, ...]


class Listed(NamedTuple):
    """A folder as the server lists it."""

    name: str
    delimiter: str
    flags: set[bytes]
    """In lower case."""

    @property
    def path(self) -> str:
        """The name as people read it."""
        readable = utf7_decoded(self.name)
        return readable.replace(self.delimiter, "/") if self.delimiter else readable


class Contents(NamedTuple):
    """What lies in a folder: the UID of each message."""

    validity: int
    """The folder's UIDVALIDITY."""
    uids: set[int]
    drafts: set[int]
    deleted: set[int]
    recent: set[int]
    """Those that arrived on the given day or later."""
    hidden: int
    """So many messages are there and were not listed."""
    limited: bool
    """Whether the folder holds as many messages as the server handles at once: there may be older ones (RFC 9738)."""

    def lacks(self, uid: int) -> bool:
        """Whether it is certain that this message is not there."""
        return uid not in self.uids and not self.hidden and not (self.limited and uid < min(self.uids))


class Fetched(NamedTuple):
    """What is known of a message."""

    header: bytes
    arrived: datetime | None
    """INTERNALDATE, in UTC."""
    size: int
    """Octets of the whole message."""


def listed(client: IMAPClient) -> list[Listed]:
    """All folders that the server lists."""
    found = ((flags, _text(delimiter), _text(name)) for flags, delimiter, name in client.list_folders())
    return [Listed(name, delimiter, {flag.lower() for flag in flags}) for flags, delimiter, name in found]


def namespaces(client: IMAPClient) -> list[tuple[str, bool]]:
    """How names of folders begin, and whether those belong to the user (RFC 2342); none where that cannot be read."""
    if not client.has_capability("NAMESPACE"):
        return []
    try:
        spaces = client.namespace()
    except (ProtocolError, ValueError, TypeError):
        return []
    return [(_text(prefix), own == 0) for own, group in enumerate(spaces) for prefix, _ in group or ()]


def folders(found: list[Listed], spaces: list[tuple[str, bool]]) -> list[Folder]:
    """The user's own folders, INBOX first and those of sent mail next; those of others and shared ones are left out."""
    special = {one.path: _SPECIAL[flag] for one in found for flag in one.flags & _SPECIAL.keys()}
    there = [one for one in found if one.flags.isdisjoint(_NOT_THERE)]
    own = {one.name: one for one in there if is_inbox(one.name) or _is_own(one.name, spaces)}
    namesakes = Counter(one.path for one in own.values())
    paths = {one.name: one.path if namesakes[one.path] == 1 else one.name for one in own.values()}
    result = [Folder(one.name, paths[one.name], _roles(one.path, special)) for one in own.values()]
    return sorted(result, key=lambda folder: (not is_inbox(folder.name), Role.SENT not in folder.roles))


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
    exists, most = opened[b"EXISTS"], _most(client)
    window = min(WINDOW, most or WINDOW)
    uids = {uid for part in _windows(exists, window) for uid in client.search([part])}
    parts = _parts(sorted(uids), window)

    def found(*criteria: str | date) -> set[int]:
        return {uid for part in parts for uid in client.search(["UID", part, *criteria])}

    return Contents(
        uid_validity(opened),
        uids,
        found("DRAFT"),
        found("DELETED"),
        found("SINCE", since) if since else uids,
        max(0, exists - len(uids)),
        0 < most <= exists,
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


def _is_own(name: str, spaces: list[tuple[str, bool]]) -> bool:
    return max(((len(start), own) for start, own in spaces if name.startswith(start)), default=(0, True))[1]


def _roles(path: str, special: dict[str, Role]) -> tuple[Role, ...]:
    """What the server says of the folder or a parent of it, else what their names say."""
    parts = accumulate(path.split("/"), "{}/{}".format)
    return tuple(dict.fromkeys(special[part] for part in parts if part in special)) or roles([path])


def _most(client: IMAPClient) -> int:
    """How many messages the server handles in one command (MESSAGELIMIT, RFC 9738); 0 where it sets no limit."""
    values = (_text(one).upper().partition("MESSAGELIMIT=") for one in client.capabilities())
    return next((int(value) for before, _, value in values if not before and value.isdecimal()), 0)


def _windows(exists: int, window: int) -> Iterator[str]:
    """Message numbers from the newest down, so that none slips through when others are expunged meanwhile."""
    for top in range(exists, 0, -window):
        yield f"{max(1, top - window + 1)}:{'*' if top == exists else top}"


def _parts(uids: list[int], window: int) -> list[str]:
    """The UIDs as ranges, which fit whatever is expunged meanwhile."""
    pieces = (uids[start : start + window] for start in range(0, len(uids), window))
    return [f"{piece[0]}:{piece[-1]}" for piece in pieces]


def _header(items: dict[bytes, Any]) -> bytes | None:
    return next((value for name, value in items.items() if name.startswith(b"BODY[")), None)


def _instant(moment: datetime | None) -> datetime | None:
    try:
        return moment.astimezone(UTC) if moment and moment.tzinfo else None
    except (ValueError, OverflowError):
        return None
