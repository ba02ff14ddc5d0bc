"""An account's secrets: in the system's keyring, or, where there is none, in a file for its owner alone (0600)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from mailcare.disk.deliver import write
from mailcare.disk.folders import failure
from mailcare.errors import Exit, MailcareError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "mailcare"
"""As the keyring calls it; the entry is ``account/name``."""


class Vault:
    """One account's ``login.Vault``. A secret in the file goes before one in the keyring, of which the file keeps the
    name alone: so that a session without that keyring can say where the secret is.
    """

    def __init__(self, path: Path) -> None:
        """``path``: the file; what it is called without its ending names the entries in the keyring."""
        self._account, self._path = path.stem, path

    def __repr__(self) -> str:
        return f"Vault({self._account!r})"

    def get(self, name: str) -> str | None:
        """The secret of this name; None where there is none. Raises MailcareError."""
        kept = self._file()
        if kept.get(name) is not None:
            return kept[name]
        with _explained():
            ring = _keyring()
            found = ring.get_password(SERVICE, self._entry(name)) if ring else None
        if found is None and name in kept:
            raise MailcareError(
                f"the {name} is in a keyring that cannot be reached from here",
                todo="Run mailcare in the session that has it, or log in where it is to run: mailcare login NAME.",
                code=Exit.LOGIN,
            )
        return found

    def put(self, name: str, secret: str) -> None:
        """Keep the secret, in place of an earlier one. Raises MailcareError."""
        kept = self._file()
        with _explained():
            ring = _keyring()
            if ring:
                ring.set_password(SERVICE, self._entry(name), secret)
        write(self._path, json.dumps(kept | {name: None if ring else secret}))

    def names(self) -> list[str]:
        """What is kept, by name. Raises MailcareError."""
        return sorted(self._file())

    def clear(self) -> None:
        """Remove every secret, from the keyring too. Raises MailcareError."""
        kept = self._file()
        with _explained():
            ring = _keyring() if kept else None
            for name, secret in kept.items():
                if ring is None and secret is None:
                    raise MailcareError(
                        f"the {name} is in a keyring that cannot be reached from here",
                        todo="Run this in the session that has it.",
                        code=Exit.LOGIN,
                    )
                if ring and ring.get_password(SERVICE, self._entry(name)) is not None:
                    ring.delete_password(SERVICE, self._entry(name))
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise failure(error.errno, self._path) from error

    def _entry(self, name: str) -> str:
        return f"{self._account}/{name}"

    def _file(self) -> dict[str, str | None]:
        try:
            if not self._path.exists():
                return {}
            mode, text = self._path.stat().st_mode, self._path.read_bytes()
        except OSError as error:
            raise failure(error.errno, self._path) from error
        if mode & 0o077:
            raise MailcareError(
                "others may read this file of secrets", where=str(self._path), todo="Run chmod 600 on it."
            )
        kept = _table(text)
        if kept is None:
            raise MailcareError(
                "the file of secrets is damaged", where=str(self._path), todo="Remove it and log in again."
            )
        return kept


def _table(text: bytes) -> dict[str, str | None] | None:
    """Names and secrets; None where the text holds something else."""
    try:
        kept = json.loads(text)
    except ValueError:
        return None
    return kept if isinstance(kept, dict) and all(isinstance(one, str | None) for one in kept.values()) else None


def _keyring() -> "KeyringBackend | None":
    """The system's keyring, loaded when a secret is asked for; None where there is none."""
    import keyring
    from keyring.backends import fail, null

    ring = keyring.get_keyring()
    return None if isinstance(ring, fail.Keyring | null.Keyring) else ring


@contextmanager
def _explained() -> Iterator[None]:
    """A keyring's errors as the user sees them; their text may name the secret's entry, and is left out."""
    from keyring.errors import KeyringError

    try:
        yield
    except (KeyringError, ImportError, AttributeError) as error:
        raise MailcareError(
            f"the keyring cannot be used ({type(error).__name__})",
            todo="Unlock it, or log in with PYTHON_KEYRING_BACKEND=keyring.backends.null.Keyring to use a file.",
            code=Exit.LOGIN,
        ) from None
