"""The client review's numbers, hand-worked: 24 August to 20 September 2026, told at their end, in UTC."""

from datetime import date

import pytest

from mailcare.team.lines import standing, wilson
from mailcare.values.review import Line, Promise, Review
from tests.conversation import instant
from tests.team_notation import asked, exchanges, review_of


def line(made: Review, client: str = "Alder") -> Line:
    (found,) = (one for one in made.lines if one.client == client)
    return found


def test_kept_missed_open_and_still_young() -> None:
    mail = "\n".join(
        [
            exchanges("alder", "Mon"),  # three within the hour
            asked("alder", "kim", "Tue", "slow", 5),
            "Tue 09:00  ada1@alder.example -> lee  [b1]",
            "Wed 16:00  lee -> ada1@alder.example  [c1 < b1]",  # 15 working hours: missed
            asked("alder", "moe", "Tue", "open", None),  # open for 32: missed
            "Fri 15:00  ada2@alder.example -> moe  [b2]",  # open for 2: not known yet
        ]
    )
    made = line(review_of(mail))
    assert (made.turns, made.answered) == (7, 5)
    assert (made.promise.kept, made.promise.of) == (4, 6)
    # Kaplan-Meier: the young one leaves after 2 hours, when three of seven had an answer
    assert made.promise.share == pytest.approx(1 - 4 / 7 * 2 / 3)
    assert (made.waiting, made.fresh, made.quiet) == (1, 1, 0)


def test_a_promise_of_its_own() -> None:
    mail = exchanges("birch", "Mon", 1) + "\n" + exchanges("birch", "Tue", 5)
    made = review_of(mail)
    assert (line(made, "Birch").promise.kept, line(made, "Birch").promise.of) == (3, 6)
    assert not made.one_promise
    assert made.total
    assert (made.total.promise.kept, made.total.promise.of) == (3, 6)


def test_covered_by_a_colleague_outside_is_neither_kept_nor_missed() -> None:
    mail = (
        exchanges("alder")
        + """
        Tue 09:00  ada1@alder.example -> kim, zoe@home.example  [b1]
        Tue 10:00  zoe@home.example -> ada1@alder.example, kim  [z1 < b1]
        """
    )
    made = line(review_of(mail))
    assert (made.turns, made.answered, made.promise.of) == (4, 3, 3)


def test_durations_are_told_to_the_quarter_of_an_hour() -> None:
    mail = (
        exchanges("alder")
        + "\nTue 09:00  ada1@alder.example -> kim  [b1]\nTue 09:16  kim -> ada1@alder.example  [c1 < b1]"
    )
    assert review_of(mail).curve.hours == (0.5, 1.0)


def test_a_turn_belongs_to_the_period_in_which_it_began_and_waits_in_the_next() -> None:
    mail = exchanges("alder", "Mon-4") + "\n" + asked("alder", "kim", "Fri-4", "old", None) + "\n" + exchanges("alder")
    made = line(review_of(mail))
    assert (made.turns, made.quiet) == (3, 1)


def test_chasers_and_conversations_that_changed_hands() -> None:
    mail = (
        exchanges("alder")
        + """
        Tue 09:00  ada1@alder.example -> kim         [b1]
        Tue 15:00  ada1@alder.example -> kim         [b2 < b1]
        Tue 16:00  lee -> ada1@alder.example         [c1 < b2]
        Wed 10:00  kim -> ada1@alder.example         [c2 < b2]
        """
    )
    made = line(review_of(mail))
    assert (made.chasers, made.handed_over) == (1, 1)


def test_who_of_the_client_stays_on_our_replies() -> None:
    ask = (
        "{day} 09:00  ada@alder.example -> {who}, bea@alder.example, cc cyd@alder.example, dan@birch.example  [b{who}]"
    )
    lines = [ask.format(day=day, who=who) for day, who in (("Mon", "kim"), ("Tue", "lee"), ("Wed", "moe"))]
    lines += ["Mon 10:00  kim -> ada@alder.example, bea@alder.example, cc cyd@alder.example  [ckim < bkim]"]
    lines += ["Tue 10:00  lee -> ada@alder.example, cc cyd@alder.example  [clee < blee]"]
    lines += ["Wed 10:00  moe -> ada@alder.example, bea@alder.example  [cmoe < bmoe]"]
    people = line(review_of("\n".join(lines))).people
    assert people
    assert (people.replies, people.full) == (3, 1)
    assert (people.to_kept, people.to_dropped, people.cc_kept, people.cc_dropped) == (5, 1, 2, 1)


def test_coverage_is_not_told_where_too_few_of_us_replied() -> None:
    mail = (
        exchanges("alder")
        + """
        Mon 09:00  ada@alder.example -> kim, bea@alder.example  [b1]
        Mon 10:00  kim -> ada@alder.example                     [c1 < b1]
        """
    )
    assert line(review_of(mail)).people is None


class TestWhatWaits:
    def test_to_the_shared_address_with_contact_and_subject(self) -> None:
        mail = exchanges("alder") + '\nTue 09:00  bea@alder.example -> kim, cc support  "Delivery"  [b1]'
        (one,) = review_of(mail).waiting
        assert one.contact
        assert (one.client, one.contact.address, one.subject, one.addressed) == (
            "Alder", "bea@alder.example", "Delivery", 0,
        )  # fmt: skip
        assert one.since == instant("Tue 09:00")
        assert one.working_hours == 32

    def test_to_three_of_us_without(self) -> None:
        mail = exchanges("alder") + '\nTue 09:00  bea@alder.example -> kim, lee, cc moe  "Delivery"  [b1]'
        (one,) = review_of(mail).waiting
        assert (one.contact, one.subject, one.addressed) == (None, "", 3)

    def test_to_fewer_in_the_count_alone(self) -> None:
        mail = exchanges("alder") + '\nTue 09:00  bea@alder.example -> kim, lee  "Delivery"  [b1]'
        made = review_of(mail)
        assert (made.waiting, made.waiting_counted, line(made).waiting) == ((), 1, 1)

    def test_a_client_that_is_not_listed_is_not_among_them(self) -> None:
        mail = exchanges("alder") + '\nTue 09:00  bea@birch.example -> support  "Delivery"  [b1]'
        mail += '\nTue 09:00  bea@oak.example -> support  "Delivery"  [b2]'
        made = review_of(mail)
        assert ([one.client for one in made.lines], made.waiting, made.waiting_counted) == (["Alder"], (), 0)
        assert made.unlisted == 2

    def test_a_subject_with_a_members_name_is_withheld(self) -> None:
        mail = exchanges("alder") + '\nTue 09:00  bea@alder.example -> support  "Question for Kim"  [b1]'
        (one,) = review_of(mail).waiting
        assert one.subject == ""


@pytest.mark.parametrize(
    ("to", "clients"),
    [("kim", []), ("kim, cc lee", []), ("kim, lee, cc moe", ["Alder"]), ("support", ["Alder"])],
)
def test_what_has_no_answer_is_told_where_it_was_written_to_a_group(to: str, clients: list[str]) -> None:
    """Everybody answers once, and one message is still open; whose it is depends on whom they were written to."""
    mail = "\n".join(
        f"""{day} 09:00  ada@alder.example -> {to}  [a{day}]
        {day} 10:00  {who} -> ada@alder.example, cc support  [r{day} < a{day}]"""
        for day, who in (("Mon", "kim"), ("Tue", "lee"), ("Wed", "moe"))
    )
    made = review_of(f"{mail}\nThu 09:00  ada@alder.example -> {to}  [open]")
    assert [one.client for one in made.lines] == clients
    assert [(one.turns, one.answered, one.waiting) for one in made.lines] == [(4, 3, 1)] * len(clients)
    assert len(made.waiting) + made.waiting_counted == len(clients)


def test_a_client_that_went_quiet_was_listed_before() -> None:
    earlier = exchanges("alder", "Mon-4") + "\n" + exchanges("birch", "Mon-4")
    before = review_of(earlier, start=date(2026, 7, 27))
    assert {one.client for one in before.lines} == {"Alder", "Birch"}
    assert review_of(earlier + "\n" + exchanges("alder"), before).quiet_clients == ("Birch",)
    assert review_of(earlier + "\n" + exchanges("alder")).quiet_clients == ()
    informed = "\nMon 09:00  zoe@birch.example -> zoe@home.example, ada@alder.example  [n1] @kim"
    assert review_of(earlier + "\n" + exchanges("alder") + informed, before).quiet_clients == ()
    still_open = "\n" + asked("birch", "kim", "Fri-4", "old", None)
    assert review_of(earlier + still_open + "\n" + exchanges("alder"), before).quiet_clients == ("Birch",)


def promise(kept: int, of: int) -> Promise:
    return Promise(kept, of, enough=of >= 10)


def test_against_the_four_weeks_before_only_beyond_chance() -> None:
    assert standing(promise(3, 9), promise(9, 9)) == "unknown"
    assert standing(promise(5, 10), promise(8, 10)) == "same"  # 0.5 to 0.75, give or take 0.38
    assert standing(promise(10, 40), promise(30, 40)) == "sooner"
    assert standing(promise(30, 40), promise(10, 40)) == "later"


def test_wilsons_interval() -> None:
    assert wilson(10, 10) == pytest.approx((0.72247, 1.0), abs=1e-5)
    assert wilson(0, 10) == pytest.approx((0.0, 0.27753), abs=1e-5)


def test_what_was_read_is_of_those_listed() -> None:
    mail = exchanges("alder") + "\n" + asked("birch", "kim", "Mon", "x") + "\n" + asked("oak", "kim", "Mon", "y")
    mail += "\nMon 12:00  noreply@alder.example -> kim  [n1]"
    made = review_of(mail)
    assert (made.from_clients, made.from_us, made.automated) == (3, 3, 1)


def test_all_together_is_the_sum_of_the_lines() -> None:
    mail = [
        exchanges(client, day, hours)
        for client, hours in (("alder", 2), ("birch", 6), ("oak", 9))
        for day in ("Mon-2", "Wed")
    ]
    mail += [asked(client, "kim", "Tue", f"{client}open", None) for client in ("alder", "birch", "oak")]
    made = review_of("\n".join(mail))
    assert made.total
    assert [one.client for one in made.lines] == ["Alder", "Birch", ""]
    for name in ("turns", "answered", "waiting", "quiet", "fresh", "chasers"):
        assert getattr(made.total, name) == sum(getattr(one, name) for one in made.lines), name
    assert (
        made.total.promise.kept == sum(one.promise.kept for one in made.lines) == 12
    )  # a promise of 8, 4 and 8 hours, kept after 2, 6 and 8
    assert made.total.promise.of == sum(one.promise.of for one in made.lines) == 21
    assert made.total.waiting == len(made.waiting) + made.waiting_counted == 3
    assert sum(week.promise.of for week in made.weeks) == 21
    assert made.curve.turns == made.total.turns == 21


def test_the_weeks_of_the_promise() -> None:
    mail = "\n".join([exchanges("alder", "Mon-3"), exchanges("alder", "Mon-1", 8), exchanges("alder", "Mon")])
    weeks = review_of(mail).weeks
    assert [one.start for one in weeks] == [date(2026, 8, 24), date(2026, 8, 31), date(2026, 9, 7), date(2026, 9, 14)]
    assert [(one.shown, one.promise.kept, one.promise.of) for one in weeks] == [
        (True, 3, 3), (True, 0, 0), (True, 3, 3), (True, 3, 3),
    ]  # fmt: skip


def test_a_team_that_is_too_small_gets_no_figure() -> None:
    made = review_of(exchanges("alder"), min_group=5)
    assert not made.enough_members
    assert (made.lines, made.total, made.waiting, made.from_us) == ((), None, (), 0)
