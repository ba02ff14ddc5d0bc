"""The e-mail summary: what it says, that it says it kindly, and that it loads nothing."""

import re
from html import unescape

import html5lib
import pytest

from mailcare.languages import languages
from reports.email_summary import Summary, render
from reports.individual import SHOWN_WAITING
from reports.language import language
from reports.words import address, clean
from tests.docs.catalogue import forbidden
from tests.samples.pages import text
from tests.samples.week import SAMPLES

every_sample = pytest.mark.parametrize("sample", SAMPLES)
PAGE = "~/reports/work/2026-W38.html"


def summary(sample: str, code: str = "en") -> Summary:
    return render(SAMPLES[sample], language=language(code), page=PAGE)


def every_element(sample: str) -> list:
    tree = html5lib.HTMLParser(strict=True).parse(summary(sample).html)
    return [one for one in tree.iter() if isinstance(one.tag, str)]


def test_the_subject_tells_nothing_of_the_week():
    assert {summary(sample).subject for sample in SAMPLES} == {"Your week in mail, 14 to 20 September 2026"}


def test_it_tells_what_the_page_tells():
    said = summary("full").text
    assert "Three people are waiting to hear from you." in said
    assert "You answered 40 of the 46 messages that asked for you this week; half had an answer within 2" in said
    assert "Tomasz Zieliński <tomasz.zielinski@oakline.example>" in said
    assert "3 working days" in said
    assert "22 of 27 replies to a group kept everyone in." in said
    assert f"The full report is on your computer: {PAGE}" in said


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        ("few", "One person is waiting to hear from you."),
        ("clear", "Nobody is waiting on you."),
        ("nothing", "A week without mail."),
        ("away", "One message asked for you this week, and is still open."),
        ("first", "You answered 7 of the 7 messages that asked for you this week."),
        ("few", "1 of 1 reply to a group kept everyone in."),
        ("huge", "295 more stand in the report."),
    ],
)
def test_the_right_form_for_none_one_and_many(sample, said):
    assert said in summary(sample).text
    assert said in text(summary(sample).html)


@every_sample
def test_text_and_html_say_the_same(sample):
    marks = r"[*<>\s]+"
    plain = re.sub(marks, "", summary(sample).text.replace("A short note counts.", "A short note counts"))
    shown = re.sub(marks, "", text(summary(sample).html).replace("Keeping everyone in ", ""))
    assert shown == plain


def test_it_speaks_german_too():
    said = summary("full", "de")
    assert said.subject.startswith("Ihre E-Mail-Woche, 14. bis 20. September 2026")
    assert "Drei Personen warten darauf, von Ihnen zu hören." in said.text
    assert "Bei 22 von 27 Antworten an eine Gruppe blieben alle dabei." in text(said.html)
    assert '<html lang="de">' in said.html


@every_sample
def test_at_most_five_are_listed_each_with_an_address(sample):
    listed = SAMPLES[sample].waiting[:SHOWN_WAITING]
    rows = re.findall(r'<td class="cell wait"', summary(sample).html)
    assert len(rows) == len(listed)
    for one in listed:
        assert address(one.contact.address) in summary(sample).text
        assert address(one.contact.address) in unescape(summary(sample).html)


@pytest.mark.parametrize("code", languages())
@every_sample
def test_no_unkind_word(sample, code):
    said = summary("full" if sample == "hostile" else sample, code)
    for words in (said.subject, said.text, text(said.html)):
        assert not [word for word in forbidden(language(code)) if re.search(rf"\b{word}\b", words.lower())]
        assert "!" not in words


@every_sample
def test_it_runs_nothing_and_loads_nothing(sample):
    found = every_element(sample)
    names = {one.tag.rpartition("}")[2] for one in found}
    assert names <= {
        *("html", "head", "meta", "title", "style", "body", "table", "tbody", "tr", "td"),
        *("p", "h1", "h2", "b", "bdi", "br", "span"),
    }
    attributes = [(name, value) for one in found for name, value in one.attrib.items()]
    assert not [name for name, _ in attributes if name.startswith("on") or name in {"src", "href", "background"}]
    assert not re.search(r"url\(|@import|https?:", " ".join(value for _, value in attributes))
    (style,) = [one for one in found if one.tag.endswith("style")]
    assert not re.search(r"url\(|@import|https?:", style.text)


def test_header_text_is_only_ever_text():
    assert {one.tag for one in every_element("hostile")} == {one.tag for one in every_element("huge")}
    for one in SAMPLES["hostile"].waiting[:SHOWN_WAITING]:
        assert clean(one.subject) in summary("hostile").text


@every_sample
def test_no_line_is_another_ones(sample):
    """What stands in a header never begins a line of its own beyond its place."""
    listed = SAMPLES[sample].waiting[:SHOWN_WAITING]
    assert summary(sample).text.count("\n* ") == len(listed)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202e]", summary(sample).text)
