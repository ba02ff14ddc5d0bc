"""A store's SQLite file: made, locked, verified and opened; what its errors mean, in the user's words."""

import errno
import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from mailcare.disk.folders import failure, private_folder, refuse_network
from mailcare.errors import Exit, MailcareError
from mailcare.mail.columns import EDITION
from mailcare.place import LOCK, STORE_ENDINGS
from mailcare.store import encryption
from mailcare.store.rows import Unreadable, edition_of

VERSION = 6
"""Version of the tables below, kept in SQLite's ``user_version``. Rows have an edition of their own."""

PATIENCE = 5.0
"""Seconds to wait for another process whose reading is in the way."""

_TABLES = (
    """CREATE TABLE batch (
        id INTEGER PRIMARY KEY, source TEXT NOT NULL, generation INTEGER NOT NULL,
        skipped TEXT NOT NULL, checksum INTEGER NOT NULL, rows BLOB NOT NULL)""",
    "CREATE INDEX batch_of ON batch (source, generation)",
    """CREATE TABLE cursor (
        id INTEGER PRIMARY KEY, source TEXT NOT NULL UNIQUE, active INTEGER NOT NULL, reading INTEGER NOT NULL,
        complete INTEGER NOT NULL, position TEXT NOT NULL, checksum INTEGER NOT NULL)""",
    """CREATE TABLE forgotten (
        source TEXT NOT NULL, generation INTEGER NOT NULL, key TEXT NOT NULL, digest BLOB NOT NULL,
        PRIMARY KEY (source, generation, key)) WITHOUT ROWID""",
    "CREATE INDEX forgotten_digest ON forgotten (digest, source, key)",
)
_SETTLED = "CREATE TABLE settled (thread TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID"
_DECLINED = "CREATE TABLE declined (suggestion TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID"
_LINK = "CREATE TABLE link (message_id TEXT PRIMARY KEY, address TEXT NOT NULL) WITHOUT ROWID"
_BY_GENERATION = (
    "ALTER TABLE forgotten RENAME TO forgotten_3",
    *_TABLES[-2:],
    """INSERT INTO forgotten SELECT source, reading, key, digest FROM forgotten_3 JOIN cursor USING (source)""",
    "DROP TABLE forgotten_3",
)
_STEPS = {
    0: (*_TABLES, _SETTLED, _DECLINED, _LINK),
    1: (_SETTLED, _DECLINED, *_BY_GENERATION, _LINK),
    2: (_DECLINED, *_BY_GENERATION, _LINK),
    3: (*_BY_GENERATION, _LINK),
    4: (_LINK,),
    5: (),  # a program of version 5 finds columns by their number: it would misread rows of another edition
}
"""Version of the tables → the statements that lead from it to today's. A new file has version 0."""

_DISK = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_READONLY: errno.EROFS,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_IOERR: errno.EIO,
}
"""SQLite's error code → the system's."""


def opened(path: Path, *, write: bool, held: ExitStack, key: str = "") -> sqlite3.Connection:
    """The verified file, to be closed by ``held``: to write, made if it is absent, and locked; else to read, as it is
    committed at this moment. With a ``key`` (64 hexadecimal digits) it is encrypted; a file that is not yet is made so
    by the first writer. Raises ``MailcareError``; a store that is refused is left as it is.
    """
    with explained(path):
        _refuse_link(path)
        refuse_network(path)
        if write:
            private_folder(path.parent)
            held.enter_context(closing(_lock(path)))
            _private_file(path)
        elif not path.exists():
            raise _unread(path)
        plain = encryption.is_plain(path)
        if not (key or plain) and path.stat().st_size:
            raise _illegible(path)
        if key and plain and write:
            with closing(_connect(path, "rw")) as unencrypted:
                _verify(unencrypted, path)
            encryption.encrypt(path, key)
            plain = False
        database = held.enter_context(closing(_connect(path, "rw" if write else "ro", "" if plain else key)))
        if not write:
            database.execute("BEGIN")
        _verify(database, path)
        if write:
            _prepare(database)
        elif not _version(database):
            raise _unread(path)
    return database


def parts(path: Path) -> list[Path]:
    """The files of a store that exist: its own and those that SQLite and mailcare keep beside it."""
    beside = (path.with_name(f"{path.name}{ending}") for ending in STORE_ENDINGS if ending != LOCK)
    return [one for one in beside if one.is_file()]


def remove(path: Path) -> None:
    """Delete a store; its key is not needed. Raises ``MailcareError``: ``Exit.LOCKED`` if another process writes it."""
    lock = path.with_name(f"{path.name}{LOCK}")
    if not (parts(path) or lock.is_file()):
        return
    _refuse_link(path)
    with explained(path):
        with closing(_lock(path)):
            for part in parts(path):
                part.unlink()
        lock.unlink()


def checksum(*values: Any) -> int:
    """A number that shows whether one of the values has changed on the disk: SQLite itself would not notice."""
    total = 0
    for value in values:
        total = zlib.crc32(value if isinstance(value, bytes) else f"{value}\0".encode(), total)
    return total


def _refuse_link(path: Path) -> None:
    """Raises MailcareError for a symbolic link: the link would be erased or encrypted, not the file."""
    if path.is_symlink():
        todo = "Put the file itself in its place; or set data_dir to another folder."
        raise MailcareError("the store is a symbolic link", where=str(path), todo=todo)


def _connect(path: Path, mode: str, key: str = "") -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={mode}"
    if key:
        return encryption.connect(address, key, timeout=PATIENCE)
    return sqlite3.connect(address, uri=True, isolation_level=None, timeout=PATIENCE)


def _private_file(path: Path) -> None:
    """Make the file if it is absent, for its owner alone; SQLite gives its companions (-wal, -shm) the same mode.

    One that exists is not opened: closing it would give up the locks that this process holds on it.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    path.chmod(0o600)


def _lock(path: Path) -> sqlite3.Connection:
    """A lock that only one process at a time can have, and that ends with it: SQLite's own, on a file beside."""
    beside = path.with_name(f"{path.name}{LOCK}")
    _private_file(beside)
    lock = _connect(beside, "rw")
    try:
        lock.execute("PRAGMA busy_timeout = 0")
        lock.execute("PRAGMA journal_mode = MEMORY")
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        lock.close()
        if _primary(error) != sqlite3.SQLITE_BUSY:
            raise
        todo = "Wait until it ends, then run again."
        raise MailcareError("another run holds the lock", where=str(path), todo=todo, code=Exit.LOCKED) from error
    return lock


def _prepare(database: sqlite3.Connection) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "secure_delete = ON", "temp_store = MEMORY"):
        database.execute(f"PRAGMA {pragma}")
    if (steps := _STEPS.get(_version(database))) is not None:
        database.executescript(";".join(("BEGIN IMMEDIATE", *steps, f"PRAGMA user_version = {VERSION}", "COMMIT")))


def _verify(database: sqlite3.Connection, path: Path) -> None:
    """Raises MailcareError if the store is damaged or newer than this program. Changes nothing.

    Newer rows are always found in the last batch: a program that does not know their edition never writes after them.
    """
    version = _version(database)
    if version > VERSION:
        raise _newer(path, "version", version, VERSION)
    ((verdict,),) = database.execute("PRAGMA integrity_check(1)")
    if version < 0 or verdict != "ok":
        raise damaged(path)
    last = database.execute("SELECT rows FROM batch ORDER BY id DESC LIMIT 1").fetchone() if version else None
    if last and (edition := edition_of(*last)) > EDITION:
        raise _newer(path, "edition", edition, EDITION)


def _version(database: sqlite3.Connection) -> int:
    ((version,),) = database.execute("PRAGMA user_version")
    return int(version)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Errors of the system, of SQLite and of Arrow as ``MailcareError``."""
    try:
        yield
    except OSError as error:
        raise failure(error.errno, Path(error.filename or path)) from error
    except Unreadable as error:
        raise damaged(path) from error
    except sqlite3.ProgrammingError:
        raise
    except encryption.ERRORS as error:
        if _primary(error) == sqlite3.SQLITE_BUSY:
            raise busy(path) from error
        if _primary(error) in _DISK:
            raise failure(_DISK[_primary(error)], path) from error
        raise damaged(path) from error


def _primary(error: Exception) -> int:
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF


def damaged(path: Path) -> MailcareError:
    todo = f"Move {path.name} and what begins with that name aside; the next run reads everything anew."
    return MailcareError("the store is damaged", where=str(path), todo=todo)


def _newer(path: Path, what: str, its: int, known: int) -> MailcareError:
    told = f"the store was written by a newer mailcare ({what} {its} of the store, this one knows {known})"
    return MailcareError(told, where=str(path), todo="Update mailcare.")


def _illegible(path: Path) -> MailcareError:
    todo = f"Set encrypt = true if it was encrypted; otherwise move {path.name} and what begins with that name aside."
    return MailcareError("the store is damaged, or encrypted", where=str(path), todo=todo)


def busy(path: Path) -> MailcareError:
    todo = "Run again when the report or the back-up that reads it is done."
    return MailcareError("the store is in use", where=str(path), todo=todo, code=Exit.TEMPORARY)


def _unread(path: Path) -> MailcareError:
    return MailcareError("nothing has been read yet", where=str(path), todo="Run `mailcare sync` first.")
