"""The store: a log of Arrow batches in SQLite, one file per account.

Append-only: a later row of the same copy wins on load, a removed copy is a row too. A batch and the position after it
are one transaction, so that nothing is lost or doubled wherever a run is cut off. A source that has to be read anew
is read into a new generation beside the old one, which takes its place in the transaction that completes it.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mailcare.hours.arrays import Ints
from mailcare.mail.connector import Batch, Position
from mailcare.store import forgotten
from mailcare.store.database import busy, checksum, damaged, explained, opened
from mailcare.store.noted import Noted
from mailcare.store.rows import (
    AGES,
    FOLDERS,
    KEYS,
    ROWS,
    SUBJECTS,
    ages,
    latest,
    names_of,
    naming,
    older,
    pack,
    resubjected,
    rows_of,
    unpack,
)
from mailcare.tables import LOG

_FEW = 16
"""``compact`` skips generations with at most this many batches."""
_LARGE = 50_000
"""Most rows of a batch that ``compact`` writes."""


class _Cursor(NamedTuple):
    """How far a source has been read, and which of its generations is the one to show."""

    active: int
    reading: int
    complete: int
    position: str


class Store(Noted):
    """One account's store, to be used in a ``with``. Raises ``MailcareError`` if the disk or the file fails."""

    def __init__(self, path: Path, database: sqlite3.Connection, held: ExitStack) -> None:
        super().__init__(path, database)
        self._held = held

    @classmethod
    def open(cls, path: Path, *, write: bool, key: str = "") -> Self:
        """To write: the store is made if it is absent, and locked; a second writer is refused (``Exit.LOCKED``).

        To read: what is committed at this moment, whatever a writer does meanwhile. ``key``: see ``database.opened``.
        """
        with ExitStack() as held:
            database = opened(path, write=write, held=held, key=key)
            return cls(path, database, held.pop_all())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def position(self, source: str) -> Position | None:
        """How far the generation that is being read has come (the active one, if none is); None before the first."""
        with explained(self._path):
            cursor = self._cursor(source)
        return _position(cursor) if cursor else None

    def sources(self) -> list[str]:
        """Every source that was read before, in the order of first reading."""
        with explained(self._path):
            return [source for source, _ in self._active()]

    def keys(self, source: str) -> set[str]:
        """The keys in the generation that is being read, and those forgotten, which are not to be read again."""
        with explained(self._path):
            cursor = self._cursor(source)
            if not cursor:
                return set()
            rows = latest(self._rows(source, cursor.reading, KEYS))
            return {*rows["key"].to_pylist(), *forgotten.keys(self._database, source, cursor.reading)}

    def folders(self, source: str) -> dict[str, tuple[str, ...]]:
        """The keys in the generation that is being read, each with the folders in which its copy lay."""
        with explained(self._path):
            cursor = self._cursor(source)
            if not cursor:
                return {}
            rows = latest(self._rows(source, cursor.reading, FOLDERS))
        return dict(zip(rows["key"].to_pylist(), map(tuple, rows["folders"].to_pylist()), strict=True))

    def append(self, batch: Batch) -> None:
        """Store the batch and its position, in one transaction; nothing is written if nothing is new.

        A forgotten copy is left out. The first generation of a source is active at once, a later one when it is
        complete; then the one before is deleted. Raises ValueError for a generation older than the one being read.
        """
        source, position = batch.source, batch.position
        with self._transaction():
            before = self._cursor(source)
            if before and position.generation < before.reading:
                raise ValueError(f"generation {position.generation} after {before.reading}")
            forgotten.gone(self._database, source, position.generation, batch.removed)
            rows = self._sift(source, position.generation, rows_of(batch))
            if rows.num_rows or batch.skipped:
                self._insert(source, position.generation, batch.skipped, rows)
            elif before and position == _position(before):
                return
            active = before.active if before and not position.complete else position.generation
            after = _Cursor(active, position.generation, int(position.complete), json.dumps(position.cursor))
            self._database.execute(
                """INSERT INTO cursor (source, active, reading, complete, position, checksum) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (source) DO UPDATE SET active = excluded.active, reading = excluded.reading,
                complete = excluded.complete, position = excluded.position, checksum = excluded.checksum""",
                (source, *after, checksum(source, *after)),
            )
            self._database.execute(
                "DELETE FROM batch WHERE source = ? AND generation NOT IN (?, ?)", (source, active, after.reading)
            )

    def load(self) -> pa.Table:
        """``tables.LOG``: the copies that are there; sources in the order of first reading, each in that of its log."""
        with explained(self._path):
            parts = [(source, latest(self._rows(source, active))) for source, active in self._active()]
        if not parts:
            return LOG.empty_table()
        codes = [pa.repeat(pa.scalar(code, pa.int32()), rows.num_rows) for code, (_, rows) in enumerate(parts)]
        sources = pa.DictionaryArray.from_arrays(pa.concat_arrays(codes), pa.array([source for source, _ in parts]))
        rows = pa.concat_tables([rows for _, rows in parts])
        return rows.add_column(0, LOG.field("source"), sources)

    def skipped(self) -> Counter[str]:
        """What was read and could not be stored: reason → count."""
        with explained(self._path):
            return sum((self._skipped(source, active) for source, active in self._active()), Counter())

    def unfinished(self) -> int:
        """How many sources have not been read to their end yet."""
        with explained(self._path):
            cursors = [self._cursor(source) for source, _ in self._active()]
        return sum(not cursor.complete for cursor in cursors if cursor)

    def compact(self) -> None:
        """Write the many small batches of a generation as few large ones, without outdated rows."""
        with self._transaction():
            for source, generation, batches in self._generations():
                if batches > _FEW:
                    self._rewrite(source, generation)

    def resubject(self, rule: Callable[[str], str]) -> None:
        """Apply the rule to every subject, and leave no byte of the old ones (``expire`` says when);
        nothing is written if nothing changes."""
        with self._transaction():
            changing = [one for one in self._generations() if self._changes(*one[:2], rule)]
            for source, generation, _ in changing:
                rows = latest(self._rows(source, generation))
                self._replace(source, generation, resubjected(rows, rule))
        if changing:
            self._clean()

    def forget(self, addresses: Collection[str]) -> int:
        """Erase every message that names one of the addresses, in any case; returns the number of rows erased.

        The key of each copy and a digest of its Message-ID are kept, so that it is never stored again, even under
        another key. Raises ``MailcareError`` (``Exit.TEMPORARY``) if a reader keeps the file from being cleaned.
        """
        erased = self._erase(lambda rows: naming(rows, addresses))
        if not self._clean():
            raise busy(self._path)
        return erased

    def moments(self) -> Ints:
        """When each copy arrived, else was sent, in seconds since 1970; those without a time are left out."""
        with explained(self._path):
            rows = [latest(self._rows(source, active, AGES)) for source, active in self._active()]
        known = [pc.cast(ages(one).drop_null(), pa.int64()).to_numpy() for one in rows]
        return np.concatenate([np.empty(0, np.int64), *known])

    def expire(self, before: datetime) -> int:
        """Erase every message that arrived, else was sent, before a moment (aware), as ``forget`` does; returns the
        number of copies. A message without any time stays.

        If a reader keeps the file from being cleaned, the next writer does it at its end.
        """
        with explained(self._path):
            generations = self._generations()
            if not any(older(self._rows(*one[:2], AGES), before).num_rows for one in generations):
                return 0
            there = self._there()
        self._erase(lambda rows: older(latest(rows), before))
        self._clean()
        return there - self._there()

    def names_of(self, addresses: Collection[str]) -> set[str]:
        """The names written beside these addresses, in whatever spelling, and the spellings."""
        with explained(self._path):
            rows = [names_of(self._rows(source, one), addresses) for source, one, _ in self._generations()]
        return set().union(*rows)

    def _erase(self, chosen: Callable[[pa.Table], pa.Table]) -> int:
        """Erase the messages of the rows chosen from each generation, and note them as forgotten; returns the number of
        rows erased."""
        with self._transaction():
            generations = self._generations()
            for source, generation, _ in generations:
                forgotten.note(self._database, source, generation, chosen(self._rows(source, generation)))
            self._unmark(thread for thread in self.settled() if forgotten.holds(self._database, thread))
            self._unlink()
            return sum(self._rewrite(source, generation) for source, generation, _ in generations)

    def _clean(self) -> bool:
        """Leave no byte of what was erased in the files; False if a reader is in the way."""
        with explained(self._path):
            self._database.execute("VACUUM")
            ((blocked, *_),) = self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return not blocked

    def _there(self) -> int:
        """How many copies are there."""
        with explained(self._path):
            return sum(latest(self._rows(source, active, KEYS)).num_rows for source, active in self._active())

    def _cursor(self, source: str) -> _Cursor | None:
        query = "SELECT active, reading, complete, position, checksum FROM cursor WHERE source = ?"
        for *cursor, expected in self._database.execute(query, (source,)):
            if expected != checksum(source, *cursor):
                raise damaged(self._path)
            return _Cursor(*cursor)
        return None

    def _active(self) -> Iterator[tuple[str, int]]:
        """Each source and its active generation, in the order of first reading."""
        for (source,) in self._database.execute("SELECT source FROM cursor ORDER BY id").fetchall():
            if cursor := self._cursor(source):
                yield source, cursor.active

    def _generations(self) -> list[tuple[str, int, int]]:
        """Each source, its generations and their numbers of batches."""
        return self._database.execute(
            "SELECT source, generation, count(*) FROM batch GROUP BY source, generation"
        ).fetchall()

    def _batches(self, source: str, generation: int) -> Iterator[tuple[str, bytes]]:
        query = "SELECT skipped, checksum, rows FROM batch WHERE source = ? AND generation = ? ORDER BY id"
        for skipped, expected, stream in self._database.execute(query, (source, generation)):
            if expected != checksum(source, generation, skipped, stream):
                raise damaged(self._path)
            yield skipped, stream

    def _rows(self, source: str, generation: int, columns: pa.Schema = ROWS) -> pa.Table:
        streams = [unpack(stream, columns) for _, stream in self._batches(source, generation)]
        return pa.concat_tables([columns.empty_table(), *streams])

    def _skipped(self, source: str, generation: int) -> Counter[str]:
        return sum((Counter(json.loads(skipped)) for skipped, _ in self._batches(source, generation)), Counter())

    def _sift(self, source: str, generation: int, rows: pa.Table) -> pa.Table:
        """The rows without those of forgotten messages, whose keys are noted."""
        known = forgotten.among(self._database, source, rows)
        forgotten.note(self._database, source, generation, rows.filter(known))
        return rows.filter(pc.invert(known))

    def _insert(self, source: str, generation: int, skipped: Counter[str], rows: pa.Table) -> None:
        values = source, generation, json.dumps(skipped), pack(rows)
        self._database.execute(
            "INSERT INTO batch (source, generation, skipped, rows, checksum) VALUES (?, ?, ?, ?, ?)",
            (*values, checksum(*values)),
        )

    def _changes(self, source: str, generation: int, rule: Callable[[str], str]) -> bool:
        subjects = pc.unique(self._rows(source, generation, SUBJECTS)["subject"]).to_pylist()
        return any(rule(subject) != subject for subject in subjects)

    def _rewrite(self, source: str, generation: int) -> int:
        """Replace the generation's batches by few large ones; returns how many rows are left out as forgotten."""
        rows = self._rows(source, generation)
        wanted = self._sift(source, generation, rows)
        self._replace(source, generation, latest(wanted))
        return int(rows.num_rows - wanted.num_rows)

    def _replace(self, source: str, generation: int, kept: pa.Table) -> None:
        """Replace the generation's batches by these rows."""
        skipped = self._skipped(source, generation)
        self._database.execute("DELETE FROM batch WHERE source = ? AND generation = ?", (source, generation))
        for start in range(0, max(kept.num_rows, 1), _LARGE):
            self._insert(source, generation, skipped if start == 0 else Counter(), kept.slice(start, _LARGE))


def _position(cursor: _Cursor) -> Position:
    return Position(cursor.reading, json.loads(cursor.position), bool(cursor.complete))
