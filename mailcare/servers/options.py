"""A connector's own keys of the configuration, taken one by one; every error names the key and what to write."""

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mailcare.errors import Exit, MailcareError, suggestion


class Options:
    """The keys of one account. Raises ``MailcareError`` (``Exit.USAGE``) for what the connector doesn't know."""

    def __init__(self, given: dict[str, Any], known: Iterable[str]) -> None:
        self._given = given
        for key in sorted(given.keys() - set(known)):
            raise unusable(key, "unknown key", suggestion(key, known))

    def __contains__(self, key: str) -> bool:
        return key in self._given

    def text(self, key: str, default: str | None = None, *, example: str = "") -> str:
        """A text; without a default the key must be there."""
        value = self._given.get(key, default)
        if value is None:
            raise unusable(key, "missing", f'Add {key} = "{example}".')
        if not isinstance(value, str) or (not value.strip() and default is None):
            raise unusable(key, "not a text", f'Write it in quotes, such as {key} = "{example or default}".')
        return value.strip()

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """One of these; the first where the key is missing."""
        value = self.text(key, choices[0]).lower()
        if value not in choices:
            raise unusable(key, f"'{value}' is not among its values", suggestion(value, choices))
        return value

    def number(self, key: str, default: int, *, least: int = 1, most: int = 1_000_000) -> int:
        """A whole number between these bounds."""
        value = self._given.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise unusable(key, "not a whole number that fits", f"Write one from {least} to {most}, such as {default}.")
        return value

    def file(self, key: str) -> Path | None:
        """The path of a file that is there, or None without the key."""
        if key not in self._given:
            return None
        path = Path(self.text(key)).expanduser()
        if not path.is_file():
            raise MailcareError(f"there is no such file: {path}", where=key, todo="Correct the path.", code=Exit.USAGE)
        return path

    def command(self, key: str) -> tuple[str, ...]:
        """A command and its arguments, written as one text or a list; empty without the key."""
        value = self._given.get(key, [])
        try:
            words = shlex.split(value) if isinstance(value, str) else value
        except ValueError:
            words = None
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise unusable(key, "not a command", f'Write it as {key} = "pass show mail".')
        return tuple(words)


def unusable(key: str, what: str, todo: str) -> MailcareError:
    """An error in the value of a key."""
    return MailcareError(what, where=key, todo=todo, code=Exit.USAGE)
