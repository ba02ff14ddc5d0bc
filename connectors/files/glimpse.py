"""What lies on this machine, at a glance: names in folders, and a file's first octets; each is bounded, and no link is
followed out of where it was looked for.
"""

import errno
import os
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from connectors.files import archives, places
from connectors.files.formats.known import FORMATS, LETTER, format_of
from connectors.files.openers import REACH, opened
from mailcare.mail.about import Closed
from mailcare.mail.folders import roles

LISTINGS = 3000
"""Folders that are listed at most."""
ENTRIES = 5000
"""Names of a folder that are looked at."""
WIDTH = 200
"""Folders that match one part of a pattern and are looked into."""
INSIDE = 200
"""Folders of a mailbox that are looked into, in order to count those with mail."""
SNIFFED = 30
"""Files of a folder whose first octets are read."""
LEVELS = 2
"""Folders between a place and the mailboxes of accounts in it."""
_TEXT = 1 << 16
"""Octets of a text that are read."""

MAILDIR, LETTERS, ARCHIVE = "a Maildir", "a folder of messages", "an archive"
_LETTER_NAMES = re.compile(r"\d+|[um]\.\d+|.+\.(?:emlx?|msg)(?:\.gz)?", re.IGNORECASE)
"""Names of files with one message."""
_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?\s*[!-9;-~]{1,76}:")
_MANY = {form.name for form in FORMATS if form.many} | {ARCHIVE}
"""Kinds of files that are a mailbox."""
_HASHED = re.compile(r"[0-9a-f]{2}")


class Entry(NamedTuple):
    """A name in a folder."""

    name: str
    is_folder: bool
    is_file: bool


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a mailbox looks like from outside."""

    kind: str
    folders: int = 0
    """Folders with mail; 0 for a file."""
    more: bool = False
    """There are more of them than were looked into."""
    size: int = 0
    """Octets of a file."""
    changed: float = 0.0
    """When, in seconds since 1970."""


def together(glimpses: list[Glimpse]) -> Glimpse:
    """One mailbox that lies in several places."""
    return Glimpse(
        glimpses[0].kind,
        folders=sum(one.folders for one in glimpses),
        more=any(one.more for one in glimpses),
        size=sum(one.size for one in glimpses),
        changed=max(one.changed for one in glimpses),
    )


class Eyes:
    """Looks at folders and files, not beyond the bounds above, and remembers what it may not see."""

    def __init__(self, roots: Iterable[Path]) -> None:
        self._roots = [_real(root) for root in roots]
        self._left = LISTINGS
        self._seen: dict[Path, list[Entry]] = {}
        self.closed: dict[Path, Closed] = {}
        """What could not be looked at, by its place."""
        self.todo = ""
        """What to do about that, if it is known better than in general."""

    def allow(self, root: Path) -> None:
        """Look below this folder too."""
        self._roots.append(_real(root))

    def matches(self, base: Path, pattern: str) -> list[Path]:
        """What is there below the base and matches the pattern, in the order of names."""
        found, parts = [base], pattern.split("/") if pattern else []
        for number, part in enumerate(parts, 1):
            if "*" in part or "?" in part:
                last = number == len(parts)
                found = [here / name for here in found[:WIDTH] for name in self._matching(here, part, last)]
            else:
                found = [here / part for here in found]
        return [path for path in found if self.status(path)]

    def _matching(self, here: Path, part: str, files: bool) -> list[str]:
        entries = self.listed(here)
        return [
            one.name for one in entries if (files or not one.is_file) and fnmatchcase(one.name.lower(), part.lower())
        ]

    def listed(self, folder: Path) -> list[Entry]:
        """The names in a folder, sorted; none if there is no such folder, or it may not be read."""
        if folder not in self._seen:
            self._seen[folder] = sorted(self._list(folder, ENTRIES))
        return self._seen[folder]

    def _list(self, folder: Path, most: int) -> list[Entry]:
        if not self._left:
            what = "there are more folders than init looks into"
            self.closed[Path()] = Closed(what, "Name the file or folder with your mail, if it isn't offered.")
            return []
        try:
            if not self._is_inside(folder):
                return []
            with os.scandir(folder) as entries:
                self._left -= 1
                return [
                    Entry(entry.name, entry.is_dir(follow_symlinks=False), entry.is_file(follow_symlinks=False))
                    for entry in islice(entries, most)
                ]
        except OSError as error:
            self._tell(folder, error)
            return []

    def status(self, path: Path) -> os.stat_result | None:
        """The file's or folder's status; None if there is none, or it may not be looked at."""
        try:
            return path.stat() if self._is_inside(path) else None
        except OSError as error:
            self._tell(path, error)
            return None

    def _is_inside(self, path: Path) -> bool:
        """Whether the path lies below the roots; a link that leads out of them is told. Raises OSError."""
        try:
            target = path.resolve(strict=True)
        except RuntimeError:
            return False  # a link that leads round, before Python 3.13
        inside = any(target.is_relative_to(root) for root in self._roots)
        if not inside:
            self.closed.setdefault(
                path, Closed(f"{shown(path)} is a link to {shown(target)}", "Name that, if your mail is there.")
            )
        return inside

    def _tell(self, path: Path, error: OSError) -> None:
        if isinstance(error, FileNotFoundError | NotADirectoryError) or error.errno == errno.ELOOP:
            return
        todo = self.todo or "Let your user read it, and run mailcare init again, if your mail is there."
        at = _barrier(path)
        self.closed.setdefault(at, Closed(f"{shown(at)} can't be looked at ({error.strerror or error})", todo))

    def text(self, path: Path) -> str:
        """The beginning of a small text file that a program or the desktop wrote; empty if there is none."""
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                return ""
            with path.open("rb") as file:
                return file.read(_TEXT).decode("utf-8", "replace")
        except OSError as error:
            self._tell(path, error)
            return ""

    def kind(self, path: Path) -> str:
        """What a file is by its first octets, unpacked; empty if it is no mail."""
        try:
            with opened(path) as stream:
                head = stream.head(REACH)
        except OSError as error:
            self._tell(path, error)
            return ""
        if archives.is_it(head):
            return ARCHIVE
        form = format_of(head)
        return form.name if form is not LETTER or _HEADER.match(head) else ""

    def glimpse(self, path: Path) -> Glimpse | None:
        """The mailbox at this place, or None if there is no mail in it."""
        status = self.status(path)
        if status is None:
            return None
        if stat.S_ISDIR(status.st_mode):
            return self._folder(path)
        kind = self.kind(path) if stat.S_ISREG(status.st_mode) and status.st_size else ""
        return Glimpse(kind, size=status.st_size, changed=status.st_mtime) if kind in _MANY else None

    def _folder(self, folder: Path) -> Glimpse | None:
        waiting, looked, found = [folder], 0, list[tuple[str, Path]]()
        while waiting and looked < INSIDE:
            here, looked = waiting.pop(), looked + 1
            entries = self.listed(here)
            found += self._mail(here, entries)
            names = {entry.name for entry in entries}
            skipped = {"cur", "new"} if _is_maildir(entries) else set()
            inner = [entry.name for entry in entries if entry.is_folder and entry.name not in skipped]
            waiting += [here / name for name in reversed(inner) if places.holds_mail("", name, names.__contains__)]
        if not found:
            return None
        changed = max((one.st_mtime for _, path in found if (one := self.status(path))), default=0.0)
        return Glimpse(found[0][0], len(found), more=bool(waiting), changed=changed)

    def _mail(self, here: Path, entries: list[Entry]) -> Iterator[tuple[str, Path]]:
        """What holds mail directly in a folder: each with its kind, and the place whose time tells when it changed."""
        if _is_maildir(entries):
            used = [here / part for part in ("cur", "new") if self._holds_messages(here / part)]
            yield from [(MAILDIR, max(used, key=self._changed))] if used else []
            return
        files = [entry.name for entry in entries if entry.is_file]
        letters = [name for name in files if _LETTER_NAMES.fullmatch(name)]
        if any(self.kind(here / name) for name in letters[:SNIFFED]):
            yield LETTERS, here
        boxes = [name for name in files if not _LETTER_NAMES.fullmatch(name) and not places.is_kept(name)]
        kinds = ((self.kind(here / name), here / name) for name in boxes[:SNIFFED])
        yield from ((kind, path) for kind, path in kinds if kind in _MANY)

    def _changed(self, path: Path) -> float:
        status = self.status(path)
        return status.st_mtime if status else 0.0

    def _holds_messages(self, folder: Path) -> bool:
        """Whether there is a file in a Maildir's folder, or in one of those into which it is divided."""
        first = self._list(folder, SNIFFED)
        inner = (folder / entry.name for entry in first if entry.is_folder and _HASHED.fullmatch(entry.name))
        return any(not entry.is_folder for entry in first) or any(
            not entry.is_folder for one in inner for entry in self._list(one, SNIFFED)
        )

    def accounts(self, folder: Path, levels: int = LEVELS) -> list[Path]:
        """The mailboxes at a place: itself, if it has folders such as a mailbox has, or mail; or those in it."""
        entries = self.listed(folder)
        inner = [entry.name for entry in entries if entry.is_folder]
        is_one = (
            not entries or _is_maildir(entries) or any(map(_is_of_mailbox, inner)) or any(self._mail(folder, entries))
        )
        if is_one or not levels:
            return [folder]
        return [one for name in inner[:WIDTH] for one in self.accounts(folder / name, levels - 1)]

    def is_on_server(self, folder: Path) -> bool:
        """Whether there are Thunderbird's indexes alone, without the mail."""
        names = {entry.name for entry in self.listed(folder)}
        return any(name.endswith(".msf") and name.removesuffix(".msf") not in names for name in names)


def shown(path: Path) -> str:
    """The path as it can be shown in a line, whatever its octets."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _real(path: Path) -> Path:
    """Where the path leads; as far as it leads somewhere, if it is a link that leads round."""
    return Path(os.path.realpath(path))


def _is_maildir(entries: list[Entry]) -> bool:
    return any(entry.is_folder and entry.name == "cur" for entry in entries)


def _is_of_mailbox(name: str) -> bool:
    """Whether a folder is called as one in a mailbox, not as an account."""
    plain = name.lstrip(".")
    return plain.casefold() == "inbox" or bool(roles([plain]))


def _barrier(path: Path) -> Path:
    """The outermost folder on the way to the path that can't be entered; the path itself, if each can."""
    outer = reversed(path.parents)
    return next((one for one in outer if not os.access(one, os.X_OK)), path)
