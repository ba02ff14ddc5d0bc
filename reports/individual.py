"""The individual's week as a page: one HTML file that asks for nothing and runs nothing."""

from base64 import b64encode
from datetime import timedelta
from hashlib import sha256

from mailcare.tables import QUALITY
from mailcare.values.week import Week
from reports import charts
from reports.definitions import definitions
from reports.language import Language
from reports.pages import environment, source
from reports.words import Words

SHOWN_WAITING = 5
SHOWN_QUIET = 8
SHOWN_GONE_QUIET = 3
FOLDED_AT_MOST = 22
"""Rows of a folded list; what is more is counted in a sentence."""
SHOWN_STEPS = 24
"""Rows of the curve's table."""
LISTED = SHOWN_QUIET + FOLDED_AT_MOST
"""So many messages of one list at most stand on the page."""
SHOWN_ON_PAPER = 4
"""Rows of a folded list in print; style.css hides the others."""


def render(week: Week, *, language: Language, version: str, settings: str) -> str:
    """The page for one week. ``settings`` is a short code of the settings that the figures rest on."""
    words, pages = Words(language), environment(language)
    style = source(pages, "style.css")
    return pages.get_template("individual.html.j2").render(
        week=week,
        language=language,
        style_hash=b64encode(sha256(style.encode()).digest()).decode(),
        version=version,
        settings=settings,
        curve=charts.curve_chart(week.curve, week.hours_per_day, words),
        trend=charts.trend_chart(week.weeks, words),
        bars=charts.bars(week.keeping, words),
        strip=charts.strip,
        pairs=charts.pairs(week.circles),
        heat=charts.heat(week.rhythm),
        weekdays=[week.start + timedelta(days=n) for n in range(7)],
        width=charts.WIDTH,
        height=charts.HEIGHT,
        edges=(charts.LEFT, charts.RIGHT, charts.TOP, charts.BOTTOM),
        shown_waiting=SHOWN_WAITING,
        shown_quiet=SHOWN_QUIET,
        shown_gone_quiet=SHOWN_GONE_QUIET,
        folded_at_most=FOLDED_AT_MOST,
        shown_steps=SHOWN_STEPS,
        shown_on_paper=SHOWN_ON_PAPER,
        definitions=definitions(language),
        quality_names=QUALITY,
    )
