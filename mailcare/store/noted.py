"""What is noted beside the mail: which threads are settled, which suggestions were declined, the links to messages."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from mailcare.store.database import explained


class Noted:
    """This part of ``store.Store``."""

    def __init__(self, path: Path, database: sqlite3.Connection) -> None:
        self._path, self._database = path, database

    def settle(self, threads: Collection[str], at: datetime) -> None:
        """Note that these threads, each named by the id of one of its messages, were settled at a moment (aware)."""
        with self._transaction():
            self._database.executemany(
                "INSERT OR REPLACE INTO settled VALUES (?, ?)", [(thread, int(at.timestamp())) for thread in threads]
            )

    def unsettle(self, threads: Collection[str]) -> None:
        """Undo ``settle`` for these threads."""
        with self._transaction():
            self._unmark(threads)

    def settled(self) -> dict[str, int]:
        """The threads that were settled → when, in seconds since 1970."""
        return self._marks("settled")

    def decline(self, suggestion: str, at: datetime) -> None:
        """Note that the suggestion of this code was declined at a moment (aware)."""
        with self._transaction():
            self._database.execute("INSERT OR REPLACE INTO declined VALUES (?, ?)", (suggestion, int(at.timestamp())))

    def declined(self) -> set[str]:
        """The codes of the suggestions that were declined."""
        return set(self._marks("declined"))

    def link(self, addresses: Mapping[str, str]) -> None:
        """Note at which address each message (by its Message-ID) is opened, in place of all that was noted."""
        with self._transaction():
            self._unlink()
            self._database.executemany("INSERT INTO link VALUES (?, ?)", addresses.items())

    def links(self) -> dict[str, str]:
        """Message-ID → the address at which the message is opened."""
        return self._marks("link")

    def _marks(self, table: str) -> dict[str, Any]:
        """What the table notes; nothing if a store of an earlier version, opened to read, has no such table."""
        with explained(self._path):
            known = self._database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchall()
            return dict(self._database.execute(f"SELECT * FROM {table}")) if known else {}  # noqa: S608 - our own

    def _unmark(self, threads: Iterable[str]) -> None:
        self._database.executemany("DELETE FROM settled WHERE thread = ?", [(thread,) for thread in threads])

    def _unlink(self) -> None:
        self._database.execute("DELETE FROM link")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with explained(self._path):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            finally:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
