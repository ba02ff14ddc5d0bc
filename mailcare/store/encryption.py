"""A store encrypted at rest by SQLCipher (the extra ``encryption``), and where its key is kept."""

import os
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import cast

from mailcare.errors import Exit, MailcareError
from mailcare.mail.login import Vault

try:
    from sqlcipher3 import dbapi2 as cipher
except ImportError:
    cipher = None

KEY = "store_key"
"""What the vault calls the key."""
CREDENTIAL = "mailcare-store-key"
"""What systemd calls it (``LoadCredential=``, ``LoadCredentialEncrypted=``)."""
ERRORS: tuple[type[Exception], ...] = (sqlite3.Error, cipher.Error) if cipher else (sqlite3.Error,)
"""What SQLite and SQLCipher raise."""
_PLAIN = b"SQLite format 3\0"


def key_of(vault: Vault, store: Path) -> str:
    """The store's key: systemd's credential, else the vault's; one is made if there is no encrypted store yet.

    Raises MailcareError (``Exit.LOGIN``) if there is a store and no key to it.
    """
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    credential = Path(folder) / CREDENTIAL if folder else None
    if credential and credential.is_file():
        return _checked(credential.read_text("ascii", "replace").strip(), str(credential))
    kept = vault.get(KEY)
    if kept is not None:
        return _checked(kept, "the vault")
    if store.exists() and not is_plain(store):
        todo = "Bring it back from a copy of the keyring or of the folder secrets, or move the store aside."
        raise MailcareError("the store's key is not there", where=str(store), todo=todo, code=Exit.LOGIN)
    made = secrets.token_hex(32)
    vault.put(KEY, made)
    return made


def _checked(key: str, where: str) -> str:
    try:
        usable = len(bytes.fromhex(key)) == 32
    except ValueError:
        usable = False
    if not usable:
        raise MailcareError("the store's key is not a valid key", where=where, todo="It has 64 hexadecimal digits.")
    return key


def is_plain(path: Path) -> bool:
    """Whether the file is a store that can be read without a key. An absent or empty one is not."""
    if not path.exists() or not path.stat().st_size:
        return False
    with path.open("rb") as file:
        return file.read(len(_PLAIN)) == _PLAIN


def connect(address: str, key: str, *, timeout: float) -> sqlite3.Connection:
    """A connection to an encrypted file (a URI). Raises MailcareError if the key does not open it."""
    if cipher is None:
        extra = 'Install the extra "encryption" (docs/operations.md, "Extras")'
        todo = f"{extra}, or set encrypt = false before the first run."
        raise MailcareError("encryption needs a package that is not installed", todo=todo, code=Exit.USAGE)
    database = cast(sqlite3.Connection, cipher.connect(address, uri=True, isolation_level=None, timeout=timeout))
    database.execute("PRAGMA cipher_log_level = NONE")
    database.execute(f"PRAGMA key = \"x'{key}'\"")
    try:
        database.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except ERRORS as error:
        database.close()
        if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_NOTADB:
            raise
        todo = "Bring back the key with which it was made; mailcare login and the systemd credential leave it alone."
        raise MailcareError("the key does not open the store", todo=todo, code=Exit.LOGIN) from None
    return database


def encrypt(path: Path, key: str) -> None:
    """Put an encrypted copy of a plain store in its place, whole or not at all. Raises if a reader has it open."""
    copy = path.with_name(f"{path.name}-encrypting")
    copy.unlink(missing_ok=True)
    os.close(os.open(copy, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    connect(copy.absolute().as_uri(), key, timeout=0).close()
    with closing(cipher.connect(str(path), isolation_level=None, timeout=0)) as plain:
        plain.execute("PRAGMA journal_mode = DELETE")
        ((version,),) = plain.execute("PRAGMA user_version")
        plain.execute(f"ATTACH ? AS encrypted KEY \"x'{key}'\"", (str(copy),))
        plain.execute("SELECT sqlcipher_export('encrypted')").fetchone()
        plain.execute(f"PRAGMA encrypted.user_version = {version}")
        plain.execute("DETACH encrypted")
    copy.replace(path)
