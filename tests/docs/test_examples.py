"""What the documents tell a person to write is right: commands, configurations, and the places that they point to."""

import json
import re
import shlex

import click
import pytest

from mailcare.cli import cli
from mailcare.config import read
from mailcare.weekly import account_faults
from tests.docs.configuration import ROOT

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CLIENT = {"client_id": "c", "client_secret": "s", "auth_uri": "https://a.example", "token_uri": "https://t.example"}
KEY = {"client_email": "m@p.example", "private_key": "k", "token_uri": "https://t.example"}
PARTS = {"connect.md": "[circles]", "configuration.md": ""}


def blocks(language: str) -> list[tuple[str, str]]:
    """Every block of a language in the documents, less the reference's, which tests/test_config.py tries whole."""
    return [
        (path.name, re.sub(r"^ {4}", "", block, flags=re.MULTILINE))
        for path in DOCUMENTS
        if path.name != "configuration.md"
        for block in re.findall(rf"^ *```{language}\n(.*?)^ *```", path.read_text("utf-8"), flags=re.M | re.S)
    ]


def commands() -> list[str]:
    """Every line of a shell that begins with mailcare, and every `mailcare …` in a text that is no mere mention."""
    lines = [line.strip() for _, block in blocks("sh") for line in block.splitlines()]
    prose = [text for path in DOCUMENTS for text in re.findall(r"`(mailcare [^`]+)`", path.read_text("utf-8"))]
    told = [line[line.index("mailcare ") :] for line in lines if re.match(r"(.* )?mailcare ", line)]
    return sorted({" ".join(line.split()) for line in [*told, *prose]})
