"""What export programs write beside a message: its folders and labels, in a file of their own.

Proton's export tool: ``NAME.metadata.json``, and ``labels.json`` for the names of labels. gmvault: ``NAME.meta``. Got
Your Back: ``msg-db.sqlite`` for the whole folder.
"""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any

Look = Callable[[str], bytes | None]
"""The content of a small file at a place, or None if there is none."""

LONGEST = 1 << 20
"""Octets of such a file that are read at most; a longer one is none."""
_PROTON = {
    **{"0": "Inbox", "1": "Drafts", "2": "Sent", "3": "Trash", "4": "Spam", "5": "", "6": "Archive", "7": "Sent"},
    **{"8": "Drafts", "9": "Outbox", "10": "Starred", "12": "Scheduled", "15": "", "16": "Snoozed"},
}


def names(path: str) -> tuple[str, ...]:
    """Where the labels of the message at this place may be."""
    stem = path
    for suffix in (".gz", ".crypt", ".eml"):
        stem = stem.removesuffix(suffix)
    return () if stem == path else (f"{stem}.metadata.json", f"{stem}.meta")


def labels(path: str, look: Look) -> tuple[str, ...]:
    """The folders and labels that are noted beside the message at this place; none if nothing is."""
    for name in names(path):
        noted = _json(look(name))
        if isinstance(noted, dict):
            payload = noted.get("Payload")
            if isinstance(payload, dict):
                return _proton(payload.get("LabelIDs"), path, look)
            return _texts(noted.get("labels")) + (("Chat",) if "/chats/" in f"/{path}" else ())
    return ()


def _proton(ids: Any, path: str, look: Look) -> tuple[str, ...]:
    named = _named(look(f"{path.rpartition('/')[0]}/labels.json".lstrip("/")) or b"")
    found = (_PROTON.get(one, named.get(one, "")) for one in _texts(ids))
    return tuple(dict.fromkeys(name for name in found if name))


@lru_cache(maxsize=8)
def _named(text: bytes) -> dict[str, str]:
    """Proton's own names of labels, by their ids."""
    noted = _json(text)
    entries = noted.get("Payload") if isinstance(noted, dict) else noted
    found = [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []
    return {str(one.get("ID")): str(one.get("Path") or one.get("Name") or "") for one in found}


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(one for one in values if isinstance(one, str) and one) if isinstance(values, list) else ()


def _json(text: bytes | None) -> Any:
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):
        return None


def got_your_back(database: Path) -> dict[str, tuple[str, ...]]:
    """Each message's labels, by its place below the folder of Got Your Back's database; none if that can't be read."""
    query = "SELECT message_filename, label FROM messages JOIN labels USING (message_num) ORDER BY labels.rowid"
    found: dict[str, list[str]] = {}
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as opened:
            for place, label in opened.execute(query):
                found.setdefault(str(place).replace("\\", "/"), []).append(str(label))
    except sqlite3.Error:
        return {}
    return {place: tuple(labels) for place, labels in found.items()}
