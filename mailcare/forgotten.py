"""What a store has erased and never takes in again: of each copy its key, and a digest of its Message-ID."""

import sqlite3
from collections.abc import Iterable
from hashlib import blake2b

import pyarrow as pa

GONE = 0
"""The generation of a copy that is no longer at its source: its key names nothing there."""


def keys(database: sqlite3.Connection, source: str, generation: int) -> set[str]:
    """The keys of the erased copies of a generation that are still at the source."""
    query = "SELECT key FROM forgotten WHERE source = ? AND generation = ?"
    return {key for (key,) in database.execute(query, (source, generation))}


def note(database: sqlite3.Connection, source: str, generation: int, rows: pa.Table) -> None:
    """Note the copies of these rows."""
    copies = zip(rows["key"].to_pylist(), map(digest, rows["message_id"].to_pylist()), strict=True)
    database.executemany(
        "INSERT OR IGNORE INTO forgotten VALUES (?, ?, ?, ?)", [(source, generation, *copy) for copy in copies]
    )


def gone(database: sqlite3.Connection, source: str, generation: int, removed: Iterable[str]) -> None:
    """Note that the copies of these keys are no longer at the source."""
    database.executemany(
        "UPDATE OR REPLACE forgotten SET generation = ? WHERE source = ? AND generation = ? AND key = ?",
        [(GONE, source, generation, key) for key in removed],
    )


def among(database: sqlite3.Connection, source: str, rows: pa.Table) -> pa.Array:
    """Which of the rows are of an erased message: known by its Message-ID, or, where it has none, by its key.

    A key alone does not do: a mail server may number its messages anew.
    """
    if database.execute("SELECT 1 FROM forgotten LIMIT 1").fetchone() is None:
        return pa.repeat(False, rows.num_rows)
    copies = zip(rows["key"].to_pylist(), rows["message_id"].to_pylist(), strict=True)
    return pa.array([holds(database, message_id, source, key) for key, message_id in copies], pa.bool_())


def holds(database: sqlite3.Connection, message_id: str, source: str = "", key: str = "") -> bool:
    """Whether the message of this Message-ID was erased, or, where it is empty, the copy of this key."""
    by_id, by_key = "SELECT 1 FROM forgotten WHERE digest = ?", " AND source = ? AND key = ?"
    values = (digest(message_id),) if message_id else (b"", source, key)
    return database.execute(by_id if message_id else by_id + by_key, values).fetchone() is not None


def digest(message_id: str) -> bytes:
    """What tells a message from others and says nothing about it; empty where it has no Message-ID."""
    return blake2b(message_id.encode(), digest_size=16).digest() if message_id else b""
