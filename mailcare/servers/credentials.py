"""A secret (a password, an access token) from where the user keeps it: a command, a file, or the vault."""

from collections.abc import Callable
from pathlib import Path

from mailcare.errors import Exit, MailcareError
from mailcare.mail.about import Command, File, Secret
from mailcare.mail.login import Vault
from mailcare.servers.options import Options, unusable

SECONDS = 60
"""A command that takes longer is given up."""


def keys(name: str, when: str = "") -> tuple[Command, File, Secret]:
    """The keys that say where the secret is, and the one under which it would be in plain text; ``when`` they count."""
    more = {"more": when, "without": "what `mailcare login` keeps in the vault"}
    return (
        Command(
            f"{name}_command",
            f"a command whose first line is the {name}, run without a shell or pipes",
            example=f"pass show mail/{name}",
            **more,
        ),
        File(f"{name}_file", f"a file that holds the {name}", example=f"mail.{name}", **more),
        Secret(name, f"the {name} itself, which is refused"),
    )


def elsewhere(name: str, options: Options) -> bool:
    """Whether the configuration leads to the secret, so that the vault isn't asked."""
    return f"{name}_command" in options or f"{name}_file" in options


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
    import subprocess

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
