"""Mail in the usual places on this machine: where the programs of ``programs.PROGRAMS`` keep it."""

import os
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from connectors.files import programs
from connectors.files.glimpse import Eyes, Glimpse, shown, together
from connectors.files.programs import PROGRAMS, UNREADABLE, Each, Program
from mailcare.mail.about import Closed, Nearby

MOST = 20
"""Mailboxes that are offered, the newest."""
_USER_DIRS = re.compile(r'^\s*XDG_(DOWNLOAD|DOCUMENTS|DESKTOP)_DIR="?([^"\n\0]+)', re.MULTILINE)
_PROFILE = re.compile(r"^Path=([^\0\n]+?)\s*$", re.MULTILINE)
_DRIVE = re.compile(r"([A-Za-z]):[\\/]*")
_PARTS = re.compile(r"(.+-)\d{3}(\.(?:zip|tgz|tar\.gz))", re.IGNORECASE)

Bases = dict[str, list[Path]]
"""The folders that the words in capitals in ``programs`` stand for."""


class _Mailbox(NamedTuple):
    """A mailbox that was found."""

    program: str
    paths: list[Path]
    """More than one if it lies in several places."""
    parts: int
    """Files that an archive is in; 1 for everything else."""
    glimpse: Glimpse


def nearby(home: Path, environ: Mapping[str, str], drives: Path = Path("/mnt")) -> list[Nearby | Closed]:
    """Mail of the owner of this home folder, the newest first, and what could not be looked at. ``environ`` names
    further places; Windows' drives are below ``drives`` in its subsystem for Linux.
    """
    eyes = Eyes([home])
    places = bases(home, environ, eyes)
    for other in _other_homes(home, environ, drives, eyes):
        for name, folders in bases(other, {}, eyes).items():
            places[name] += folders
    found: list[_Mailbox] = []
    for program in PROGRAMS:
        eyes.todo = program.todo
        found += _mailboxes(program, _matches(program.places, places, eyes), eyes, drives)
    eyes.todo = ""
    unreadable = [Closed(one.what, one.todo) for one in UNREADABLE if _matches(one.places, places, eyes)]
    boxes = sorted(_distinct(found, eyes), key=lambda box: box.glimpse.changed, reverse=True)
    if len(boxes) > MOST:
        what = f"there are {len(boxes) - MOST} more places with mail, which changed longer ago"
        unreadable.append(Closed(what, "Choose files, below, and name one of them, if it is yours."))
    return [*(_offer(box, home) for box in boxes[:MOST]), *eyes.closed.values(), *unreadable]


def bases(home: Path, environ: Mapping[str, str], eyes: Eyes) -> Bases:
    """The folders of this home, and those that the environment or the desktop names instead."""
    told = {base: path for key, base in _VARIABLES.items() if (path := _absolute(environ.get(key, "")))}
    config = told.get("CONFIG", home / ".config")
    saved = {key: path for key, path in _user_dirs(eyes.text(config / "user-dirs.dirs"), home) if path != home}
    for path in (*told.values(), *saved.values()):
        eyes.allow(path)

    def named(key: str, names: str) -> list[Path]:
        known = {name.strip() for name in re.split(r"[;\n]", names)}
        homes = (home, *eyes.matches(home, "OneDrive*"))
        usual = [one / entry.name for one in homes for entry in eyes.listed(one) if entry.name in known]
        return list(dict.fromkeys([*([saved[key]] if key in saved else []), *usual]))

    downloads, documents = named("DOWNLOAD", programs.DOWNLOADS), named("DOCUMENTS", programs.DOCUMENTS)
    return {
        "HOME": [home],
        "CONFIG": [config],
        "DATA": [told.get("DATA", home / ".local/share")],
        "CACHE": [told.get("CACHE", home / ".cache")],
        "ROAMING": [told.get("ROAMING", home / "AppData/Roaming")],
        "LOCAL": [told.get("LOCAL", home / "AppData/Local")],
        "MAIL": [told["MAIL"]] if "MAIL" in told else [],
        "MAILDIR": [told["MAILDIR"]] if "MAILDIR" in told else [],
        "DOCUMENTS": documents,
        "SAVED": [*downloads, *documents],
        "LOOSE": [*downloads, *documents, *named("DESKTOP", programs.DESKTOPS), home],
    }


_VARIABLES = {
    "XDG_CONFIG_HOME": "CONFIG",
    "XDG_DATA_HOME": "DATA",
    "XDG_CACHE_HOME": "CACHE",
    "APPDATA": "ROAMING",
    "LOCALAPPDATA": "LOCAL",
    "MAIL": "MAIL",
    "MAILDIR": "MAILDIR",
}
"""Variables of the environment → the base that each names."""


def _absolute(path: str) -> Path | None:
    return Path(path) if Path(path).is_absolute() else None


def _user_dirs(text: str, home: Path) -> Iterator[tuple[str, Path]]:
    """The desktop's own folders by their kinds, in the user's language (the XDG user directories)."""
    for kind, told in _USER_DIRS.findall(text):
        path = home / told.removeprefix("$HOME").lstrip("/") if told.startswith("$HOME") else _absolute(told)
        if path:
            yield kind, path


def _other_homes(home: Path, environ: Mapping[str, str], drives: Path, eyes: Eyes) -> list[Path]:
    """The user's home folders on Windows, if it isn't this one."""
    profile, users = _absolute(environ.get("USERPROFILE", "")), drives / "c/Users"
    found = [profile] if profile and profile != home else []
    if "WSL_DISTRO_NAME" in environ:
        eyes.allow(users)
        names = [one.name for one in eyes.listed(users) if one.is_folder and one.name.lower() not in _NOBODY]
        found += [users / name for name in names if os.access(users / name, os.R_OK | os.X_OK)]
    for path in found:
        eyes.allow(path)
    return list(dict.fromkeys(found))


_NOBODY = {"public", "default", "default user", "all users", "defaultapppool"}
"""Folders among the home folders of Windows that are nobody's."""


def _matches(patterns: tuple[str, ...], places: Bases, eyes: Eyes) -> list[Path]:
    found: list[Path] = []
    for place in patterns:
        base, _, pattern = place.partition("/")
        found += [path for folder in places[base] for path in eyes.matches(folder, pattern)]
    return list(dict.fromkeys(found))


def _mailboxes(program: Program, matches: list[Path], eyes: Eyes, drives: Path) -> Iterator[_Mailbox]:
    """The mailboxes at what matches a program's places."""
    if program.each is Each.PROFILES:
        matches = [account for root in matches for account in _in_profiles(root, eyes, drives)]
    elif program.each is Each.ACCOUNTS:
        matches = [account for path in matches for account in eyes.accounts(path)]
    groups: dict[object, list[Path]] = {}
    for path in matches:
        groups.setdefault(path.parent if program.each is Each.PART else _archive(path), []).append(path)
    for paths in groups.values():
        if program.each is Each.PART:
            paths = paths if len(paths) == 1 and not _LETTER.search(paths[0].name) else [paths[0].parent]
        beside = paths[0].parent / f".{paths[0].name}.directory"
        places = [paths[0], *([beside] if eyes.status(beside) else [])]
        glimpses = [one for path in (*paths, *places[1:]) if (one := eyes.glimpse(path))]
        if glimpses:
            yield _Mailbox(program.name, places, len(paths), together(glimpses))
        elif paths[0].parent.name == "ImapMail" and eyes.is_on_server(paths[0]):
            eyes.closed[paths[0]] = Closed(f"{shown(paths[0])} ({program.name}) has indexes alone, no mail", _ON_SERVER)


_LETTER = re.compile(r"\.(?:emlx?|msg)(?:\.gz)?$", re.IGNORECASE)
_ON_SERVER = (
    "Let the program keep the messages on this computer (Account Settings › Synchronization & Storage), or choose the"
    " IMAP server below."
)


def _archive(path: Path) -> object:
    """What is the same for all parts of an archive."""
    found = _PARTS.fullmatch(path.name)
    return (path.parent, *found.groups()) if found else path


def _in_profiles(root: Path, eyes: Eyes, drives: Path) -> list[Path]:
    """The folders of the accounts in all profiles, also in those that lie elsewhere by the program's own list."""
    told = [_profile(root, path, drives) for path in _PROFILE.findall(eyes.text(root / "profiles.ini"))]
    for path in told:
        eyes.allow(path)
    profiles = dict.fromkeys([*told, *eyes.matches(root, "*"), *eyes.matches(root, "Profiles/*")])
    kinds = ("Mail/*", "ImapMail/*")
    found = [account for profile in profiles for kind in kinds for account in eyes.matches(profile, kind)]
    return [account for account in found if not _FEEDS & {entry.name for entry in eyes.listed(account)}]


_FEEDS = {"feeds.json", "feeds.rdf"}
"""Files by which an account for news feeds is known."""


def _profile(root: Path, path: str, drives: Path) -> Path:
    """The folder of a profile as the list of profiles tells it; Windows' drives have other names in its subsystem for
    Linux.
    """
    drive = _DRIVE.match(path) if os.name != "nt" else None
    return drives / drive[1].lower() / path[drive.end() :].replace("\\", "/") if drive else root / path


def _distinct(found: list[_Mailbox], eyes: Eyes) -> list[_Mailbox]:
    """Each mailbox once, under the first name, and none that lies within another."""
    unique: dict[object, _Mailbox] = {}
    for box in found:
        status = eyes.status(box.paths[0])
        if status:
            unique.setdefault((status.st_dev, status.st_ino), box)
    places = {box.paths[0].resolve() for box in unique.values()}
    return [box for box in unique.values() if places.isdisjoint(box.paths[0].resolve().parents)]


def _offer(box: _Mailbox, home: Path) -> Nearby | Closed:
    """The mailbox as it is offered."""
    path, glimpse = box.paths[0], box.glimpse
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return Closed(f"{shown(path)}: its name is not in UTF-8, in which the configuration is written", "Rename it.")
    title = shown("~" / path.relative_to(home) if path.is_relative_to(home) else path)
    count = f"{'at least ' if glimpse.more else ''}{glimpse.folders} folder{'s' if glimpse.folders > 1 else ''}"
    many = f"{box.parts} parts, {_size(glimpse.size)}" if box.parts > 1 else _size(glimpse.size)
    what = f"{box.program or glimpse.kind}, {count if glimpse.folders else many}, changed {_day(glimpse.changed)}"
    paths = [str(one) for one in box.paths]
    return Nearby(f"{title} ({what})", {"path": paths if len(paths) > 1 else paths[0]})


def _size(octets: int) -> str:
    scale = next((one for one in ((10**9, "GB"), (10**6, "MB")) if octets >= one[0]), (1000, "kB"))
    return f"{octets / scale[0]:.1f} {scale[1]}"


def _day(seconds: float) -> str:
    """The day of a file's time, which may be anything."""
    return f"{datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=min(max(seconds, 0), 1 << 32)):%Y-%m-%d}"
