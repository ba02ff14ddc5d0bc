"""The command line as it describes itself, and ``docs/commands.md`` made of that."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass

import click

from mailcare.cli import cli
from mailcare.errors import MEANINGS

ENVIRONMENT = {
    "XDG_CONFIG_HOME": "The folder in which mailcare/config.toml is looked for; otherwise ~/.config.",
    "XDG_DATA_HOME": "The folder in which mailcare keeps its data unless data_dir says otherwise; without it "
    "~/.local/share.",
    "CREDENTIALS_DIRECTORY": "Set by systemd: the credential mailcare-store-key in it opens an encrypted store.",
    "MAILCARE_DEBUG": "With 1, an unforeseen error shows all its details. These may name people: look before you hand "
    "them on.",
}
FILES = {
    "~/.config/mailcare/config.toml": "The configuration.",
    "~/.local/share/mailcare": "Everything that is stored (data_dir), for you alone.",
    "~/.local/share/mailcare/reports/NAME/": "The reports of the account NAME: one page a week, and index.html, which "
    "lists them.",
}


@dataclass(frozen=True, slots=True)
class Described:
    """One command. Of its paragraphs, those that begin with a backspace are to be shown line by line."""

    name: str
    usage: str
    paragraphs: list[str]
    options: list[tuple[str, str]]


def described(command: click.Command = cli, name: str = "mailcare") -> Iterator[Described]:
    """The command, or of a group every command in it, in the order of their names."""
    context = click.Context(command, info_name=name)
    if isinstance(command, click.Group):
        for part in command.list_commands(context):
            yield from described(command.commands[part], f"{name} {part}")
        return
    options = [one for one in command.params if isinstance(one, click.Option)]
    yield Described(
        name,
        usage=" ".join([name, *command.collect_usage_pieces(context)]),
        paragraphs=inspect.cleandoc(command.help or "").split("\n\n"),
        options=[record for one in options if (record := one.get_help_record(context))],
    )


def page() -> str:
    """``docs/commands.md``."""
    commands = list(described())
    return "\n".join(
        [
            "<!-- Made by `make references` from what the program says of itself: change it there. -->",
            "",
            "# The commands",
            "",
            "`mailcare --help`, and `--help` behind each command, say the same in the terminal; `man mailcare`, too.",
            "",
            *(f"- [`{one.name}`](#{one.name.replace(' ', '-')})" for one in commands),
            "",
            *(line for one in commands for line in _section(one)),
            "## Exit codes",
            "",
            "An error is one line on standard error: what happened, where, and what to do.",
            "",
            "| exit code | meaning |",
            "|---|---|",
            *(f"| {code:d} | {meaning} |" for code, meaning in MEANINGS.items()),
            "",
            "## Environment",
            "",
            *(f"- `{variable}` – {plain(meaning)}" for variable, meaning in ENVIRONMENT.items()),
            "",
            "## Files",
            "",
            *(f"- `{file}` – {plain(meaning)}" for file, meaning in FILES.items()),
            "",
        ]
    )


def _section(one: Described) -> Iterator[str]:
    yield from (f"## {one.name}", "", "```text", one.usage, "```", "")
    for paragraph in one.paragraphs:
        shown = paragraph.removeprefix("\b\n")
        yield from (plain(paragraph), "") if shown == paragraph else ("```text", shown, "```", "")
    yield from (f"- `{option}` – {plain(meaning)}" for option, meaning in one.options)
    yield from [""] if one.options else []


def plain(text: str) -> str:
    """A text in which no sign means anything to Markdown."""
    return "".join(f"\\{sign}" if sign in "\\*_`<[" else sign for sign in " ".join(text.split()))
