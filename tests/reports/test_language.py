"""Every language says everything that the pages say, in its own way of writing numbers and days."""

import re

import pytest
from babel.messages.catalog import Catalog

from mailcare.languages import SOURCE, languages
from reports.language import language
from reports.words import Words
from tests.docs import catalogue
from tests.docs.catalogue import FORBIDDEN, faults, forbidden, read, template
from tests.samples.pages import page

TRANSLATED = languages()[1:]


def test_english_is_the_source_and_german_is_there():
    assert languages()[0] == SOURCE == "en"
    assert "de" in TRANSLATED


@pytest.mark.parametrize("code", TRANSLATED)
def test_nothing_is_missing_in_a_catalogue(code):
    """To bring one up to date: make language LANGUAGE=…"""
    assert list(faults(read(code), template())) == []


def test_what_is_said_is_found_wherever_it_is_said():
    said = {one.id if isinstance(one.id, str) else one.id[0] for one in template()}
    assert {"Waiting on you", "this week", "How soon people hear back", "empty files", FORBIDDEN} <= said
    assert "One person is waiting to hear from you." in said


def test_a_language_begins_with_a_catalogue_to_translate(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "path", lambda code: tmp_path / code / "mailcare.po")
    messages = len([one for one in template() if one.id])
    assert catalogue.update("fr") == messages
    assert len(list(faults(read("fr"), template()))) == messages
    first = (tmp_path / "fr" / "mailcare.po").read_bytes()
    assert b"Plural-Forms: nplurals=2; plural=(n > 1);" in first
    assert catalogue.update("fr") == messages
    assert (tmp_path / "fr" / "mailcare.po").read_bytes() == first


@pytest.mark.parametrize("code", TRANSLATED)
def test_bringing_a_catalogue_up_to_date_keeps_its_translations(code, tmp_path, monkeypatch):
    kept = catalogue.path(code).read_bytes()
    (tmp_path / "mailcare.po").write_bytes(kept)
    monkeypatch.setattr(catalogue, "path", lambda _: tmp_path / "mailcare.po")
    assert catalogue.update(code) == 0
    assert (tmp_path / "mailcare.po").read_bytes() == kept


class TestAFaultIsFound:
    @pytest.fixture
    def wanted(self) -> Catalog:
        made = Catalog()
        made.add("%(n)s of <b>%(of)s</b>")
        made.add(("one day", "%(n)s days"))
        return made

    @pytest.fixture
    def german(self) -> Catalog:
        made = Catalog(locale="de")
        made.add("%(n)s of <b>%(of)s</b>", "%(n)s von <b>%(of)s</b>")
        made.add(("one day", "%(n)s days"), ("ein Tag", "%(n)s Tage"))
        return made

    def test_none_in_a_good_one(self, wanted, german):
        assert list(faults(german, wanted)) == []

    def test_a_singular_may_say_the_count(self, wanted, german):
        german.get(("one day", "%(n)s days")).string = ("%(n)s Tag", "%(n)s Tage")
        assert list(faults(german, wanted)) == []

    def test_a_missing_message(self, wanted, german):
        wanted.add("more")
        assert list(faults(german, wanted)) == ["untranslated: more"]

    def test_an_empty_one_and_an_empty_plural(self, wanted, german):
        german.get("%(n)s of <b>%(of)s</b>").string = ""
        german.get(("one day", "%(n)s days")).string = ("ein Tag", "")
        assert list(faults(german, wanted)) == ["untranslated: %(n)s of <b>%(of)s</b>", "untranslated: one day"]

    def test_a_fuzzy_one(self, wanted, german):
        german.get("%(n)s of <b>%(of)s</b>").flags.add("fuzzy")
        assert list(faults(german, wanted)) == ["fuzzy: %(n)s of <b>%(of)s</b>"]

    @pytest.mark.parametrize("said", ["%(n)s von <b>%(all)s</b>", "%(n)s von <b>%(of)s", "von <b>%(of)s</b>", "95 %%"])
    def test_other_placeholders_or_marks(self, wanted, german, said):
        german.get("%(n)s of <b>%(of)s</b>").string = said
        assert list(faults(german, wanted)) == ["other placeholders: %(n)s of <b>%(of)s</b>"]

    @pytest.mark.parametrize("said", [("ein Tag", "Tage"), ("%(m)s Tag", "%(n)s Tage")])
    def test_other_placeholders_in_a_plural(self, wanted, german, said):
        german.get(("one day", "%(n)s days")).string = said
        assert list(faults(german, wanted)) == ["other placeholders: one day"]

    def test_a_plural_form_too_few(self, wanted, german):
        german.get(("one day", "%(n)s days")).string = ("%(n)s Tage",)
        assert list(faults(german, wanted)) == ["not its plural forms: one day"]

    def test_one_that_is_not_said_any_more(self, wanted, german):
        german.add("yesterday", "gestern")
        assert list(faults(german, wanted)) == ["not said any more: yesterday"]


@pytest.mark.parametrize("code", languages())
class TestEveryLanguage:
    def test_it_counts_in_words_up_to_twelve(self, code):
        words = Words(language(code))
        assert len({words.number(count) for count in range(13)}) == 13
        assert not any(any(letter.isdigit() for letter in words.number(count)) for count in range(13))
        assert words.number(13) == "13"

    def test_its_pages_say_which_it_is(self, code):
        assert f'<html lang="{language(code).tag}">' in page("full", code)

    def test_it_knows_words_that_no_page_uses(self, code):
        words = forbidden(language(code))
        assert len(words) >= 15
        assert all(word == word.strip().lower() != "" for word in words)


@pytest.mark.parametrize("code", TRANSLATED)
def test_no_text_stays_in_english(code):
    """A text of three words or more that stands in both pages was forgotten."""

    def texts(source: str) -> set[str]:
        own = re.sub(r"<(style|title)\b.*?</\1>|<bdi>.*?</bdi>|<code>.*?</code>", "", source, flags=re.DOTALL)
        found = re.findall(r">([^<>]+)<", own) + re.findall(r'aria-label="([^"]*)"', own)
        return {" ".join(one.split()) for one in found if len(re.findall(r"[^\W\d_]{2,}", one)) > 2}

    assert texts(page("full")) & texts(page("full", code)) == set()
