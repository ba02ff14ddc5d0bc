"""The ten ways of caring, from small exchanges worked by hand; the week is that of Monday 2026-09-14, a week later.

Figures are ``count`` of ``of``; the evidence names what is missing.
"""

from collections.abc import Callable
from functools import wraps

from mailcare.measures import week as individual
from mailcare.values import week as values
from tests.conversation import tables

TOLD = "Mon+1 06:00"


def way(name: str, conversation: str, as_of: str = TOLD, **account: object) -> values.Way:
    made = individual.week(tables(conversation, as_of, **account).mailbox)
    return next(one for one in made.ways if one.name == name)


def told(name: str, as_of: str = TOLD) -> Callable[[Callable[[values.Way], None]], Callable[[], None]]:
    """A test whose docstring is the conversation; it is handed the way of that name."""

    def decorate(test: Callable[[values.Way], None]) -> Callable[[], None]:
        @wraps(test)
        def run() -> None:
            test(way(name, test.__doc__ or "", as_of))

        del run.__wrapped__
        return run

    return decorate


def counted(figure: values.Figure) -> str:
    return f"{figure.count} of {figure.of}"


def missing(figure: values.Figure) -> list[str]:
    return [name.strip("<>") for name in figure.evidence]


# Active listening


@told("active_listening")
def test_a_reply_that_leaves_somebody_out_is_named(way: values.Way) -> None:
    """
    Mon 09:00  ann -> me, bob           [a1]
    Mon 10:00  me -> ann, bob           [r1 < a1]
    Tue 09:00  ann -> me, bob, cho      [a2]
    Tue 10:00  me -> ann                [r2 < a2]
    Mon-1 09:00  ann -> me, bob         [a3]
    Mon-1 10:00  me -> ann              [r3 < a3]
    """
    assert counted(way.figure) == "1 of 2"
    assert missing(way.figure) == ["r2"]


@told("active_listening")
def test_where_two_ask_in_one_conversation_both_are_heard_or_not(way: values.Way) -> None:
    """
    ann and bob ask in one conversation and only ann is answered; dee is alone in hers.
    Mon 09:00  ann -> me   [a1]
    Mon 10:00  bob -> me   [b1 < a1]
    Mon 11:00  me -> ann   [r1 < a1]
    Tue 09:00  dee -> me   [d1]
    """
    assert counted(way["askers_answered"]) == "1 of 2"
    assert missing(way["askers_answered"]) == ["b1"]


def test_the_mean_and_its_chance_come_from_five_replies_on() -> None:
    replies = "".join(
        f"Mon{week:+d} {hour:02}:00  ann -> me, bob  [a{week}x{hour}]\n"
        f"Mon{week:+d} {hour:02}:30  me -> ann{', bob' if hour % 3 else ''}  [r{week}x{hour} < a{week}x{hour}]\n"
        for week in range(-4, 1)
        for hour in range(9, 15)
    )
    figure = way("active_listening", replies).figure
    assert figure.value == (4 * 1 + 2 * 0.5) / 6
    assert figure.before == figure.value
    assert figure.low is not None
    assert figure.high is not None
    assert figure.low < figure.value < figure.high <= 1
    assert figure.standing == "usual"
    few = way("active_listening", "\n".join(line for line in replies.splitlines() if "Mon+0" not in line)).figure
    assert (few.value, few.low, few.standing) == (None, None, "unknown")


# Engagement


@told("engagement")
def test_who_writes_back_within_five_working_days_counts_in_the_week_in_which_they_end(way: values.Way) -> None:
    """
    The five working days after Mon-1 09:00 end on Fri-1 17:00, those after Wed-1 09:00 on Tue 17:00.
    Mon-1 09:00  me -> ann, bob        [q1]
    Wed-1 09:00  me -> ann, bob, cho   [q2]
    Thu-1 09:00  ann -> me             [a2 < q2]
    Tue 16:59    bob -> me             [b2 < q2]
    Wed 09:01    cho -> me             [c2 < q2]
    """
    assert counted(way.figure) == "2 of 3"
    assert missing(way.figure) == ["q2"]


@told("engagement")
def test_a_conversation_to_one_or_with_others_in_cc_or_begun_by_others_is_none(way: values.Way) -> None:
    """
    Wed-1 09:00  me -> ann                  [q1]
    Wed-1 09:10  me -> ann, cc bob          [q2]
    Wed-1 09:20  ann -> me, bob             [q3]
    Wed-1 09:30  me -> ann, bob             [r3 < q3]
    Wed-1 09:40  me -> ann, noreply@x.example   [q4]
    """
    assert counted(way.figure) == "0 of 0"


@told("engagement")
def test_a_machines_answer_is_none(way: values.Way) -> None:
    """
    Wed-1 09:00  me -> ann, bob   [q1]
    Wed-1 09:01  ann -> me        [a1 < q1, auto]
    """
    assert counted(way.figure) == "0 of 2"


# Inclusivity


@told("inclusivity")
def test_people_of_the_first_message_who_are_still_on_the_last(way: values.Way) -> None:
    """
    Of ann, bob and cho only ann and cho are on the last message; the owner is not counted.
    Mon 09:00  ann -> me, bob, cc cho   [a1]
    Tue 09:00  me -> ann, bob, cho      [r1 < a1]
    Wed 09:00  cho -> me, ann           [c1 < r1]
    """
    assert counted(way.figure) == "2 of 3"
    assert missing(way.figure) == ["c1"]


@told("inclusivity")
def test_two_people_or_one_message_are_no_case(way: values.Way) -> None:
    """
    Mon 09:00  ann -> me            [a1]
    Mon 10:00  me -> ann            [r1 < a1]
    Mon 11:00  ann -> me, bob       [a2]
    Mon 12:00  bob -> me, ann       [n1 < a2, auto]
    """
    assert counted(way.figure) == "0 of 0"


def test_each_week_a_conversation_went_on_is_a_case_of_that_week() -> None:
    """
    Mon-1 09:00  ann -> me, bob   [a1]
    Tue-1 09:00  me -> ann        [r1 < a1]
    Mon 09:00    ann -> me, bob   [a2 < r1]
    """
    conversation = test_each_week_a_conversation_went_on_is_a_case_of_that_week.__doc__ or ""
    assert counted(way("inclusivity", conversation).figure) == "2 of 2"
    assert counted(way("inclusivity", conversation, "Mon 06:00").figure) == "1 of 2"


# Promptness


def test_half_way_point_and_share_within_a_day() -> None:
    """Ten asks on Monday: answers after 1, 2, … hours; three never."""
    asks = "".join(f"Mon 09:00  p{n} -> me  [a{n}]\n" for n in range(10))
    answers = "".join(f"Mon {9 + n + 1:02}:00  me -> p{n}  [r{n} < a{n}]\n" for n in range(7))
    found = way("promptness", asks + answers)
    assert found.figure.value == 5
    assert counted(found.figure) == "7 of 10"
    assert missing(found.figure) == ["a9", "a8", "a7"]
    assert counted(found["within_one_day"]) == "7 of 10"
    assert (found["within_one_day"].value, found.figure.standing) == (0.7, "unknown")


@told("promptness")
def test_what_was_not_watched_for_a_day_says_nothing_of_a_day(way: values.Way) -> None:
    """
    Thu 10:00  ann -> me   [a1]
    Fri 10:00  bob -> me   [b1]
    Fri 10:05  me -> bob   [r1 < b1]
    """
    assert counted(way["within_one_day"]) == "0 of 1"


@told("promptness")
def test_rounds_are_the_owners_messages_in_each_conversation_of_the_week(way: values.Way) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 10:00  me -> ann   [r1 < a1]
    Mon 11:00  ann -> me   [a2 < r1]
    Mon 12:00  me -> ann   [r2 < a2]
    Tue 09:00  me -> bob   [q1]
    Mon-1 09:00  me -> bob [q0]
    """
    assert way["messages_per_thread"].of == 2


def test_a_fast_first_answer_and_a_long_second_wait_are_shown_as_they_are() -> None:
    mail = "".join(
        f"Mon 09:{n:02}  p{n} -> me  [a{n}]\nMon 10:{n:02}  me -> p{n}  [r{n} < a{n}]\n"
        f"Mon 11:{n:02}  p{n} -> me  [b{n} < r{n}]\nThu 11:{n:02}  me -> p{n}  [s{n} < b{n}]\n"
        for n in range(12)
    )
    found = way("promptness", mail)
    assert found.figure.value == 1
    assert found["km_p50_of_later_turns"].value == 24
    assert counted(found["km_p50_of_later_turns"]) == "12 of 12"


# Follow-through


@told("follow_through")
def test_what_comes_after_the_first_answer(way: values.Way) -> None:
    """
    ann's second and third words come after an answer; the third waits. bob's first is no follow-up.
    Mon 09:00  ann -> me   [a1]
    Mon 10:00  me -> ann   [r1 < a1]
    Mon 11:00  ann -> me   [a2 < r1]
    Mon 12:00  me -> ann   [r2 < a2]
    Tue 09:00  ann -> me   [a3 < r2]
    Tue 16:00  ann -> me   [a4 < a3]
    Tue 09:00  bob -> me   [b1]
    """
    assert counted(way.figure) == "1 of 2"
    assert missing(way.figure) == ["a3"]
    assert counted(way["chasers_per_100_turns"]) == "1 of 4"


# Empathy


@told("empathy")
def test_mail_to_colleagues_outside_working_hours(way: values.Way) -> None:
    """
    Mon 16:59  me -> kim             [q1]
    Mon 17:00  me -> kim, ann        [q2]
    Sat 10:00  me -> ann, cc lee     [q3]
    Sat 11:00  me -> ann             [q4]
    """
    assert counted(way.figure) == "2 of 3"
    assert missing(way.figure) == ["q3", "q2"]
    assert way["median_audience"].of == 4


# Proactiveness


@told("proactiveness", "Mon+1 06:00")
def test_who_wrote_again_first_where_somebody_else_was_awaited(way: values.Way) -> None:
    """
    Each waits from Thu-1 on, three working days after Mon-1 09:00. In q1 the owner writes again; ann answers q2;
    q3 is still awaited; q4 was answered within the grace period.
    Mon-1 09:00  me -> ann   [q1]
    Tue 09:00    me -> ann   [f1 < q1]
    Mon-1 09:00  me -> ann   [q2]
    Tue 09:00    ann -> me   [a2 < q2]
    Mon-1 09:00  me -> bob   [q3]
    Mon-1 09:00  me -> cho   [q4]
    Tue-1 09:00  cho -> me   [a4 < q4]
    """
    assert counted(way.figure) == "1 of 4"
    assert sorted(missing(way.figure)) == ["f1", "q2", "q3"]


@told("proactiveness")
def test_conversations_begun(way: values.Way) -> None:
    """
    Mon 09:00  me -> ann               [q1]
    Mon 10:00  ann -> me               [a1 < q1]
    Tue 09:00  bob -> me               [b1]
    Wed 09:00  noreply@x.example -> me [n1]
    """
    assert counted(way["threads_started_per_100"]) == "1 of 2"


# Accountability


@told("accountability")
def test_what_was_come_back_to_after_its_grace_period(way: values.Way) -> None:
    """
    a1 and b1 were past their grace period on Thu-1; a1 was answered this week. c1 was answered in time, d1 is younger.
    Mon-1 09:00  ann -> me   [a1]
    Tue 09:00    me -> ann   [r1 < a1]
    Mon-1 09:00  bob -> me   [b1]
    Mon 09:00    cho -> me   [c1]
    Tue 09:00    me -> cho   [r2 < c1]
    Fri 09:00    dee -> me   [d1]
    """
    assert counted(way.figure) == "1 of 2"
    assert missing(way.figure) == ["b1"]
    assert way["oldest_open_hours"].value == 80
    assert missing(way["oldest_open_hours"]) == ["b1"]


def test_what_was_settled_is_no_longer_awaited() -> None:
    mail = "Mon-1 09:00  ann -> me  [a1]"
    assert counted(way("accountability", mail).figure) == "0 of 1"
    assert counted(way("accountability", mail, settled={"a1": "Fri-1 16:00"}).figure) == "0 of 0"


# Continuous learning


def test_earlier_weeks_are_looked_at_as_old_as_this_one_is() -> None:
    """Every ask is answered after ten days; so this week none is yet, and the weeks before had none at this age."""
    mail = "".join(
        f"Mon{week:+d} {hour:02}:00  p{hour} -> me  [a{week}x{hour}]\n"
        + (f"Thu{week + 1:+d} {hour:02}:00  me -> p{hour}  [r{week}x{hour} < a{week}x{hour}]\n" if week < 0 else "")
        for week in range(-6, 1)
        for hour in range(9, 15)
    )
    figure = way("continuous_learning", mail).figure
    assert (figure.value, figure.before, figure.standing) == (0, 0, "usual")


def test_a_change_beyond_chance_is_one() -> None:
    def mail(answered_now: int) -> str:
        return "".join(
            f"Mon{week:+d} {hour:02}:00  p{hour} -> me  [a{week}x{hour}]\n"
            + (
                f"Mon{week:+d} {hour:02}:30  me -> p{hour}  [r{week}x{hour} < a{week}x{hour}]\n"
                if hour - 6 < (answered_now if week == 0 else 9)
                else ""
            )
            for week in range(-8, 1)
            for hour in range(6, 16)
        )

    found = [way("continuous_learning", mail(answered)).figure for answered in (9, 8, 1)]
    assert [figure.standing for figure in found] == ["usual", "usual", "less"]
    assert [figure.value for figure in found] == [0.9, 0.8, 0.1]
    assert all(figure.before == 0.9 for figure in found)


# Integrity


def test_the_widest_gap_between_circles_with_twenty_turns() -> None:
    def mail(person: str, asked: int, answered: int) -> str:
        return "".join(
            f"{day}{week:+d} 09:00  {person} -> me  [a{person}{week}{day}]\n"
            + (
                f"{day}{week:+d} 10:00  me -> {person}  [r{person}{week}{day} < a{person}{week}{day}]\n"
                if n < answered
                else ""
            )
            for n, (week, day) in enumerate(
                [(week, day) for week in range(-6, 0) for day in ("Mon", "Tue", "Wed", "Thu")][:asked]
            )
        )

    two = mail("kim", 20, 18) + mail("ann", 20, 10)
    figure = way("integrity", two + mail("c@client.example", 19, 0)).figure
    assert figure.value is not None
    assert round(figure.value, 9) == 0.4
    assert counted(figure) == "2 of 40"
    assert figure.standing == "more"
    assert way("integrity", mail("kim", 20, 10) + mail("ann", 20, 11)).figure.standing == "usual"
    assert way("integrity", mail("kim", 20, 18)).figure.value is None


@told("integrity")
def test_mail_that_could_not_be_used(way: values.Way) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 10:00  bob -> me   [b1, dated:none, received:none]
    """
    assert counted(way["unusable_mail"]) == "1 of 2"


def test_all_ten_are_there_in_the_contracts_order() -> None:
    made = individual.week(tables("Mon 09:00  ann -> me", TOLD).mailbox)
    assert [one.name for one in made.ways] == [
        *("active_listening", "engagement", "inclusivity", "promptness", "follow_through"),
        *("empathy", "proactiveness", "accountability", "continuous_learning", "integrity"),
    ]
    assert all(one.figure.value is None for one in made.ways)
