"""What a connector says of itself, in ``connectors/NAME/about.py``, which loads nothing heavy."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mailcare.mail.links import Rule


@dataclass(frozen=True, slots=True)
class Key:
    """A connector's own key of the configuration: any value, which the connector looks at itself."""

    name: str
    help: str
    """What it means: a line of Markdown, which errors tell too."""
    more: str = field(default="", kw_only=True)
    """What else there is to say, where there is room for it."""
    without: str = field(default="", kw_only=True)
    """What holds without it, in a few words, unless its default says that."""
    example: bool | int | str = field(default="", kw_only=True)
    """What it may be; empty if its default shows that."""

    @property
    def explained(self) -> str:
        """All that is said of it: a line of Markdown."""
        return f"{self.help}; {self.more}" if self.more else self.help

    @property
    def needed(self) -> bool:
        """Whether it must always be there."""
        return False

    @property
    def shown(self) -> str:
        """The key with its example, or else its default, as a line of the file."""
        return f"{self.name} = {_literal(self.example or self._usual)}"

    @property
    def _usual(self) -> bool | int | str | None:
        return None


@dataclass(frozen=True, slots=True)
class Text(Key):
    """A text."""

    default: str | None = None
    """None: the key must be there."""

    @property
    def needed(self) -> bool:
        """Unless there is a default, even an empty one."""
        return self.default is None

    @property
    def _usual(self) -> str | None:
        return self.default


@dataclass(frozen=True, slots=True)
class Choice(Key):
    """One of some words."""

    choices: Mapping[str, str] = field(kw_only=True)
    """The words, the default first, each with what it means if that has to be said."""

    @property
    def explained(self) -> str:
        """With its words."""
        words = [f'`"{word}"`{f" ({meaning})" if meaning else ""}' for word, meaning in self.choices.items()]
        return f"{self.help}: {', '.join(words[:-1])} or {words[-1]}"

    @property
    def _usual(self) -> str:
        return next(iter(self.choices))


@dataclass(frozen=True, slots=True)
class Number(Key):
    """A whole number."""

    default: int | None = None
    """None: it depends on other keys."""
    least: int = field(default=1, kw_only=True)
    most: int = field(default=1_000_000, kw_only=True)

    @property
    def _usual(self) -> int | None:
        return self.default


@dataclass(frozen=True, slots=True)
class File(Key):
    """The path of a file; without it there is none."""


@dataclass(frozen=True, slots=True)
class Paths(Key):
    """The path of a file or folder, or a list of them; the key must be there."""

    @property
    def needed(self) -> bool:
        """Always."""
        return True


@dataclass(frozen=True, slots=True)
class Command(Key):
    """A command and its arguments, in one text or a list; without it there is none."""


@dataclass(frozen=True, slots=True)
class Secret(Key):
    """A secret itself: known in order to be refused, as it does not belong in the configuration."""


@dataclass(frozen=True, slots=True)
class Question:
    """What ``init`` asks for a key. In the default ``{address}`` and ``{domain}`` stand for those of the owner."""

    key: str
    text: str
    """Empty: nothing is asked, and the default is taken."""
    default: str = ""
    there: bool = False
    """The answer has to name a file or folder that is there."""


@dataclass(frozen=True, slots=True)
class Nearby:
    """Mail that lies on this machine: how it is offered, and the connector's keys for it."""

    title: str
    options: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Closed:
    """A place on this machine that can't be looked at, or whose mail can't be read as it is."""

    what: str
    todo: str


def nothing_nearby(_home: Path, _environ: Mapping[str, str]) -> Iterable[Nearby | Closed]:
    """No mail is looked for on this machine."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """One connector; ``ABOUT`` in its ``about.py``."""

    title: str
    """Where the mail is, as ``init`` offers it."""
    order: int
    """Its place in that offer: the lowest comes first."""
    keys: tuple[Key, ...]
    questions: tuple[Question, ...]
    steps: bool = False
    """Something has to be set up at the provider first: docs/connect.md tells the steps."""
    link: Rule
    """How a message is usually opened."""
    nearby: Callable[[Path, Mapping[str, str]], Iterable[Nearby | Closed]] = nothing_nearby
    """Mail of this kind in the usual places below a home folder, and where the environment's variables lead."""

    @property
    def asked(self) -> tuple[Key, ...]:
        """The keys of a plain account: those that must be there or are asked for."""
        asked = {question.key for question in self.questions}
        return tuple(key for key in self.keys if key.needed or key.name in asked)

    @property
    def paths(self) -> frozenset[str]:
        """The keys whose values are paths."""
        return frozenset(key.name for key in self.keys if isinstance(key, File | Paths))


def _literal(value: bool | int | str | None) -> str:
    """A value as the file has it; between single quotes a backslash is just that."""
    return f"'{value}'" if isinstance(value, str) and "\\" in value else json.dumps(value, ensure_ascii=False)
