"""Archives, read through without unpacking them to the disk: zip, and tar however it is compressed.

Archives that belong together, as Google Takeout's parts do, are one.
"""

import re
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from connectors.files import places, sidecars
from connectors.files.formats import letters
from connectors.files.formats.known import OLM, Format, format_of
from connectors.files.openers import REACH, Allowance, Part, Stream, opened
from mailcare.mail.message import Message

_PART = re.compile(r"(.+-)(\d{3})(\.(?:zip|tgz|tar\.gz|tar))", re.IGNORECASE)
_LONGEST_NAME = 1 << 16
_NAMES = (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
_PAX = re.compile(rb"\d+ (path|size)=([^\n]*)\n")
_OFFICE = (b"[Content_Types].xml", b"mimetype", b"META-INF/")
"""With what the first member of a zip begins that is a document or a program."""

ENCRYPTED = "encrypted"
UNREADABLE = "unreadable"
WITHIN = "archive_within"


class Member(NamedTuple):
    """A file in an archive."""

    name: str
    content: Stream | None
    """None if it can't be read."""
    reason: str = UNREADABLE


def is_it(head: bytes) -> bool:
    """Whether a file that begins so is an archive that may hold mail."""
    return _is_tar(head) or (_is_zip(head) and not head[30:].startswith(_OFFICE))


def parts(path: Path, *, whole: bool = False) -> list[Path]:
    """The archive with those that belong to it, by their numbers; none if it isn't the first, unless ``whole``."""
    found = _PART.fullmatch(path.name)
    if not found:
        return [path]
    others = (path.with_name(f"{found[1]}{number:03}{found[3]}") for number in range(1, 1000))
    there = [other for other in others if other.exists()]
    return there if there[:1] == [path] or (whole and path in there) else [path] if whole else []


def messages(paths: list[Path], top: str, now: datetime) -> Iterator[Message | str]:
    """The messages of archives that belong together, and the reasons for what is none. Raises OSError."""
    allowance = Allowance(sum(path.stat().st_size for path in paths))
    names, notes = _surveyed(paths, allowance)
    folders = {parent for name in names for parent in _parents(name)}
    formats: dict[str, Format] = {}
    for path in paths:
        for member in _members(path, allowance):
            if not _worth(member.name, folders):
                continue
            if member.content is None:
                yield member.reason
            else:
                yield from _read(member.name, member.content, top, folders, notes, formats, now)
                if member.content.endless:
                    yield letters.ENDLESS
                    return


def _read(
    name: str,
    stream: Stream,
    top: str,
    folders: set[str],
    notes: dict[str, bytes],
    formats: dict[str, Format],
    now: datetime,
) -> Iterator[Message | str]:
    head = stream.head(REACH)
    if _is_zip(head) or _is_tar(head):
        yield WITHIN
        return
    form = format_of(head)
    if form.many:
        formats[name] = form
    elif name in formats:
        form = formats[name]
    place = places.place(name, top, folders.__contains__)
    labels = sidecars.labels(name, notes.get)
    folder = places.folder(name, top) if form.many else place.folder
    for item in form.messages(stream, folder, now):
        if isinstance(item, Message):
            yield letters.NO_MAIL if letters.is_chat(labels) else letters.placed(item, place.roles, labels)
        elif form.many or form is OLM or place.key or name.lower().endswith((".eml", ".eml.gz", ".emlx", ".msg")):
            yield item
        elif not places.is_kept(name.rpartition("/")[2]):
            yield letters.OTHER
    if form.many and stream.truncated:
        yield letters.TRUNCATED


def _surveyed(paths: list[Path], allowance: Allowance) -> tuple[list[str], dict[str, bytes]]:
    """The names in the archives, and what is noted there beside messages."""
    names: list[str] = []
    notes: dict[str, bytes] = {}
    wanted = (".metadata.json", ".meta", "labels.json")
    for path in paths:
        for member in _members(path, Allowance(path.stat().st_size)):
            names.append(member.name)
            if member.content and member.name.endswith(wanted) and len(notes) < 1_000_000:
                notes[member.name] = member.content.exactly(min(sidecars.LONGEST, allowance.left))
    return names, notes


def _worth(name: str, folders: set[str]) -> bool:
    """Whether a file lies in folders that hold mail."""
    at = [*reversed(_parents(name))]
    inner = (tuple(parent.rpartition("/")[::2]) for parent in at if parent)
    return not name.startswith("__MACOSX/") and all(
        places.holds_mail(outer, last, folders.__contains__) for outer, last in inner
    )


def _parents(name: str) -> list[str]:
    """The folders in which a file lies, the innermost first."""
    found = []
    while name:
        name = name.rpartition("/")[0]
        found.append(name)
    return found


def _members(path: Path, allowance: Allowance) -> Iterator[Member]:
    with opened(path) as stream:
        if not _is_zip(stream.head()):
            yield from _in_tar(stream, allowance)
            return
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if not info.is_dir() and not stat.S_ISLNK(info.external_attr >> 16):
                    yield from _in_zip(archive, info, allowance)
    except zipfile.BadZipFile:
        yield Member(path.name, None, letters.TRUNCATED)


def _in_zip(archive: zipfile.ZipFile, info: zipfile.ZipInfo, allowance: Allowance) -> Iterator[Member]:
    name = _safe(_zip_name(info))
    if info.flag_bits & 1:
        yield Member(name, None, ENCRYPTED)
        return
    try:
        raw = archive.open(info)
    except (NotImplementedError, RuntimeError, zipfile.BadZipFile):
        yield Member(name, None)
        return
    with raw:
        yield Member(name, Stream(raw, info.compress_size, None, allowance))


def _zip_name(info: zipfile.ZipInfo) -> str:
    """The name; some programs write UTF-8 and do not say so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


def _in_tar(stream: Stream, allowance: Allowance) -> Iterator[Member]:
    name, size = "", -1
    while len(block := stream.exactly(tarfile.BLOCKSIZE)) == tarfile.BLOCKSIZE:
        if not block.strip(b"\0"):
            continue
        try:
            info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.TarError:
            stream.truncated = True
            break
        part = Part(stream, max(0, info.size if size < 0 or info.type in _NAMES else size))
        padding = -part.left % tarfile.BLOCKSIZE
        if info.type in _NAMES:
            name, size = _named(info.type, stream.exactly(min(part.left, _LONGEST_NAME)), name, size)
            stream.skip(max(0, part.left - _LONGEST_NAME) + padding)
            continue
        if info.isreg() and not info.issparse() and info.type != tarfile.GNUTYPE_SPARSE:
            yield Member(_safe(name or info.name), part.content(allowance))
        if info.isreg() or info.type not in tarfile.SUPPORTED_TYPES:
            stream.skip(part.left + padding)
        name, size = "", -1
    if stream.truncated or stream.endless:
        yield Member("", None, letters.ENDLESS if stream.endless else letters.TRUNCATED)


def _named(kind: bytes, text: bytes, name: str, size: int) -> tuple[str, int]:
    """The name and size that a member is given before it."""
    if kind == tarfile.GNUTYPE_LONGNAME:
        return text.rstrip(b"\0").decode("utf-8", "surrogateescape"), size
    for key, value in _PAX.findall(text):
        if key == b"path":
            name = value.decode("utf-8", "surrogateescape")
        elif value.isdigit():
            size = int(value)
    return name, size


def _safe(name: str) -> str:
    """A name as text that can be stored, without a leading "./"."""
    name = name.replace("\\", "/").encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "/".join(part for part in name.split("/") if part not in ("", "."))


def _is_zip(head: bytes) -> bool:
    return head.startswith((b"PK\3\4", b"PK\5\6", b"PK\7\x08PK"))


def _is_tar(head: bytes) -> bool:
    if len(head) < tarfile.BLOCKSIZE or not head[0]:
        return False
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except tarfile.TarError:
        return False
    return True


def names(path: Path) -> list[str]:
    """The first names in an archive. Raises OSError."""
    return [member.name for member in islice(_members(path, Allowance(path.stat().st_size)), 1000)]
