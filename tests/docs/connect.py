"""The tables of the connectors' own keys, made of what each connector says of itself, and ``docs/connect.md`` with
them.
"""

import json
import re
from pathlib import Path

from mailcare.mail.about import Choice, Key, Number, Secret, Text
from mailcare.mail.discovery import about

CONNECT = Path(__file__).parents[2] / "docs/connect.md"
MARK = re.compile(r"(<!-- The keys of (\w+): .*-->\n)\n(?:\|.*\n)+")


def page() -> str:
    """``docs/connect.md``: as it is, with its tables made anew."""
    return MARK.sub(lambda mark: "\n".join([mark[1], *table(mark[2]), ""]), CONNECT.read_text(encoding="utf-8"))


def table(connector: str) -> list[str]:
    """The keys of a connector, line by line."""
    said = about(connector)
    assert said
    rows = [f"| `{key.name}` | {key.explained} | {_without(key)} |" for key in said.keys if not isinstance(key, Secret)]
    return ["| key | meaning | without it |", "|---|---|---|", *rows]


def _without(key: Key) -> str:
    match key:
        case Key(without=told) if told:
            return told
        case Choice():
            return f'`"{next(iter(key.choices))}"`'
        case Key(needed=True):
            return "it is needed"
        case Text() | Number() if key.default:
            return f"`{json.dumps(key.default)}`"
    return "–"
