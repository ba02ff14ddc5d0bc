"""What the files of an account held, in sentences for its owner alone: they name files, and are not kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from connectors.files import tree
from mailcare.mail.connector import Known, Sighting

_NAMED = 5
"""Files, folders or links that are named; of more, the number is told."""


class Seen(NamedTuple):
    """A path of the configuration, as it was read."""

    path: Path
    source: str
    found: tree.Listing


def sightings(seen: list[Seen], known: Known) -> Iterator[Sighting]:
    """What is told of the files after a reading."""
    held, none = 0, list[tuple[int, str]]()
    odd, links, on_server = list[str](), list[str](), list[str]()
    for one in seen:
        stored, position = known.keys(one.source), known.position(one.source)
        skipped = position.cursor.get("skipped", {}) if position else {}
        for file in one.found.files:
            held += file.key in stored
            none += [(_size(file.path), file.relative)] if file.key in skipped and file.key not in stored else []
            odd += [file.relative] if skipped.get(file.key) == "odd" else []
        for box in one.found.boxes:
            inner = known.position(source_of(one, box))
            holds = inner is not None and holds_mail(inner.cursor)
            held += holds
            none += [] if holds else [(_size(box.paths[0]), box.relative)]
            odd += [box.relative] if inner and inner.cursor.get("odd") else []
        links += one.found.links
        on_server += one.found.on_server
    counts = f"files that held messages: {held:,}; files that held none: {len(none):,}"
    yield Sighting(f"{counts}{_largest(none)}.")
    if odd:
        todo = "Open them in a mail program, and count"
        yield Sighting(f"one message is very large, or looks like several: {_some(odd)}. {todo}.", well=False)
    if links:
        yield Sighting(f"links to folders, not followed: {_some(links)}. Name these folders in `path` too.", well=False)
    if on_server:
        todo = "To have it here: Thunderbird's Account Settings › Synchronization & Storage"
        yield Sighting(f"Thunderbird has no mail here for: {_some(on_server)}. {todo}.")


def source_of(seen: Seen, box: tree.Box) -> str:
    """The name of the source that a box is."""
    return tree.below(seen.source, box.relative) if seen.path.is_dir() else seen.source or box.relative


def holds_mail(cursor: dict[str, object]) -> bool:
    """Whether a box held messages when it was read to this position."""
    return bool(cursor.get("found") or cursor.get("last") or cursor.get("offset"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _largest(files: list[tuple[int, str]]) -> str:
    largest = [f"{name} ({_octets(size)})" for size, name in sorted(files, key=lambda one: (-one[0], one[1]))]
    return f"; the largest of these: {_some(largest)}" if files else ""


def _octets(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.0f} kB" if size >= 1e3 else f"{size} bytes"


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
