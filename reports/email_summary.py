"""The week in short, for an e-mail to the owner: the same in text and in HTML, and a subject that tells nothing of it.

The HTML loads nothing: no image, no script, every rule of style in the elements themselves.
"""

from dataclasses import dataclass
from functools import lru_cache

from css_inline import CSSInliner
from jinja2 import select_autoescape

from mailcare.values.week import Week
from reports.individual import SHOWN_WAITING
from reports.language import Language
from reports.pages import environment


@dataclass(frozen=True, slots=True)
class Summary:
    """What the e-mail says."""

    subject: str
    text: str
    html: str


def render(week: Week, *, language: Language, page: str) -> Summary:
    """The summary of one week; ``page`` tells the owner where the full report lies."""
    values = {
        "week": week,
        "language": language,
        "page": page,
        "shown_waiting": SHOWN_WAITING,
    }
    pages = environment(language).overlay(autoescape=select_autoescape(disabled_extensions=["txt.j2"], default=True))
    subject, text, html = (
        pages.get_template(f"email_summary/{name}.j2").render(values)
        for name in ("subject.txt", "summary.txt", "summary.html")
    )
    return Summary(" ".join(subject.split()), text, _inliner().inline(html))


@lru_cache(maxsize=1)
def _inliner() -> CSSInliner:
    return CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)
