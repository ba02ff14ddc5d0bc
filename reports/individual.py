"""The individual's week as a page: one HTML file that asks for nothing and runs nothing."""

from base64 import b64encode
from datetime import timedelta
from functools import lru_cache
from hashlib import sha256

from jinja2 import Environment, PackageLoader, StrictUndefined

from mailcare.tables import QUALITY
from mailcare.values import Waiting, Way, Week
from reports import charts
from reports.words import FILTERS

SHOWN_WAITING = 5
SHOWN_QUIET = 8
SHOWN_GONE_QUIET = 3
FOLDED_AT_MOST = 24
"""Rows of a folded list; what is more is counted in a sentence."""
SHOWN_ON_PAPER = 4
"""Rows of a folded list in print; style.css hides the others."""
ENOUGH_FOR_A_CURVE = 10
ENOUGH_HEARD = 5
"""Fewer messages of one side say nothing about how soon the other was heard."""


def render(week: Week, *, version: str, settings: str) -> str:
    """The page for one week. ``settings`` is a short code of the settings that the figures rest on."""
    page = _environment().get_template("individual.html.j2")
    style = _style()
    return page.render(
        week=week,
        style_hash=b64encode(sha256(style.encode()).digest()).decode(),
        version=version,
        settings=settings,
        people_waiting=people(week.waiting),
        curve=charts.curve_chart(week.curve, week.hours_per_day),
        trend=charts.trend_chart(week.weeks),
        bars=charts.bars(week.keeping),
        strip=charts.strip,
        pairs=charts.pairs(week.circles),
        heat=charts.heat(week.rhythm),
        weekdays=[week.start + timedelta(days=n) for n in range(7)],
        ticked={way.name for way in week.ways if shown_by_mail(way)},
        enough_heard=ENOUGH_HEARD,
        width=charts.WIDTH,
        height=charts.HEIGHT,
        edges=(charts.LEFT, charts.RIGHT, charts.TOP, charts.BOTTOM),
        usable_weeks=sum(point.usable for point in week.weeks),
        enough=ENOUGH_FOR_A_CURVE,
        shown_waiting=SHOWN_WAITING,
        shown_quiet=SHOWN_QUIET,
        shown_gone_quiet=SHOWN_GONE_QUIET,
        folded_at_most=FOLDED_AT_MOST,
        shown_on_paper=SHOWN_ON_PAPER,
        quality_names=QUALITY,
    )


def people(waiting: tuple[Waiting, ...]) -> int:
    """How many different people wait."""
    return len({one.contact.address for one in waiting})


def shown_by_mail(way: Way) -> bool:
    """Whether mail says something about it this week; of learning it does only beside earlier weeks."""
    return way.figure.standing != "unknown" if way.name == "continuous_learning" else way.figure.value is not None


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(FILTERS)
    return environment


def _style() -> str:
    source, _, _ = PackageLoader("reports").get_source(_environment(), "style.css")
    return source
