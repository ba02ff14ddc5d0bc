"""The German page: its days, numbers and plurals."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from mailcare.values.week import Contact, Counts, Tile
from reports.language import language
from reports.words import Words
from tests.samples.pages import html, page, section, text
from tests.samples.week import FULL

NB = "\N{NO-BREAK SPACE}"
GERMAN = Words(language("de"))


def said(**changes: object) -> str:
    return text(html(replace(FULL, **changes), "de"))


class TestDaysAndNumbers:
    @pytest.mark.parametrize(
        ("hours", "said"),
        [(0, "0 Min."), (0.001, "weniger als 1 Min."), (0.5, "30 Min."), (2.4, "2 Std. 24 Min."), (16.6, "17 Std.")],
    )
    def test_durations(self, hours, said):
        assert GERMAN.duration(hours).replace(NB, " ") == said

    def test_days(self):
        instant = datetime(2026, 9, 15, 13, 42, tzinfo=UTC)
        assert GERMAN.moment(instant) == "Di., 15. Sept., 13:42 Uhr"
        assert GERMAN.moment(instant.replace(month=3)) == "So., 15. März, 13:42 Uhr"
        assert GERMAN.full_day(instant.replace(day=14)) == "Montag, 14. September"
        assert GERMAN.day_month(instant) == "15. September"

    @pytest.mark.parametrize(
        ("start", "long", "short"),
        [
            (date(2026, 9, 14), "Montag, 14. bis Sonntag, 20. September 2026", "14. bis 20. September"),
            (date(2026, 6, 29), "Montag, 29. Juni bis Sonntag, 5. Juli 2026", "29. Juni bis 5. Juli"),
            (
                date(2026, 12, 28),
                "Montag, 28. Dezember 2026 bis Sonntag, 3. Januar 2027",
                "28. Dezember bis 3. Januar",
            ),
        ],
    )
    def test_spans_of_a_week(self, start, long, short):
        assert GERMAN.week_span(start) == long
        assert GERMAN.short_span(start) == short

    def test_numbers_shares_and_lists(self):
        assert GERMAN.percent(0.87).replace(NB, " ") == "87 %"
        assert GERMAN.between(0.734, 0.944).replace(NB, " ") == "73 bis 94 %"
        assert GERMAN.hours(0.25) == "0,25 h"
        assert GERMAN.listed(["a", "b", "c"]) == "a, b und c"
        assert GERMAN.about_hours(2.4) == "2½ Stunden"
        assert GERMAN.working_days(24, 8) == "3 Arbeitstage"
        assert GERMAN.working_days(8, 8) == "1 Arbeitstag"
        assert GERMAN.spans("Mon-Fri 09:00-17:00") == "Montag bis Freitag 09:00 bis 17:00"


class TestPlurals:
    @pytest.mark.parametrize(
        ("people", "headline"),
        [
            (0, "Niemand wartet auf Sie."),
            (1, "Eine Person wartet darauf, von Ihnen zu hören."),
            (2, "Zwei Personen warten darauf, von Ihnen zu hören."),
            (13, "13 Personen warten darauf, von Ihnen zu hören."),
        ],
    )
    def test_the_headline(self, people, headline):
        rows = tuple(replace(FULL.waiting[0], contact=Contact("", f"p{n}@x.example")) for n in range(people))
        assert f"<h1>{headline}</h1>" in html(replace(FULL, waiting=rows), "de")

    @pytest.mark.parametrize(
        ("count", "of", "lead"),
        [
            (0, 0, "In dieser Woche war keine Nachricht an Sie gerichtet."),
            (0, 1, "Die eine Nachricht, die in dieser Woche an Sie gerichtet war, haben Sie noch nicht beantwortet."),
            (0, 2, "Die 2 Nachrichten, die in dieser Woche an Sie gerichtet waren, haben Sie noch nicht beantwortet."),
            (1, 1, "Sie haben die eine Nachricht beantwortet, die in dieser Woche an Sie gerichtet war."),
            (2, 2, "Sie haben beide Nachrichten beantwortet, die in dieser Woche an Sie gerichtet waren."),
            (7, 7, "Sie haben alle 7 Nachrichten beantwortet, die in dieser Woche an Sie gerichtet waren."),
            (1, 7, "Sie haben 1 der 7 Nachrichten beantwortet, die in dieser Woche an Sie gerichtet waren."),
        ],
    )
    def test_the_lead(self, count, of, lead):
        assert lead in said(answered_tile=Tile(None, count, of, None, 10))

    @pytest.mark.parametrize(
        ("fresh", "arrived"),
        [
            (1, "Eine weitere kam vor weniger als einem Arbeitstag und kann einfach warten, bis sie an der Reihe ist."),
            (2, "Zwei weitere kamen vor weniger als einem Arbeitstag und können einfach warten, bis sie an der Reihe"),
        ],
    )
    def test_what_has_just_arrived(self, fresh, arrived):
        assert arrived in said(fresh=fresh)
        assert "vor weniger als einem Arbeitstag" not in said(fresh=0)

    @pytest.mark.parametrize(
        ("count", "read"),
        [
            (0, "0 Nachrichten vom 14. bis 20. September: 0 waren an Sie gerichtet, 0 haben Sie gesendet, 0 waren"),
            (1, "1 Nachricht vom 14. bis 20. September: 1 war an Sie gerichtet, 1 haben Sie gesendet, 1 war"),
            (2, "2 Nachrichten vom 14. bis 20. September: 2 waren an Sie gerichtet, 2 haben Sie gesendet, 2 waren"),
        ],
    )
    def test_what_was_read(self, count, read):
        assert read in said(counts=Counts(count, count, count, count, count, count, count))

    @pytest.mark.parametrize(
        ("others", "reason"),
        [
            (0, "Hat Ihnen allein geschrieben."),
            (1, "Hat Ihnen und einer weiteren Person geschrieben. Bisher hat niemand geantwortet."),
            (2, "Hat Ihnen und zwei weiteren Personen geschrieben. Bisher hat niemand geantwortet."),
        ],
    )
    def test_why_it_is_listed(self, others, reason):
        assert reason in said(waiting=(replace(FULL.waiting[1], others=others),))

    @pytest.mark.parametrize(
        ("hours", "back"),
        [
            (4.0, "Am Dienstag haben Sie sich nach 4 Std. Arbeitszeit bei Inês Caldeira"),
            (8.0, "Am Dienstag haben Sie sich nach einem Arbeitstag bei Inês Caldeira"),
            (24.0, "Am Dienstag haben Sie sich nach drei Arbeitstagen bei Inês Caldeira"),
        ],
    )
    def test_who_was_answered_after_a_while(self, hours, back):
        assert FULL.recovered
        assert back in said(recovered=replace(FULL.recovered, working_hours=hours))

    def test_one_of_each(self):
        few = text(page("few", "de"))
        assert "Eine Unterhaltung, in der Sie auf jemanden warten" in few
        assert "Eine Unterhaltung endete vor mehr als zehn Arbeitstagen mit einer Nachricht an Sie." in few
        assert "Bei 1 von 1 Antwort an eine Gruppe blieben alle dabei" in few
        assert "Eine hat jemand aus Ihrem Kollegenkreis beantwortet." in few

    def test_few_messages_one_by_one(self):
        assert (
            "Bei fünf Nachrichten sähe eine Linie sicherer aus, als sie ist, daher stehen sie hier einzeln: beantwortet"
            " nach 30 Min. und 3 Std. 15 Min. Arbeitszeit; zwei noch nicht beantwortet; eine von jemandem aus Ihrem"
            " Kollegenkreis beantwortet."
        ) in text(section(page("few", "de"), "soon"))
