"""The individual's page is safe: it runs nothing, asks for nothing, and shows header text as text."""

import re
import unicodedata
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html import escape, unescape

import html5lib
import markupsafe
import pytest

from mailcare.languages import languages
from mailcare.values.week import Contact, LeftOut, Suggestion
from reports.words import address, clean
from tests.samples.hostile import TEXTS
from tests.samples.pages import FROM_HEADERS, every_page, html, page, text
from tests.samples.week import FULL, SAMPLES

LINK = "{http://www.w3.org/1999/xhtml}a"


@every_page
def test_it_is_small(sample, code):
    assert len(page(sample, code).encode()) < 150_000


@every_page
def test_its_one_style_is_the_one_that_its_policy_allows(sample, code):
    styles = re.findall(r"<style[^>]*>(.*?)</style>", page(sample, code), re.DOTALL)
    assert len(styles) == 1
    digest = b64encode(sha256(styles[0].encode()).digest()).decode()
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page(sample, code))
    assert policy
    assert policy[1] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


@every_page
def test_its_policy_stands_before_everything_that_it_governs(sample, code):
    head = page(sample, code).split("<head>")[1]
    assert head.index("Content-Security-Policy") < head.index("<title>") < head.index("<style>")


@every_page
def test_it_runs_nothing_and_asks_for_nothing(sample, code):
    elements = list(parsed(sample, code).iter())
    names = {element.tag.rpartition("}")[2] for element in elements if isinstance(element.tag, str)}
    assert not names & {"script", "img", "iframe", "object", "embed", "link", "base", "form", "audio", "video"}
    attributes = {
        (name, value) for element in elements if element.tag != LINK for name, value in element.attrib.items()
    }
    assert not [name for name, _ in attributes if name == "style" or name.startswith("on") or name in {"src", "href"}]
    assert not [value for _, value in attributes if re.search(r"https?:|//", value)]
    assert {element.get("http-equiv") for element in elements} - {None} == {"Content-Security-Policy"}


@every_page
def test_its_links_open_messages_and_tell_nobody_where_from(sample, code):
    links = [dict(element.attrib) for element in parsed(sample, code).iter(LINK)]
    for link in links:
        assert link.keys() == {"class", "href", "rel"}
        assert link["rel"] == "noreferrer"
        assert re.match(r"(https://|mid:|message:)", link["href"])
    assert bool(links) == (sample in {"full", "few", "young", "unanswered", "hostile", "huge"})


def test_a_link_of_another_kind_is_left_out():
    assert 'javascript:alert(1)"' not in page("hostile")
    assert {dict(one.attrib)["href"] for one in parsed("hostile", "en").iter(LINK)} == {"mid:x%22%3E@evil.example"}


@every_page
def test_it_is_well_formed(sample, code):
    parsed(sample, code)


@every_page
def test_every_id_is_there_once_and_every_reference_leads_somewhere(sample, code):
    ids = re.findall(r'\bid="([^"]+)"', page(sample, code))
    referred = {one for names in re.findall(r'aria-labelledby="([^"]+)"', page(sample, code)) for one in names.split()}
    assert len(ids) == len(set(ids))
    assert referred <= set(ids)


@every_page
def test_nothing_unseen_is_in_it(sample, code):
    unseen = [
        one for one in unescape(page(sample, code)) if unicodedata.category(one) in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
    ]
    assert set(unseen) <= {"\n"}


@pytest.mark.parametrize("code", languages())
def test_header_text_is_only_ever_text(code):
    shown = {unescape(one) for one in FROM_HEADERS.findall(page("hostile", code))}
    cleaned = {clean(one) for one in TEXTS}
    assert cleaned - {""} <= shown
    elements = {element.tag for element in parsed("hostile", code).iter() if isinstance(element.tag, str)}
    assert elements == {element.tag for element in parsed("full", code).iter() if isinstance(element.tag, str)}
    for one in cleaned - {""}:
        if escape(one) != one:
            assert one not in page("hostile", code)


@pytest.mark.parametrize("code", languages())
def test_every_piece_of_header_text_is_set_apart(code):
    marked = replace(FULL, owner=Contact("NAME", "ADDRESS"))
    for slot in ("waiting", "quiet", "waiting_for"):
        row = replace(getattr(FULL, slot)[0], contact=Contact("NAME", "ADDRESS"), subject="SUBJECT")
        marked = replace(marked, **{slot: (row,)})
    reply = replace(
        FULL.keeping.partial[1],
        subject="SUBJECT",
        contact=Contact("NAME", "ADDRESS"),
        dropped=(Contact("NAME", "ADDRESS"),),
        brought_back=(Contact("NAME", "ADDRESS"),),
    )
    assert FULL.recovered
    found = html(
        replace(
            marked,
            both_ways=(replace(FULL.both_ways[0], contact=Contact("NAME", "ADDRESS")),),
            gone_quiet=tuple(replace(FULL.gone_quiet[0], contact=Contact("NAME", "ADDRESS")) for _ in range(4)),
            suggestion=Suggestion("oldest_open", "", marked.waiting[0]),
            keeping=replace(FULL.keeping, partial=(reply,)),
            recovered=replace(FULL.recovered, contact=Contact("NAME", "ADDRESS")),
        ),
        code,
    )
    assert (
        len(re.findall(r"\b(NAME|ADDRESS|SUBJECT)\b", found))
        == len(re.findall(r"<bdi>(NAME|ADDRESS|SUBJECT)</bdi>", found))
        == 1 + 3 * 3 + 5 + 2 + 2 + 4 * 2 + 3
    )


@pytest.mark.parametrize(
    ("kind", "evidence"),
    [
        ("gone_quiet", replace(FULL.gone_quiet[0], contact=Contact("NAME", "ADDRESS"))),
        ("left_out", LeftOut(Contact("NAME", "ADDRESS"), 3)),
    ],
)
def test_whom_a_suggestion_names_is_set_apart(kind, evidence):
    found = html(replace(FULL, suggestion=Suggestion(kind, "", evidence)))
    assert re.findall(r"<bdi>(NAME|ADDRESS)</bdi>", found) == ["NAME", "ADDRESS"]
    assert found.count("NAME") == found.count("ADDRESS") == 1


@every_page
def test_an_address_stands_in_every_row(sample, code):
    listed = re.findall(r'<li class="wait">(.*?)</li>', page(sample, code), re.DOTALL)
    for one, row in zip(SAMPLES[sample].waiting, listed, strict=False):
        assert f"<bdi>{markupsafe.escape(address(one.contact.address))}</bdi>" in row


def test_a_name_and_its_address():
    who = '<b><bdi>Priya Raghunathan</bdi></b> <span class="address"><bdi>priya@harbour.example</bdi></span>'
    assert who in page("full")


def test_a_contact_without_a_name_is_shown_by_the_address():
    assert "<b><bdi>mateo@riverside.example</bdi></b>" in page("full")
    assert "<bdi>(no subject)</bdi>" in page("full")


def test_a_name_that_is_another_address_does_not_hide_the_real_one():
    posed = replace(FULL.waiting[0], contact=Contact("ceo@fernhill.example", "someone@evil.example"))
    assert "ceo@fernhill.example someone@evil.example" in text(html(replace(FULL, waiting=(posed,))))


def parsed(sample, code):
    return html5lib.HTMLParser(strict=True).parse(page(sample, code).encode(), transport_encoding="utf-8")
