"""A language of the pages: how its numbers and days are written, and what its catalogue says for each message."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO

from babel import Locale
from babel.dates import format_time
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import Translations

from mailcare.languages import CATALOGUES, SOURCE


@dataclass(frozen=True)
class Language:
    """A locale and its translations."""

    code: str
    """As the configuration calls it, such as ``de``."""
    locale: Locale
    translations: NullTranslations

    @property
    def tag(self) -> str:
        """As HTML calls it, such as ``pt-BR``."""
        return self.code.replace("_", "-")

    def gettext(self, message: str) -> str:
        """The message in this language."""
        return self.translations.gettext(message)

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The form of the message that goes with the count."""
        return self.translations.ngettext(one, many, count)

    def pgettext(self, context: str, message: str) -> str:
        """A short message whose context tells what is meant."""
        return self.translations.pgettext(context, message)

    def month(self, number: int, width: str = "wide") -> str:
        """``September`` for 9; ``Sept`` where ``width`` is ``abbreviated``."""
        return str(self.locale.months["format"][width][number])

    def weekday(self, number: int, width: str = "wide") -> str:
        """``Monday`` for 0; ``Mon`` where ``width`` is ``abbreviated``."""
        return str(self.locale.days["format"][width][number])

    def time(self, instant: datetime) -> str:
        """``13:42``, in the instant's own time zone."""
        return format_time(instant, "HH:mm", tzinfo=instant.tzinfo, locale=self.locale)

    def decimal(self, value: float, pattern: str = "0.##") -> str:
        """``0.25``, with two decimals at most unless the pattern (CLDR's) says otherwise."""
        return format_decimal(value, pattern, self.locale)

    def percent(self, share: float) -> str:
        """``87%``"""
        return format_percent(round(share * 100) / 100, locale=self.locale)

    def listed(self, items: Sequence[str]) -> str:
        """``a, b and c``"""
        return format_list(items, locale=self.locale)


@lru_cache
def language(code: str) -> Language:
    """The language of this code, one of ``mailcare.languages.languages()``."""
    if code == SOURCE:
        return Language(code, Locale("en", "GB"), NullTranslations())
    with (CATALOGUES / code / "LC_MESSAGES" / "mailcare.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Language(code, Locale.parse(code), Translations(compiled))
