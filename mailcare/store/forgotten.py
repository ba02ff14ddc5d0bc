"""What a store has erased and never stores again: the key of each copy, and a digest of what tells its message from
others: its Message-ID, or its date and people if it has none."""

import sqlite3
from collections.abc import Iterable
from hashlib import blake2b

import pyarrow as pa
import pyarrow.compute as pc

GONE = 0
"""Generation of a copy that is no longer at its source: its key names nothing there."""


def keys(database: sqlite3.Connection, source: str, generation: int) -> set[str]:
    """The keys of the erased copies of a generation that are still at the source."""
    query = "SELECT key FROM forgotten WHERE source = ? AND generation = ?"
    return {key for (key,) in database.execute(query, (source, generation))}


def note(database: sqlite3.Connection, source: str, generation: int, rows: pa.Table) -> None:
    """Note the copies of these rows."""
    copies = zip(rows["key"].to_pylist(), _digests(rows), strict=True)
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
    """Which rows belong to an erased message: known by its digest, or by its key if it has no Message-ID.

    A key is not enough if there is a Message-ID: a mail server may number its messages anew.
    """
    if database.execute("SELECT 1 FROM forgotten LIMIT 1").fetchone() is None:
        return pa.repeat(False, rows.num_rows)
    copies = zip(rows["key"].to_pylist(), rows["message_id"].to_pylist(), _digests(rows), strict=True)
    by_key = "SELECT 1 FROM forgotten WHERE digest = x'' AND source = ? AND key = ?"
    return pa.array(
        [
            _is_there(database, digest)
            or (not message_id and database.execute(by_key, (source, key)).fetchone() is not None)
            for key, message_id, digest in copies
        ],
        pa.bool_(),
    )


def holds(database: sqlite3.Connection, message_id: str) -> bool:
    """Whether the message of this Message-ID was erased."""
    return _is_there(database, _digest(message_id))


def _is_there(database: sqlite3.Connection, digest: bytes) -> bool:
    query = "SELECT 1 FROM forgotten WHERE digest = ?"
    return bool(digest) and database.execute(query, (digest,)).fetchone() is not None


def _digests(rows: pa.Table) -> list[bytes]:
    """What tells each message from others and says nothing about it; empty for one without Message-ID and date."""
    found = [_digest(message_id) if message_id else b"" for message_id in rows["message_id"].to_pylist()]
    bare = [number for number, known in enumerate(found) if not known]
    without = rows.select(["sent_at", "people_field", "people_address"]).take(pa.array(bare, pa.int64()))
    sent_at = pc.cast(without["sent_at"], pa.int64()).to_pylist()
    people = zip(without["people_field"].to_pylist(), without["people_address"].to_pylist(), strict=True)
    for number, sent, named in zip(bare, sent_at, people, strict=True):
        if sent is not None:
            found[number] = _digest(repr((sent, named)))
    return found


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
