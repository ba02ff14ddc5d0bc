"""Where a message lies: its folder, and what its file's name says of it, by the habits of each mail program.

A place is a path below the folder or archive that was given, with "/" between its parts, whatever the machine.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from mailcare.mail.folders import utf7_decoded
from mailcare.mail.message import Role

_SUFFIX = re.compile(r"\.(?:mbox|mbx|mbs|sbd|mmdf|babyl|imapmbox|pst|ost|olm|pmm|txt|bak|old)$", re.IGNORECASE)
_APPLE = re.compile(r"(?:(?:/[0-9A-F-]{2,40})?/Data(?:/\d)*|(?<=mbox))/Messages$", re.IGNORECASE)
"""What Apple Mail has between a mailbox and its messages."""
_APPLE_DATA = re.compile(r"(?:\.mbox|/[0-9A-F-]{2,40})/Data(?:/\d)*$", re.IGNORECASE)
_FLAGS = re.compile(r"(?:%3A|=3A|[^A-Za-z0-9])?2,([A-Za-z]*)(?:\.eml)?$", re.IGNORECASE)
"""A Maildir's flags. Their colon is another sign, or none, after a way over Windows or a file server."""
_FLAG_ROLES = {"D": Role.DRAFTS, "T": Role.TRASH}
_HASHED = re.compile(r"[0-9a-f]{2}")
_DELIVERED = re.compile(r"\d+\.[^.]+\..+")
_DELETED = re.compile(r"[,#]\d+")

_NOT_MAIL = {
    *(".git", ".hg", ".svn", ".cache", ".notmuch", ".snapshot", ".snapshots", ".zfs"),
    "com.microsoft.__Attachments",
}
"""Folders in which no mail program keeps mail; what is attached to it is none."""
_KEPT = {
    *("maildirfolder", "maildirsize", "subscriptions", "table_of_contents", "info.plist", "labels.json"),
    *("cyrus.header", "cyrus.index", "cyrus.cache", "cyrus.squat", "..maildir++", "folders.db", "msg-db.sqlite"),
    *("courierimapsubscribed", "courierimapuiddb", "courierpop3dsizelist", "courierimapkeywords", "courierimapacl"),
    *("courierimaphieracl", "popstate.dat", "msgfilterrules.dat", "rules.dat", "filterlog.html", "virtualfolders.dat"),
    *("categories.xml", "contacts.xml", "groups.xml", "calendar.xml", "tasks.xml", "notes.xml"),
    *("panacea.dat", "descmap.pce", "nstoc.dat", "feeditems.json", "feeds.json", "history.sqlite", "mail.index"),
}
_KEPT_LIKE = re.compile(
    r".*\.(?:msf|toc|metadata\.json|cmeta|ev-summary|ev-summary-meta|ibex\.index(?:\.data)?|snm|emlxpart|lock)|dovecot[.-].*"
    r"|\..*|.*\.meta|(?:.*\.)?index(?:\.ids|\.sorted)?|.*\.plist",
    re.IGNORECASE,
)


class Place(NamedTuple):
    """What a file's path says of the message in it."""

    folder: str
    key: str = ""
    """Its name in a Maildir, without the flags that say nothing here; empty elsewhere."""
    roles: tuple[Role, ...] = ()


Has = Callable[[str], bool]
"""Whether there is a folder at a place."""


def place(path: str, top: str, has: Has) -> Place:
    """What the path of a file says. ``top`` is the name of the folder or archive that was given."""
    parent, _, name = path.rpartition("/")
    box = maildir(parent, has)
    if box is not None:
        found = _FLAGS.search(name)
        flags = [flag for flag in "DT" if found and flag in found[1].upper()]
        where = folder(box, top)
        key = "/".join([where, *flags, _FLAGS.sub("", name)])
        return Place(where, key, tuple(_FLAG_ROLES[flag] for flag in flags))
    where = folder(parent, top)
    roles = [Role.TRASH] if _DELETED.fullmatch(name) else []
    roles += [Role.DRAFTS] if name.isdigit() and where.rpartition("/")[2] == "queue" else []
    return Place(where, roles=tuple(roles))


def maildir(parent: str, has: Has) -> str | None:
    """The Maildir to which the files in this folder belong, or None. Its ``cur`` may be all that is left of it."""
    box, _, last = f"/{parent}".rpartition("/")
    if _HASHED.fullmatch(last) and box.rpartition("/")[2] == "cur":
        box, _, last = box.rpartition("/")
    siblings = {"cur", "new", "tmp"} - {last}
    if last not in ("cur", "new") or not (last == "cur" or any(has(f"{box}/{one}"[1:]) for one in siblings)):
        return None
    return box[1:]


def folder(path: str, top: str) -> str:
    """The folder's name: its path, with every program's own signs taken off; the top folder goes by its own name."""
    path = _APPLE.sub("", f"/{path}")[1:]
    outer, _, last = path.rpartition("/")
    if last == "mbox" and _SUFFIX.search(outer or top):
        path = outer
    parts = [_plain(part) for part in path.split("/") if part not in ("", "subfolders", "dbox-Mails")]
    return "/".join(parts) or _plain(top)


def _plain(part: str) -> str:
    if part.startswith(".") and part.endswith(".directory"):
        part = part[1 : -len(".directory")]
    elif part.startswith(".") and len(part) > 1:
        part = utf7_decoded(part[1:]).replace(".", "/")
    return _SUFFIX.sub("", part)


def holds_mail(parent: str, name: str, has: Has) -> bool:
    """Whether to look into a folder: not into a Maildir's tmp, Apple Mail's attachments, or what isn't mail,
    such as the copies that Thunderbird makes for a search of the whole machine.
    """
    if name == "Attachments" and _APPLE_DATA.search(f"/{parent}"):
        return False
    beside = {"tmp": "cur", "Attachments": "Messages"}.get(name)
    if beside:
        return not has(f"{parent}/{beside}".lstrip("/"))
    return name not in _NOT_MAIL and not name.startswith((".Trash-", ".Trashes")) and not name.endswith(".mozmsgs")


def is_kept(name: str) -> bool:
    """Whether it is a file that a mail program keeps beside the mail, and not worth a word if it holds none."""
    return name.lower() in _KEPT or bool(_KEPT_LIKE.fullmatch(name))
