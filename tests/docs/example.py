"""The connectors' accounts in ``config.example.toml``, made of what each connector says of itself."""

import re
from pathlib import Path
from textwrap import wrap

from mailcare.mail.about import About, Key, Secret
from mailcare.mail.discovery import about, connectors

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
MADE = re.compile(r"(# Further accounts\b.*?\n\n).*?(?=# The end of what is made\.\n)", flags=re.DOTALL)
"""What is made: behind its explanation, up to a mark."""
_WIDTH = 126
_COLUMN = 52
"""Help stands beside a line no longer than this, and else below it."""


def page() -> str:
    """``config.example.toml``: as it is, with the connectors' accounts made anew."""
    made = "".join(f"{line}\n" for name, said in told().items() for line in [*_commented(name, said), ""])
    return MADE.sub(lambda mark: mark[1] + made, EXAMPLE.read_text(encoding="utf-8"))


def told() -> dict[str, About]:
    """What each connector says of itself, in the order in which ``init`` offers them."""
    said = {name: one for name in connectors() if (one := about(name))}
    return dict(sorted(said.items(), key=lambda item: item[1].order))


def title(said: About) -> str:
    """Where this connector's mail is, as a sentence."""
    return f"{said.title[0].upper()}{said.title[1:]}."


def head(name: str) -> list[str]:
    """The beginning of an account: the keys that each account has."""
    return [f'name = "{name}"', f'connector = "{name}"', 'addresses = ["me@example.com"]']


def _commented(name: str, said: About) -> list[str]:
    """An account, each line behind ``#``; its keys that may be left out are behind another one."""
    keys = [key for key in said.keys if not isinstance(key, Secret)]
    lines = [f"#{key.shown}" if key in said.asked else f"## {key.shown}" for key in keys]
    column = max(len(line) for line in lines if len(line) <= _COLUMN) + 2
    beside = [part for key, line in zip(keys, lines, strict=True) for part in _beside(line, _help(key), column)]
    return [f"# {title(said)}", "#[[account]]", *(f"#{line}" for line in head(name)), *beside]


def _beside(line: str, text: str, column: int) -> list[str]:
    """A key's line and its help, wrapped, from this column on."""
    words = [f"# {part}" for part in wrap(text, _WIDTH - column - 2, break_on_hyphens=False)]
    first = [line] if len(line) > _COLUMN else [f"{line:{column}}{words.pop(0)}"]
    return [*first, *(f"{'##':{column}}{part}" for part in words)]


def _help(key: Key) -> str:
    """What is said of a key, without Markdown's marks."""
    without = f"; without it: {key.without}" if key.without else ""
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", f"{key.explained}{without}").replace("`", "")
