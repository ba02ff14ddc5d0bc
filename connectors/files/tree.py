"""Folder trees with one message per file, whatever the files' names, and Maildirs: what is new, what has vanished."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from pathlib import Path

from connectors.files import mbox
from connectors.files.openers import Stream, opened, uncompressed_name
from mailcare.mail import headers
from mailcare.mail.connector import Batch, Known, Position
from mailcare.mail.folders import roles, utf7_decoded
from mailcare.mail.message import Message, Role

_NO_MAIL = re.compile(
    r"\..*|.*\.(?:msf|lock|dat|log|index|cache|db|sqlite|plist|ini)|maildir(?:folder|size)|dovecot.*|courier.*"
    r"|subscriptions",
    re.IGNORECASE,
)
"""Files that mail programs keep beside the mail."""
_MBOX = re.compile(r"(?:.*\.)?(?:mbox|mbx)|[^.]*", re.IGNORECASE)
"""Names of files that are an mbox if they begin like one; others hold one message."""
_MBOX_SUFFIX = re.compile(r"\.(?:mbox|mbx|sbd)$|/mbox$", re.IGNORECASE)
_FLAGS = re.compile(r"[:;!]2,([A-Za-z]*)$")
_FLAG_ROLES = {"D": Role.DRAFTS, "T": Role.TRASH}
_PIECE = 1 << 16
_BLANK = re.compile(rb"\n\r?\n|\r\r")


@dataclass(frozen=True, slots=True)
class File:
    """A file that is expected to hold one message."""

    path: Path
    key: str
    folder: str
    roles: tuple[Role, ...] = ()


@dataclass(slots=True)
class Listing:
    """What lies in a tree, in a fixed order; mboxes newest first."""

    files: list[File] = field(default_factory=list)
    mboxes: list[tuple[Path, str, str]] = field(default_factory=list)
    """Path, relative path and folder of each mbox."""
    denied: list[str] = field(default_factory=list)
    """Relative paths of the folders that could not be opened."""


def listing(root: Path) -> Listing:
    """What lies below the folder. Raises OSError for a file that vanishes meanwhile."""
    found = Listing()

    def relative(path: Path) -> str:
        return os.fsencode(path.relative_to(root).as_posix()).decode("utf-8", "backslashreplace")

    def denied(error: OSError) -> None:
        found.denied.append(relative(Path(error.filename)))

    for place, inner, names in os.walk(root, onerror=denied):
        here = Path(place)
        inner[:] = sorted(name for name in inner if _holds_mail(here, name))
        maildir = here.name in ("cur", "new") and here != root and _is_maildir(here.parent)
        for name in sorted(names):
            path = here / name
            if _NO_MAIL.fullmatch(name) or not path.is_file():
                continue
            parent = relative(here.parent if maildir else here)
            if maildir:
                found.files.append(_in_maildir(path, _folder(root, parent)))
            elif _is_mbox(path):
                within = relative(path.parent / uncompressed_name(path))
                found.mboxes.append((path, relative(path), _folder(root, within)))
            else:
                found.files.append(single(path, relative(path), _folder(root, parent)))
    found.mboxes.sort(key=lambda entry: entry[0].stat().st_mtime_ns, reverse=True)
    return found


def _is_maildir(path: Path) -> bool:
    return (path / "cur").is_dir() and ((path / "new").is_dir() or (path / "tmp").is_dir())


def _holds_mail(here: Path, name: str) -> bool:
    """Whether to look into a folder: not into a Maildir's tmp, nor a hidden one unless it is a Maildir."""
    if name == "tmp":
        return not _is_maildir(here)
    return not name.startswith(".") or _is_maildir(here / name)


def _is_mbox(path: Path) -> bool:
    """Whether the file is an mbox by its name and its beginning. A number is an MH message's name, except where
    Thunderbird keeps its mboxes.
    """
    name = uncompressed_name(path)
    if name.isdigit() and path.parent.suffix != ".sbd" and not path.with_name(f"{name}.msf").exists():
        return False
    return bool(_MBOX.fullmatch(name)) and os.access(path, os.R_OK) and mbox.starts_mbox(path)


def _folder(root: Path, relative: str) -> str:
    """The folder's name: its path in the tree, Maildir++ names unfolded; the top folder goes by its own name."""
    parts = (root.name if relative == "." else relative).split("/")
    unfolded = (utf7_decoded(part[1:]).replace(".", "/") if part.startswith(".") else part for part in parts)
    return "/".join(_MBOX_SUFFIX.sub("", part) for part in unfolded)


def _in_maildir(path: Path, folder: str) -> File:
    """A file of a Maildir. Of its flags only those that make a draft or trash belong to its key."""
    name = os.fsencode(path.name).decode("utf-8", "backslashreplace")
    found = _FLAGS.search(name)
    flags = [flag for flag in "DT" if found and flag in found[1]]
    key = "/".join([folder, *flags, _FLAGS.sub("", name)])
    return File(path, key, folder, tuple(_FLAG_ROLES[flag] for flag in flags))


def single(path: Path, relative: str, folder: str) -> File:
    """A file of its own: written anew, it has a new key. Many are named by a subject, of which the key says nothing."""
    status = path.stat()
    stamp = f"{relative}@{status.st_mtime_ns}:{status.st_size}"
    return File(path, blake2b(stamp.encode(), digest_size=16).hexdigest(), folder)


def read(found: Listing, source: str, known: Known, now: datetime) -> Iterator[Batch]:
    """The files that are new, and the keys of those that have vanished (unless a folder could not be opened).

    What could not be read is remembered by its key in the position, so that it is counted once.
    """
    position = known.position(source)
    stored = known.keys(source)
    complete = position is not None and position.complete
    remembered: dict[str, str] = dict(position.cursor["skipped"]) if position else {}
    messages: list[Message] = []
    skipped: Counter[str] = Counter()

    def batch(complete: bool, removed: list[str]) -> Batch:
        generation = position.generation if position else 1
        return Batch(source, Position(generation, {"skipped": dict(remembered)}, complete), messages, removed, skipped)

    def skip(key: str, reason: str) -> None:
        if remembered.get(key) != reason:
            remembered[key] = reason
            skipped[reason] += 1

    for folder in found.denied:
        skip(folder, "unreadable")
    for file in found.files:
        if file.key in stored or remembered.get(file.key, "unreadable") != "unreadable":
            continue
        if len(messages) + skipped.total() >= mbox.BATCH:
            yield batch(complete, [])
            messages, skipped = [], Counter()
        message, reason = _read(file, now)
        if message:
            messages.append(message)
            remembered.pop(file.key, None)
        elif reason:
            skip(file.key, reason)
    removed = [] if found.denied else sorted(stored - {file.key for file in found.files})
    if messages or removed or skipped or not complete:
        yield batch(True, removed)


def _read(file: File, now: datetime) -> tuple[Message | None, str]:
    """The file's message, or why there is none; neither where the file has just vanished."""
    try:
        with opened(file.path) as stream:
            block = _block(stream)
            size = 0 if stream.compressed else file.path.stat().st_size
            truncated = stream.truncated
    except FileNotFoundError:
        return None, ""
    except OSError:
        return None, "unreadable"
    fields = headers.fields(block)
    if truncated:
        return None, "truncated"
    if not fields:
        return None, "not_a_message" if block else "empty_file"
    file_roles = dict.fromkeys((*file.roles, *roles([file.folder])))
    folders = [file.folder] if file.folder else []
    return headers.message(fields, key=file.key, now=now, folders=folders, roles=file_roles, size=size), ""


def _block(stream: Stream) -> bytes:
    """The header block at the beginning of a file, without a leading separator line."""
    block = b""
    blank = None
    while not blank and len(block) < mbox.LONGEST_BLOCK and (piece := stream.read(_PIECE)):
        block = (block + piece).lstrip(b"\r\n")
        blank = _BLANK.search(block)
    block = block[: blank.start()] if blank else block
    return block.partition(b"\n")[2] if block.startswith(b"From ") else block
