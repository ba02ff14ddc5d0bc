"""The account team's client review as a page: four weeks, client by client, and nobody's own figure."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import date, timedelta
from hashlib import sha256

from mailcare.values.review import Course, Review
from reports import charts, review_charts
from reports.individual import SHOWN_ON_PAPER
from reports.language import Language
from reports.pages import environment, source
from reports.words import Words

SHOWN = 8
"""Conversations of a list before the rest is folded."""
FOLDED_AT_MOST = 40


def render(reviews: Sequence[Review], *, language: Language, version: str) -> str:
    """The page of the newest of these reviews, which are a team's successive periods, oldest first."""
    review = reviews[-1]
    course = Course(tuple(week for one in reviews for week in one.weeks))
    words, pages = Words(language), environment(language)
    style = source(pages, "style.css") + source(pages, "review.css")
    return pages.get_template("client_review.html.j2").render(
        period=lambda start: period(start, words),
        promised=lambda hours: promised(hours, words),
        review=review,
        language=language,
        style_hash=b64encode(sha256(style.encode()).digest()).decode(),
        version=version,
        waiting=len(review.waiting) + review.waiting_counted,
        strips={line.client: review_charts.line_strip(line, review.lines) for line in review.lines},
        scale=review_charts.scale(review.lines),
        curve=review_charts.review_curve(review, words),
        trend=review_charts.promise_chart(course.weeks, words),
        course=course,
        bars=review_charts.people_bars(review.lines),
        questions=questions(review),
        width=charts.WIDTH,
        height=charts.HEIGHT,
        edges=(charts.LEFT, charts.RIGHT, charts.TOP, charts.BOTTOM),
        shown=SHOWN,
        folded_at_most=FOLDED_AT_MOST,
        shown_on_paper=SHOWN_ON_PAPER,
    )


def questions(review: Review) -> tuple[tuple[str, str], ...]:
    """Three open questions for the next meeting, by the facts: what each is about, and the client it names."""
    named = [line for line in review.lines if line.client]
    waits = max(named, key=lambda line: line.waiting + line.quiet, default=None)
    later = [line for line in named if line.standing == "later"]
    sooner = [line for line in named if line.standing == "sooner"]
    left_out = [line for line in named if line.people and line.people.often_dropped]
    found = [
        *(("later", line.client) for line in later[:1]),
        *(("left_out", line.client) for line in left_out[:1]),
        *([("waits", waits.client)] if waits and waits.waiting + waits.quiet else []),
        *(("sooner", line.client) for line in sooner[:1]),
        *([("chased", "")] if review.total and review.total.chasers else []),
        *([("handed_over", "")] if review.total and review.total.handed_over else []),
        ("promise", ""),
        ("unseen", ""),
        ("well", ""),
    ]
    return tuple(found[:3])


def period(start: date, words: Words) -> str:
    """``24 August to 20 September 2026``; both years where they differ."""
    end = start + timedelta(days=27)
    if start.year == end.year:
        said = words.language.gettext("%(first)s to %(last)s %(year)s")
    else:
        said = words.language.gettext("%(first)s %(first_year)s to %(last)s %(year)s")
    days = {"first": words.day_month(start), "last": words.day_month(end)}
    return said % {**days, "first_year": start.year, "year": end.year}


def promised(hours: float, words: Words) -> str:
    """``eight working hours``; a promise in words."""
    whole = hours == int(hours)
    said = words.language.ngettext("%(n)s working hour", "%(n)s working hours", int(hours) if whole else 2)
    return said % {"n": words.number(int(hours)) if whole else words.decimal(hours)}
