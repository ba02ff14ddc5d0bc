"""The templates in a language: what every page is made with."""

from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from reports.language import Language
from reports.words import Words


@lru_cache
def environment(language: Language) -> Environment:
    """The templates whose messages and filters are in this language."""
    made = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(Words(language).filters())
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_translations(language.translations, newstyle=True)  # type: ignore[attr-defined]  # added
    return made


def source(pages: Environment, name: str) -> str:
    """The text of a file among the templates."""
    assert pages.loader
    return pages.loader.get_source(pages, name)[0]
