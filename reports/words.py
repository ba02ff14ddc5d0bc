"""Figures and names in words: the filters of the templates.

Durations are hours; instants are aware and already in the reader's time zone. What comes out of a mail header goes
through ``clean`` or ``address`` before a page shows it; the rest is said in a language, by ``Words``.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import idna

from reports.language import Language

NB = "\N{NO-BREAK SPACE}"
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


def sentence(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def opening(link: str) -> str:
    """The link, where it is of a kind that opens a message in a mail program or web mail; else empty."""
    return link if re.match(r"(https://|mid:|message:)", link) else ""


def whole_days(hours: float, day: float) -> int:
    """Working hours as whole working days."""
    return int(hours / day + 1e-9)


@dataclass(frozen=True, slots=True)
class Words:
    """Figures in the words of a language. The examples are those of English."""

    language: Language

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of the templates, by their names."""
        own = (
            self.translated, self.number, self.duration, self.about_hours, self.working_days, self.day_month,
            self.full_day, self.month, self.weekday, self.weekday_called, self.time, self.spans, self.lately,
            self.moment, self.week_span, self.short_span, self.percent, self.between, self.listed,
            self.points, self.decimal, self.fine,
        )  # fmt: skip
        return {one.__name__: one for one in (clean, address, sentence, whole_days, opening, *own)}

    def translated(self, text: str) -> str:
        """A name that Python hands to the page."""
        return self.language.gettext(text)

    def number(self, count: int) -> str:
        """A count in words up to twelve: ``three``."""
        # Translators: the numbers from 0 to 12, as in "no messages, one message"; separated by commas.
        known = self.language.gettext("no, one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve")
        words = known.split(", ")
        return words[count] if 0 <= count < len(words) else f"{count:,}".replace(",", NB)

    def duration(self, hours: float) -> str:
        """``2 h 24 min``; under an hour in minutes; whole hours from ten on."""
        minutes = round(hours * 60)
        whole, rest = divmod(minutes, 60)
        if minutes == 0:
            return self.language.gettext("no time") if hours == 0 else self.language.gettext("less than a minute")
        if minutes < 60:
            said = self.language.gettext("%(minutes)s min")
        elif minutes >= 600 or not rest:
            said, whole = self.language.gettext("%(hours)s h"), round(hours)
        else:
            said = self.language.gettext("%(hours)s h %(minutes)s min")
        return (said % {"hours": whole, "minutes": rest}).replace(" ", NB)

    def hours(self, hours: float) -> str:
        """``0.5 h``, as an axis has it."""
        return self.language.pgettext("axis: short", "%(hours)s h") % {"hours": self.language.decimal(hours)}

    def about_hours(self, hours: float) -> str:
        """``5 hours``; to the half hour below four, in minutes below one and a half."""
        if hours < 1.5:
            return self.duration(hours)
        whole, half = divmod(round(hours * 2), 2) if hours < 4 else (round(hours), 0)
        return self.language.gettext("%(hours)s hours") % {"hours": f"{whole}{'½' if half else ''}"}

    def working_days(self, hours: float, day: float) -> str:
        """Working hours as whole working days: ``3 working days``; below one day as a duration of working time."""
        days = whole_days(hours, day)
        if not days:
            return self.language.gettext("%(duration)s of working time") % {"duration": self.duration(hours)}
        return self.language.ngettext("%(days)s working day", "%(days)s working days", days) % {"days": days}

    def month(self, day: date) -> str:
        """``September``"""
        return self.language.month(day.month)

    def day_month(self, day: date) -> str:
        """``14 September``"""
        return self.language.gettext("%(day)s %(month)s") % {"day": day.day, "month": self.month(day)}

    def full_day(self, day: date) -> str:
        """``Monday 14 September``"""
        return self.language.gettext("%(weekday)s %(day)s %(month)s") % {
            "weekday": self.weekday(day),
            "day": day.day,
            "month": self.month(day),
        }

    def weekday(self, day: date) -> str:
        """``Monday``"""
        return self.weekday_called(day.weekday())

    def weekday_called(self, number: int) -> str:
        """``Monday`` for 0."""
        return self.language.weekday(number)

    def time(self, instant: datetime) -> str:
        """``13:42``"""
        return self.language.time(instant)

    def spans(self, hours: str) -> str:
        """``Monday to Friday 09:00 to 17:00`` for ``Mon-Fri 09:00-17:00``."""
        named = re.sub("[A-Za-z]+", lambda day: self.weekday_called(_DAYS.index(day[0].lower())), hours)
        return named.replace("-", " " + self.language.pgettext("from Monday to Friday", "to") + " ")

    def lately(self, instant: datetime, now: datetime) -> str:
        """``Tuesday`` within the last six days, ``14 September`` before."""
        return self.weekday(instant) if (now.date() - instant.date()).days < 7 else self.day_month(instant)

    def moment(self, instant: datetime) -> str:
        """``Tue 15 Sept, 13:42``"""
        month = self.month(instant)
        return self.language.gettext("%(weekday)s %(day)s %(month)s, %(time)s") % {
            "weekday": self.language.weekday(instant.weekday(), "abbreviated"),
            "day": instant.day,
            "month": month if len(month) <= 4 else self.language.month(instant.month, "abbreviated"),
            "time": self.time(instant),
        }

    def week_span(self, start: date) -> str:
        """``Monday 14 to Sunday 20 September 2026``; both months and years where they differ."""
        end = start + timedelta(days=6)
        if start.year != end.year:
            said = self.language.gettext(
                "Monday %(day)s %(month)s %(year)s to Sunday %(end_day)s %(end_month)s %(end_year)s"
            )
        elif start.month != end.month:
            said = self.language.gettext("Monday %(day)s %(month)s to Sunday %(end_day)s %(end_month)s %(end_year)s")
        else:
            said = self.language.gettext("Monday %(day)s to Sunday %(end_day)s %(end_month)s %(end_year)s")
        first = {"day": start.day, "month": self.month(start), "year": start.year}
        return said % {**first, "end_day": end.day, "end_month": self.month(end), "end_year": end.year}

    def short_span(self, start: date) -> str:
        """``14 to 20 September``"""
        end = start + timedelta(days=6)
        if start.month == end.month:
            said = self.language.gettext("%(day)s to %(end_day)s %(end_month)s")
        else:
            said = self.language.gettext("%(day)s %(month)s to %(end_day)s %(end_month)s")
        first = {"day": start.day, "month": self.month(start)}
        return said % {**first, "end_day": end.day, "end_month": self.month(end)}

    def percent(self, share: float) -> str:
        """``87%``"""
        return self.language.percent(share)

    def points(self, share: float) -> str:
        """A difference of shares in percentage points: ``12``"""
        return str(round(share * 100))

    def decimal(self, value: float) -> str:
        """``2.4``"""
        return self.language.decimal(value, "0.#")

    def fine(self, value: float) -> str:
        """``0.112``"""
        return self.language.decimal(value, "0.000")

    def between(self, low: float, high: float) -> str:
        """``73 to 94%``"""
        return self.language.gettext("%(low)s to %(high)s") % {"low": round(low * 100), "high": self.percent(high)}

    def listed(self, items: Sequence[str]) -> str:
        """``a, b and c``"""
        return self.language.listed(items)


_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
