"""How long the owner waits: the same definitions with the parts exchanged, from small exchanges worked by hand."""

import pandas as pd

from mailcare.pipeline.exported import Tables
from tests.conversation import told


def waits(made: Tables) -> list[str]:
    """Whom the owner asked, how often, what became of it, and the working hours."""
    box = made.mailbox
    rows: pd.DataFrame = box.theirs.assign(who=box.people["address"].to_numpy()[box.theirs["asker"]])
    return sorted(
        f"{row.who.partition('@')[0]} {row.asks} {row.outcome} {row.working:g}" for row in rows.itertuples(index=False)
    )


@told()
def test_each_person_in_to_is_asked_and_their_first_message_back_answers(made: Tables) -> None:
    """
    Mon 09:00  me -> ann, bob, cc cho   [q1]
    Mon 12:00  bob -> me                [b1 < q1]
    Mon 13:00  bob -> me                [b2 < q1]
    Mon 14:00  cho -> me                [c1 < q1]
    """
    assert waits(made) == ["ann 1 open 40", "bob 1 answered 3"]


@told()
def test_what_the_owner_writes_before_an_answer_is_one_turn(made: Tables) -> None:
    """
    Mon 09:00  me -> ann   [q1]
    Tue 09:00  me -> ann   [q2 < q1]
    Tue 12:00  ann -> me   [a1 < q2]
    Tue 13:00  me -> ann   [q3 < a1]
    Wed 09:00  ann -> me   [a2 < q3]
    """
    assert waits(made) == ["ann 1 answered 4", "ann 2 answered 11"]


@told()
def test_an_answer_elsewhere_or_by_another_or_by_a_machine_is_none(made: Tables) -> None:
    """
    Mon 09:00  me -> ann                  [q1]
    Mon 10:00  ann -> me   "other"        [a1]
    Mon 11:00  bob -> me                  [b1 < q1]
    Mon 12:00  noreply@elsewhere.example -> me   [n1 < q1]
    Mon 13:00  me -> noreply@elsewhere.example   [q2]
    """
    assert waits(made) == ["ann 1 open 40"]


@told()
def test_their_out_of_office_note_stops_their_clock_until_they_write_again(made: Tables) -> None:
    """
    ann is away from Monday 09:30 to Wednesday 11:00, when she writes to somebody else; she answers at noon.
    Mon 09:00  me -> ann        [q1]
    Mon 09:30  ann -> me        [o1 < q1, auto]
    Wed 11:00  ann -> bob, me   [x1]
    Wed 12:00  ann -> me        [a1 < q1]
    """
    assert waits(made) == ["ann 1 answered 1.5"]


@told("Fri+3 17:00")
def test_a_note_counts_for_a_fortnight_at_most(made: Tables) -> None:
    """
    Of the 160 working hours of four weeks ten working days are not ann's; the note came after one hour.
    Mon 09:00  me -> ann        [q1]
    Mon 10:00  ann -> me        [o1 < q1, auto]
    """
    assert waits(made) == ["ann 1 open 80"]


@told()
def test_notes_that_follow_one_another_are_one_absence(made: Tables) -> None:
    """
    Mon 09:00  me -> ann        [q1]
    Mon 10:00  ann -> me        [o1 < q1, auto]
    Tue 09:00  me -> ann        [q2 < q1]
    Tue 10:00  ann -> me        [o2 < q2, auto]
    Thu 10:00  ann -> me        [a1 < q2]
    """
    assert waits(made) == ["ann 2 answered 1"]


@told()
def test_the_others_note_leaves_the_owners_clock_alone(made: Tables) -> None:
    """
    Mon 09:00  ann -> me        [a1]
    Mon 10:00  ann -> me        [o1, auto]
    Tue 09:00  me -> ann        [r1 < a1]
    """
    assert made.turns["working_hours"].tolist() == [8]


@told()
def test_an_answer_dated_before_what_it_names_answers_it(made: Tables) -> None:
    """
    Mon 09:00  me -> ann        [q1]
    Mon 08:57  ann -> me        [a1 < q1]
    Mon 10:00  me -> bob        [q2]
    Mon 09:30  bob -> me        [b1 < q2]
    """
    assert waits(made) == ["ann 1 answered 0", "bob 1 answered nan"]


@told()
def test_an_automatic_message_of_the_owners_asks_nothing(made: Tables) -> None:
    """
    Mon 09:00  me -> ann   [o1, auto]
    """
    assert waits(made) == []
