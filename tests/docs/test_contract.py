"""The contract has one home: what is cited of it is there, by the heading's title, and nothing else is cited."""

import re
from collections import Counter
from pathlib import Path

import pytest

from mailcare.languages import SOURCE
from reports.definitions import definitions
from reports.language import language
from tests.docs.configuration import ROOT

CITING = ["mailcare", "connectors", "reports", "tests", "benchmarks"]
CITATION = re.compile(r'(docs/[\w-]+\.md),\s+("[^"\n]+"(?:(?:,|\s+and)\s+"[^"\n]+")*)')
"""``docs/measures.md, "Latency"``, or several: ``"Ask", "Turn" and "Answer"``."""
BY_NUMBER = re.compile(r"(?<!RFC \d{4} )(?<!RFC \d{4}, )\bsections? \d|\bMEASURE[S]\b|\bREPORT section\b")
"""A section by its number, which only an RFC has, or a paper that no reader has."""


def sources() -> dict[str, str]:
    """The text of each file that may cite, by its path; this one tells what a citation looks like."""
    files = (path for folder in CITING for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".j2", ".md"))
    texts = (*files, *(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md"), *ROOT.glob("*.toml"), ROOT / "Makefile")
    return {str(path.relative_to(ROOT)): path.read_text("utf-8") for path in texts if path != Path(__file__)}


def headings(document: str) -> list[str]:
    """The titles of a document's headings; a line of a block of code is none."""
    text = re.sub(r"^```.*?^```", "", (ROOT / document).read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [title.replace("`", "") for title in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)]


def cited(text: str) -> set[tuple[str, str]]:
    """Document and heading of each citation in a text."""
    found = CITATION.findall(text)
    return {(document, title) for document, titles in found for title in re.findall(r'"([^"]+)"', titles)}


def test_a_citation_may_name_several_headings_and_go_over_the_end_of_a_line():
    text = 'An ask (docs/measures.md,\n    "Ask", "Turn" and\n    "Answer"); a line (docs/teams.md, "Once").'
    names = {("docs/measures.md", name) for name in ("Ask", "Turn", "Answer")}
    assert cited(text) == names | {("docs/teams.md", "Once")}


def test_what_is_cited_is_there():
    known = {f"docs/{path.name}": headings(f"docs/{path.name}") for path in (ROOT / "docs").glob("*.md")}
    citations = [(path, *one) for path, text in sources().items() for one in cited(text)]
    assert len(citations) > 50
    assert [one for one in citations if one[2] not in known.get(one[1], [])] == []


def test_nothing_is_cited_by_a_number():
    found = {path: BY_NUMBER.findall(text) for path, text in sources().items()}
    assert {path: numbers for path, numbers in found.items() if numbers} == {}


@pytest.mark.parametrize("document", ["docs/measures.md", "docs/teams.md"])
def test_a_heading_is_there_once(document):
    assert {title: times for title, times in Counter(headings(document)).items() if times > 1} == {}


def test_every_definition_of_the_page_can_be_looked_up_under_its_title():
    assert {title for title, _ in definitions(language(SOURCE))} <= set(headings("docs/measures.md"))
