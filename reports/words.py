"""Figures and names in words: the filters of the templates.

Durations are hours; instants are aware and already in the reader's time zone. What comes out of a mail header goes
through ``clean`` or ``address`` before a page shows it.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import idna

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NUMBERS = (
    "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
LONGEST = 120
LONGEST_DOMAIN = 255
MARKS_IN_A_ROW = 2
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {chr(0xFE00 + n) for n in range(16)}
"""Letters and marks that show nothing."""


def clean(text: str) -> str:
    """Text of a header as a page may show it: NFC, on one line, at most 120 characters, without control, bidi and
    zero-width characters and with at most two combining marks in a row."""
    return _short(_visible(text[: LONGEST * 20]))


def _visible(text: str) -> str:
    spaced = "".join(" " if letter.isspace() else letter for letter in text)
    seen = "".join(letter for letter in spaced if unicodedata.category(letter) not in _UNSEEN and letter not in _BLANK)
    shown, marks = list[str](), 0
    for letter in unicodedata.normalize("NFC", seen):
        marks = marks + 1 if unicodedata.combining(letter) or unicodedata.category(letter) == "Me" else 0
        if marks <= MARKS_IN_A_ROW:
            shown.append(letter)
    return " ".join("".join(shown).split())


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def address(text: str) -> str:
    """A mail address as a page may show it: parts cleaned, the domain in its ``xn--`` form where it is not ASCII."""
    local, at, domain = text.rpartition("@")
    return f"{clean(local)}@{_short(_ascii(_visible(domain[:LONGEST_DOMAIN])))}" if at else clean(text)


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return domain.encode("ascii", "backslashreplace").decode()


def number(count: int) -> str:
    """A count in words up to twelve: ``three``."""
    return NUMBERS[count] if 0 <= count < len(NUMBERS) else f"{count:,}".replace(",", "\N{NO-BREAK SPACE}")


def sentence(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def plural(count: int, one: str, many: str) -> str:
    """The form of a word that goes with the count."""
    return one if count == 1 else many


def duration(hours: float) -> str:
    """``2 h 24 min``; under an hour in minutes; whole hours from ten on."""
    minutes = round(hours * 60)
    if minutes == 0:
        return "no time" if hours == 0 else "less than a minute"
    if minutes < 60:
        return f"{minutes}\N{NO-BREAK SPACE}min"
    if minutes >= 600:
        return f"{round(hours)}\N{NO-BREAK SPACE}h"
    whole, rest = divmod(minutes, 60)
    return "\N{NO-BREAK SPACE}".join(f"{whole} h {rest} min".split() if rest else (f"{whole}", "h"))


def about_hours(hours: float) -> str:
    """``5 hours``; to the half hour below four, in minutes below one and a half."""
    if hours < 1.5:
        return duration(hours)
    whole, half = divmod(round(hours * 2), 2) if hours < 4 else (round(hours), 0)
    return f"{whole}{'½' if half else ''} hours"


def working_days(hours: float, day: float) -> str:
    """Working hours as whole working days: ``3 working days``; below one day as a duration of working time."""
    days = _whole_days(hours, day)
    return f"{days} working {plural(days, 'day', 'days')}" if days else f"{duration(hours)} of working time"


def days_in_words(hours: float, day: float) -> str:
    """The same with the number in words: ``nine working days``."""
    days = _whole_days(hours, day)
    return f"{number(days)} working {plural(days, 'day', 'days')}" if days else working_days(hours, day)


def _whole_days(hours: float, day: float) -> int:
    return int(hours / day + 1e-9)


def day_month(day: date) -> str:
    """``14 September``"""
    return f"{day.day} {MONTHS[day.month - 1]}"


def weekday(day: date) -> str:
    """``Monday``"""
    return WEEKDAYS[day.weekday()]


def spans(hours: str) -> str:
    """``Monday to Friday 09:00 to 17:00`` for ``Mon-Fri 09:00-17:00``."""
    full = {day[:3]: day for day in WEEKDAYS}
    return re.sub("[A-Za-z]+", lambda day: full.get(day[0].title(), day[0]), hours).replace("-", " to ")


def lately(instant: datetime, now: datetime) -> str:
    """``Tuesday`` within the last six days, ``14 September`` before."""
    return weekday(instant) if (now.date() - instant.date()).days < 7 else day_month(instant)


def moment(instant: datetime) -> str:
    """``Tue 15 Sept, 13:42``"""
    month = MONTHS[instant.month - 1]
    short = {"September": "Sept"}.get(month, month if len(month) <= 4 else month[:3])
    return f"{WEEKDAYS[instant.weekday()][:3]} {instant.day} {short}, {instant:%H:%M}"


def week_span(start: date) -> str:
    """``Monday 14 to Sunday 20 September 2026``; both months and years where they differ."""
    end = start + timedelta(days=6)
    left = f"Monday {start.day}"
    if start.month != end.month:
        left += f" {MONTHS[start.month - 1]}"
    if start.year != end.year:
        left += f" {start.year}"
    return f"{left} to Sunday {end.day} {MONTHS[end.month - 1]} {end.year}"


def short_span(start: date) -> str:
    """``14 to 20 September``"""
    end = start + timedelta(days=6)
    left = f"{start.day}" if start.month == end.month else day_month(start)
    return f"{left} to {day_month(end)}"


def percent(share: float) -> str:
    """``87%``"""
    return f"{round(share * 100)}%"


def points(share: float) -> str:
    """A difference of shares in percentage points: ``12``"""
    return str(round(share * 100))


def decimal(value: float) -> str:
    """``2.4``"""
    return f"{value:.1f}".removesuffix(".0")


def fine(value: float) -> str:
    """``0.112``"""
    return f"{value:.3f}"


def opening(link: str) -> str:
    """The link, where it is of a kind that opens a message in a mail program or web mail; else empty."""
    return link if re.match(r"(https://|mid:|message:)", link) else ""


def between(low: float, high: float) -> str:
    """``73 to 94%``"""
    return f"{round(low * 100)} to {round(high * 100)}%"


def listed(items: Sequence[str]) -> str:
    """``a, b and c``"""
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " and " + items[-1] if items else ""


FILTERS = {
    one.__name__: one
    for one in (
        clean, address, number, sentence, plural, duration, about_hours, working_days, days_in_words, day_month,
        weekday, spans, lately, moment, week_span, short_span, percent, points,
        decimal, fine, opening, between, listed,
    )
}  # fmt: skip
