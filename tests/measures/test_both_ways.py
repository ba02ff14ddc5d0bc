"""Circles, both ways, one-to-one and rhythm, from small exchanges worked by hand."""

from itertools import permutations

from mailcare.measures import week as individual
from mailcare.values import week as values
from tests.conversation import instant, tables

TOLD = "Mon+1 06:00"


def week(conversation: str, as_of: str = TOLD, **account: object) -> values.Week:
    return individual.week(tables(conversation, as_of, **account).mailbox)


def test_circles_side_by_side_and_both_ways() -> None:
    said = week(
        """
        Mon 09:00  kim -> me               [k1]
        Mon 11:00  me -> kim               [r1 < k1]
        Mon 09:00  c@client.example -> me  [c1]
        Tue 09:00  me -> c@client.example, d@client.example   [q1]
        Tue 12:00  d@client.example -> me  [d1 < q1]
        """
    )
    assert [(one.name, one.people) for one in said.circles] == [("colleagues", 1), ("clients", 2)]
    colleagues, clients = said.circles
    assert (colleagues.mine, colleagues.theirs) == (values.Heard(1, 1), values.Heard(1, 0))
    assert (clients.mine, clients.theirs) == (values.Heard(2, 0), values.Heard(2, 1))


def test_from_five_turns_on_the_half_way_point_is_said() -> None:
    mail = "".join(
        f"{day} 09:00  kim -> me  [k{day}]\n{day} {hour}:00  me -> kim  [r{day} < k{day}]\n"
        for day, hour in zip(("Mon", "Tue", "Wed", "Thu", "Fri"), (10, 11, 12, 13, 14), strict=True)
    )
    (colleagues,) = week(mail).circles
    assert (colleagues.mine.half, colleagues.mine.share_in_one_day) == (3, None)
    assert week(mail.partition("Fri")[0]).circles[0].mine.half is None


def test_whose_turn_it_is() -> None:
    said = week(
        """
        Mon 09:00  ann -> me   [a1]
        Mon 10:00  me -> bob   [q1]
        Mon 11:00  cho -> me   [c1]
        Mon 12:00  me -> cho   [r1 < c1]
        Mon 13:00  dee -> me   [d1]
        Mon 14:00  me -> dee   [q2]
        """
    )
    turns = {one.contact.address.partition("@")[0]: (one.turn, one.since) for one in said.both_ways}
    assert turns == {
        "ann": ("mine", instant("Mon 09:00")),
        "bob": ("theirs", instant("Mon 10:00")),
        "cho": ("nobody", None),
        "dee": ("mine", instant("Mon 13:00")),
    }


def test_people_written_with_equally_often_stand_in_the_order_of_their_addresses() -> None:
    mail = ["Mon 09:00  zoe -> me  [z1]", "Mon 10:00  me -> ann  [a1]", "Mon 11:00  cho -> me  [c1]"]
    for order in permutations(mail):
        said = week("\n".join(order))
        assert [one.contact.address.partition("@")[0] for one in said.both_ways] == ["ann", "cho", "zoe"]


def test_whose_last_one_to_one_was_at_the_same_time_stand_in_the_order_of_their_addresses() -> None:
    mail = [
        f"{day} 09:00  {who} -> me  [{who}{day[-2:]}{day[5:7]}]"
        for who in ("zoe", "ann")
        for day in ("2026-05-10", "2026-06-15", "2026-07-20")
    ]
    for order in (mail, mail[::-1]):
        said = week("\n".join(order))
        assert [one.contact.address.partition("@")[0] for one in said.gone_quiet] == ["ann", "zoe"]


def test_what_was_settled_is_nobodys_turn() -> None:
    (ann,) = week("Mon 09:00  ann -> me  [a1]", settled={"a1": "Tue 09:00"}).both_ways
    assert (ann.turn, ann.since) == ("nobody", None)


MONTHLY = """
    2026-05-01 09:00  ann -> me   [a1]
    2026-06-01 09:00  me -> ann   [a2]
    2026-07-10 09:00  ann -> me   [a3]
    """


def quiet(conversation: str, as_of: str = TOLD) -> list[str]:
    return [one.contact.address.partition("@")[0] for one in week(conversation, as_of).gone_quiet]


def test_somebody_goes_quiet_four_weeks_after_monthly_exchanges() -> None:
    (ann,) = week(MONTHLY).gone_quiet
    assert (ann.last, ann.owner_wrote_last, ann.exchanges) == (instant("2026-07-10 09:00"), False, 3)
    assert quiet(MONTHLY, "2026-08-07 09:00") == []
    assert quiet(MONTHLY, "2026-08-07 09:01") == ["ann"]


def test_who_wrote_less_than_monthly_before_or_in_company_has_not_gone_quiet() -> None:
    assert quiet(MONTHLY.replace("2026-06-01", "2026-05-02")) == []
    assert quiet(MONTHLY.replace("me -> ann", "me -> ann, cc bob")) == []
    assert quiet(MONTHLY.replace("[a2]", "[a2, machine]")) == []


def test_after_half_a_year_a_silence_is_no_news() -> None:
    assert quiet(MONTHLY, "2027-01-07 09:00") == ["ann"]
    assert quiet(MONTHLY, "2027-01-09 09:00") == []


def test_rhythm_is_the_owners_own_clock() -> None:
    said = week(
        """
        Mon 09:00  me -> ann   [q1]
        Mon 09:59  me -> ann   [q2]
        Sat 23:30  me -> ann   [q3]
        Mon 10:00  me -> ann   [o1, machine]
        Mon 10:00  ann -> me   [a1]
        """
    ).rhythm
    assert (said.sent, said.outside) == (3, 1)
    assert said.cells[0][9] == 2
    assert said.cells[5][23] == 1
    assert sum(map(sum, said.cells)) == 3
