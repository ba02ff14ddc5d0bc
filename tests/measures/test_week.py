"""What one person's week says, from small exchanges. The week is that of Monday 2026-09-14, told a week later."""

from datetime import date

import pytest

from mailcare.hours.worktime import WorkingTime
from mailcare.measures import week as individual
from mailcare.values import week as values
from tests.conversation import instant, tables

NEXT_MONDAY = "Mon+1 06:00"


def week(conversation: str, as_of: str = NEXT_MONDAY, **account: object) -> values.Week:
    return individual.week(tables(conversation, as_of, **account).mailbox)


def a_week_of(answers: int, *, monday: int = 0, minutes: int = 60) -> str:
    """So many asks of one week, each on its own, each answered after some minutes."""
    lines = []
    for number in range(answers):
        day, hour = ("Mon", "Tue", "Wed", "Thu", "Fri")[number % 5], 9 + number // 5
        ask = f"a{monday}x{number}"
        at = f"{hour + minutes // 60:02d}:{minutes % 60:02d}"
        lines += [f"{day}{monday:+d} {hour:02d}:00  ann{number} -> me  [{ask}]"]
        lines += [f"{day}{monday:+d} {at}  me -> ann{number}  [r{ask} < {ask}]"]
    return "\n".join(lines)


def test_the_week_is_the_last_whole_one() -> None:
    mail = "Mon 09:00  ann -> me"
    assert week(mail, "Mon+1 00:00").start == date(2026, 9, 14)
    assert week(mail, "Sun 23:59").start == date(2026, 9, 7)


def test_the_week_begins_at_midnight_of_the_owners_time_zone() -> None:
    berlin = week("Sun-1 22:30  ann -> me  [a1]", working_time=WorkingTime("Europe/Berlin"))
    assert berlin.counts.asking == 1  # half past midnight on Monday in Berlin
    assert week("Sun-1 22:30  ann -> me  [a1]").counts.asking == 0


def test_on_a_journey_the_week_and_the_page_follow_the_clock_of_the_place() -> None:
    there = WorkingTime("Europe/Berlin", journeys=((date(2026, 9, 15), date(2026, 9, 21), "America/New_York"),))
    mail = """
        Sun-1 22:30  ann -> me  [a1]
        Mon+1 03:00  bob -> me  [b1]
        Mon+1 05:00  cho -> me  [c1]
        """
    told = week(mail, working_time=there)
    assert told.start == date(2026, 9, 14)
    assert told.counts.asking == 2  # from Monday 00:30 in Berlin to Sunday 23:00 in New York
    assert told.as_of.isoformat() == "2026-09-21T02:00:00-04:00"


def test_what_was_read_adds_up() -> None:
    counts = week(
        """
        Mon 09:00  ann -> me                       [a1]
        Mon 10:00  me -> ann                       [r1 < a1]
        Mon 11:00  bob -> ann, cc me               [b1]
        Mon 12:00  cho -> dev@lists.example        [c1, list:dev@lists.example]
        Mon 13:00  noreply@shop.example -> me      [n1]
        Mon 14:00  ? -> me                         [q1]
        Mon+1 05:00  dee -> me                     [d1]
        """
    ).counts
    assert counts == values.Counts(messages=6, asking=1, sent=1, automated=1, kept_informed=1, by_list=1, unthreaded=1)


def test_under_a_working_day_is_fresh_up_to_ten_waits_and_more_has_gone_quiet() -> None:
    said = week(
        """
        Mon-1 09:00  ann -> me  [a1]
        Wed 10:00    bob -> me  [b1]
        Fri 16:00    cho -> me  [c1]
        """,
    )
    assert said.quiet == ()
    assert [one.contact.address for one in said.waiting] == ["ann@elsewhere.example", "bob@elsewhere.example"]
    assert said.fresh == 1
    assert [one.contact.address for one in week("Mon-1 09:00  ann -> me  [a1]", "Mon+1 10:00").quiet] == [
        "ann@elsewhere.example"
    ]


def test_why_a_message_is_listed() -> None:
    (one,) = week(
        """
        Mon 09:00  ann -> me, bob, cc cho  "Budget"      [a1]
        Mon 10:00  me -> ann               "Re: Budget"  [r1 < a1]
        Mon 11:00  ann -> me, bob, cc cho  "Re: Budget"  [a2 < r1]
        Tue 11:00  ann -> me               "Budget?"     [a3 < a2]
        Tue 12:00  bob -> ann              "Re: Budget"  [b1 < a2]
        """,
        circles={},
    ).waiting
    assert (one.subject, one.others, one.owner_wrote_before, one.others_answered) == ("Re: Budget", 2, True, True)
    assert one.since == instant("Mon 11:00")
    assert one.chased_at == instant("Tue 11:00")
    assert one.working_hours == pytest.approx(6 + 4 * 8)


def test_a_code_is_the_same_every_week_and_another_for_another_thread() -> None:
    mail = "Mon 09:00  ann -> me  [a1]\nTue 09:00  bob -> me  [b1]"
    now, later = week(mail).waiting, week(mail, "Tue+1 06:00").waiting
    assert [one.code for one in now] == [one.code for one in later]
    assert len({one.code for one in now}) == 2


def test_a_closing_word_is_counted_and_not_listed() -> None:
    said = week(
        """
        Mon 09:00  ann -> me   [a1]
        Mon 10:00  me -> ann   [r1 < a1]
        Mon 11:00  ann -> me   [a2 < r1]
        """,
        "Tue+1 06:00",
    )
    assert (said.waiting, said.probably_closed) == ((), 1)


def test_a_closing_word_within_the_grace_period_still_waits() -> None:
    mail = """
        Mon 09:00  ann -> me   [a1]
        Mon 10:00  me -> ann   [r1 < a1]
        Mon 11:00  ann -> me   [a2 < r1]
        """
    said = week(mail, "Tue+1 06:00", grace_days={"default": 10.0})
    assert (len(said.waiting), said.probably_closed) == (1, 0)


def test_usual_is_silent_where_many_weeks_did_not_reach_the_half() -> None:
    answered = [a_week_of(10, monday=-one) for one in (0, 1, 2, 3, 4, 5)]
    silent = ["\n".join(a_week_of(10, monday=-one).splitlines()[::2]) for one in (6, 7)]
    assert week("\n".join(answered + silent[:1])).half_tile.usual is not None
    assert week("\n".join(answered + silent)).half_tile.usual is None
    assert week("\n".join(answered + silent)).drift is not None


def test_a_monday_that_begins_twice_has_a_beginning() -> None:
    time = WorkingTime("Asia/Jerusalem")
    as_of = "2001-10-01 06:00"
    assert week("2001-09-25 09:00  ann -> me", as_of, working_time=time).counts.asking == 1


def test_the_owner_waits_where_the_owner_asked_and_not_after_an_answer() -> None:
    said = week(
        """
        Mon 09:00  ann -> me    [a1]
        Mon 10:00  me -> ann    [r1 < a1]
        Mon 11:00  me -> bob    [m1]
        """
    )
    assert [one.contact.address for one in said.waiting_for] == ["bob@elsewhere.example"]


def test_the_curve_counts_what_is_open_as_not_answered_yet() -> None:
    curve = week(
        """
        Mon 09:00  ann -> me   [a1]
        Mon 11:00  me -> ann   [r1 < a1]
        Mon 09:00  bob -> me   [b1]
        Mon 13:00  me -> bob   [s1 < b1]
        Fri 12:00  cho -> me   [c1]
        """
    ).curve
    assert (curve.turns, curve.answered) == (3, 2)
    assert curve.hours == (2.0, 4.0)
    assert curve.share == pytest.approx((1 / 3, 2 / 3))
    assert curve.quartiles == (2.0, 4.0, None)
    assert curve.typical == 2.0
    assert curve.observed_to == 5.0
    assert curve.share_in_one_day is None  # nobody was observed for a whole working day


def test_usual_needs_five_weeks_of_ten_messages() -> None:
    four = "\n".join(a_week_of(10, monday=-one) for one in range(5))
    five = "\n".join(a_week_of(10, monday=-one) for one in range(6))
    assert week(four).half_tile.usual is None
    known = week(five).half_tile
    assert known.value == 1.0
    assert known.usual == values.Usual(low=1.0, high=1.0, least=1.0, most=1.0, weeks=5)
    assert known.standing == "within"


def test_quicker_than_usual() -> None:
    mail = [a_week_of(10, monday=-one, minutes=120) for one in range(1, 7)] + [a_week_of(10, minutes=30)]
    said = week("\n".join(mail))
    assert (said.half_tile.value, said.half_tile.standing) == (0.5, "below")


def test_earlier_weeks_are_compared_as_old_as_this_one_is() -> None:
    late_answer = "Mon-3 09:00  zoe -> me  [z1]\nWed-1 09:00  me -> zoe  [zr < z1]"
    mail = "\n".join([a_week_of(10, monday=-one) for one in range(6)] + [late_answer])
    usual = week(mail).answered_tile.usual
    assert usual is not None
    assert usual.least == pytest.approx(10 / 11)  # zoe's answer came when that week was older than this one is now
    assert usual.most == 1.0


def test_a_week_away_is_a_gap_and_not_usual() -> None:
    off = WorkingTime(days_off=((date(2026, 8, 31), date(2026, 9, 4)),))
    mail = "\n".join(a_week_of(10, monday=-one) for one in range(7))
    said = week(mail, working_time=off)
    gone = [point for point in said.weeks if point.away]
    assert [point.start for point in gone] == [date(2026, 8, 31)]
    assert not gone[0].usable
    assert said.half_tile.usual is not None
    assert said.half_tile.usual.weeks == 5


def test_a_steady_drift_is_told_from_wobble() -> None:
    steady = "\n".join(a_week_of(10, monday=-one, minutes=60 + 10 * one) for one in range(8))
    drift = week(steady).drift
    assert drift is not None
    assert drift.beyond_wobble
    assert (drift.before, drift.now) == pytest.approx(((60 + 70) / 60, 1.0))
    wobbly = "\n".join(a_week_of(10, monday=-one, minutes=60 + 30 * (one % 2)) for one in range(8))
    drift = week(wobbly).drift
    assert drift is not None
    assert not drift.beyond_wobble


def test_an_answer_after_the_grace_period_is_worth_noticing() -> None:
    recovered = week(
        """
        Mon-1 09:00  ann -> me   [a1]
        Tue 11:00    me -> ann   [r1 < a1]
        """
    ).recovered
    assert recovered is not None
    assert (recovered.contact.address, recovered.working_hours) == ("ann@elsewhere.example", 50.0)
    assert week("Mon 09:00  ann -> me  [a1]\nTue 09:00  me -> ann  [r1 < a1]").recovered is None


def test_who_was_left_out_and_brought_back() -> None:
    keeping = week(
        """
        Mon 09:00  ann -> me, bob, cc cho   "Plan"      [a1]
        Mon 10:00  me -> ann                "Re: Plan"  [r1 < a1]
        Tue 10:00  me -> ann, bob           "Re: Plan"  [r2 < a1]
        Tue 11:00  ann -> me, bob           "Dates"     [a2]
        Tue 12:00  me -> ann, bob           "Re: Dates" [r3 < a2]
        """
    ).keeping
    assert (keeping.replies, keeping.full) == (3, 1)
    assert keeping.mean_coverage == pytest.approx((1 / 3 + 2 / 3 + 1) / 3)
    assert (keeping.to_kept, keeping.to_dropped, keeping.cc_kept, keeping.cc_dropped) == (5, 1, 0, 2)
    second, first = keeping.partial
    assert [who.address for who in first.dropped] == ["bob@elsewhere.example", "cho@elsewhere.example"]
    assert [who.address for who in first.brought_back] == ["bob@elsewhere.example"]
    assert [who.address for who in second.dropped] == ["cho@elsewhere.example"]
    assert [(one.contact.address, one.times) for one in keeping.dropped_most] == [("cho@elsewhere.example", 2)]


def test_the_slow_half_day_must_be_slower_than_chance() -> None:
    lines = []
    for back in range(8):
        for number in range(5):
            for day, hours in (("Tue", 6), ("Thu", 1)):
                ask = f"{day}{back}x{number}"
                lines += [f"{day}-{back} 09:0{number}  ann{number} -> me  [{ask}]"]
                lines += [f"{day}-{back} {9 + hours:02d}:0{number}  me -> ann{number}  [r{ask} < {ask}]"]
    slot = week("\n".join(lines)).slow_slot
    assert slot == values.SlowSlot(weekday=1, afternoon=False, hours=6.0, other_hours=1.0, turns=40, weeks=8)
    same = [line.replace("Tue", "Wed") if "Tue" in line else line for line in lines]
    even = "\n".join(same).replace(" 15:0", " 10:0")
    assert week(even).slow_slot is None


def test_the_first_report_says_so() -> None:
    assert week("Mon 09:00  ann -> me").first_report
    assert not week("Mon-1 09:00  ann -> me").first_report


def test_a_sent_folder_that_begins_within_the_week_is_told() -> None:
    said = week("Mon-1 09:00  ann -> me  [a1]\nWed 09:00  me -> bob  [m1]")
    assert said.sent_since == instant("Wed 09:00")
    assert week("Mon 09:00  ann -> me  [a1]\nMon 10:00  me -> ann  [r1 < a1]").sent_since is None


def test_the_model_is_told_once_there_is_enough_to_learn_from() -> None:
    weeks = [a_week_of(25, monday=-one) for one in range(2, 10)]
    silent = [f"{day}-{one} 08:00  zoe -> me  [z{day}{one}]" for one in range(2, 10) for day in ("Mon", "Wed", "Fri")]
    assert week("\n".join(weeks)).model is None  # all were answered
    assert week("\n".join([*weeks[2:], *silent])).model is None
    told = week("\n".join([*weeks, *silent])).model
    assert told is not None
    assert told.turns == 224
    assert 0 < told.brier < told.base_brier < 0.2


def test_an_empty_week_has_a_report() -> None:
    said = week("Mon-3 09:00  noreply@shop.example -> me")
    assert said.counts.messages == 0
    assert (said.curve.turns, said.half_tile.value, said.waiting, said.quiet) == (0, None, (), ())


def test_how_often_the_asker_was_answered_before() -> None:
    (one,) = week(
        """
        Mon-3 09:00  ann -> me   [a1]
        Mon-3 10:00  me -> ann   [r1 < a1]
        Mon-2 09:00  ann -> me   [a2]
        Mon-1 09:00  ann -> me   [a3]
        Mon-1 10:00  me -> ann   [r3 < a3]
        Mon 09:00    bob -> me   [b1]
        Tue 09:00    me -> bob   [r4 < b1]
        Wed 09:00    ann -> me   [a4]
        """
    ).waiting
    assert (one.asked_before, one.answered_before, one.p_answer) == (3, 2, None)


def test_two_earlier_turns_are_too_few_to_speak_of() -> None:
    (one,) = week(
        """
        Mon-2 09:00  ann -> me   [a1]
        Mon-2 10:00  me -> ann   [r1 < a1]
        Mon-1 09:00  ann -> me   [a2]
        Mon-1 10:00  me -> ann   [r2 < a2]
        Wed 09:00    ann -> me   [a3]
        """
    ).waiting
    assert (one.asked_before, one.answered_before) == (0, 0)
