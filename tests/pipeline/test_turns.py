"""Asks, chasers, answers, latency (docs/measures.md, "Ask", "Turn", "Answer", "Covered" and "Latency")."""

from dataclasses import replace
from datetime import date

import pytest

from mailcare.hours.worktime import WorkingTime
from tests.conversation import BERLIN, Tables, seen, tables, told

TURN = "ask_message_id asks chasers"
OUTCOME = "ask_message_id outcome by_message_id ended_at"
LATENCY = "ask_message_id latency_hours working_hours"

# Asks


@told()
def test_the_owner_in_to_is_asked(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me             [a1]
    Mon 10:00  bob -> ann, me        [b1]
    """
    assert seen(mail.turns, "ask_message_id asker asked_at") == ["a1 ann Mon 09:00", "b1 bob Mon 10:00"]


@told()
def test_the_owner_in_cc_or_bcc_or_on_a_list_is_not_asked(mail: Tables) -> None:
    """
    Mon 09:00  ann -> bob, cc me            [a1]
    Mon 10:00  ann -> bob, bcc me           [a2]
    Mon 11:00  ann -> dev@lists.example     [a3, post]
    """
    assert seen(mail.turns, TURN) == []


@told(shared=True)
def test_a_shared_address_is_asked_in_to_or_cc(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me               [a1]
    Mon 10:00  ann -> bob, cc me       [a2]
    Mon 11:00  ann -> bob, bcc me      [a3]
    """
    assert seen(mail.turns, TURN) == ["a1 1 0", "a2 1 0"]


@told()
def test_the_owner_asks_nobody_by_writing_to_themself(mail: Tables) -> None:
    """
    Mon 09:00  me -> me   [n1, folder:Inbox]
    """
    assert seen(mail.turns, TURN) == []


@told()
def test_a_machine_does_not_ask(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me                    [a1, auto]
    Mon 10:00  noreply@shop.example -> me   [a2]
    """
    assert seen(mail.turns, TURN) == []


# Turns and chasers


@told()
def test_consecutive_asks_of_one_asker_are_one_turn(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 10:00  ann -> me   [a2 < a1]
    Mon 11:00  me -> ann   [r1 < a2]
    """
    assert seen(mail.turns, TURN) == ["a1 2 0"]
    assert seen(mail.turns, LATENCY) == ["a1 2 2"]  # the wait starts with the first


@told()
def test_an_answer_ends_the_turn(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 11:00  me -> ann   [r1 < a1]
    Mon 12:00  ann -> me   [a2 < r1]
    Mon 15:00  me -> ann   [r2 < a2]
    """
    assert seen(mail.turns, TURN) == ["a1 1 0", "a2 1 0"]
    assert seen(mail.turns, OUTCOME) == ["a1 answered r1 Mon 11:00", "a2 answered r2 Mon 15:00"]


@told()
def test_the_owners_word_to_others_ends_no_turn(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 10:00  me -> bob   [r1 < a1]
    Mon 11:00  ann -> me   [a2 < a1]
    """
    assert seen(mail.turns, TURN) == ["a1 2 0"]


@told()
def test_each_asker_has_turns_of_their_own(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob   [a1]
    Mon 10:00  bob -> me, ann   [b1 < a1]
    Mon 11:00  ann -> me, bob   [a2 < b1]
    """
    assert seen(mail.turns, TURN) == ["a1 2 0", "b1 1 0"]


@told()
def test_each_thread_has_turns_of_its_own(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Budget"  [a1]
    Mon 10:00  ann -> me   "Bill"    [a2]
    """
    assert seen(mail.turns, TURN) == ["a1 1 0", "a2 1 0"]


@told()
def test_a_chaser_comes_more_than_four_working_hours_after_the_ask_before(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 13:00  ann -> me   [a2 < a1]

    Mon 09:00  bob -> me   [b1]
    Mon 13:01  bob -> me   [b2 < b1]

    Mon 16:00  col -> me   [c1]
    Tue 11:00  col -> me   [c2 < c1]
    Tue 16:00  col -> me   [c3 < c2]
    Tue 16:30  col -> me   [c4 < c3]
    """
    # c2 comes 3 working hours after c1; c3 comes 5 after c2; c4 half an hour after c3
    assert seen(mail.turns, TURN) == ["a1 2 0", "b1 2 1", "c1 4 1"]


@told()
def test_several_hours_together_make_no_chaser(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 12:00  ann -> me   [a2 < a1]
    Mon 15:00  ann -> me   [a3 < a2]
    """
    assert seen(mail.turns, TURN) == ["a1 3 0"]


# Answers


@told()
def test_the_first_message_that_reaches_the_asker_is_the_answer(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me          [a1]
    Mon 10:00  me -> bob          [r1 < a1]
    Mon 11:00  me -> bob, ann     [r2 < a1]
    Mon 12:00  me -> ann          [r3 < a1]
    """
    assert seen(mail.turns, OUTCOME) == ["a1 answered r2 Mon 11:00"]


@pytest.mark.parametrize("field", ["", "cc ", "bcc "])
def test_to_cc_and_bcc_reach_the_asker(field: str) -> None:
    mail = tables(f"Mon 09:00  ann -> me  [a1]\nMon 11:00  me -> bob, {field}ann  [r1 < a1]")
    assert seen(mail.turns, OUTCOME) == ["a1 answered r1 Mon 11:00"]


@told()
def test_a_message_at_the_same_moment_answers(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 09:00  me -> ann   [r1 < x]
    Mon 08:00  bob -> ann  [x, refs:a1]
    """
    assert seen(mail.turns, LATENCY) == ["a1 0 0"]


@told()
def test_an_answer_need_not_name_the_ask(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob   [a1]
    Mon 10:00  bob -> me, ann   [b1 < a1]
    Mon 11:00  me -> bob, ann   [r1 < b1]
    """
    assert seen(mail.turns, OUTCOME) == ["a1 answered r1 Mon 11:00", "b1 answered r1 Mon 11:00"]


@told()
def test_an_answer_in_another_thread_is_none(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Budget"   [a1]
    Mon 11:00  me -> ann   "Bill"     [r1]
    """
    assert seen(mail.turns, OUTCOME) == ["a1 open - Fri 17:00"]


@told()
def test_an_answer_to_the_reply_to_address_reaches_the_asker(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me          [a1, reply-to:desk+office]
    Mon 11:00  me -> office       [r1 < a1]
    """
    assert seen(mail.turns, "ask_message_id asker outcome") == ["a1 ann answered"]


@told()
def test_an_answer_to_from_reaches_the_asker_beside_a_reply_to(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me          [a1, reply-to:desk]
    Mon 11:00  me -> ann          [r1 < a1]
    """
    assert seen(mail.turns, OUTCOME) == ["a1 answered r1 Mon 11:00"]


@told(aliases=(("ann@elsewhere.example", "ann@private.example"),))
def test_an_answer_to_another_address_of_the_asker_reaches_them(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me                   [a1]
    Mon 11:00  me -> ann@private.example   [r1 < a1]
    """
    assert seen(mail.turns, OUTCOME) == ["a1 answered r1 Mon 11:00"]


@told()
def test_an_out_of_office_note_answers_nothing(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 09:00  me -> ann   [n1 < a1, auto]
    Wed 11:00  me -> ann   [r1 < a1]
    """
    assert seen(mail.turns, OUTCOME) == ["a1 answered r1 Wed 11:00"]


@told()
def test_one_answer_may_answer_several_open_turns(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob        [a1]
    Mon 10:00  bob -> me, ann        [b1 < a1]
    Mon 12:00  me -> ann, cc bob     [r1 < a1]
    """
    assert seen(mail.turns, LATENCY) == ["a1 3 3", "b1 2 2"]


# Clocks err


@told()
def test_an_answer_dated_up_to_five_minutes_before_the_ask_took_no_time(mail: Tables) -> None:
    """
    Mon 09:05  ann -> me   [a1]
    Mon 09:00  me -> ann   [r1 < a1]
    """
    assert seen(mail.turns, "ask_message_id outcome by_message_id") == ["a1 answered r1"]
    assert seen(mail.turns, LATENCY) == ["a1 0 0"]
    assert mail.mailbox.quality["unknown_latency"] == 0


@told()
def test_an_answer_dated_still_earlier_took_an_unknown_time(mail: Tables) -> None:
    """
    Mon 09:06  ann -> me   [a1]
    Mon 09:00  me -> ann   [r1, refs:x a1]
    """
    assert seen(mail.turns, "ask_message_id outcome by_message_id") == ["a1 answered r1"]
    assert seen(mail.turns, LATENCY) == ["a1 - -"]
    assert mail.mailbox.quality["unknown_latency"] == 1
    assert seen(mail.weekly, "turns answered km_p50 share_answered") == ["1 1 - -"]  # out of every curve


@told()
def test_a_message_dated_before_the_ask_that_does_not_name_it_is_no_answer(mail: Tables) -> None:
    """
    Mon 08:00  ann -> bob      [x]
    Mon 09:00  me -> ann       [r1 < x]
    Mon 09:05  ann -> me       [a1 < x]
    """
    assert seen(mail.turns, OUTCOME) == ["a1 open - Fri 17:00"]


@told()
def test_a_message_that_names_the_ask_and_reaches_others_is_no_answer(mail: Tables) -> None:
    """
    Mon 09:05  ann -> me       [a1]
    Mon 09:00  me -> bob       [r1 < a1]
    """
    assert seen(mail.turns, OUTCOME) == ["a1 open - Fri 17:00"]


# Covered


@told()
def test_a_colleague_who_was_asked_too_covers(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, kim   [a1]
    Mon 11:00  kim -> ann       [k1 < a1]
    Mon 09:00  ann -> me, cc lee   [a2]
    Mon 12:00  lee -> bob, cc ann  [l1 < a2]
    """
    assert seen(mail.turns, OUTCOME) == ["a1 covered k1 Mon 11:00", "a2 covered l1 Mon 12:00"]
    assert seen(mail.turns, LATENCY) == ["a1 2 2", "a2 3 3"]


@told()
def test_who_is_no_colleague_does_not_cover(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob   [a1]
    Mon 11:00  bob -> ann       [b1 < a1]
    """
    assert seen(mail.turns, OUTCOME) == ["a1 open - Fri 17:00"]


@told()
def test_a_colleague_whom_the_ask_was_not_addressed_to_does_not_cover(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bcc lee  [a1]
    Mon 11:00  kim -> ann          [k1 < a1]
    Mon 11:00  lee -> ann          [l1 < a1]
    """
    assert seen(mail.turns, OUTCOME) == ["a1 open - Fri 17:00"]


@told()
def test_a_colleague_who_writes_to_others_does_not_cover(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, kim        [a1]
    Mon 11:00  kim -> me             [k1 < a1]
    Mon 12:00  kim -> me, bcc ann    [k2 < a1]
    """
    assert "a1 open - Fri 17:00" in seen(mail.turns, OUTCOME)


@told()
def test_a_colleagues_out_of_office_note_does_not_cover(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, kim   [a1]
    Mon 11:00  kim -> ann       [k1 < a1, auto]
    """
    assert seen(mail.turns, OUTCOME) == ["a1 open - Fri 17:00"]


@told()
def test_a_colleague_in_another_thread_does_not_cover(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, kim   "Budget"  [a1]
    Mon 11:00  kim -> ann, me   "Bill"    [k1]
    """
    assert "a1 open - Fri 17:00" in seen(mail.turns, OUTCOME)


@told()
def test_a_colleague_who_wrote_before_the_ask_does_not_cover(mail: Tables) -> None:
    """
    Mon 08:00  kim -> ann, cc me   [k1]
    Mon 09:00  ann -> me, kim      [a1 < k1]
    """
    assert seen(mail.turns, OUTCOME) == ["a1 open - Fri 17:00"]


@told()
def test_the_owner_who_answers_first_is_not_covered(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, kim   [a1]
    Mon 10:00  me -> ann        [r1 < a1]
    Mon 11:00  kim -> ann       [k1 < a1]
    """
    assert seen(mail.turns, OUTCOME) == ["a1 answered r1 Mon 10:00"]


@told()
def test_the_owner_who_answers_later_was_covered(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, kim   [a1]
    Mon 10:00  kim -> ann       [k1 < a1]
    Mon 11:00  me -> ann        [r1 < a1]
    """
    assert seen(mail.turns, OUTCOME) == ["a1 covered k1 Mon 10:00"]


@told()
def test_a_colleague_does_not_cover_their_own_question(mail: Tables) -> None:
    """
    Mon 09:00  kim -> me, kim   [k1]
    Mon 11:00  kim -> kim       [k2 < k1]
    """
    assert seen(mail.turns, OUTCOME) == ["k1 open - Fri 17:00"]


@told(aliases=(("kim@home.example", "kim@phone.example"),), circles={"colleagues": ("kim@home.example",)})
def test_a_colleague_may_answer_from_another_address(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, kim             [a1]
    Mon 11:00  kim@phone.example -> ann   [k1 < a1]
    """
    assert seen(mail.turns, OUTCOME) == ["a1 covered k1 Mon 11:00"]


@told()
def test_an_ask_after_the_covering_message_asks_the_owner_anew(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, kim   [a1]
    Mon 10:00  kim -> ann       [k1 < a1]
    Mon 16:00  ann -> me, kim   [a2 < k1]
    """
    assert seen(mail.turns, f"{TURN} outcome by_message_id") == ["a1 1 0 covered k1", "a2 1 0 open -"]


@told()
def test_an_answer_between_two_asks_parts_them_though_a_colleague_covered_first(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, kim   [a1]
    Mon 10:00  kim -> ann       [k1 < a1]
    Mon 11:00  me -> ann        [r1 < a1]
    Mon 16:00  ann -> me, kim   [a2 < r1]
    """
    assert seen(mail.turns, f"{TURN} outcome by_message_id") == ["a1 1 0 covered k1", "a2 1 0 open -"]


# Outcome as of


TALK = """
    Mon 09:00  ann -> me, kim   [a1]
    Tue 10:00  ann -> me, kim   [a2 < a1]
    Wed 10:00  kim -> ann       [k1 < a1]
    Thu 11:00  me -> ann        [r1 < a1]
    """


@pytest.mark.parametrize(
    ("as_of", "turns", "messages"),
    [
        ("Mon 12:00", ["a1 1 open - Mon 12:00"], 1),
        ("Tue 12:00", ["a1 2 open - Tue 12:00"], 2),
        ("Wed 12:00", ["a1 2 covered k1 Wed 10:00"], 3),
        ("Fri 12:00", ["a1 2 covered k1 Wed 10:00"], 4),
    ],
)
def test_what_comes_after_as_of_does_not_exist(as_of: str, turns: list[str], messages: int) -> None:
    mail = tables(TALK, as_of)
    assert seen(mail.turns, "ask_message_id asks outcome by_message_id ended_at") == turns
    assert len(mail.messages) == messages


# Latency in both clocks


@told()
def test_an_open_turn_has_waited_until_as_of(mail: Tables) -> None:
    """
    Thu 15:00  ann -> me   [a1]
    """
    assert seen(mail.turns, LATENCY) == ["a1 26 10"]


@told(as_of="Fri+1 17:00")
def test_nights_and_weekends_are_no_working_time(mail: Tables) -> None:
    """
    Fri 16:00    ann -> me   [a1]
    Mon+1 10:00  me -> ann   [r1 < a1]
    Sat 10:00    bob -> me   [b1]
    Sun 10:00    me -> bob   [r2 < b1]
    """
    assert seen(mail.turns, LATENCY) == ["a1 66 2", "b1 24 0"]


@told(working_time=BERLIN)
def test_working_time_is_in_the_owners_zone(mail: Tables) -> None:
    """
    Mon 06:00  ann -> me   [a1]
    Mon 09:00  me -> ann   [r1 < a1]
    """
    # 08:00 to 11:00 in Berlin
    assert seen(mail.turns, LATENCY) == ["a1 3 2"]


@told(as_of="2026-10-06 12:00", working_time=WorkingTime("Europe/Berlin", holidays="DE"))
def test_public_holidays_are_no_working_time(mail: Tables) -> None:
    """
    2026-04-30 14:00  ann -> me   [a1]
    2026-05-04 08:00  me -> ann   [r1 < a1]
    """
    # Thursday 16:00 in Berlin; Friday is Labour Day; Monday 10:00
    assert seen(mail.turns, LATENCY) == ["a1 90 2"]


@told()
def test_a_day_with_an_out_of_office_note_is_no_working_time(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Tue 08:00  bob -> me   [b1]
    Tue 08:00  me -> bob   [n1 < b1, auto]
    Wed 10:00  me -> ann   [r1 < a1]
    """
    assert seen(mail.turns, LATENCY) == ["a1 49 9", "b1 81 24"]


@told(working_time=BERLIN)
def test_the_day_of_an_out_of_office_note_is_the_owners(mail: Tables) -> None:
    """
    Mon 22:30  bob -> me   [b1]
    Mon 22:30  me -> bob   [n1 < b1, auto]
    Mon 13:00  ann -> me   [a1]
    Wed 08:00  me -> ann   [r1 < a1]
    """
    # The note went out on Tuesday 00:30 in Berlin: Monday has 15–17 h, Wednesday 9–10 h
    assert seen(mail.turns, LATENCY) == ["a1 43 3", "b1 90.5 24"]


@told(working_time=BERLIN)
def test_a_note_just_before_midnight_is_of_the_day_that_ends(mail: Tables) -> None:
    """
    Mon 13:00  ann -> me   [a1]
    Mon 21:50  bob -> me   [b1]
    Mon 21:50  me -> bob   [n1 < b1, auto]
    Wed 08:00  me -> ann   [r1 < a1]
    """
    # 23:50 in Berlin: Monday is off, Tuesday has 8 h, Wednesday 9–10 h
    assert seen(mail.turns[mail.turns["outcome"] == "answered"], LATENCY) == ["a1 43 9"]


@told(working_time=replace(BERLIN, journeys=((date(2026, 9, 15), date(2026, 9, 16), "America/New_York"),)))
def test_on_a_journey_a_note_is_of_the_day_of_the_place(mail: Tables) -> None:
    """
    Mon 13:00  ann -> me   [a1]
    Wed 03:50  bob -> me   [b1]
    Wed 03:50  me -> bob   [n1 < b1, auto]
    Wed 14:00  me -> ann   [r1 < a1]
    """
    # Tuesday 23:50 in New York, where it is off; Monday has 15–17 h in Berlin, Wednesday 9–10 h in New York
    assert seen(mail.turns[mail.turns["outcome"] == "answered"], LATENCY) == ["a1 49 3"]


@told()
def test_somebody_elses_out_of_office_note_is_no_day_off(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Tue 08:00  bob -> me   [b1, auto]
    Tue 09:00  me -> bob   [n1, machine]
    Wed 10:00  me -> ann   [r1 < a1]
    """
    assert seen(mail.turns, LATENCY) == ["a1 49 17"]


@told()
def test_a_day_off_makes_no_chaser(mail: Tables) -> None:
    """
    Tue 09:00  ann -> me   [a1]
    Tue 09:00  me -> ann   [n1 < a1, auto]
    Tue 16:00  ann -> me   [a2 < a1]
    Wed 10:00  ann -> me   [a3 < a1]
    """
    assert seen(mail.turns, TURN) == ["a1 3 0"]


# Circles


@told(
    circles={"colleagues": ("home.example",), "clients": ("client.example",), "suppliers": ("sue@elsewhere.example",)}
)
def test_the_config_says_who_belongs_to_which_circle(mail: Tables) -> None:
    """
    Mon 09:00  kim -> me                  [a1]
    Mon 09:00  ann@client.example -> me   [a2]
    Mon 09:00  sue -> me                  [a3]
    Mon 09:00  ann -> me                  [a4]
    """
    assert seen(mail.turns, "ask_message_id circle") == ["a1 colleagues", "a2 clients", "a3 suppliers", "a4 others"]
