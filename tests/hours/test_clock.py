"""Working hours between instants (docs/measures.md, "Working time")."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailcare.hours.clock import (
    calendar,
    hours_per_day,
    iso_weeks,
    local_days,
    local_time,
    local_times,
    midnight,
    seconds,
    working_hours,
)
from mailcare.hours.worktime import WorkingTime, parse_hours
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
        ("Mon-Fri 22:00-02:00", "Mon 00:00", "Tue 12:00", 4),
        ("Mon-Fri 22:00-02:00", "Fri 23:00", "Sat 01:00", 2),
        ("Mon-Fri 22:00-02:00", "Mon+1 00:00", "Mon+1 12:00", 0),
        ("Sun 22:00-02:00, Mon 02:00-03:00", "Sun 12:00", "Mon+1 12:00", 5),
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
        ("DE-BY, AT", "2026-10-26", 0),  # Austria's national day
        ("DE-BY, AT", "2026-10-02", 8),
        ("DE-BY, AT", "2026-06-04", 0),
        ("GR", "2026-12-24", 3),  # half a holiday: 09:00 to 12:00
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


def test_a_part_of_a_day_off_is_taken_out_of_its_hours() -> None:
    """Tuesday 2026-09-15 from 12:00 to 14:00, and Friday 18 from 08:00 on."""
    off = ((date(2026, 9, 15), 12 * 60, 14 * 60), (date(2026, 9, 18), 8 * 60, 24 * 60))
    time = WorkingTime("Europe/Berlin", hours_off=off)
    assert worked(time, "Tue 00:00", "Wed 00:00") == 6
    assert worked(time, "Tue 09:00", "Tue 12:30") == 1.5  # 11:00 to 14:30 in Berlin
    assert worked(time, "Mon 00:00", "Mon+1 00:00") == 30


def test_the_night_after_a_day_off_is_free_and_the_night_before_is_not() -> None:
    time = WorkingTime(hours="Mon-Fri 22:00-02:00", days_off=((date(2026, 9, 15), date(2026, 9, 15)),))
    assert worked(time, "Mon 12:00", "Tue 12:00") == 4
    assert worked(time, "Tue 12:00", "Wed 12:00") == 0


def test_an_hour_that_two_spans_share_as_the_clock_goes_back_counts_once() -> None:
    time = WorkingTime("Europe/Berlin", "Sun 00:00-02:30, Sun 02:30-08:00")
    assert worked(time, "2026-10-24 12:00", "2026-10-25 12:00") == 9


TO_NEW_YORK = WorkingTime("Europe/Berlin", journeys=((date(2026, 9, 15), date(2026, 9, 16), "America/New_York"),))


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("Mon 07:00", "Mon 15:00", 8),  # 09:00 to 17:00 in Berlin
        ("Mon 15:00", "Tue 13:00", 0),
        ("Tue 13:00", "Tue 21:00", 8),  # in New York
        ("Wed 20:00", "Thu 08:00", 2),  # Wednesday 16:00 in New York to Thursday 10:00 in Berlin
        ("Mon 00:00", "Mon+1 00:00", 40),
    ],
)
def test_on_a_journey_the_hours_are_those_of_the_place(start: str, end: str, hours: float) -> None:
    assert worked(TO_NEW_YORK, start, end) == hours


def test_over_the_date_line_a_day_ends_early_and_another_one_lasts_longer() -> None:
    """From Honolulu (UTC-10) to Auckland (UTC+12): Monday ends at two in the morning. And back: Saturday begins in
    Auckland, and is there again from midnight in Honolulu on."""
    there = (date(2026, 9, 15), date(2026, 9, 18), "Pacific/Auckland")
    time = WorkingTime("Pacific/Honolulu", journeys=(there,))
    assert midnight(time, date(2026, 9, 14)) == seconds([instant("2026-09-14 10:00")])[0]
    assert midnight(time, date(2026, 9, 15)) == seconds([instant("2026-09-14 12:00")])[0]
    assert local_days(time, [instant("2026-09-14 11:59")])[0] == pd.Timestamp("2026-09-14")
    assert local_days(time, [instant("2026-09-14 12:00")])[0] == pd.Timestamp("2026-09-15")
    assert worked(time, "2026-09-14 10:00", "2026-09-14 12:00") == 0
    assert local_time(time, int(seconds([instant("2026-09-18 12:30")])[0])).isoformat() == "2026-09-19T00:30:00+12:00"
    assert local_time(time, int(seconds([instant("2026-09-19 10:00")])[0])).isoformat() == "2026-09-19T00:00:00-10:00"


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
        ("Mon-Fri 22:00-02:00", 4),
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
        *("", "Mon-Fri", "09:00-17:00", "Mon-Fri 9-17h", "Foo 09:00-17:00", "Mon 09:00-09:00"),
        *("Mon 09:00-25:00", "Mon 09:60-17:00", "Mon 09:00-12:00, Mon 11:00-17:00", "Mon 09:00-12:00,"),
        *("Mon-Sun 22:00-06:00, Tue 05:00-07:00", "Sun 22:00-02:00, Mon 01:00-09:00"),
    ],
)
def test_hours_that_mean_nothing_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_hours(text)


_ZONES = st.sampled_from(
    [
        *("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"),
        *("Pacific/Kiritimati", "Pacific/Pago_Pago", "Pacific/Auckland", "Atlantic/Azores"),
    ]
)
_HOURS = st.sampled_from(
    ["Mon-Fri 09:00-17:00", "Mon-Thu 22:00-24:00, Sun 00:00-06:00", "Mon-Sun 21:00-02:30, Mon-Sun 02:30-05:00", ALWAYS]
)
_START = date(2025, 12, 1)
_MINUTES = st.integers(0, 2 * 366 * 24 * 60)
_TRIP = st.tuples(st.integers(1, 60), st.integers(0, 9), _ZONES)
"""Days at home before it, days there less one, and where."""
_OFF = st.tuples(st.integers(0, 720), st.integers(0, 720), st.integers(721, 1440))


def _journeys(trips: list[tuple[int, int, str]]) -> tuple[tuple[date, date, str], ...]:
    found, day = [], _START + timedelta(days=95)  # the clocks change in the weeks that follow
    for home, stay, zone in trips:
        first = day + timedelta(days=home - 1)
        found.append((first, first + timedelta(days=stay), zone))
        day = first + timedelta(days=stay + 1)
    return tuple(found)


_TIMES = st.builds(
    lambda zone, hours, trips, off: WorkingTime(
        zone,
        hours,
        holidays="DE, GR",
        hours_off=tuple((_START + timedelta(days=day), start, end) for day, start, end in off),
        journeys=_journeys(trips),
    ),
    *(_ZONES, _HOURS, st.lists(_TRIP, max_size=5), st.lists(_OFF, max_size=3)),
)


@given(_TIMES, st.tuples(_MINUTES, _MINUTES, _MINUTES).map(sorted))
def test_the_parts_of_a_span_add_up(time: WorkingTime, minutes: list[int]) -> None:
    a, b, c = (np.array([np.datetime64("2025-12-01T00:00:00") + np.timedelta64(m, "m")]) for m in minutes)
    whole = working_hours(time, a, c)[0]
    assert working_hours(time, a, b)[0] + working_hours(time, b, c)[0] == pytest.approx(whole)
    assert 0 <= whole <= (c - a)[0] / np.timedelta64(1, "h") + 1e-9


@given(_TIMES)
def test_working_time_opens_and_closes_in_turn(time: WorkingTime) -> None:
    opens, closes = calendar(time, 1_764_547_200, 1_796_083_200)
    edges = np.stack([opens, closes], axis=1).ravel()
    assert (np.diff(edges)[::2] > 0).all()
    assert (np.diff(edges)[1::2] >= 0).all()


@given(_TIMES)
def test_days_follow_one_another_and_weeks_are_made_of_them(time: WorkingTime) -> None:
    """Every half hour from March to July 2026: no day or week comes back, and each begins at its midnight."""
    instants = np.arange(1_772_323_200, 1_782_864_000, 1800)
    days, weeks = local_days(time, instants), iso_weeks(time, instants)
    assert days.is_monotonic_increasing
    assert weeks.is_monotonic_increasing
    assert (weeks.day_of_week == 0).all()
    assert ((days - weeks) < pd.Timedelta(days=7)).all()
    for monday in pd.date_range("2026-03-09", "2026-06-22", freq="7D"):
        begins = midnight(time, monday.date())
        assert ((instants >= begins) == (weeks >= monday)).all()


@given(_TIMES)
def test_away_from_changes_of_place_the_day_is_that_of_the_wall_clock(time: WorkingTime) -> None:
    instants = np.arange(1_772_323_200, 1_782_864_000, 7200)
    days, shown = local_days(time, instants), local_times(time, instants)
    near = np.zeros(len(instants), bool)
    for first, last, _ in time.journeys:
        for day in (first, last + timedelta(days=1)):
            near |= abs(instants - midnight(time, day)) < 30 * 3600
    assert (days[~near] == shown[~near].normalize()).all()


def test_seconds_that_are_no_whole_numbers_are_refused() -> None:
    with pytest.raises(TypeError, match="whole numbers"):
        working_hours(WorkingTime(), np.array([0.0]), np.array([3600.0]))
