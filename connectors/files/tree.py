"""Folder trees: which files hold mail, and of what kind; what is new or vanished of messages in files of their own."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from connectors.files import archives, places, sidecars
from connectors.files.formats import letters, mbox
from connectors.files.formats.known import HEADLESS, LETTER, MBOX, Format, format_of
from connectors.files.openers import REACH, opened, uncompressed_name
from mailcare.mail.connector import Batch, Known, Position
from mailcare.mail.message import Message

_NAMED_MBOX = re.compile(r"(?:.*\.)?(?:mbox|mbx)|(?!\d+$)[^.]*", re.IGNORECASE)
"""Names of files that are mboxes even with one message: it is the first of many."""
_MBOX_SUFFIX = re.compile(r".*\.(?:mbox|mbx|mbs)", re.IGNORECASE)
_DATABASE = "msg-db.sqlite"
_OF_ITS_OWN = re.compile(r"u\.\d+")
"""Dovecot's name for a file with one message."""


@dataclass(frozen=True, slots=True)
class File:
    """A file that is expected to hold one message."""

    path: Path
    key: str
    relative: str
    place: places.Place
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A file that holds any number of messages; ``paths`` are more than one if it came in parts."""

    paths: list[Path]
    relative: str
    folder: str
    format: Format | None
    """None: it is an archive."""


@dataclass(slots=True)
class Listing:
    """What lies in a tree, in a fixed order; boxes newest first."""

    files: list[File] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    denied: list[str] = field(default_factory=list)
    """Places that could not be opened."""
    links: list[str] = field(default_factory=list)
    """Places of the links to folders that are not followed: they lead out of the tree, or round in it."""
    on_server: list[str] = field(default_factory=list)
    """Thunderbird's folders of which only the index is here."""
    labels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Place → what a database in the tree says of the message there."""

    @property
    def unseen(self) -> dict[str, str]:
        """What was not looked into, with the reason."""
        return dict.fromkeys(self.denied, "unreadable") | dict.fromkeys(self.links, "link")


def listing(root: Path, source: str, known: Known) -> Listing:
    """What lies below the folder; ``source`` names what is read of it as one. Raises OSError for a file that vanishes
    meanwhile.
    """
    found = Listing()
    seen, boxes, base = _seen(source, known), set(known.sources()), _base(root)

    @lru_cache(maxsize=1 << 16)
    def has(place: str) -> bool:
        return (base / place).is_dir()

    within = f"{root.name}/" if base != root else ""
    for path, relative in _walk(root, within, found, has):
        place = places.place(within + relative, base.name, has)
        if place.key:
            found.files += [] if path.name.startswith(".") else [File(path, place.key, relative, place)]
            continue
        file = _single(path, relative, place, root, found.labels)
        inner = below(source, relative)
        box = None if file.key in seen and inner not in boxes else _box(path, relative, inner in boxes, base.name)
        found.boxes += [box] if box and box.paths else []
        found.files += [] if box else [file]
    found.boxes.sort(key=lambda box: box.paths[0].stat().st_mtime_ns, reverse=True)
    return found


def alone(path: Path, known: bool) -> Listing:
    """A file that was given by itself. Raises OSError."""
    box = _box(path, path.name, known, path.name)
    if box:
        paths = archives.parts(path, whole=True) if box.format is None else [path]
        return Listing(boxes=[Box(paths, path.name, box.folder, box.format)])
    return Listing(files=[_single(path, path.name, places.Place(""), path.parent, {})])


def below(source: str, relative: str) -> str:
    """The name of a source within another one."""
    return f"{source}/{relative}" if source else relative


def _base(root: Path) -> Path:
    """The folder by which places are named: a Maildir's own, if its ``cur`` was given."""
    return root.parent if root.name in ("cur", "new") else root


def _walk(root: Path, within: str, found: Listing, has: places.Has) -> Iterator[tuple[Path, str]]:
    """The files below a folder, each with its place. Links to files are followed; those to folders are not."""
    inside = root.resolve()

    def denied(error: OSError) -> None:
        found.denied.append(_place(root, Path(error.filename)))

    for here_name, inner, names in os.walk(root, onerror=denied):
        here = Path(here_name)
        parent = _place(root, here)
        links = {name for name in inner if (here / name).is_symlink()}
        found.links += [below(parent, _text(name)) for name in sorted(links) if not _read_anyway(here / name, inside)]
        inner[:] = sorted(name for name in inner if name not in links and places.holds_mail(within + parent, name, has))
        there = {*names, *inner}
        found.on_server += [
            _place(root, here / name.removesuffix(".msf"))
            for name in sorted(names)
            if name.endswith(".msf") and name.removesuffix(".msf") not in there
        ]
        if _DATABASE in names:
            noted = sidecars.got_your_back(here / _DATABASE)
            found.labels |= {below(_place(root, here), place): labels for place, labels in noted.items()}
        for name in sorted(names):
            if (path := here / name).is_file():
                yield path, below(parent, _text(name))


def _read_anyway(link: Path, inside: Path) -> bool:
    """Whether the link leads to another place in the tree, which is read under its own name."""
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):
        return False
    return target.is_relative_to(inside) and not link.parent.resolve().is_relative_to(target)


def _place(root: Path, path: Path) -> str:
    place = _text(path.relative_to(root).as_posix())
    return "" if place == "." else place


def _text(name: str) -> str:
    """A name of a file as text that can be stored, whatever its octets."""
    return name if name.isascii() else os.fsencode(name).decode("utf-8", "backslashreplace")


def _seen(source: str, known: Known) -> set[str]:
    """The keys of files that were read before as one message, or found to hold none."""
    position = known.position(source)
    if position is None or position.cursor.get("edition") != mbox.EDITION:
        return set()
    return {*known.keys(source), *position.cursor["skipped"]}


def _box(path: Path, relative: str, known: bool, top: str) -> Box | None:
    """The file as a box, if it is one; without paths, if it belongs to another one. What can't be opened is none."""
    try:
        with opened(path) as stream:
            head = stream.head(REACH)
        if archives.is_it(head):
            return Box(archives.parts(path), relative, places.folder(relative, top), None)
        form = format_of(head)
        name = uncompressed_name(path.name)
        if form is LETTER and (_MBOX_SUFFIX.fullmatch(name) or _NAMED_MBOX.fullmatch(name)) and mbox.goes_on(path):
            form = HEADLESS
        alone = not form.many or bool(_OF_ITS_OWN.fullmatch(name))
        if form is MBOX and not known and not _is_named_mbox(path, name):
            alone = not mbox.holds_several(path)
    except OSError:
        return None
    within = relative[: len(relative) - len(path.name)] + name
    return None if alone else Box([path], relative, places.folder(within, top), form)


def _is_named_mbox(path: Path, name: str) -> bool:
    """Whether the file's name, or what is beside it, says that it is an mbox: a hint, if there is one message in it."""
    beside = path.with_name(f"{path.name}.msf")
    return bool(_NAMED_MBOX.fullmatch(name)) or path.parent.suffix == ".sbd" or beside.exists()


def _single(path: Path, relative: str, place: places.Place, root: Path, noted: dict[str, tuple[str, ...]]) -> File:
    """A file of its own: written anew, it has a new key. Many are named by a subject, of which the key says nothing."""
    status = path.stat()
    labels = noted.get(relative) or sidecars.labels(relative, lambda name: _noted(root / name))
    stamp = "@".join((f"{relative}@{status.st_mtime_ns}:{status.st_size}", *labels))
    return File(path, blake2b(stamp.encode(), digest_size=16).hexdigest(), relative, place, labels)


def _noted(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(sidecars.LONGEST)
    except OSError:
        return None


def read(found: Listing, source: str, known: Known, now: datetime) -> Iterator[Batch]:
    """The files that are new, and the keys of those that have vanished (unless a folder could not be opened).

    What could not be read is remembered by its key in the position, so that it is counted once.
    """
    position = known.position(source)
    anew = position is not None and position.cursor.get("edition") != mbox.EDITION
    generation = position.generation + anew if position else 1
    stored = set() if anew else known.keys(source)
    complete = position is not None and position.complete and not anew
    remembered: dict[str, str] = dict(position.cursor["skipped"]) if position and not anew else {}
    messages: list[Message] = []
    skipped: Counter[str] = Counter()

    def batch(complete: bool, removed: list[str]) -> Batch:
        cursor = {"skipped": dict(remembered), "edition": mbox.EDITION}
        return Batch(source, Position(generation, cursor, complete), messages, removed, skipped)

    def skip(key: str, reason: str) -> None:
        if remembered.get(key) != reason:
            remembered[key] = reason
            skipped[reason] += 1

    for place, reason in found.unseen.items():
        skip(place, reason)
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
        if reason:
            skip(file.key, reason)
    removed = [] if found.denied else sorted(stored - {file.key for file in found.files})
    if messages or removed or skipped or not complete:
        yield batch(True, removed)


def _read(file: File, now: datetime) -> tuple[Message | None, str]:
    """The file's message, and what is to be told of it; neither if it has just vanished or is a program's own file."""
    try:
        with opened(file.path) as stream:
            items = list(format_of(stream.head(REACH)).messages(stream, file.place.folder, now))
            endless = stream.endless
    except FileNotFoundError:
        return None, ""
    except OSError:
        return None, "unreadable"
    message = next((item for item in items if isinstance(item, Message)), None)
    reason = next((item for item in items if isinstance(item, str)), "endless" if endless else "")
    if places.is_kept(file.path.name) and not (message and message.message_id and message.people):
        return None, ""
    if message is None:
        return None, reason
    if letters.is_chat(file.labels):
        return None, letters.NO_MAIL
    return letters.placed(replace(message, key=file.key), file.place.roles, file.labels), reason
