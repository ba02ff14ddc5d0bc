"""A secret (a password, an access token) from where the user keeps it: a command, a file, or the vault.

Keys of the configuration, for a secret called ``password``: ``password_command`` and ``password_file``; without them
it is what ``mailcare login`` put into the vault.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

from connectors.options import Options, unusable
from mailcare.errors import Exit, MailcareError
from mailcare.login import Vault

SECONDS = 60
"""A command that takes longer is given up."""


def keys(name: str) -> tuple[str, str, str]:
    """The keys that say where the secret is, and the one under which it would stand in plain text."""
    return f"{name}_command", f"{name}_file", name


def secret(name: str, options: Options, vault: Vault) -> Callable[[], str]:
    """A way to the secret, asked anew each time it is needed. Raises MailcareError (``Exit.LOGIN``) without one."""
    if name in options:
        raise unusable(
            name,
            "a secret does not belong in the configuration",
            f"Remove it and use {name}_command or mailcare login.",
        )
    command, file = options.command(f"{name}_command"), options.file(f"{name}_file")

    def ask() -> str:
        if command:
            return _output(name, command)
        kept = _text(name, file) if file else vault.get(name)
        if not kept:
            raise MailcareError(f"there is no {name}", todo="Log in: mailcare login NAME.", code=Exit.LOGIN)
        return kept

    return ask


def _text(name: str, file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise MailcareError(
            f"the file cannot be read ({type(error).__name__})",
            where=f"{name}_file",
            todo="Check who may read it.",
            code=Exit.LOGIN,
        ) from None


def _output(name: str, command: tuple[str, ...]) -> str:
    """The first line that the command prints."""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, timeout=SECONDS, check=True, stdin=subprocess.DEVNULL)  # noqa: S603
        printed = done.stdout.decode().partition("\n")[0].rstrip("\r")
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError) as error:
        why = (
            f"exit code {error.returncode}"
            if isinstance(error, subprocess.CalledProcessError)
            else type(error).__name__
        )
        raise MailcareError(
            f"the command failed ({why})", where=f"{name}_command", todo="Run it by hand.", code=Exit.LOGIN
        ) from None
    if not printed:
        raise MailcareError(
            "the command printed nothing", where=f"{name}_command", todo="Run it by hand.", code=Exit.LOGIN
        )
    return printed
