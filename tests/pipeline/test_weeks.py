"""The week's figures, by Kaplan–Meier (docs/measures.md, "Half-way point" and "Share answered, typical time")."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

from mailcare.hours.survival import kaplan_meier, quantile
from tests.conversation import BERLIN, Tables, seen, tables, told

CURVE = "share_answered km_p25 km_p50 km_p75 typical_hours"
CALENDAR = "calendar_share_answered calendar_km_p25 calendar_km_p50 calendar_km_p75 calendar_typical_hours"

# The curve by hand


@told()
def test_everybody_answered(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 10:00  me -> ann   [r1 < a1]
    Mon 09:00  bob -> me   [a2]
    Mon 11:00  me -> bob   [r2 < a2]
    Mon 09:00  col -> me   [a3]
    Mon 13:00  me -> col   [r3 < a3]
    Mon 09:00  dan -> me   [a4]
    Tue 09:00  me -> dan   [r4 < a4]
    """
    # After 1, 2, 4 and 8 working hours a quarter, half, three quarters and all had an answer
    assert seen(mail.weekly, f"week turns answered covered open {CURVE}") == ["2026-W38 4 4 0 0 1 1 2 4 2"]
    assert seen(mail.weekly, CALENDAR) == ["1 1 2 4 2"]


@told()
def test_open_and_covered_turns_are_censored(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me        [a1]
    Mon 11:00  me -> ann        [r1 < a1]
    Mon 09:00  bob -> me, kim   [a2]
    Mon 12:00  kim -> bob       [k2 < a2]
    Mon 09:00  col -> me        [a3]
    Mon 13:00  me -> col        [r3 < a3]
    Fri 12:00  dan -> me        [a4]
    """
    # 2 h: one of four answered, S = 3/4. 3 h: covered. 4 h: one of two, S = 3/8. 5 h: still open.
    assert seen(mail.weekly, f"turns answered covered open {CURVE}") == ["4 2 1 1 0.625 2 4 - 4"]


@told()
def test_a_quantile_that_the_curve_does_not_reach_is_empty(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 10:00  me -> ann   [r1 < a1]
    Mon 09:00  bob -> me   [a2]
    Mon 09:00  col -> me   [a3]
    Mon 09:00  dan -> me   [a4]
    """
    # F(H) is a quarter; half of it is passed with the first answer
    assert seen(mail.weekly, CURVE) == ["0.25 1 - - 1"]


@told()
def test_a_week_without_an_answer_has_a_share_of_none(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    """
    assert seen(mail.weekly, f"turns open {CURVE}") == ["1 1 0 - - - -"]


@told(as_of="Fri+4 17:00")
def test_the_share_answered_ends_at_ten_working_days_and_fourteen_calendar_days(mail: Tables) -> None:
    """
    Mon 09:00    ann -> me   [a1]
    Mon 10:00    me -> ann   [r1 < a1]
    Mon 09:00    bob -> me   [a2]
    Fri+1 17:00  me -> bob   [r2 < a2]
    Mon 09:00    col -> me   [a3]
    Mon+2 09:00  me -> col   [r3 < a3]
    Mon 09:00    dan -> me   [a4]
    Mon+2 09:01  me -> dan   [r4 < a4]
    """
    # r2 and r3 come after 80 working hours, r4 a minute later; r3 after 14 days, r4 a minute later
    assert seen(mail.weekly, "turns answered share_answered calendar_share_answered") == ["4 4 0.75 0.75"]
    assert seen(mail.weekly, "km_p25 km_p50 km_p75 typical_hours") == ["1 80 80 80"]
    assert seen(mail.weekly, "calendar_km_p50 calendar_km_p75 calendar_typical_hours") == ["272 336 272"]


@told()
def test_an_open_turn_counts_in_the_typical_time(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 10:00  me -> ann   [r1 < a1]
    Mon 09:00  bob -> me   [a2]
    Mon 12:00  me -> bob   [r2 < a2]
    Fri 15:00  col -> me   [a3]
    """
    # 1 h: one of three, F = 1/3; 2 h: censored; 3 h: one of one, F = 1. Half of F(H) at 3 h.
    assert seen(mail.weekly, CURVE) == ["1 1 3 3 3"]


# Cohorts


@told(as_of="Wed+1 17:00")
def test_a_turn_belongs_to_the_week_in_which_it_began(mail: Tables) -> None:
    """
    Sun 23:59    ann -> me   [a1]
    Mon+1 12:00  ann -> me   [a2 < a1]
    Mon+1 15:00  me -> ann   [r1 < a2]
    Mon+1 00:00  bob -> me   [b1]
    """
    assert seen(mail.turns, "ask_message_id week") == ["a1 2026-W38", "b1 2026-W39"]
    assert seen(mail.weekly, "week turns answered open") == ["2026-W38 1 1 0", "2026-W39 1 0 1"]


@told(as_of="Wed+1 17:00", working_time=BERLIN)
def test_the_week_begins_in_the_owners_zone(mail: Tables) -> None:
    """
    Sun 21:59  ann -> me   [a1]
    Sun 23:30  bob -> me   [b1]
    """
    # In Berlin it is Sunday 23:59, and Monday 01:30
    assert seen(mail.turns, "ask_message_id week") == ["a1 2026-W38", "b1 2026-W39"]


@told(as_of="2027-01-06 12:00")
def test_weeks_are_those_of_iso_8601(mail: Tables) -> None:
    """
    2027-01-01 12:00  ann -> me   [a1]
    2027-01-03 12:00  bob -> me   [b1]
    2027-01-04 12:00  col -> me   [c1]
    """
    assert seen(mail.turns, "ask_message_id week") == ["a1 2026-W53", "b1 2026-W53", "c1 2027-W01"]


# Replies


@told(as_of="Wed+1 17:00")
def test_coverage_belongs_to_the_week_of_the_reply(mail: Tables) -> None:
    """
    Fri 09:00    ann -> me, bob        [a1]
    Fri 11:00    me -> ann, bob        [r1 < a1]
    Fri 09:00    ann -> me, bob, col   [a2]
    Fri 12:00    me -> ann             [r2 < a2]
    Fri 09:00    ann -> me, bob        [a3]
    Mon+1 09:00  me -> ann             [r3 < a3]
    """
    # The first week's two replies have coverage 1 and 1/3
    assert seen(mail.weekly, "week turns replies mean_coverage full_replies") == [
        "2026-W38 3 2 0.6667 1",
        "2026-W39 0 1 0.5 0",
    ]


@told()
def test_a_week_without_group_replies_has_no_coverage(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 11:00  me -> ann   [r1 < a1]
    """
    assert seen(mail.weekly, "turns replies mean_coverage full_replies") == ["1 0 - 0"]


def test_an_empty_mailbox_has_empty_tables() -> None:
    mail = tables("")
    assert [len(frame) for frame in (mail.messages, mail.turns, mail.replies, mail.threads, mail.weekly)] == [0] * 5


# Kaplan–Meier against statsmodels

TIES = ([1, 1, 1, 2, 2, 3, 3, 3, 5, 8], [1, 1, 0, 1, 0, 1, 1, 0, 1, 0])
HEAVY = ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0])


def assert_as_statsmodels(hours: list[float], event: list[int]) -> None:
    theirs = SurvfuncRight(np.array(hours, float), np.array(event))
    ours = kaplan_meier(np.array(hours, float), np.array(event, bool))
    answered = np.asarray(theirs.n_events) > 0
    survival = np.asarray(theirs.surv_prob)[answered]
    assert ours["hours"].tolist() == np.asarray(theirs.surv_times)[answered].tolist()
    assert ours["at_risk"].tolist() == np.asarray(theirs.n_risk)[answered].tolist()
    assert ours["events"].tolist() == np.asarray(theirs.n_events)[answered].tolist()
    np.testing.assert_allclose(ours["share"], 1 - survival, atol=1e-12)
    inside = survival > 1e-9
    error = np.asarray(theirs.surv_prob_se)[answered][inside]
    survival = survival[inside]
    middle, spread = np.log(-np.log(survival)), 1.959963984540054 * error / (survival * np.abs(np.log(survival)))
    np.testing.assert_allclose(ours["low"][inside], 1 - np.exp(-np.exp(middle - spread)), rtol=1e-6)
    np.testing.assert_allclose(ours["high"][inside], 1 - np.exp(-np.exp(middle + spread)), rtol=1e-6)


@pytest.mark.parametrize(
    ("hours", "event"), [TIES, HEAVY, ([4.0], [1]), ([3, 3, 3], [1, 1, 1]), ([0, 0, 1], [1, 0, 1])]
)
def test_the_curve_and_its_band_are_those_of_statsmodels(hours: list[float], event: list[int]) -> None:
    assert_as_statsmodels(hours, event)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 1)), min_size=1, max_size=60))
def test_any_curve_is_that_of_statsmodels(observed: list[tuple[int, int]]) -> None:
    hours, event = (list(column) for column in zip(*observed, strict=True))
    if any(event):
        assert_as_statsmodels(hours, event)
    else:
        assert kaplan_meier(hours, event).empty


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9), st.booleans()), max_size=60))
def test_each_group_has_its_own_curve(observed: list[tuple[int, int, bool]]) -> None:
    frame = pd.DataFrame(observed, columns=["group", "hours", "event"])
    together = kaplan_meier(frame["hours"].to_numpy(float), frame["event"].to_numpy(bool), frame["group"].to_numpy(int))
    for group, part in frame.groupby("group"):
        alone = kaplan_meier(part["hours"].to_numpy(float), part["event"].to_numpy(bool))
        mine = together[together["group"] == group].reset_index(drop=True)
        columns = ["hours", "at_risk", "events", "share", "low", "high"]
        pd.testing.assert_frame_equal(mine[columns], alone[columns].reset_index(drop=True), check_dtype=False)


def test_the_band_by_hand() -> None:
    """Four turns, the first answered after an hour: S = 3/4, Greenwood's sum 1/(4·3)."""
    curve = kaplan_meier(np.array([1.0, 2, 2, 2]), np.array([True, False, False, False]))
    width = 1.959964 * math.sqrt(1 / 12) / abs(math.log(0.75))
    assert curve["share"].tolist() == [0.25]
    assert curve["low"].tolist() == pytest.approx([1 - 0.75 ** math.exp(-width)])
    assert curve["high"].tolist() == pytest.approx([1 - 0.75 ** math.exp(width)])
    assert 0.03 < curve["low"][0] < 0.25 < 0.75 < curve["high"][0] < 0.9


def test_a_quantile_is_the_first_time_at_which_the_share_is_reached() -> None:
    curve = kaplan_meier(np.array([1.0, 2, 3, 4]), np.array([True, True, True, False]))
    assert [quantile(curve, share).tolist() for share in (0.25, 0.26, 0.5, 0.75)] == [[1], [2], [2], [3]]
    assert quantile(curve, 0.76).dropna().empty
