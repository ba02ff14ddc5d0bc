"""Public holidays: of a country or a part of it, or of several (ISO 3166)."""

from datetime import date
from functools import lru_cache


@lru_cache(maxsize=32)
def public_holidays(codes: str, first: int, last: int, *, half: bool = False) -> tuple[date, ...]:
    """The holidays of the years, or the half holidays if the country has such. Raises NotImplementedError if one is
    unknown."""
    return tuple(day for code in codes.split(",") if code for day in _of(code.strip(), first, last, half=half))


def _of(code: str, first: int, last: int, *, half: bool) -> list[date]:
    import holidays

    country, _, subdivision = code.partition("-")
    known = holidays.country_holidays(country, subdiv=subdivision or None)
    if half and holidays.HALF_DAY not in known.supported_categories:
        return []
    category = holidays.HALF_DAY if half else holidays.PUBLIC
    years = range(first, last + 1)
    return list(holidays.country_holidays(country, subdiv=subdivision or None, years=years, categories=category))
