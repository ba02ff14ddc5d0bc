"""The client review's page, in every state: safe, kindly spoken, and saying what its values say."""

import os
import re
import unicodedata
from base64 import b64encode
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from html import escape, unescape
from pathlib import Path

import html5lib
import pytest

from mailcare.languages import SOURCE, languages
from reports import words
from reports.client_review import period, promised, questions, render
from reports.language import language
from reports.notice import notice
from reports.review_charts import line_strip, people_bars, promise_chart, review_curve, scale
from tests.samples.hostile import TEXTS
from tests.samples.pages import FROM_HEADERS, english, own_words, rows, section, text, unkind
from tests.samples.review import EARLIER, FULL, LINES, MONDAY, REVIEWS, line, waits, weeks
from tests.samples.week import curve

GOLDEN = Path(__file__).parent / "golden"
every_sample = pytest.mark.parametrize(
    ("sample", "code"), [(sample, code) for code in languages() for sample in REVIEWS]
)


@lru_cache
def page(sample: str, code: str = SOURCE) -> str:
    return render(REVIEWS[sample], language=language(code), version="1.0")


def html(review, code: str = SOURCE) -> str:
    return render([review], language=language(code), version="1.0")


def told_to_members(code: str, mailboxes: int = 1, **changes) -> str:
    options = {"shared": (), "clients": ("A",), "min_group": 5, "promise_hours": 8, "encrypted": True}
    options |= {"keep_days": 400, "subjects": True} | changes
    return notice(team="T", mailboxes=mailboxes, language=language(code), **options)


def parsed(source: str):
    return html5lib.HTMLParser(strict=True).parse(source.encode(), transport_encoding="utf-8")


class TestItIsSafe:
    @every_sample
    def test_it_is_small(self, sample, code):
        assert len(page(sample, code).encode()) < 150_000

    @every_sample
    def test_its_one_style_is_the_one_that_its_policy_allows(self, sample, code):
        styles = re.findall(r"<style[^>]*>(.*?)</style>", page(sample, code), re.DOTALL)
        assert len(styles) == 1
        digest = b64encode(sha256(styles[0].encode()).digest()).decode()
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page(sample, code))
        assert policy
        assert policy[1] == (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
        )

    @every_sample
    def test_it_runs_nothing_and_asks_for_nothing(self, sample, code):
        elements = list(parsed(page(sample, code)).iter())
        names = {one.tag.rpartition("}")[2] for one in elements if isinstance(one.tag, str)}
        assert not names & {"script", "img", "iframe", "object", "embed", "link", "base", "form", "audio", "video", "a"}
        attributes = {(name, value) for one in elements for name, value in one.attrib.items()}
        assert not [name for name, _ in attributes if name in {"style", "src", "href"} or name.startswith("on")]
        assert not [value for _, value in attributes if re.search(r"https?:|//", value)]

    @every_sample
    def test_every_id_is_there_once_and_every_reference_leads_somewhere(self, sample, code):
        ids = re.findall(r'\bid="([^"]+)"', page(sample, code))
        referred = {
            one for names in re.findall(r'aria-labelledby="([^"]+)"', page(sample, code)) for one in names.split()
        }
        assert len(ids) == len(set(ids))
        assert referred <= set(ids)

    @every_sample
    def test_nothing_unseen_is_in_it(self, sample, code):
        kinds = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
        assert {one for one in unescape(page(sample, code)) if unicodedata.category(one) in kinds} <= {"\n"}

    def test_header_text_is_only_ever_text(self):
        shown = {unescape(one) for one in FROM_HEADERS.findall(page("hostile"))}
        cleaned = {words.clean(one) for one in TEXTS} - {""}
        assert cleaned <= shown
        for one in cleaned:
            if escape(one) != one:
                assert one not in page("hostile")

    def test_the_same_values_are_the_same_page(self):
        assert render(REVIEWS["full"], language=language(SOURCE), version="1.0") == page("full")


class TestItSpeaksKindly:
    @every_sample
    def test_no_unkind_word(self, sample, code):
        assert not unkind(own_words(page(sample, code)), code)

    @every_sample
    def test_no_exclamation_and_no_emoji(self, sample, code):
        said = own_words(page(sample, code))
        assert "!" not in said
        assert not [letter for letter in said if unicodedata.category(letter) == "So"]

    @every_sample
    def test_sentences_are_set_apart_and_whole(self, sample, code):
        said = text(FROM_HEADERS.sub("someone", page(sample, code)))
        assert not re.search(r"[a-z][.;:][A-Z]|\s[.;,](\s|$)|\.\.|\bNone\b|\bno is\b|Undefined|%\(|%%", said)

    @pytest.mark.parametrize(
        ("shown", "counted", "said"),
        [
            (0, 0, "Nobody is waiting for a first word from us."),
            (1, 0, "One client message is waiting for a word from us."),
            (1, 3, "Four client messages are waiting for a word from us."),
            (0, 13, "13 client messages are waiting for a word from us."),
        ],
    )
    def test_the_headline(self, shown, counted, said):
        made = html(replace(FULL, waiting=FULL.waiting[:shown], waiting_counted=counted))
        assert f"<h1>{said}</h1>" in made

    @pytest.mark.parametrize("mailboxes", [1, 6])
    @pytest.mark.parametrize("code", languages())
    def test_the_notice_is_kind_and_whole(self, code, mailboxes):
        told = told_to_members(code, mailboxes)
        assert not unkind(told, code)
        assert not re.search(r"[{}<>&]|%\(|\bNone\b", told)
        assert max(map(len, told.splitlines())) <= 88

    def test_the_notice_says_what_is_configured(self):
        told = " ".join(told_to_members(SOURCE, clients=("A & B",)).split())
        assert "Of one mailbox of a person, and of no shared address" in told
        assert "heard back: A & B and everyone else." in told
        assert "which the headers are kept, encrypted" in told
        assert "in reply to what, and the subject. Never" in told
        assert "kept for 400 days, and no longer" in told
        other = " ".join(told_to_members(SOURCE, keep_days=0, subjects=False).split())
        assert "in reply to what. Never" in other
        assert "The headers are kept as long as" in other
        german = " ".join(told_to_members("de", 6, shared=("s@x.example",), encrypted=False).split())
        assert "Von sechs persönlichen Postfächern und von s@x.example" in german
        assert "eine erste Antwort innerhalb der zugesagten Zeit: acht Arbeitsstunden" in german
        assert "verschlüsselt" not in german


class TestItSaysWhatItsValuesSay:
    def test_every_line_of_every_client(self):
        said = rows(section(page("full"), "clients"))
        assert said[0] == ["33 of 38 likely 74 to 96%", "3 h 30 min", "", "0", "About the same"]
        assert said[3][3:] == ["2", "Later"]
        assert said[4] == ["6 messages too few to say", "–", "–", "0", "Too few to say"]
        assert len(said) == len(LINES)

    def test_a_message_to_several_of_us_has_neither_contact_nor_subject(self):
        source = section(html(replace(FULL, waiting=(waits("Kestrel", None, "", 3),))), "waiting")
        assert "A message to six of us" in text(source)
        assert "@" not in source

    def test_a_withheld_subject(self):
        assert "A message to our shared address" in text(section(page("full"), "waiting"))

    def test_a_promise_of_its_own_is_said(self):
        assert "promise: four working hours" in text(section(page("partly"), "clients"))
        assert "promise:" not in text(section(page("full"), "clients"))

    def test_a_week_of_which_nothing_is_said(self):
        assert ["10 August", "too few of us wrote"] in rows(section(page("full"), "promise"))

    def test_what_was_read_adds_up(self):
        assert "573 messages from and to those listed, each counted once: 260 from them, 301 from us, 12 automatic" in (
            text(page("full"))
        )

    def test_a_team_too_small_and_one_with_nothing_to_say(self):
        assert "We are too few for a review." in page("too_small")
        assert "No client wrote to us" in page("nothing")
        assert "any figure here would be one about a single person" in page("suppressed")
        assert not section(page("suppressed"), "clients")

    def test_what_could_not_be_seen(self):
        assert section(page("partly"), "unseen")
        assert not section(page("full"), "unseen")

    def test_the_period(self):
        assert period(MONDAY, english) == "24 August to 20 September 2026"
        assert period(MONDAY.replace(month=12, day=21), english) == "21 December 2026 to 17 January 2027"


class TestItSpeaksGerman:
    def test_every_line_of_every_client(self):
        said = [
            [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row]
            for row in rows(section(page("full", "de"), "clients"))
        ]
        assert said[0] == ["33 von 38 wohl 74 bis 96 %", "3 Std. 30 Min.", "", "0", "Etwa gleich"]
        assert said[3][3:] == ["2", "Später"]
        assert said[4] == ["6 Nachrichten zu wenige, um etwas zu sagen", "–", "–", "0", "Zu wenige für eine Aussage"]

    @pytest.mark.parametrize(
        ("counted", "said"),
        [
            (0, "Niemand wartet auf ein erstes Wort von uns."),
            (1, "Eine Nachricht unserer Kundschaft wartet auf ein Wort von uns."),
            (4, "Vier Nachrichten unserer Kundschaft warten auf ein Wort von uns."),
        ],
    )
    def test_the_headline(self, counted, said):
        assert f"<h1>{said}</h1>" in html(replace(FULL, waiting=(), waiting_counted=counted), "de")

    def test_promises(self):
        german = words.Words(language("de"))
        assert [promised(hours, german) for hours in (1, 8, 2.5)] == [
            "eine Arbeitsstunde",
            "acht Arbeitsstunden",
            "2,5 Arbeitsstunden",
        ]
        assert [promised(hours, english) for hours in (1, 8, 2.5)] == [
            "one working hour",
            "eight working hours",
            "2.5 working hours",
        ]

    def test_the_period(self):
        german = words.Words(language("de"))
        assert period(MONDAY, german) == "24. August bis 20. September 2026"
        assert period(MONDAY.replace(month=12, day=21), german) == "21. Dezember 2026 bis 17. Januar 2027"

    def test_the_same_numbers_in_every_language(self):
        """But for those that the other language writes in words, and for dates."""
        cells = [[re.findall(r"\d+", " ".join(row)) for row in rows(page("full", code))] for code in languages()]
        assert all(one == cells[0] for one in cells)


@pytest.mark.parametrize("code", languages())
def test_the_golden_page(code):
    """MAILCARE_UPDATE_GOLDEN=1 rewrites it; the change is then to be read like any other."""
    golden = GOLDEN / ("review.html" if code == SOURCE else f"review.{code}.html")
    if os.environ.get("MAILCARE_UPDATE_GOLDEN"):
        golden.write_text(page("full", code), encoding="utf-8")
    assert page("full", code) == golden.read_text(encoding="utf-8")


def test_three_questions_by_the_facts():
    assert [kind for kind, _ in questions(FULL)] == ["later", "left_out", "waits"]
    assert [kind for kind, _ in questions(REVIEWS["clear"][0])] == ["later", "sooner", "promise"]
    calm = replace(FULL, lines=(line("A", 9, 9),), total=line("", 9, 9, chasers=0, handed_over=0))
    assert questions(calm) == (("promise", ""), ("unseen", ""), ("well", ""))


def test_strips_share_one_scale():
    lines = (line("A", 9, 9, 2.0), line("B", 9, 9, 6.0), line("C", 3, 3, None))
    assert scale(lines) == 16
    strip = line_strip(lines[0], lines)
    assert strip
    assert (strip.left, strip.width, strip.half, strip.promise) == (6.2, 18.8, 12.5, 50.0)
    assert line_strip(lines[2], lines) is None
    assert scale((line("A", 9, 9, 100.0),)) == 32


def test_the_curve_marks_the_promise_where_all_have_the_same():
    quick = curve([1.0] * 6 + [4.0] * 8 + [12.0] * 4, 2, 40.0)
    made = replace(FULL, curve=quick, promise_hours=8.0)
    assert [dot.label for dot in review_curve(made, english).dots] == ["half", "our promise: 70%"]
    assert [dot.label for dot in review_curve(replace(made, one_promise=False), english).dots][-1].startswith(
        "one working day"
    )
    assert review_curve(replace(made, promise_hours=100.0), english).dots[-1].label.startswith("one working day")


def test_the_promise_has_a_gap_where_nothing_is_said():
    chart = promise_chart([*EARLIER.weeks, *FULL.weeks], english)
    assert len(chart.lines) == len(chart.bands) == 2
    assert len(chart.dots) == 7
    assert chart.y_ticks[0].label == "50%"
    assert promise_chart(weeks(MONDAY, (3, 20)), english).y_ticks[0].label == "0%"
    assert promise_chart([], english).lines == ()


def test_bars_of_the_clients_of_whom_something_is_told():
    assert [(bar.label, bar.kept, bar.dropped) for bar in people_bars(LINES)][:1] == [("Alder Valley Trust", 44, 3)]
    assert "Oakline Studio" not in [bar.label for bar in people_bars(LINES)]
