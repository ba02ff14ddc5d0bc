"""A page taken apart: what a test looks for in it."""

import re
from functools import lru_cache
from html import unescape

import pytest

from mailcare.languages import SOURCE, languages
from mailcare.values.week import Week
from reports.individual import render
from reports.language import language
from reports.words import Words
from tests.docs.catalogue import forbidden
from tests.samples.week import SAMPLES

english = Words(language(SOURCE))

INVISIBLE = re.compile(r"<(style|title)\b.*?</\1>", re.DOTALL)
NO_SCORE = "None of these is a score."
QUOTED = re.compile(r'["“„]\w+!["“”]')
"""A word that somebody else writes, as a definition quotes it."""
FROM_HEADERS = re.compile(r"<bdi>(.*?)</bdi>", re.DOTALL)


every_page = pytest.mark.parametrize(("sample", "code"), [(sample, code) for code in languages() for sample in SAMPLES])


@lru_cache
def page(sample: str, code: str = SOURCE) -> str:
    return html(SAMPLES[sample], code)


def html(week: Week, code: str = SOURCE) -> str:
    return render(week, language=language(code), version="1.0", settings="3f9c1a")


def text(source: str) -> str:
    """What is to be read in a piece of a page, on one line."""
    inline = re.sub(r"</?(b|bdi|span|code|strong)\b[^>]*>", "", INVISIBLE.sub("", source))
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", inline)).split())


def own_words(source: str) -> str:
    """The page's own words: its text and labels without what comes from mail headers or is quoted, and without the one
    sentence that says what it does not do."""
    own = FROM_HEADERS.sub("", INVISIBLE.sub("", source)).replace(NO_SCORE, "")
    return QUOTED.sub("", text(own)) + " " + " ".join(re.findall(r'aria-label="([^"]*)"', own))


def unkind(said: str, code: str) -> list[str]:
    """The words in it that no page uses."""
    return [word for word in forbidden(language(code)) if re.search(rf"\b{word}\b", said.lower())]


def section(source: str, name: str) -> str:
    """The source of the section with this id of its heading; empty where there is none."""
    found = re.search(rf'<section aria-labelledby="{name}">(.*?)</section>', source, re.DOTALL)
    return found[1] if found else ""


def rows(source: str) -> list[list[str]]:
    """The cells of the body rows of the tables in a piece of a page."""
    bodies = re.findall(r"<tbody>(.*?)</tbody>", source, re.DOTALL)
    lines = [row for body in bodies for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)]
    return [[text(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)] for row in lines]
