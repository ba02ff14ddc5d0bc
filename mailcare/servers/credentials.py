"""A secret (a password, an access token) from where the user keeps it: a command, a file, or the vault.

Keys of the configuration, for a secret called ``password``: ``password_command`` and ``password_file``; without them
it is what ``mailcare login`` put into the vault.
"""

import subprocess
from collections.abc import Callable
from pathlib import Path

from mailcare.errors import Exit, MailcareError
from mailcare.mail.login import Vault
from mailcare.servers.options import Options, unusable

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
        if file:
            return _text(name, file)
        kept = vault.get(name)
        if not kept:
            raise MailcareError(f"there is no {name}", todo="Log in: mailcare login NAME.", code=Exit.LOGIN)
        return kept

    return ask


def _text(name: str, file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8-sig").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise MailcareError(
            f"the file cannot be read ({type(error).__name__})",
            where=f"{name}_file",
            todo="Check who may read it.",
            code=Exit.LOGIN,
        ) from None
    if not text:
        raise MailcareError("the file is empty", where=f"{name}_file", todo=f"Put the {name} there.", code=Exit.LOGIN)
    return text


def _output(name: str, command: tuple[str, ...]) -> str:
    """The first line that the command prints; what it says beside stays unseen."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    try:
        done = subprocess.run(command, timeout=SECONDS, check=True, **quiet)  # type: ignore[call-overload]  # noqa: S603
        printed = done.stdout.decode().partition("\n")[0].rstrip("\r")
    except FileNotFoundError:
        raise _failed(
            name, f"there is no program called {command[0]}", "Name one that is there, without a shell."
        ) from None
    except subprocess.CalledProcessError as error:
        raise _failed(name, f"the command failed (exit code {error.returncode})") from None
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError) as error:
        raise _failed(name, f"the command failed ({type(error).__name__})") from None
    if not printed:
        raise _failed(name, "the command printed nothing")
    return str(printed)


def _failed(name: str, what: str, todo: str = "Run it by hand.") -> MailcareError:
    return MailcareError(what, where=f"{name}_command", todo=todo, code=Exit.LOGIN)
