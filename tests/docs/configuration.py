"""``docs/configuration.md``, made of ``config.example.toml``, of what holds if a key is left out, and of what each
connector says of its own keys.
"""

import json
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from mailcare.config import settings as config
from mailcare.config.keys import Keys
from tests.docs import connect, example
from tests.docs.commands import plain

ROOT = Path(__file__).parents[2]

TABLE = re.compile(r"#? ?(\[\[?[\w.]+\]\]?)")
KEY = re.compile(r'#? ?(("[^"]+"|\w+) = .*)')
EVERY_TABLE = """
[[account]]
name = "a"
[job]
[[team]]
name = "t"
[[team.client]]
name = "c"
"""
NEEDED = object()
HOME = Path("/home/ada")


@dataclass(slots=True)
class Block:
    """Some lines of the example: what they say, the table that begins, the keys that they show."""

    prose: list[str] = field(default_factory=list)
    header: str = ""
    lines: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    @property
    def connector(self) -> str:
        """The connector whose account this is, where it is one's."""
        named = re.search(r'^connector = "(\w+)"', "\n".join(self.lines), flags=re.MULTILINE)
        return named[1] if self.header and named else ""


def blocks() -> Iterator[Block]:
    """The example, block by block; each connector's is the plain account, as a table tells of its other keys."""
    before, _, after = example.MADE.split(example.EXAMPLE.read_text(encoding="utf-8"))
    yield from _blocks(before)
    for name, said in example.told().items():
        lines = [*example.head(name), *(key.shown for key in said.asked)]
        yield Block([example.title(said)], "[[account]]", lines, [line.partition(" = ")[0] for line in lines])
    yield from _blocks(after.partition("\n")[2])


def _blocks(text: str) -> Iterator[Block]:
    """A part of the example. A comment behind keys, or behind a table's name, begins a new block."""
    block = Block()
    for line in text.splitlines():
        table, key = TABLE.fullmatch(line), KEY.fullmatch(line)
        if not line or (block.keys and not key) or (block.header and not (key or table)):
            yield block
            block = Block()
        if table:
            block.header = table[1]
        elif key:
            block.lines.append(key[1])
            block.keys += [] if key[2] in block.keys else [key[2]]
        elif line:
            block.prose.append(line.removeprefix("#").strip())
    yield block


def defaults() -> dict[str, dict[str, Any]]:
    """What each key is where it is left out, or NEEDED, by table; "" holds the keys above all tables."""
    taken: dict[str, dict[str, Any]] = {}

    class Recorded(Keys):
        def take(self, key: str, parse: Any, default: Any) -> Any:
            self._own.setdefault(key, default)
            return super().take(key, parse, default)

        def demand(self, key: str, parse: Any, default: Any, example: str) -> Any:
            self._own[key] = NEEDED
            return super().demand(key, parse, default, example)

        @property
        def _own(self) -> dict[str, Any]:
            tables = [part.split()[0] for part in self.where.split(": ")[1:]]
            return taken.setdefault(".".join(tables), {})

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        path.write_text(EVERY_TABLE, encoding="utf-8")
        home = {key: value for key, value in os.environ.items() if key != "XDG_DATA_HOME"} | {"HOME": str(HOME)}
        with (
            patch("mailcare.config.settings.Keys", Recorded),
            patch("mailcare.config.teams.Keys", Recorded),
            patch.dict(os.environ, home, clear=True),
        ):
            config.read(path)
    return taken


def page() -> str:
    """``docs/configuration.md``."""
    lines = [
        "<!-- Made by `make references` from config.example.toml and the code: change it there. -->",
        "",
        "# The configuration",
        "",
        "The file `config.example.toml` has all of this in one piece, to be copied; what you may well do without",
        "begins with `#` there.",
        "",
    ]
    table, taken = "", defaults()
    for block in blocks():
        table = block.header.strip("[]") or table
        if block.header or block.keys:
            lines += [_heading(block), ""]
        if block.prose:
            lines += [re.sub(r"docs/((\w+)\.md)", r"[\1](\1)", plain(" ".join(block.prose))), ""]
        if block.keys:
            lines += ["```toml", *([block.header] if block.header else []), *block.lines, "```", ""]
        if block.connector:
            lines += [*connect.table(block.connector), ""]
        elif told := _left_out({key: taken[table][key] for key in block.keys if key in taken.get(table, {})}):
            lines += [told, ""]
    return "\n".join(lines)


def _heading(block: Block) -> str:
    if block.connector:
        return f"## The connector {block.connector}"
    return f"## `{block.header}`" if block.header else f"### {', '.join(f'`{key}`' for key in block.keys)}"


def _left_out(keys: dict[str, Any]) -> str:
    """One sentence on what holds without these keys."""
    optional = {key: _literal(default) for key, default in keys.items() if default is not NEEDED}
    said = [f"`{key}` is needed." for key in keys if key not in optional]
    if optional:
        said.append("Left out: " + ", ".join(f"`{key}` is {default}" for key, default in optional.items()) + ".")
    return " ".join(said)


def _literal(value: Any) -> str:
    """A value as the file would have it."""
    match value:
        case bool():
            return f"`{json.dumps(value)}`"
        case int() | float():
            return f"`{value:g}`"
        case str() if value:
            return f"`{json.dumps(value)}`"
        case Path():
            return f'`"~/{value.relative_to(HOME)}"`'
        case dict() if value:
            return "`{ " + ", ".join(f"{key} = {part:g}" for key, part in value.items()) + " }`"
        case tuple() if any(value):
            return f"`{json.dumps(value)}`"
    return "empty"
