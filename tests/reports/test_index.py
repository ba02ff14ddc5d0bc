"""The list of reports: every week once, newest first; it runs nothing and asks for nothing."""

import re
from base64 import b64encode
from datetime import date, timedelta
from hashlib import sha256

import html5lib
import pytest

from mailcare.values.week import Contact
from reports.index import render
from reports.language import language
from tests.docs.catalogue import forbidden
from tests.samples.hostile import TEXTS
from tests.samples.pages import text
from tests.samples.week import AMARA, MONDAY

ENGLISH = language("en")


def listing(count: int, owner: Contact = AMARA) -> str:
    weeks = [MONDAY - timedelta(weeks=back) for back in range(count)]
    return render(owner, {monday: f"{monday:%G-W%V}.html" for monday in reversed(weeks)}, language=ENGLISH)


def elements(page: str) -> list:
    tree = html5lib.HTMLParser(strict=True).parse(page.encode(), transport_encoding="utf-8")
    return [one for one in tree.iter() if isinstance(one.tag, str)]


def test_every_week_is_listed_the_newest_first():
    links = re.findall(r'<a href="([^"]*)">(.*?)</a>', listing(3))
    assert links == [
        ("2026-W38.html", "Monday 14 to Sunday 20 September 2026"),
        ("2026-W37.html", "Monday 7 to Sunday 13 September 2026"),
        ("2026-W36.html", "Monday 31 August to Sunday 6 September 2026"),
    ]


def test_around_new_year_each_week_keeps_its_name():
    page = render(AMARA, {date(2026, 12, 28): "2026-W53.html", date(2027, 1, 4): "2027-W01.html"}, language=ENGLISH)
    assert re.findall(r'href="([^"]*)"', page) == ["2027-W01.html", "2026-W53.html"]
    assert "Monday 28 December 2026 to Sunday 3 January 2027" in page


@pytest.mark.parametrize(
    ("count", "said"), [(1, "One report lies here."), (2, "Two reports lie here"), (520, "520 reports lie here")]
)
def test_the_right_form_for_one_and_many(count, said):
    assert said in text(listing(count))


@pytest.mark.parametrize("owner", [AMARA, *(Contact(one, f"{one}@{one}") for one in TEXTS)])
def test_it_runs_nothing_and_asks_for_nothing(owner):
    page = listing(2, owner)
    found = elements(page)
    names = {one.tag.rpartition("}")[2] for one in found}
    assert names == {one.tag.rpartition("}")[2] for one in elements(listing(2))}
    assert not names & {"script", "img", "iframe", "object", "embed", "link", "base", "form"}
    attributes = {(name, value) for one in found for name, value in one.attrib.items()}
    assert not [name for name, _ in attributes if name == "style" or name == "src" or name.startswith("on")]
    assert not [value for _, value in attributes if re.search(r"https?:|//", value)]
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in page


def test_no_unkind_word():
    assert not [word for word in forbidden(ENGLISH) if re.search(rf"\b{word}\b", text(listing(20)).lower())]
