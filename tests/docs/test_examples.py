"""What the documents tell a person to write is right: commands, configurations, and the places that they point to."""

import json
import re
import shlex
from contextlib import suppress

import click
import pytest

from mailcare.access import account_faults
from mailcare.cli import cli
from mailcare.config.settings import read
from mailcare.place import Place
from tests.docs.configuration import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CLIENT = {"client_id": "c", "client_secret": "s", "auth_uri": "https://a.example", "token_uri": "https://t.example"}
KEY = {"client_email": "m@p.example", "private_key": "k", "token_uri": "https://t.example"}
STANDING_FOR = {"…": "2026-09-21T06:00Z", "SHELL": "bash"}


def blocks(language: str) -> list[tuple[str, str]]:
    """Every block of a language in the documents, less the reference, which tests/config/test_settings.py tries."""
    return [
        (path.name, re.sub(r"^ {4}", "", block, flags=re.MULTILINE))
        for path in DOCUMENTS
        if path.name != "configuration.md"
        for block in re.findall(rf"^ *```{language}\n(.*?)^ *```", path.read_text("utf-8"), flags=re.M | re.S)
    ]


def lines() -> set[str]:
    """Every command line of mailcare in a shell's block."""
    whole = [line for _, block in blocks("sh") for line in block.splitlines()]
    return {found[0] for line in whole if (found := re.search(r"(?<![\w./=])mailcare (?!#).*", line))}


def mentions() -> set[str]:
    """Every command line of mailcare in a text; what the command needs may be left out of it."""
    return {" ".join(one.split()) for path in DOCUMENTS for one in re.findall(r"`(mailcare [^`]+)`", path.read_text())}


def understood(line: str) -> None:
    """Raises what click raises of a line that it does not understand; nothing is run."""
    command, words = cli, [STANDING_FOR.get(word, word) for word in shlex.split(line, comments=True)[1:]]
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        assert words[0] in command.commands
        command, words = command.commands[words[0]], words[1:]
    with suppress(click.exceptions.Exit):
        command.make_context("mailcare", words)


@pytest.mark.parametrize("line", sorted(lines()))
def test_every_command_to_be_typed_is_right(line):
    understood(line)


@pytest.mark.parametrize("line", sorted(mentions()))
def test_every_command_that_is_mentioned_is_there(line):
    with suppress(click.MissingParameter, click.exceptions.NoArgsIsHelpError):
        understood(line)


@pytest.mark.parametrize(("document", "text"), blocks("toml"))
def test_every_configuration_in_the_documents_is_right(tmp_path, monkeypatch, document, text):
    monkeypatch.setenv("HOME", str(tmp_path))
    home = tmp_path / ".config/mailcare"
    home.mkdir(parents=True)
    (home / "client_secret.json").write_text(json.dumps({"installed": CLIENT}))
    (home / "service_account.json").write_text(json.dumps(KEY))
    (home / "app.pem").write_text("")
    (home / "config.toml").write_text(text)
    settings, problems = read(home / "config.toml")
    assert problems == []
    for account in settings.accounts:
        assert list(account_faults(account, Place(tmp_path / "data"))) == [], account.connector
