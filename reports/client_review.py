"""The account team's client review as a page: four weeks, client by client, and nobody's own figure."""

from base64 import b64encode
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from hashlib import sha256

from jinja2 import Environment, PackageLoader, StrictUndefined

from mailcare.values_review import PromiseWeek, Review
from reports import charts, review_charts
from reports.words import FILTERS, MONTHS, number, plural

SHOWN = 8
"""Conversations of a list before the rest is folded."""
FOLDED_AT_MOST = 40
ENOUGH_FOR_A_CURVE = 10


def render(reviews: Sequence[Review], *, version: str) -> str:
    """The page of the newest of these reviews, which are a team's successive periods, oldest first."""
    review = reviews[-1]
    trend = [week for one in reviews for week in one.weeks]
    page = _environment().get_template("client_review.html.j2")
    return page.render(
        review=review,
        style_hash=b64encode(sha256(_style().encode()).digest()).decode(),
        version=version,
        waiting=len(review.waiting) + review.waiting_counted,
        strips={line.client: review_charts.line_strip(line, review.lines) for line in review.lines},
        scale=review_charts.scale(review.lines),
        curve=review_charts.review_curve(review),
        trend=review_charts.promise_chart(trend),
        weeks=trend,
        told=[week for week in trend if tells(week)],
        bars=review_charts.people_bars(review.lines),
        questions=questions(review),
        width=charts.WIDTH,
        height=charts.HEIGHT,
        edges=(charts.LEFT, charts.RIGHT, charts.TOP, charts.BOTTOM),
        enough=ENOUGH_FOR_A_CURVE,
        shown=SHOWN,
        folded_at_most=FOLDED_AT_MOST,
    )


def tells(week: PromiseWeek) -> bool:
    """Whether the trend has a point for this week."""
    return week.shown and week.promise.of >= ENOUGH_FOR_A_CURVE


def questions(review: Review) -> tuple[tuple[str, str], ...]:
    """Three open questions for the next meeting, by the facts: what each is about, and the client it names."""
    named = [line for line in review.lines if line.client]
    waits = max(named, key=lambda line: line.waiting + line.quiet, default=None)
    later = [line for line in named if line.standing == "later"]
    sooner = [line for line in named if line.standing == "sooner"]
    left_out = [line for line in named if line.people and line.people.dropped > line.people.kept / 4]
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


def period(start: date) -> str:
    """``24 August to 20 September 2026``; both years where they differ."""
    end = start + timedelta(days=27)
    year = f" {start.year}" if start.year != end.year else ""
    return f"{start.day} {MONTHS[start.month - 1]}{year} to {end.day} {MONTHS[end.month - 1]} {end.year}"


def hours(value: float) -> str:
    """``one working hour``, ``eight working hours``; a promise in words."""
    if value == int(value):
        return f"{number(int(value))} working {plural(int(value), 'hour', 'hours')}"
    return f"{value:g} working hours"


def _style() -> str:
    """The pages' style sheet, and what only this page needs of one."""
    loader = PackageLoader("reports")
    return "".join(loader.get_source(_environment(), name)[0] for name in ("style.css", "review.css"))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(FILTERS, period=period, promised=hours)
    return made
