"""Where the owner is: a time zone for each day, one of home and those of journeys.

A stay begins at midnight of its first day, by the clock of the place. Days follow one another without gap or overlap
across every change: one may be longer than a day, or empty (over the date line). Instants are seconds since 1970, days
are days since 1970.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
import pandas as pd

from mailcare.hours.arrays import Ints
from mailcare.hours.worktime import Journey, WorkingTime

DAY = 86_400
_EPOCH = date(1970, 1, 1)
_FIRST, _LAST = np.iinfo(np.int64).min, np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, eq=False)
class Stays:
    """One after another, home before the first journey included."""

    zones: tuple[str, ...]
    first_day: Ints
    begins: Ints
    """The instant; that of the next stay at the latest, which leaves a stay of a day over the date line empty."""

    def at(self, instants: Ints) -> Ints:
        """The number of the stay at each instant."""
        return np.searchsorted(self.begins, instants, side="right") - 1

    def on(self, days: Ints) -> Ints:
        """The number of the stay on each day."""
        return np.searchsorted(self.first_day, days, side="right") - 1

    def clock(self, instants: Ints) -> Ints:
        """The wall-clock time of each instant, in seconds as if it were UTC."""
        stay, shown = self.at(instants), np.zeros(len(instants), np.int64)
        for number in np.unique(stay):
            here = stay == number
            stamps = pd.DatetimeIndex(instants[here].astype("datetime64[s]"), tz="UTC")
            shown[here] = _seconds(stamps.tz_convert(self.zones[number]).tz_localize(None))
        return shown

    def days(self, instants: Ints) -> Ints:
        """The calendar day of each instant, never one before that of an earlier instant."""
        stay, after = self.at(instants), np.append(self.first_day, _LAST)
        return np.clip(self.clock(instants) // DAY, self.first_day[stay], after[stay + 1])

    def instants(self, days: Ints, minutes: Ints, *, earlier: bool) -> Ints:
        """The instants of times of day (minutes after midnight, beyond 24 h too), by the clock of the day's stay and
        within it. A time that a clock change repeats is the earlier or the later one; one that it leaves out is that of
        the change."""
        stay, found = self.on(days), np.zeros(len(days), np.int64)
        ends = np.append(self.begins[1:], _LAST)
        for number in np.unique(stay):
            here = stay == number
            local = days[here] * DAY + minutes[here] * 60
            found[here] = np.clip(_zoned(local, self.zones[number], earlier=earlier), self.begins[number], ends[number])
        return found

    def midnight(self, day: int) -> int:
        """The first instant of the day, or of the next one that is not empty."""
        following = zip(np.append(self.first_day[1:], _LAST), np.append(self.begins[1:], _LAST), strict=True)
        for zone, first, begins, (next_first, ends) in zip(
            self.zones, self.first_day, self.begins, following, strict=True
        ):
            begun = begins if first >= day else max(begins, _midnight(day, zone))
            if begun < ends and day <= next_first:
                return int(begun)
        raise AssertionError("the last stay has no end")


def stays(time: WorkingTime) -> Stays:
    """The time zone of each of the owner's days."""
    return _stays(time.time_zone, time.journeys)


@lru_cache(maxsize=16)
def _stays(home: str, journeys: tuple[Journey, ...]) -> Stays:
    """The stays of somebody who lives in the time zone ``home``; the journeys must not overlap."""
    found = {_FIRST: home}
    for first, last, zone in sorted(journeys):
        found[day_number(first)] = zone
        found[day_number(last + timedelta(days=1))] = home
    first_day = np.array(list(found), np.int64)
    begins = [_FIRST, *(_midnight(day, zone) for day, zone in list(found.items())[1:])]
    latest = np.minimum.accumulate(np.array(begins, np.int64)[::-1])[::-1]
    return Stays(tuple(found.values()), first_day, latest)


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - _EPOCH).days


def _midnight(day: int, zone: str) -> int:
    return int(_zoned(np.array([day * DAY]), zone, earlier=True)[0])


def _zoned(local: Ints, zone: str, *, earlier: bool) -> Ints:
    naive = pd.DatetimeIndex(local.astype("datetime64[s]"))
    zoned = naive.tz_localize(zone, ambiguous=np.full(len(local), earlier), nonexistent="shift_forward")
    return _seconds(zoned.tz_convert(None))


def _seconds(naive: pd.DatetimeIndex) -> Ints:
    return naive.to_numpy().astype("datetime64[s]").astype(np.int64)
