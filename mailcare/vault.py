"""An account's secrets: in the system's keyring, or, where there is none, in a file for its owner alone (0600)."""

import json
from pathlib import Path

import keyring
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import KeyringError

from mailcare.deliver import write
from mailcare.disk import failure
from mailcare.errors import Exit, MailcareError

SERVICE = "mailcare"
"""As the keyring calls it; the entry is ``account/name``."""


class Vault:
    """One account's ``login.Vault``. A secret in the file goes before one in the keyring."""

    def __init__(self, account: str, folder: Path) -> None:
        self._account, self._path = account, folder / f"{account}.json"

    def __repr__(self) -> str:
        return f"Vault({self._account!r})"

    def get(self, name: str) -> str | None:
        """The secret of this name; None where there is none. Raises MailcareError."""
        kept = self._file().get(name)
        if kept is not None or not _has_keyring():
            return kept
        try:
            return keyring.get_password(SERVICE, f"{self._account}/{name}")
        except KeyringError as error:
            raise _locked(error) from None

    def put(self, name: str, secret: str) -> None:
        """Keep the secret, in place of an earlier one. Raises MailcareError."""
        if not _has_keyring():
            write(self._path, json.dumps(self._file() | {name: secret}))
            return
        try:
            keyring.set_password(SERVICE, f"{self._account}/{name}", secret)
        except KeyringError as error:
            raise _locked(error) from None
        rest = {other: kept for other, kept in self._file().items() if other != name}
        if self._path.exists():
            write(self._path, json.dumps(rest))

    def _file(self) -> dict[str, str]:
        try:
            if self._path.exists() and self._path.stat().st_mode & 0o077:
                raise MailcareError(
                    "others may read this file of secrets", where=str(self._path), todo="Run chmod 600 on it."
                )
            return dict(json.loads(self._path.read_text(encoding="utf-8"))) if self._path.exists() else {}
        except OSError as error:
            raise failure(error.errno, self._path) from error
        except ValueError:
            raise MailcareError(
                "the file of secrets is damaged", where=str(self._path), todo="Remove it and log in again."
            ) from None


def _has_keyring() -> bool:
    return not isinstance(keyring.get_keyring(), NoKeyring | NullKeyring)


def _locked(error: KeyringError) -> MailcareError:
    return MailcareError(
        f"the keyring cannot be used ({type(error).__name__})",
        todo="Unlock it, or log in with PYTHON_KEYRING_BACKEND=keyring.backends.null.Keyring to use a file.",
        code=Exit.LOGIN,
    )
