"""Every page in every state is valid HTML, by html-validate's recommended rules."""

import json
import subprocess
from pathlib import Path

import pytest

from mailcare.languages import languages
from reports.email_summary import render as email
from reports.language import language
from tests.counterparts.node import node
from tests.reports.test_client_review import page as review
from tests.reports.test_index import listing
from tests.samples.pages import page
from tests.samples.review import REVIEWS
from tests.samples.week import SAMPLES

PROGRAM = Path(__file__).parents[2] / "counterparts/node_modules/html-validate/bin/html-validate.mjs"
RECOMMENDED = {"root": True, "extends": ["html-validate:recommended"]}
OF_AN_EMAIL = RECOMMENDED | {"rules": {"no-inline-style": "off", "no-deprecated-attr": "off"}}
"""Mail programs leave style sheets out, and some know a table's measures from its attributes alone."""
PLANTED = '<!DOCTYPE html><html lang="en"><head><title>Planted</title></head><body><p><div></div></p></body></html>'

pytestmark = [
    pytest.mark.skipif(node() is None, reason="Playwright's Node does not run here: make test-servers"),
    pytest.mark.skipif(not PROGRAM.exists(), reason="no html-validate here: make test-servers"),
]


def test_every_page_is_valid(tmp_path: Path) -> None:
    states = [(sample, code) for sample in SAMPLES for code in languages()]
    pages = {f"{sample}.{code}": page(sample, code) for sample, code in states}
    pages |= {f"review.{sample}.{code}": review(sample, code) for sample in REVIEWS for code in languages()}
    pages |= {"index": listing(30), "planted": PLANTED}
    emails = {f"email.{sample}.{code}": summary(sample, code) for sample, code in states} | {"planted-email": PLANTED}
    laid(tmp_path / "pages", pages, RECOMMENDED)
    laid(tmp_path / "emails", emails, OF_AN_EMAIL)
    found = faults(tmp_path)
    assert all("close-order" in found.pop(planted) for planted in ("planted", "planted-email"))
    assert found == {}


def summary(sample: str, code: str) -> str:
    return email(SAMPLES[sample], language=language(code), page="~/reports/2026-W38.html").html


def laid(folder: Path, sources: dict[str, str], rules: dict[str, object]) -> None:
    """Lay these pages into a folder of their own, beside the rules for them."""
    folder.mkdir()
    (folder / ".htmlvalidate.json").write_text(json.dumps(rules))
    for name, source in sources.items():
        (folder / f"{name}.html").write_text(source, encoding="utf-8")


def faults(folder: Path) -> dict[str, dict[str, str]]:
    """What html-validate finds in the pages below a folder: their names, the rule, and one place each."""
    told = folder / "told.json"
    with told.open("wb") as out:  # what goes into a pipe it may leave unfinished
        command = (str(node()), PROGRAM, "--formatter", "json", *sorted(folder.rglob("*.html")))
        subprocess.run(command, stdout=out, check=False)
    return {
        Path(one["filePath"]).stem: {
            fault["ruleId"]: f"{fault['message']} at {fault['line']}:{fault['column']}" for fault in one["messages"]
        }
        for one in json.loads(told.read_text())
    }
