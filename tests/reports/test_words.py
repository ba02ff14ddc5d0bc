"""Figures and header text in words."""

import unicodedata
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reports.words import address, clean, opening, sentence, whole_days
from tests.samples.hostile import ADDRESSES, TEXTS
from tests.samples.pages import english as words

ANYTHING = st.text(st.characters(codec=None, categories=None), max_size=400)
NB = "\N{NO-BREAK SPACE}"


def unseen(text: str) -> list[str]:
    return [letter for letter in text if unicodedata.category(letter) in {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}]


@given(ANYTHING)
@example("e\u200b\u0301")
@example("x" * 119 + " yy")
@example("z" + "\u0351" * 500)
def test_clean_text_is_short_visible_nfc_and_stays_as_it_is(text):
    shown = clean(text)
    assert not unseen(shown)
    assert len(shown) <= 120
    assert unicodedata.is_normalized("NFC", shown)
    assert shown == clean(shown) == shown.strip()
    assert shown.encode().decode() == shown


@given(ANYTHING)
def test_at_most_two_combining_marks_in_a_row(text):
    shown = clean("a\u0336\u0337\u0338" + text)
    runs = "".join("m" if unicodedata.combining(letter) else " " for letter in shown).split()
    assert all(len(run) <= 2 for run in runs)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ana\u0301lisis", "Análisis"),
        ("  two \t spaces\r\n and\u2028lines ", "two spaces and lines"),
        ("bidi \u202egnp.exe\u202c", "bidi gnp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("nul\x00 and \x1b[31m", "nul and [31m"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("\u3164\u2800\ufe0f", ""),
        ("क्या हाल है?", "क्या हाल है?"),
        ("שָׁלוֹם", "שָׁלוֹם"),
        ("x" * 10_000, "x" * 119 + "…"),
        ("\x00" * 10_000, ""),
    ],
)
def test_clean(text, shown):
    assert clean(text) == unicodedata.normalize("NFC", shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("priya@harbour.example", "priya@harbour.example"),
        ("jürgen@grünblick.example", "jürgen@xn--grnblick-75a.example"),
        ("ceo@ex\u0430mple.example", "ceo@xn--exmple-4nf.example"),
        ("a@b\u202e.example", "a@b.example"),
        ("a@\u2603\u2603.example", "a@\\u2603\\u2603.example"),
        ("no-at-sign", "no-at-sign"),
        ("", ""),
        ("x" * 10_000 + "@harbour.example", "x" * 119 + "…@harbour.example"),
    ],
)
def test_address(text, shown):
    assert address(text) == shown


@given(ANYTHING)
@example(ADDRESSES[-1])
def test_an_address_ends_in_an_ascii_domain(text):
    shown = address(f"{text}@{text}")
    assert not unseen(shown)
    assert shown.rpartition("@")[2].removesuffix("…").isascii()


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_becomes_plain_text(text):
    assert not unseen(clean(text) + address(text))


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (0, "no time"),
        (0.001, "less than a minute"),
        (1 / 60, "1 min"),
        (59.4 / 60, "59 min"),
        (59.6 / 60, "1 h"),
        (2.4, "2 h 24 min"),
        (3, "3 h"),
        (9.99, "9 h 59 min"),
        (9.999, "10 h"),
        (10.4, "10 h"),
        (16.6, "17 h"),
    ],
)
def test_duration(hours, said):
    assert words.duration(hours).replace(NB, " ") == said


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (0.75, "45 min"),
        (1.4, "1 h 24 min"),
        (1.5, "1½ hours"),
        (2.4, "2½ hours"),
        (2.9, "3 hours"),
        (5.4, "5 hours"),
    ],
)
def test_about_hours(hours, said):
    assert words.about_hours(hours).replace(NB, " ") == said


@pytest.mark.parametrize(
    ("hours", "said", "days"),
    [
        (7.9, "7 h 54 min of working time", 0),
        (8, "1 working day", 1),
        (15.9, "1 working day", 1),
        (24, "3 working days", 3),
        (160, "20 working days", 20),
    ],
)
def test_working_days_are_whole_days(hours, said, days):
    assert words.working_days(hours, 8).replace(NB, " ") == said
    assert whole_days(hours, 8) == days


def test_a_working_day_that_is_no_binary_fraction():
    assert words.working_days(3 * 7.7, 7.7) == "3 working days"


@pytest.mark.parametrize(
    ("count", "said"), [(0, "no"), (1, "one"), (2, "two"), (12, "twelve"), (13, "13"), (1234, "1 234")]
)
def test_number(count, said):
    assert words.number(count).replace(NB, " ") == said


def test_sentence():
    assert sentence("three people") == "Three people"
    assert sentence("") == ""


@pytest.mark.parametrize(
    ("start", "long", "short"),
    [
        (date(2026, 9, 14), "Monday 14 to Sunday 20 September 2026", "14 to 20 September"),
        (date(2026, 6, 29), "Monday 29 June to Sunday 5 July 2026", "29 June to 5 July"),
        (date(2026, 12, 28), "Monday 28 December 2026 to Sunday 3 January 2027", "28 December to 3 January"),
    ],
)
def test_spans_of_a_week(start, long, short):
    assert words.week_span(start) == long
    assert words.short_span(start) == short


def test_moments_and_days():
    instant = datetime(2026, 9, 15, 13, 42, tzinfo=UTC)
    assert words.moment(instant) == "Tue 15 Sept, 13:42"
    assert words.moment(instant.replace(month=6)) == "Mon 15 June, 13:42"
    assert words.moment(instant.replace(month=1)) == "Thu 15 Jan, 13:42"
    assert words.weekday(instant) == "Tuesday"
    assert words.day_month(instant) == "15 September"


@pytest.mark.parametrize(("day", "said"), [(21, "Monday"), (15, "Tuesday"), (14, "14 September"), (1, "1 September")])
def test_a_weekday_is_said_of_the_last_six_days_alone(day, said):
    now = datetime(2026, 9, 21, 6, tzinfo=UTC)
    assert words.lately(now.replace(day=day), now) == said


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ("Mon-Fri 09:00-17:00", "Monday to Friday 09:00 to 17:00"),
        ("mon 09:00-12:00, Tue-Thu 13:00-17:30", "Monday 09:00 to 12:00, Tuesday to Thursday 13:00 to 17:30"),
    ],
)
def test_spans_of_working_time(hours, said):
    assert words.spans(hours) == said


def test_shares():
    assert words.percent(40 / 46) == "87%"
    assert words.between(0.734, 0.944) == "73 to 94%"


@pytest.mark.parametrize(
    ("items", "said"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_listed(items, said):
    assert words.listed(items) == said


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("mid:1@x.example", "mid:1@x.example"),
        ("message://%3C1@x.example%3E", "message://%3C1@x.example%3E"),
        ("https://mail.example/#1", "https://mail.example/#1"),
        ("http://mail.example/", ""),
        ("javascript:alert(1)", ""),
        (" https://mail.example/", ""),
        ("JAVASCRIPT:https://mail.example/", ""),
        ("", ""),
    ],
)
def test_only_links_that_open_a_message_are_shown(link, shown):
    assert opening(link) == shown


def test_figures_that_are_no_shares():
    assert [words.points(share) for share in (0.0, 0.124, 1.0)] == ["0", "12", "100"]
    assert [words.decimal(value) for value in (0.0, 2.44, 8.0, 10.0)] == ["0", "2.4", "8", "10"]
    assert words.fine(0.1118) == "0.112"
