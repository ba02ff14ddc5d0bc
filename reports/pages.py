"""The templates: what every page is made with."""

from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from reports.words import FILTERS


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates with their filters."""
    made = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(FILTERS)
    made.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    return made


def source(pages: Environment, name: str) -> str:
    """The text of a file among the templates."""
    assert pages.loader
    return pages.loader.get_source(pages, name)[0]
