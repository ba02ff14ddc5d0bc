"""The values of the configuration: what each may be, and what to do where it is something else.

Each function takes a value as TOML gives it, and returns it typed. Raises ValueError(what is wrong, what to do).
"""

import difflib
import re
from collections.abc import Callable, Collection, Iterable
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from mailcare.errors import suggestion
from mailcare.hours.grace import GRACE_DAYS, LONGEST_DAYS
from mailcare.hours.public_holidays import public_holidays
from mailcare.hours.worktime import Journey, parse_hours, parse_minutes
from mailcare.languages import languages
from mailcare.mail.discovery import about, connectors
from mailcare.mail.links import KINDS, USUAL
from mailcare.mail.message import YEARS
from mailcare.owner import CIRCLES, CONFIGURED, Circles, People

LINKS = (USUAL, *KINDS)
"""The links to messages: what suits the connector, or one kind."""
LEAST_DAYS = 180
"""A report looks back on twelve weeks, and at the beginning of these on what had waited for up to ninety days."""
MOST_DAYS = 36_500
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ADDRESS = re.compile(r"""(?:[^@\s<>,;"]+|"[^"<>]+")@[^@\s<>,;]+""")
_DOMAIN = re.compile(r"[^@\s<>,;*]+")


def path(text: str, base: Path) -> Path:
    try:
        return base / Path(text).expanduser()
    except RuntimeError:
        raise ValueError("there is no such home folder", "Set HOME, or write the path whole.") from None


def option_of(connector: str, base: Path) -> Callable[[str, Any], Any]:
    """What a key of the connector's own, and its value, become."""
    known = about(connector)
    paths = known.paths if known else ()
    return lambda key, value: _anchored({key: value}, paths, base)[key]


def _anchored(table: dict[str, Any], paths: Collection[str], base: Path) -> dict[str, Any]:
    """The table with its ``paths`` whole: ``~`` is the home folder, relative ones count from the configuration's
    folder."""

    def whole(value: Any) -> Any:
        if isinstance(value, list):
            return list(map(whole, value))
        return str(path(value, base)) if isinstance(value, str) and value else value

    return {key: whole(value) if key in paths else value for key, value in table.items()}


def text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("not a text", 'Put it in quotes, such as "this".')
    return value.strip()


def texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("not a list of texts", 'Put them in brackets, such as ["this", "that"].')
    return tuple(text(item) for item in value)


def flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false", "Write true or false, without quotes.")
    return value


def minutes(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1440:
        raise ValueError("not a number of minutes", "Write a whole number from 1 to 1440, such as 60.")
    return value


def kept_days(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or (value != 0 and not LEAST_DAYS <= value <= MOST_DAYS):
        todo = f"Write a whole number from {LEAST_DAYS} to {MOST_DAYS}, such as 400, or 0 to keep everything."
        raise ValueError("not a number of days for which mail can be kept", todo)
    return value


def web_address(value: Any) -> str:
    address = text(value)
    try:
        parts = urlsplit(address)
        known = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise ValueError("no web address", "Write it whole, with https:// before it.")
    return address


def job(value: Any) -> dict[str, Any]:
    return _table(value, "[job], and below it minutes = 180")


def tables(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError(
            "not a list of tables", "Write it in double brackets, such as [[account]], above each of them."
        )
    return value


def links(value: Any) -> str:
    kind = text(value).lower()
    if kind not in LINKS:
        raise ValueError(f"'{kind}' is no kind of link", suggestion(kind, LINKS))
    return kind


def email(value: Any, base: Path) -> dict[str, Any]:
    table = _table(value, '[account.email] below the account, and below it host = "mail.example.com"')
    if not table:
        raise ValueError("empty", 'Add host = "mail.example.com", or leave the table out.')
    return _anchored(table, [key for key in table if key.endswith("_file")], base)


def _table(value: Any, example: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("not a table", f"Write {example}.")
    return value


def name(value: Any) -> str:
    label = text(value)
    if not _NAME.fullmatch(label):
        raise ValueError(f"'{label}' cannot name files", "Use letters, digits, '.', '_' and '-' only.")
    return label


def addresses(value: Any) -> tuple[str, ...]:
    named = tuple(_address(item) for item in texts(value))
    if not named:
        raise ValueError("empty", 'Name at least one address, such as ["you@example.com"].')
    return named


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError(f"'{text}' is no address", "Write it bare, such as you@example.com.")
    return text.lower()


def domain(text: str) -> str:
    if "@" in text or not _DOMAIN.fullmatch(text):
        raise ValueError(f"'{text}' is no domain", "Write it bare, such as example.com; its sub-domains are included.")
    return text.lower()


def time_zone(value: Any) -> str:
    zone = text(value)
    if zone not in available_timezones():
        near = difflib.get_close_matches(zone, available_timezones(), n=1)
        raise ValueError(f"'{zone}' is no time zone", f"Write it as {near[0] if near else 'Europe/Berlin'}.")
    return zone


def connector(value: Any) -> str:
    name, known = text(value), connectors()
    if name not in known:
        raise ValueError(f"no connector is called '{name}'", suggestion(name, known))
    return name


def language(value: Any) -> str:
    code = text(value)
    if code not in languages():
        raise ValueError(f"no report can be written in '{code}'", suggestion(code, languages()))
    return code


def hours(value: Any) -> str:
    spans = text(value)
    parse_hours(spans)
    return spans


def holidays(value: Any) -> str:
    codes = ", ".join(code.strip() for code in text(value).upper().split(","))
    for code in codes.split(", "):
        try:
            public_holidays(code or "?", 2026, 2026)
        except NotImplementedError:
            raise ValueError(
                f"no holidays are known for '{code}'",
                "Write a country's two letters, such as DE, or with its part, such as DE-BY; several as DE-BY, AT; or "
                "leave the key out.",
            ) from None
    return codes


class Absences(NamedTuple):
    """Whole days off and parts of days, as ``WorkingTime`` has them."""

    days: tuple[tuple[date, date], ...] = ()
    hours: tuple[tuple[date, int, int], ...] = ()


def days_off(value: Any) -> Absences:
    if not isinstance(value, list):
        raise ValueError("not a list of days", 'Put them in brackets, such as ["2026-08-03/2026-08-21"].')
    parts = [item for item in value if isinstance(item, str) and ":" in item]
    return Absences(tuple(_days_of(item) for item in value if item not in parts), tuple(map(_hours_of, parts)))


def _days_of(value: Any) -> tuple[date, date]:
    advice = "Write a day as 2026-08-03, or the first and the last as 2026-08-03/2026-08-21."
    first, _, last = (value.isoformat() if type(value) is date else text(value)).partition("/")
    span = _day(first, advice), _day(last or first, advice)
    if span[1] < span[0]:
        raise ValueError(f"'{value}' ends before it starts", advice)
    return span


def _hours_of(value: str) -> tuple[date, int, int]:
    advice = "Write a part of a day as 2026-12-24 12:00-17:00."
    day, _, span = value.strip().partition(" ")
    start = _day(day, advice)
    try:
        return start, *parse_minutes(span.strip())
    except ValueError as error:
        raise ValueError(str(error), advice) from None


def _day(text: str, advice: str) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"'{text}' is no day", advice) from None
    if day.year not in YEARS:
        raise ValueError(f"'{text}' lies outside the years {YEARS[0]} to {YEARS[-1]}", advice)
    return day


def travel(value: Any) -> tuple[Journey, ...]:
    journeys = sorted(_journey(item) for item in texts(value))
    for (_, last, _), (first, _, _) in pairwise(journeys):
        if first <= last:
            raise ValueError(f"two journeys share the day {first}", "End one on the day before the other.")
    return tuple(journeys)


def _journey(item: str) -> Journey:
    days, _, zone = item.partition(" ")
    if not zone:
        raise ValueError(f"'{item}' names no place", "Write it as 2026-03-02/2026-03-13 America/New_York.")
    return *_days_of(days), time_zone(zone)


def grace(value: Any) -> dict[str, float]:
    if not isinstance(value, dict):
        return {"default": grace_period(value)}
    known = [*CIRCLES, "default"]
    unknown = sorted(value.keys() - set(known))
    if unknown:
        raise ValueError(f"'{unknown[0]}' is no circle", suggestion(unknown[0], known))
    return {"default": GRACE_DAYS} | {circle: grace_period(days) for circle, days in value.items()}


def grace_period(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= LONGEST_DAYS:
        todo = f"Write a number above 0 and up to {LONGEST_DAYS}, such as {GRACE_DAYS:g}."
        raise ValueError(f"{value!r} is no number of working days", todo)
    return float(value)


def aliases(value: Any) -> People:
    people = _table(value, 'aliases as: [aliases], and below it "Ada" = ["ada@example.com", "ada@home.example"]')
    groups = tuple(addresses(own) for own in people.values())
    _once(address for group in groups for address in group)
    return groups


def circles(value: Any) -> Circles:
    table = _table(value, 'circles as: [circles], and below it colleagues = ["example.com"]')
    for circle in table:
        if circle not in CONFIGURED:
            raise ValueError(f"'{circle}' is no circle", suggestion(circle, CONFIGURED))
    members = {circle: tuple(_member(item) for item in texts(entries)) for circle, entries in table.items()}
    _once(member for entries in members.values() for member in entries)
    return members


def _member(text: str) -> str:
    if not (_ADDRESS.fullmatch(text) or _DOMAIN.fullmatch(text)):
        raise ValueError(f"'{text}' is neither a domain nor an address", "Write example.com or ada@example.com.")
    return text.lower()


def _once(items: Iterable[str]) -> None:
    seen: set[str] = set()
    for item in items:
        if item in seen:
            raise ValueError(f"'{item}' stands there twice", "Leave it in one place.")
        seen.add(item)
