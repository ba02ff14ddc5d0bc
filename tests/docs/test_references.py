"""The references say what the program says, and leave nothing out."""

import re
import shutil
import subprocess

import pytest

from mailcare.errors import MEANINGS, Exit
from mailcare.mail.about import Secret
from mailcare.mail.discovery import about, connectors
from mailcare.sending import smtp
from tests.docs import configuration, connect, example, manual
from tests.docs.references import MADE


def to_be_told(declared):
    """The names of these keys, less those of secrets, which are known in order to be refused."""
    return {key.name for key in declared if not isinstance(key, Secret)}


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


def test_every_key_of_the_summary_by_email_is_explained(explained):
    assert to_be_told(smtp.KEYS) <= set(re.findall(r"\w+", explained["account.email"]))


@pytest.mark.parametrize("name", connectors())
def test_every_key_of_a_connector_is_explained(name):
    page = connect.CONNECT.read_text(encoding="utf-8")
    (explained,) = (mark[0] for mark in connect.MARK.finditer(page) if mark[2] == name)
    assert set(re.findall(r"^\| `(\w+)`", explained, flags=re.MULTILINE)) == to_be_told(about(name).keys)


@pytest.mark.parametrize("name", connectors())
def test_the_example_has_an_account_for_each_connector_with_all_of_its_keys_in_their_order(name):
    (account,) = re.findall(rf'#connector = "{name}"\n(?:#.*\n)+', example.EXAMPLE.read_text(encoding="utf-8"))
    keys = re.findall(r"^#(?:# )?(\w+) = ", account, flags=re.MULTILINE)
    told = [key.name for key in about(name).keys if not isinstance(key, Secret)]
    assert keys == ["connector", "addresses", *told]
    plain = re.findall(r"^#(\w+) = ", account, flags=re.MULTILINE)
    assert {question.key for question in about(name).questions} <= set(plain)


def test_the_example_is_no_wider_than_a_window():
    assert [line for line in example.EXAMPLE.read_text(encoding="utf-8").splitlines() if len(line) > 126] == []


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
