"""The references say what the program says, and leave nothing out."""

import re
import shutil
import subprocess

import pytest

from connectors.exchange import connector as exchange
from connectors.gmail import connector as gmail
from connectors.graph import connector as graph
from connectors.imap import connector as imap
from mailcare.errors import MEANINGS, Exit
from mailcare.sending import smtp
from tests.docs import configuration, manual
from tests.docs.references import MADE

PLAIN = {"password", "token"}
"""Known keys that are known in order to refuse them: a secret does not belong in the configuration."""


@pytest.mark.parametrize("path", MADE, ids=lambda path: path.name)
def test_a_reference_is_what_the_program_says_of_itself(path):
    assert path.read_text(encoding="utf-8") == MADE[path](), "make references brings it up to date"


@pytest.fixture(scope="module")
def explained():
    """What the example says, by table."""
    found: dict[str, str] = {}
    table = ""
    for block in configuration.blocks():
        table = block.header.strip("[]") or table
        found[table] = " ".join([found.get(table, ""), *block.prose, *block.lines])
    return found


def test_every_key_that_the_code_takes_is_explained_in_its_table(explained):
    for table, keys in configuration.defaults().items():
        for key in keys:
            part = f"{table}.{key}".removeprefix(".")
            assert part in explained or re.search(rf"\b{key}\b", explained[table]), part


def test_every_key_of_the_summary_by_email_is_explained(explained, monkeypatch):
    asked: list[str] = []

    class Asked(Exception):
        pass

    def options(_: object, known: object) -> None:
        asked.extend(known)
        raise Asked

    monkeypatch.setattr(smtp, "Options", options)
    with pytest.raises(Asked):
        smtp.Outgoing({}, [], None)
    assert set(asked) - PLAIN <= set(re.findall(r"\w+", explained["account.email"]))
    assert "security" in asked


@pytest.mark.parametrize(
    ("name", "known"),
    [("imap", imap._KEYS), ("gmail", gmail._KEYS), ("graph", graph._KEYS), ("exchange", exchange.KEYS)],
)
def test_every_key_of_a_connector_is_explained(name, known):
    explained = "\n".join(line.split("|")[1] for line in configuration.connectors()[name])
    assert set(re.findall(r"`(\w+)`", explained)) == set(known) - PLAIN


def test_every_exit_code_is_explained():
    assert set(MEANINGS) == set(Exit)


@pytest.mark.skipif(shutil.which("groff") is None, reason="there is no groff: apt-get install groff")
def test_the_manual_page_is_set_without_a_warning():
    done = subprocess.run(
        ["groff", "-ww", "-man", "-Tutf8", "-z"], input=manual.page(), capture_output=True, text=True, check=True
    )
    assert done.stderr == ""


def test_the_manual_page_has_the_parts_that_one_looks_for():
    parts = re.findall(r"^\.SH (.*)", manual.page(), flags=re.MULTILINE)
    assert parts == ["NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "EXIT STATUS", "ENVIRONMENT", "FILES"]
    assert manual.page().isascii()
