"""Declared keys of the configuration, taken one by one; every error names the key and what to write."""

import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from mailcare.errors import Exit, MailcareError, suggestion
from mailcare.mail.about import Choice, Command, File, Key, Number, Paths, Text

K = TypeVar("K", bound=Key)


class Options:
    """What was given for the declared keys. Raises ``MailcareError`` (``Exit.USAGE``) for a key that isn't declared."""

    def __init__(self, given: dict[str, Any], declared: Iterable[Key]) -> None:
        self._given, self._declared = given, {key.name: key for key in declared}
        for key in sorted(given.keys() - self._declared.keys()):
            raise unusable(key, "unknown key", suggestion(key, self._declared))

    def __contains__(self, key: str) -> bool:
        return key in self._given

    def example(self, key: str) -> str:
        """What to write, as a line of the file, and what that is."""
        declared = self._key(key, Key)
        return f"{declared.shown}: {declared.help}"

    def value(self, key: str) -> Any:
        """What was given, whatever it is; None without the key."""
        return self._given.get(self._key(key, Key).name)

    def text(self, key: str, default: str | None = None, *, needed: bool = False) -> str:
        """A text; ``default``: what holds without it here, in place of what is declared. If there is none of either, or
        it is ``needed`` here, the key must be there."""
        declared = self._key(key, Text)
        usual = None if needed else declared.default if default is None else default
        value = self._given.get(key, usual)
        if value is None:
            raise unusable(key, "missing", f"Add {self.example(key)}.")
        if not isinstance(value, str) or (not value.strip() and usual is None):
            raise self._no_text(key)
        return value.strip()

    def choice(self, key: str) -> str:
        """One of its words; the first without the key."""
        choices = tuple(self._key(key, Choice).choices)
        value = self._given.get(key, choices[0])
        if not isinstance(value, str):
            raise self._no_text(key)
        word = value.strip().lower()
        if word not in choices:
            raise unusable(key, f"'{word}' is not among its values", suggestion(word, choices))
        return word

    def number(self, key: str, default: int | None = None) -> int:
        """A whole number between its bounds; ``default`` as for ``text``."""
        declared = self._key(key, Number)
        usual = declared.default if default is None else default
        value = self._given.get(key, usual)
        if isinstance(value, bool) or not isinstance(value, int) or not declared.least <= value <= declared.most:
            fitting = f"from {declared.least} to {declared.most}, such as {usual or declared.example}"
            raise unusable(key, "not a whole number that fits", f"Write one {fitting}: {declared.help}.")
        return value

    def file(self, key: str) -> Path | None:
        """The path of a file that is there, or None without the key."""
        declared, value = self._key(key, File), self._given.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self._no_text(key)
        path = Path(value.strip()).expanduser()
        if not path.is_file():
            raise unusable(key, f"there is no such file: {path}", f"Correct the path: {declared.help}.")
        return path

    def paths(self, key: str) -> list[Path]:
        """One or several paths of files or folders."""
        given = self._given.get(self._key(key, Paths).name)
        paths = [given] if isinstance(given, str) else given
        if not isinstance(paths, list) or not paths or not all(isinstance(path, str) and path for path in paths):
            what = "missing" if given is None else "neither a text nor a list of texts"
            raise unusable(key, what, f"Write {self.example(key)}.")
        return [Path(path).expanduser() for path in paths]

    def command(self, key: str) -> tuple[str, ...]:
        """A command and its arguments; empty without the key."""
        value = self._given.get(self._key(key, Command).name, [])
        try:
            words = shlex.split(value) if isinstance(value, str) else value
        except ValueError:
            words = None
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise unusable(key, "not a command", f"Write it as {self._key(key, Command).shown}.")
        return tuple(words)

    def _no_text(self, key: str) -> MailcareError:
        return unusable(key, "not a text", f"Write it in quotes, such as {self._key(key, Key).shown}.")

    def _key(self, key: str, kind: type[K]) -> K:
        declared = self._declared[key]
        if not isinstance(declared, kind):
            raise TypeError(f"{key} is declared as {type(declared).__name__}, and taken as {kind.__name__}")
        return declared


def unusable(key: str, what: str, todo: str) -> MailcareError:
    """An error in the value of a key."""
    return MailcareError(what, where=key, todo=todo, code=Exit.USAGE)
