"""The manual page ``docs/mailcare.1``, made of what the command line says of itself."""

from collections.abc import Iterator

from mailcare import __version__
from mailcare.cli import cli
from mailcare.errors import MEANINGS
from tests.docs.commands import ENVIRONMENT, FILES, Described, described

SIGNS = {"\\": "\\e", "-": "\\-", "–": "\\(en", "~": "\\(ti", "'": "\\(aq", "^": "\\(ha", "`": "\\(ga"}


def page() -> str:
    """The page, in the language of man(7)."""
    summary = (cli.help or "").removesuffix(".")
    return "\n".join(
        [
            '.\\" Made by `make references` from what the program says of itself: change it there.',
            f'.TH MAILCARE 1 "" "mailcare {__version__}" "User Commands"',
            ".SH NAME",
            f"mailcare \\- {_text(summary[0].lower() + summary[1:])}",
            ".SH SYNOPSIS",
            ".B mailcare",
            "\\fICOMMAND\\fR [\\fIOPTIONS\\fR]",
            ".SH DESCRIPTION",
            _text(
                "mailcare reads the metadata of your own mail: who wrote to whom, when, in reply to what; never what a "
            ),
            _text("message says. Once a week it writes a private page for you: who is waiting for a word, how soon "),
            _text("people hear back, whether everybody stayed on the message, which conversations went quiet."),
            ".PP",
            _text("The configuration is read from ~/.config/mailcare/config.toml, or from what --config names; "),
            _text("mailcare init makes a first one. Each command tells its options with --help, too."),
            ".SH COMMANDS",
            *(line for one in described() for line in _section(one)),
            ".SH EXIT STATUS",
            *(line for code, meaning in MEANINGS.items() for line in _entry(str(int(code)), meaning)),
            ".SH ENVIRONMENT",
            *(line for variable, meaning in ENVIRONMENT.items() for line in _entry(variable, meaning)),
            ".SH FILES",
            *(line for file, meaning in FILES.items() for line in _entry(file, meaning)),
            "",
        ]
    )


def _section(one: Described) -> Iterator[str]:
    yield f'.SS "{_text(one.usage)}"'
    for number, paragraph in enumerate(one.paragraphs):
        if number:
            yield ".PP"
        shown = paragraph.removeprefix("\b\n")
        if shown == paragraph:
            yield _text(" ".join(paragraph.split()))
        else:
            yield from (".nf", *map(_text, shown.split("\n")), ".fi")
    for option, meaning in one.options:
        yield from _entry(option, meaning)


def _entry(term: str, meaning: str) -> Iterator[str]:
    yield from (".TP", f"\\fB{_text(term)}\\fR", _text(meaning))


def _text(text: str) -> str:
    """A text in which no sign means anything to roff. No line of it begins with a dot."""
    return "".join(SIGNS.get(sign, sign) for sign in text.rstrip())
