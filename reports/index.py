"""The page that lists an owner's reports: as the reports, it asks for nothing and runs nothing."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import date
from hashlib import sha256

from mailcare.values.week import Contact
from reports.language import Language
from reports.pages import environment, source


def render(owner: Contact, reports: Mapping[date, str], *, language: Language) -> str:
    """The list: Monday of the week → the file of its report, beside the page; newest first."""
    pages = environment(language)
    style = source(pages, "style.css")
    return pages.get_template("index.html.j2").render(
        owner=owner,
        language=language,
        reports=sorted(reports.items(), reverse=True),
        style_hash=b64encode(sha256(style.encode()).digest()).decode(),
    )
