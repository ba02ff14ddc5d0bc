"""The pool of a team: three mailboxes and a shared address, for every rule of docs/teams.md."""

import pandas as pd
import pytest

from mailcare.owner import Team
from mailcare.team.pool import SHARED, Pool, members, pooled
from tests.conversation import instant
from tests.team_notation import SUPPORT, logs, member, pool, team


def turns(made: Pool) -> list[str]:
    """Each turn: the first ask's id, outcome, working hours, circle."""
    box = made.box
    ids = box.messages["id"].str.strip("<>").to_numpy()
    return [
        f"{ids[turn.ask]} {turn.outcome} {turn.working:g} {turn.circle}" for turn in box.turns.itertuples(index=False)
    ]


def test_a_message_in_three_mailboxes_is_one_that_arrived_at_the_earliest_of_its_copies() -> None:
    made = pool(
        """
        Mon 09:00  ada@alder.example -> kim, lee, moe  [a1, received:Mon 09:20] @kim
        Mon 09:00  ada@alder.example -> kim, lee, moe  [a1, received:Mon 09:05] @lee
        Mon 09:00  ada@alder.example -> kim, lee, moe  [a1, received:Mon 11:00] @moe
        """
    )
    assert len(made.box.messages) == 1
    assert made.box.turns["asked_at"].tolist() == [int(instant("Mon 09:05").timestamp())]


def test_copies_with_rewritten_ids_in_two_inboxes_are_one_message() -> None:
    made = pool(
        """
        Mon 09:00  ada@alder.example -> kim, lee  "Budget"  [a1] @kim
        Mon 09:00  ada@alder.example -> kim, lee  "Budget"  [a1-rewritten] @lee
        """
    )
    assert len(made.box.messages) == 1


def test_what_one_mailbox_leaves_out_another_may_hold() -> None:
    made = pool(
        """
        Mon 09:00  ada@alder.example -> kim, lee  [a1, folder:Spam] @kim
        Mon 09:00  ada@alder.example -> kim, lee  [a1] @lee
        Mon 10:00  ada@alder.example -> kim       [a2, folder:Spam] @kim
        """
    )
    assert made.box.messages["id"].tolist() == ["<a1>"]


@pytest.mark.parametrize("to", ["kim", "bob, cc kim", "support", "bob, cc support"])
def test_a_client_asks_whoever_of_the_team_stands_in_to_or_cc(to: str) -> None:
    assert turns(pool(f"Mon 09:00  ada@alder.example -> {to}  [a1]")) == ["a1 open 40 Alder"]


def test_the_first_of_the_team_to_reach_the_asker_answers() -> None:
    mail = """
        Mon 09:00  ada@alder.example -> kim                  [a1]
        Mon 10:00  kim -> lee                                [i1 < a1]
        Mon 11:00  lee -> ada@alder.example, cc kim          [r1 < a1]
        Mon 12:00  kim -> ada@alder.example                  [r2 < a1]
        """
    assert turns(pool(mail)) == ["a1 answered 2 Alder"]


def test_an_answer_from_the_shared_address_answers() -> None:
    mail = """
        Mon 09:00  ada@alder.example -> kim, cc support  [a1]
        Mon 10:00  support -> ada@alder.example          [r1 < a1]
        """
    assert turns(pool(mail)) == ["a1 answered 1 Alder"]


def test_mail_within_the_team_asks_nothing() -> None:
    mail = """
        Mon 09:00  kim -> lee      [i1]
        Mon 10:00  lee -> support  [i2]
        """
    assert turns(pool(mail)) == []


def test_a_colleague_outside_the_team_covers() -> None:
    mail = """
        Mon 09:00  ada@alder.example -> kim, zoe@home.example  [a1]
        Mon 11:00  zoe@home.example -> ada@alder.example, kim  [z1 < a1]
        """
    assert [line for line in turns(pool(mail)) if line.startswith("a1")] == ["a1 covered 2 Alder"]


def test_a_member_is_no_colleague_who_covers_but_one_who_answers() -> None:
    mail = """
        Mon 09:00  ada@alder.example -> kim, lee  [a1]
        Mon 11:00  lee -> ada@alder.example       [r1 < a1]
        """
    assert turns(pool(mail)) == ["a1 answered 2 Alder"]


@pytest.mark.parametrize(
    ("address", "circle"),
    [
        ("ada@alder.example", "Alder"),
        ("ada@mail.alder.example", "Alder"),
        ("ada@alder-group.example", "Alder"),
        ("ada@notalder.example", "others"),
        ("ben@free.example", "Birch"),
        ("other@free.example", "others"),
        ("zoe@home.example", "colleagues"),
    ],
)
def test_a_client_is_known_by_address_else_by_domain_or_one_above(address: str, circle: str) -> None:
    assert turns(pool(f"Mon 09:00  {address} -> kim  [a1]"))[0].endswith(circle)


def test_who_wrote_is_the_person_in_from_or_sender_and_else_the_shared_address() -> None:
    made = pool(
        """
        Mon 09:00  kim -> ada@alder.example      [r1]
        Mon 10:00  support -> ada@alder.example  [r2, sender:lee]
        Mon 11:00  support -> ada@alder.example  [r3]
        Mon 12:00  moe -> ada@alder.example      [r4, auto]
        """
    )
    assert made.writers["member"].tolist() == [0, 1, SHARED]


def test_a_pool_in_which_nobody_but_machines_wrote_has_no_writers() -> None:
    assert pool("Mon 12:00  moe -> ada@alder.example  [r1, auto]").writers["member"].tolist() == []


def test_a_shared_address_that_is_a_list_is_written_to_by_people() -> None:
    asked = pool("Mon 09:00  ada@alder.example -> support  [a1, bulk, list:support@home.example]")
    assert len(turns(asked)) == 1


def test_who_has_left_the_team_is_a_colleague_and_is_still_not_named() -> None:
    """Moe, who lives at old.example by now, asks like anybody outside until they are known to have left."""
    mail = """
        Mon 09:00  moe@old.example -> support  "Moe asks"  [a1]
        Mon 10:00  ada@alder.example -> kim, cc moe@old.example  [a2]
        Mon 11:00  moe@old.example -> ada@alder.example, cc kim  [r2 < a2]
    """
    assert turns(pool(mail)) == ["a1 open 40 others", "a2 open 39 Alder", "r2 open 38 others"]
    made = pooled(logs(mail), team(), instant("Fri 17:00"), lambda address: address == "moe@old.example")
    assert turns(made) == ["a1 open 40 colleagues", "a2 covered 1 Alder", "r2 open 38 colleagues"]
    assert "moe@old.example" in made.names


def test_who_was_addressed() -> None:
    made = pool("Mon 09:00  ada@alder.example -> kim, lee, cc support  [a1]")
    assert sorted(made.addressed["member"]) == [SHARED, 0, 1]


def test_a_member_is_one_person_with_all_their_addresses() -> None:
    kim = member("kim")
    two = pd.Series(members(Team("t", (), (SUPPORT,), ("kim@old.example", "nat@home.example")), [kim]))
    assert two.to_dict() == {SUPPORT: SHARED, "kim@home.example": 0, "kim@old.example": 1, "nat@home.example": 2}


def test_a_team_without_mail_has_a_pool() -> None:
    assert turns(pool("")) == []
