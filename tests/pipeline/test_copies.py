"""What the copies of one message say together, and several addresses of one person."""

import pytest

from mailcare.pipeline.exported import Tables
from tests.conversation import log, seen, tables, threads, told

LIST_COPY = "Mon 09:00  ann -> me  [a1, folder:Lists, bulk, received:Mon 09:00]"
OWN_COPY = "Mon 09:00  ann -> me  [a1, folder:Inbox, received:Mon 09:00]"


@pytest.mark.parametrize("copies", [(LIST_COPY, OWN_COPY), (OWN_COPY, LIST_COPY)])
def test_a_mark_counts_where_every_copy_bears_it(copies: tuple[str, str]) -> None:
    assert tables(log(*copies)).messages["automated"].tolist() == [False]


@told()
def test_what_any_copy_names_counts(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me  [a1]
    Mon 11:00  me -> ann  [r1, folder:Sent]
    Mon 11:00  me -> ann  [r1 < a1, folder:Archive]
    """
    assert threads(mail) == ["a1+r1"]
    assert seen(mail.turns, "ask_message_id outcome by_message_id") == ["a1 answered r1"]


@told(aliases=(("ada@home.example.org", "ada@client.example"),))
def test_a_circle_knows_a_person_by_any_address(mail: Tables) -> None:
    """
    Mon 09:00  ada@home.example.org -> me  [a1]
    """
    assert seen(mail.turns, "circle") == ["clients"]


@told(aliases=(("ann@elsewhere.example", "notifications@elsewhere.example"),))
def test_a_robot_is_told_by_the_address_that_wrote(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me                              [a1]
    Mon 10:00  notifications@elsewhere.example -> me  [n1]
    """
    assert seen(mail.turns, "ask_message_id asks") == ["a1 1"]


@told()
def test_a_subject_joins_only_what_is_earlier(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me  "Budget"      [a1]
    Mon 09:00  ann -> me  "Re: Budget"  [b1]
    """
    assert threads(mail) == ["a1", "b1"]


@told()
def test_a_common_sender_field_shares_no_person(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me  "Budget"      [a1, sender:list-owner@lists.example]
    Mon 10:00  bob -> me  "Re: Budget"  [b1, sender:list-owner@lists.example]
    """
    assert threads(mail) == ["a1", "b1"]


@told(shared=True)
def test_a_shared_address_that_acknowledges_mail_is_not_away(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me  [a1]
    Mon 09:01  me -> ann  [n1 < a1, auto]
    Mon 15:00  me -> ann  [r1 < a1]
    """
    assert seen(mail.turns, "latency_hours working_hours") == ["6 6"]
