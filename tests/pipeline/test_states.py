"""Where a thread stands (docs/measures.md, "State" and "Settled by the owner")."""

import pytest

from mailcare.hours.worktime import WorkingTime
from tests.conversation import Tables, seen, tables, told

STATE = "thread_id state since waiting_for"
QUESTION = "Mon 09:00  ann -> me  [a1]"


@pytest.mark.parametrize(
    ("as_of", "state"),
    [
        ("Mon 09:01", "waiting_on_you"),
        ("Wed 16:59", "waiting_on_you"),
        ("Thu 09:01", "dropped"),  # 24 working hours were over on Wednesday 17:00
        ("Fri 17:00", "dropped"),
        ("Sat+12 08:59", "dropped"),  # 2026-12-12: day 89
        ("Sun+12 08:59", "dropped"),  # one minute short of 90 days
    ],
)
def test_an_open_turn_waits_for_three_working_days_and_is_dropped_then(as_of: str, state: str) -> None:
    assert seen(tables(QUESTION, as_of).threads, STATE) == [f"a1 {state} Mon 09:00 ann"]


def test_beyond_ninety_days_the_thread_is_settled() -> None:
    assert seen(tables(QUESTION, "Sun+12 09:01").threads, STATE) == ["a1 settled - -"]
    assert seen(tables(QUESTION, "Sun+12 09:01").turns, "outcome") == ["open"]


@told(as_of="Mon+1 11:00")
def test_the_grace_period_is_in_working_time(mail: Tables) -> None:
    """
    Thu 10:00  ann -> me   [a1]
    Wed 10:00  bob -> me   [b1]
    """
    assert seen(mail.threads, "thread_id state") == ["a1 waiting_on_you", "b1 dropped"]


@told(as_of="Wed 10:00", working_time=WorkingTime(hours="Mon-Fri 10:00-14:00"))
def test_a_working_day_is_as_long_as_the_owners(mail: Tables) -> None:
    """
    Thu-1 10:00  ann -> me   [a1]
    Fri-1 10:01  bob -> me   [b1]
    """
    # By Wednesday 10:00 Ann's message has waited 16 working hours of 12, Bob's just under 12
    assert seen(mail.threads, "thread_id state") == ["a1 dropped", "b1 waiting_on_you"]


@told(
    as_of="Wed 16:00",
    circles={"clients": ("client.example",), "colleagues": ("home.example",)},
    grace_days={"default": 2.0, "clients": 1.0, "colleagues": 5.0},
)
def test_each_circle_has_its_grace_period(mail: Tables) -> None:
    """
    Tue 09:00  ann@client.example -> me   [a1]
    Tue 09:00  bob -> me                  [b1]
    Wed 09:00  ann@client.example -> me   [a2]
    Mon 09:00  bob -> me                  [b2]
    Tue-1 09:00  kim -> me                [k1]
    Wed-1 17:00  kim -> me                [k2]
    """
    assert seen(mail.threads, "thread_id state") == [
        "a1 dropped",
        "a2 waiting_on_you",
        "b1 waiting_on_you",
        "b2 dropped",
        "k1 dropped",
        "k2 waiting_on_you",
    ]


@told(as_of="Fri 17:00")
def test_the_oldest_open_turn_decides(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob   [a1]
    Mon 10:00  bob -> me, ann   [b1 < a1]
    Mon 11:00  me -> ann        [r1 < a1]
    Fri 09:00  ann -> me, bob   [a2 < r1]
    """
    # Ann's first turn was answered; Bob's is older than her second
    assert seen(mail.threads, STATE) == ["a1 dropped Mon 10:00 bob"]


@told(as_of="Fri 17:00")
def test_a_chaser_does_not_make_the_turn_younger(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Fri 09:00  ann -> me   [a2 < a1]
    """
    assert seen(mail.threads, STATE) == ["a1 dropped Mon 09:00 ann"]


@told(as_of="Tue 17:00")
def test_an_answered_thread_is_settled_while_the_owners_word_is_fresh(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 11:00  me -> ann   [r1 < a1]
    """
    assert seen(mail.threads, STATE) == ["a1 settled - -"]


@told(as_of="Fri+14 17:00")
def test_an_open_turn_beyond_the_horizon_waits_on_nobody_either(mail: Tables) -> None:
    """
    Mon 09:00      ann -> me, bob   [a1]
    Mon+14 09:00   me -> bob        [r1 < a1]
    """
    assert seen(mail.threads, STATE) == ["a1 settled - -"]


@told(as_of="Wed 10:00", grace_days={"default": 3.0, "clients": 1.0})
def test_the_owner_waits_for_each_circle_as_long_as_it_may_wait(mail: Tables) -> None:
    """
    Mon 09:00  me -> ann@client.example   [n1]
    Mon 09:00  me -> bob                  [n2]
    """
    assert seen(mail.threads, "thread_id state") == ["n1 waiting_on_them", "n2 settled"]


ANSWERED = """
    Mon 09:00  ann -> me   [a1]
    Mon 11:00  me -> ann   [r1 < a1]
    """


@pytest.mark.parametrize(
    ("as_of", "state"),
    [
        ("Thu 10:59", "settled - -"),
        ("Thu 11:01", "waiting_on_them Mon 11:00 ann"),
        ("Sun+12 10:59", "waiting_on_them Mon 11:00 ann"),
        ("Sun+12 11:01", "settled - -"),
    ],
)
def test_the_owners_last_word_waits_on_them_after_the_grace_period_up_to_the_horizon(as_of: str, state: str) -> None:
    assert seen(tables(ANSWERED, as_of).threads, STATE) == [f"a1 {state}"]


@told()
def test_a_thread_that_the_owner_started_waits_on_them(mail: Tables) -> None:
    """
    Mon 09:00  me -> ann   [n1]
    Mon 09:00  me -> bob   [n2]
    Mon 11:00  bob -> me   [b1 < n2]
    Mon 12:00  me -> bob   [n3 < b1]
    """
    assert seen(mail.threads, STATE) == ["n1 waiting_on_them Mon 09:00 ann", "n2 waiting_on_them Mon 12:00 bob"]


@told()
def test_a_note_to_oneself_waits_on_nobody(mail: Tables) -> None:
    """
    Mon 09:00  me -> me   [n1]
    """
    assert seen(mail.threads, STATE) == ["n1 settled - -"]


@told()
def test_the_last_human_message_counts(mail: Tables) -> None:
    """
    Mon 09:00  me -> ann   [n1]
    Tue 09:00  ann -> me   [x1 < n1, auto]
    Mon 09:00  bob -> me   [b1, auto]
    Mon 09:00  me -> bob   [n2 < b1, auto]
    """
    assert seen(mail.threads, STATE) == ["b1 settled - -", "n1 waiting_on_them Mon 09:00 ann"]


@told()
def test_whose_last_word_is_somebody_elses_is_settled(mail: Tables) -> None:
    """
    Mon 09:00  me -> ann, cc bob      [n1]
    Mon 10:00  ann -> bob, cc me      [a1 < n1]
    Mon 09:00  ann -> me, kim         [a2]
    Mon 10:00  kim -> ann, cc me      [k2 < a2]
    """
    assert seen(mail.threads, STATE) == ["a2 settled - -", "n1 settled - -"]


@told()
def test_a_covered_turn_asks_nothing_more(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, kim    [a1]
    Mon 10:00  kim -> ann        [k1 < a1]
    """
    assert seen(mail.threads, STATE) == ["a1 settled - -"]


@told()
def test_automated_mail_is_settled(mail: Tables) -> None:
    """
    Mon 09:00  noreply@shop.example -> me   [a1]
    """
    assert seen(mail.threads, STATE) == ["a1 settled - -"]


@told()
def test_an_open_turn_comes_before_the_owners_last_word(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 10:00  me -> bob   [r1 < a1]
    """
    assert seen(mail.threads, STATE) == ["a1 dropped Mon 09:00 ann"]


@told(as_of="Fri+14 17:00")
def test_an_open_turn_beyond_the_horizon_does_not_hide_a_younger_one(mail: Tables) -> None:
    """
    Mon 09:00      ann -> me, bob   [a1]
    Mon+14 09:00   bob -> me, ann   [b1 < a1]
    """
    assert seen(mail.threads, STATE) == ["a1 dropped Mon+14 09:00 bob"]


@told(as_of="Fri 16:59")
def test_days_with_an_out_of_office_note_stop_the_grace_period(mail: Tables) -> None:
    """
    Mon 17:00  ann -> me   [a1]
    Wed 08:00  bob -> me   [b1, auto]
    Wed 08:01  me -> bob   [n1 < b1, auto]
    """
    # Tuesday, Thursday, and Friday but its last minute
    assert seen(mail.turns, "working_hours") == ["23.9833"]
    assert "a1 waiting_on_you" in seen(mail.threads, "thread_id state")


@told()
def test_every_thread_stands_somewhere(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me                 [a1]
    Mon 09:00  ann -> bob, cc me         [a2]
    Mon 09:00  ann -> dev@lists.example  [a3, post]
    Mon 09:00  me -> ann                 [r1]
    """
    assert seen(mail.threads, "account thread_id state") == [
        "home a1 dropped",
        "home a2 settled",
        "home a3 settled",
        "home r1 waiting_on_them",
    ]


CLOSING = """
    Mon 09:00  ann -> me   [a1]
    Mon 10:00  me -> ann   [r1 < a1]
    Mon 12:00  ann -> me   [a2 < r1]
    """


@pytest.mark.parametrize(
    ("as_of", "state"),
    [("Tue 12:00", "waiting_on_you"), ("Fri 12:00", "dropped"), ("Mon+1 13:00", "probably_closed")],
)
def test_a_last_word_soon_after_the_answer_is_probably_closed_after_five_quiet_days(as_of: str, state: str) -> None:
    """The rule for little history (docs/measures.md, "The rule")."""
    assert seen(tables(CLOSING, as_of).threads, STATE) == [f"a1 {state} Mon 12:00 ann"]


@told(as_of="Fri+1 12:00")
def test_an_ask_that_may_want_an_answer_is_not_probably_closed(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 10:00  me -> ann   [r1 < a1]
    Tue 11:00  ann -> me   [a2 < r1]

    Mon 10:00  me -> bob   [n1]
    Mon 12:00  bob -> me   [b1 < n1]

    Mon 09:00  col -> me   [c1]
    Mon 10:00  me -> col   [r2 < c1]
    Mon 12:00  col -> me   [c2 < r2]
    Mon 13:00  dan -> col  [d1 < c2]
    """
    # More than a working day after the answer; a thread in which Bob had not written before; something followed
    assert seen(mail.threads, "thread_id state") == ["a1 dropped", "c1 dropped", "n1 dropped"]


# What the owner settled


def test_a_settled_conversation_is_off_the_lists_from_then_on() -> None:
    def at(as_of: str) -> list[str]:
        return seen(tables(QUESTION, as_of, settled={"a1": "Fri 10:00"}).threads, STATE)

    assert at("Fri 09:59") == ["a1 dropped Mon 09:00 ann"]
    assert at("Fri 10:00") == ["a1 settled - -"]
    assert at("Mon+3 10:00") == ["a1 settled - -"]


def test_settling_leaves_the_figures_as_they_are() -> None:
    box = tables(QUESTION, settled={"a1": "Wed 10:00"})
    assert seen(box.turns, "outcome") == ["open"]
    assert box.weekly["open"].tolist() == [1]


ASKED_AGAIN = """
Mon 09:00  ann -> me  [a1]
Wed 16:00  ann -> me  [a2 < a1]
"""


@pytest.mark.parametrize(
    ("settled", "state"), [("Wed 15:59", "a1 waiting_on_you Mon 09:00 ann"), ("Wed 16:00", "a1 settled - -")]
)
def test_who_asks_again_later_waits_again(settled: str, state: str) -> None:
    assert seen(tables(ASKED_AGAIN, "Wed 16:30", settled={"a1": settled}).threads, STATE) == [state]


def test_any_message_of_the_thread_names_it() -> None:
    assert seen(tables(ASKED_AGAIN, settled={"a2": "Fri 10:00"}).threads, STATE) == ["a1 settled - -"]


def test_the_last_word_counts_and_other_threads_stay() -> None:
    mail = ASKED_AGAIN + "Mon 10:00  bob -> me  [b1]"
    marks = {"a1": "Tue 10:00", "a2": "Fri 10:00"}
    assert seen(tables(mail, settled=marks).threads, "thread_id state") == ["a1 settled", "b1 dropped"]


def test_the_owner_no_longer_waits_for_others_in_it() -> None:
    mail = "Mon 09:00  me -> ann  [a1]"
    assert seen(tables(mail).threads, "state") == ["waiting_on_them"]
    assert seen(tables(mail, settled={"a1": "Fri 10:00"}).threads, STATE) == ["a1 settled - -"]


def test_a_settled_thread_of_which_nothing_is_left_is_nothing() -> None:
    assert seen(tables(QUESTION, settled={"gone": "Wed 10:00"}).threads, "state") == ["dropped"]
