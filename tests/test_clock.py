"""Working hours between instants (MEASURES section 3, "Reply latency")."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailcare.clock import WorkingTime, hours_per_day, parse_hours, working_hours
from tests.conversation import instant

BERLIN = WorkingTime("Europe/Berlin")
NEW_YORK = WorkingTime("America/New_York")
ALWAYS = "Mon-Sun 00:00-24:00"


def worked(time: WorkingTime, start: str, end: str) -> float:
    """Working hours between two instants (UTC)."""
    first, last = (np.array([instant(text).replace(tzinfo=None)], "datetime64[s]") for text in (start, end))
    return float(working_hours(time, first, last)[0])


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("Mon 09:00", "Mon 17:00", 8),
        ("Mon 10:30", "Mon 11:15", 0.75),
        ("Mon 09:00:00", "Mon 09:00:18", 0.005),
        ("Mon 07:00", "Mon 20:00", 8),
        ("Mon 17:00", "Tue 09:00", 0),
        ("Mon 16:00", "Tue 10:00", 2),
        ("Fri 16:00", "Mon+1 10:00", 2),
        ("Sat 10:00", "Sun 20:00", 0),
        ("Sat 10:00", "Mon+1 09:30", 0.5),
        ("Mon 09:00", "Mon+52 09:00", 52 * 40),
        ("Mon 12:00", "Mon 12:00", 0),
        ("Mon 12:00", "Mon 11:00", 0),
    ],
)
def test_only_weekday_hours_count(start: str, end: str, hours: float) -> None:
    assert worked(WorkingTime(), start, end) == pytest.approx(hours)


@pytest.mark.parametrize(
    ("hours", "start", "end", "worked_hours"),
    [
        ("Mon-Fri 09:00-12:00, Mon-Fri 13:00-17:00", "Mon 11:00", "Mon 14:00", 2),
        ("Mon-Thu 09:00-17:00, Fri 09:00-13:00", "Thu 16:00", "Sat 00:00", 5),
        ("Sun-Thu 08:00-16:00", "Fri 09:00", "Sun 10:00", 2),
        ("Fri-Mon 09:00-17:00", "Mon 09:00", "Mon+1 09:00", 32),
        ("Tue 09:00-17:00", "Mon 09:00", "Mon+1 09:00", 8),
        (ALWAYS, "Fri 22:00", "Sat 03:00", 5),
    ],
)
def test_the_config_says_which_hours(hours: str, start: str, end: str, worked_hours: float) -> None:
    assert worked(WorkingTime(hours=hours), start, end) == pytest.approx(worked_hours)


@pytest.mark.parametrize(
    ("time", "start", "end", "hours"),
    [
        (BERLIN, "Mon 06:00", "Mon 16:00", 8),  # 08:00 to 18:00, summer time
        (BERLIN, "2026-01-12 07:00", "2026-01-12 09:00", 1),  # 08:00 to 10:00, winter time
        (NEW_YORK, "Mon 13:00", "Mon 14:00", 1),  # 09:00 to 10:00
        (NEW_YORK, "Fri 20:00", "Mon+1 14:00", 2),  # Friday 16:00 to Monday 10:00
        (WorkingTime("Asia/Kolkata"), "Mon 03:30", "Mon 04:30", 1),  # 09:00 to 10:00
        (WorkingTime("Pacific/Auckland"), "Sun 20:00", "Sun 22:00", 1),  # Monday 08:00 to 10:00
    ],
)
def test_hours_are_those_of_the_owners_zone(time: WorkingTime, start: str, end: str, hours: float) -> None:
    assert worked(time, start, end) == pytest.approx(hours)


@pytest.mark.parametrize(
    ("time", "start", "end"),
    [
        (BERLIN, "2026-03-27 15:00", "2026-03-30 08:00"),  # winter to summer time on Sunday 2026-03-29
        (BERLIN, "2026-10-23 14:00", "2026-10-26 09:00"),  # and back on Sunday 2026-10-25
        (NEW_YORK, "2026-03-06 21:00", "2026-03-09 14:00"),  # Sunday 2026-03-08
        (NEW_YORK, "2026-10-30 20:00", "2026-11-02 15:00"),  # Sunday 2026-11-01
    ],
)
def test_daylight_saving_moves_monday_morning(time: WorkingTime, start: str, end: str) -> None:
    """From Friday 16:00 to Monday 10:00 of the owner's clock."""
    assert worked(time, start, end) == pytest.approx(2)


@pytest.mark.parametrize(
    ("zone", "start", "end", "hours"),
    [
        ("Europe/Berlin", "2026-03-28 23:00", "2026-03-29 22:00", 23),
        ("Europe/Berlin", "2026-10-24 22:00", "2026-10-25 23:00", 25),
        ("America/New_York", "2026-03-08 05:00", "2026-03-09 04:00", 23),
        ("America/New_York", "2026-11-01 04:00", "2026-11-02 05:00", 25),
    ],
)
def test_who_works_through_the_change_works_the_hours_that_pass(zone: str, start: str, end: str, hours: float) -> None:
    assert worked(WorkingTime(zone, ALWAYS), start, end) == pytest.approx(hours)


@pytest.mark.parametrize(
    ("zone", "hours", "day", "expected"),
    [
        ("Europe/Berlin", "Sun 01:00-04:00", "2026-03-29", 2),  # 02:00 to 03:00 does not exist
        ("Europe/Berlin", "Sun 01:00-04:00", "2026-10-25", 4),  # and happens twice
        ("Europe/Berlin", "Sun 02:30-04:00", "2026-03-29", 1),
        ("America/New_York", "Sun 01:00-04:00", "2026-03-08", 2),
        ("America/New_York", "Sun 00:30-04:00", "2026-11-01", 4.5),
    ],
)
def test_a_shift_over_the_change_is_as_long_as_it_lasts(zone: str, hours: str, day: str, expected: float) -> None:
    monday = f"{date.fromisoformat(day) + timedelta(days=1)} 12:00"
    assert worked(WorkingTime(zone, hours), f"{date.fromisoformat(day) - timedelta(days=1)} 12:00", monday) == expected


@pytest.mark.parametrize(
    ("holidays", "day", "expected"),
    [
        ("DE", "2026-05-01", 0),  # Labour Day
        ("DE", "2026-12-25", 0),
        ("DE", "2027-01-01", 0),
        ("DE", "2026-06-04", 8),  # Corpus Christi is none in all of Germany
        ("DE-BY", "2026-06-04", 0),  # but in Bavaria
        ("US", "2026-11-26", 0),  # Thanksgiving
        ("", "2026-12-25", 8),
    ],
)
def test_public_holidays_are_days_off(holidays: str, day: str, expected: float) -> None:
    assert worked(WorkingTime(holidays=holidays), f"{day} 00:00", f"{day} 23:59") == expected


def test_days_off_are_inclusive() -> None:
    """Tuesday to Wednesday, and one Friday."""
    time = WorkingTime(days_off=((date(2026, 9, 15), date(2026, 9, 16)), (date(2026, 9, 18), date(2026, 9, 18))))
    assert worked(time, "Mon 00:00", "Mon+1 00:00") == 16
    assert worked(time, "Mon 16:00", "Thu 10:00") == 2


def test_a_day_off_is_a_day_of_the_owners_zone() -> None:
    time = WorkingTime("Pacific/Auckland", days_off=((date(2026, 9, 15), date(2026, 9, 15)),))
    assert worked(time, "Mon 12:00", "Tue 12:00") == 0  # all of Tuesday 15 in Auckland
    assert worked(time, "Tue 12:00", "Wed 12:00") == 8


def test_many_intervals_at_once() -> None:
    start = np.array(["2026-09-14T09:00", "2026-09-18T16:00", "2030-01-07T09:00"], "datetime64[s]")
    end = np.array(["2026-09-14T10:00", "2026-09-21T10:00", "2030-01-07T17:00"], "datetime64[s]")
    assert working_hours(WorkingTime(), start, end).tolist() == [1, 2, 8]
    assert working_hours(WorkingTime(), start[:0], end[:0]).tolist() == []


@pytest.mark.parametrize(
    ("hours", "average"),
    [
        ("Mon-Fri 09:00-17:00", 8),
        ("Mon-Thu 09:00-17:00, Fri 09:00-13:00", 7.2),
        ("Mon-Fri 09:00-12:00, Mon-Fri 13:00-17:00", 7),
        ("Tue 08:00-20:00", 12),
        (ALWAYS, 24),
    ],
)
def test_hours_of_an_average_working_day(hours: str, average: float) -> None:
    assert hours_per_day(WorkingTime(hours=hours)) == pytest.approx(average)


def test_spans_are_read_by_weekday_and_minute() -> None:
    assert parse_hours("Fri 09:00-13:00, Mon-Tue 09:30-24:00") == [(0, 570, 1440), (1, 570, 1440), (4, 540, 780)]


@pytest.mark.parametrize(
    "text",
    [
        *("", "Mon-Fri", "09:00-17:00", "Mon-Fri 9-17h", "Foo 09:00-17:00", "Mon 17:00-09:00", "Mon 09:00-09:00"),
        *("Mon 09:00-25:00", "Mon 09:60-17:00", "Mon 09:00-12:00, Mon 11:00-17:00", "Mon 09:00-12:00,"),
    ],
)
def test_hours_that_mean_nothing_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_hours(text)


_ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
_HOURS = st.sampled_from(["Mon-Fri 09:00-17:00", "Mon-Thu 22:00-24:00, Sun 00:00-06:00", ALWAYS])
_MINUTES = st.integers(0, 2 * 366 * 24 * 60)


@given(_ZONES, _HOURS, st.tuples(_MINUTES, _MINUTES, _MINUTES).map(sorted))
def test_the_parts_of_a_span_add_up(zone: str, hours: str, minutes: list[int]) -> None:
    time = WorkingTime(zone, hours, holidays="DE")
    a, b, c = (np.array([np.datetime64("2025-12-01T00:00:00") + np.timedelta64(m, "m")]) for m in minutes)
    whole = working_hours(time, a, c)[0]
    assert working_hours(time, a, b)[0] + working_hours(time, b, c)[0] == pytest.approx(whole)
    assert 0 <= whole <= (c - a)[0] / np.timedelta64(1, "h") + 1e-9


def test_seconds_that_are_no_whole_numbers_are_refused() -> None:
    with pytest.raises(TypeError, match="whole numbers"):
        working_hours(WorkingTime(), np.array([0.0]), np.array([3600.0]))
