"""A week of which no subject is kept: people and dates stand there, and instead of the subject that it was not kept."""

from dataclasses import replace

import pytest

from mailcare.languages import languages
from mailcare.values.week import Suggestion, Waiting, Week
from reports import email_summary
from reports.language import language
from reports.lines import suggestion_line, waiting_lines
from tests.samples.pages import html, text
from tests.samples.week import FEW, FULL, HUGE

WORDS = {"en": "Subject not kept", "de": "Betreff nicht aufbewahrt"}
OLDEST = "The message that has waited longest is from Priya Raghunathan"


def veiled(week: Week, subject: str | None = None) -> Week:
    def rows(given: tuple[Waiting, ...]) -> tuple[Waiting, ...]:
        return tuple(replace(one, subject=subject) for one in given)

    suggestion = week.suggestion
    if suggestion and isinstance(suggestion.evidence, Waiting):
        suggestion = replace(suggestion, evidence=replace(suggestion.evidence, subject=subject))
    partial = tuple(replace(one, subject=subject) for one in week.keeping.partial)
    return replace(
        week,
        waiting=rows(week.waiting),
        quiet=rows(week.quiet),
        waiting_for=rows(week.waiting_for),
        keeping=replace(week.keeping, partial=partial),
        suggestion=suggestion,
    )


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("week", [FULL, FEW], ids=["full", "few"])
def test_a_page_says_so_on_every_row_and_loses_nothing_else(week: Week, code: str) -> None:
    """As if every subject were these words."""
    week = replace(week, suggestion=None)
    assert text(html(veiled(week), code)) == text(html(veiled(week, WORDS[code]), code))
    assert html(veiled(week), code).count(WORDS[code]) >= len(week.waiting)


def test_the_oldest_message_is_named_by_who_wrote_it() -> None:
    assert isinstance(HUGE.suggestion, Suggestion)
    assert OLDEST in text(html(veiled(HUGE)))
    assert suggestion_line(veiled(HUGE).suggestion) == "two honest lines to Priya Raghunathan: subject not kept"


def test_the_lists_on_the_terminal() -> None:
    lines = list(waiting_lines(veiled(FULL).waiting, (), ()))
    assert len(lines) == len(FULL.waiting)
    assert all(line.endswith(": subject not kept") for line in lines)


@pytest.mark.parametrize("code", languages())
def test_the_summary_by_e_mail(code: str) -> None:
    made = email_summary.render(veiled(FULL), language=language(code), page="~/page.html")
    assert made.text.count(WORDS[code]) == text(made.html).count(WORDS[code]) == len(FULL.waiting)
    assert "None" not in made.text
