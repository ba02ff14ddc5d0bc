"""Who stays on a reply (docs/measures.md, "Parent", "Audience", "Coverage" and "Brought back")."""

import pytest

from tests.conversation import Tables, seen, tables, told

REPLY = "message_id parent_message_id audience kept dropped coverage"

# The parent


@told()
def test_the_parent_is_what_in_reply_to_names(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob   [a1]
    Mon 10:00  col -> me, dan   [c1]
    Mon 11:00  me -> ann        [r1 < a1, refs:a1 c1]
    """
    assert seen(mail.replies, REPLY) == ["r1 a1 2 ann bob 0.5"]


@told()
def test_else_the_last_known_of_the_references(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob   [a1]
    Mon 10:00  col -> me, dan   [c1]
    Mon 11:00  me -> col        [r1 < lost, refs:a1 c1 lost]
    Mon 12:00  me -> col        [r2, refs:a1 c1]
    """
    assert seen(mail.replies, REPLY) == ["r1 c1 2 col dan 0.5", "r2 c1 2 col dan 0.5"]


@told()
def test_else_the_message_whose_conversation_index_is_one_part_shorter(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob        [a1, index:budget]
    Mon 10:00  bob -> me, ann, col   [b1, index:budget.1]
    Mon 11:00  ann -> me, dan        [a2, index:budget.2]
    Mon 12:00  me -> bob             [r1, index:budget.1.1]
    """
    assert seen(mail.replies, REPLY) == ["r1 b1 3 bob ann+col 0.3333"]


@told()
def test_else_the_last_ask_of_the_latest_turn_it_answers(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob        [a1, conv:7]
    Mon 09:30  ann -> me, bob, dan   [a2, conv:7]
    Mon 09:10  bob -> me, ann        [b1, conv:7]
    Mon 12:00  me -> ann, bob        [r1, conv:7]
    """
    # It answers Ann's turn of 9:00 and Bob's later one
    assert seen(mail.messages, "message_id parent_message_id") == ["a1 -", "a2 -", "b1 -", "r1 b1"]
    assert seen(mail.replies, REPLY) == ["r1 b1 2 ann+bob - 1"]


@told()
def test_the_last_ask_of_a_turn_is_the_parent(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob        [a1, conv:7]
    Mon 09:30  ann -> me, bob, dan   [a2, conv:7]
    Mon 12:00  me -> ann             [r1, conv:7]
    """
    assert seen(mail.replies, REPLY) == ["r1 a2 3 ann bob+dan 0.3333"]


@told()
def test_without_a_parent_there_is_no_reply(mail: Tables) -> None:
    """
    Mon 09:00  me -> ann, bob        [n1]
    Mon 10:00  me -> ann, bob        [n2 < lost]
    """
    assert seen(mail.replies, REPLY) == []


@told()
def test_an_answer_to_the_owners_own_message_is_no_reply(mail: Tables) -> None:
    """
    Mon 09:00  me -> ann, bob, cc me   [n1]
    Mon 10:00  me -> ann               [n2 < n1]
    """
    assert seen(mail.replies, REPLY) == []
    assert seen(mail.messages, "message_id parent_message_id") == ["n1 -", "n2 n1"]


@told()
def test_an_out_of_office_note_is_no_reply(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob   [a1]
    Mon 09:00  me -> ann        [n1 < a1, auto]
    """
    assert seen(mail.replies, REPLY) == []


@told()
def test_a_received_message_is_no_reply(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob   [a1]
    Mon 10:00  bob -> me        [b1 < a1]
    """
    assert seen(mail.replies, REPLY) == []


# The audience


@told()
def test_the_audience_is_from_to_and_cc_less_the_owner(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob, cc col, bcc dan   [a1]
    Mon 11:00  me -> ann, bob, cc col            [r1 < a1]
    """
    assert seen(mail.replies, REPLY) == ["r1 a1 3 ann+bob+col - 1"]


@told()
def test_everybody_counts_once(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob, Bob@elsewhere.example, cc bob, ann   [a1]
    Mon 11:00  me -> bob, cc bob                                    [r1 < a1]
    """
    assert seen(mail.replies, REPLY) == ["r1 a1 2 bob ann 0.5"]


@told()
def test_reply_to_stands_for_from(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob       [a1, reply-to:desk]
    Mon 11:00  me -> desk, bob      [r1 < a1]
    Mon 12:00  me -> ann, bob       [r2 < a1]
    """
    assert seen(mail.replies, REPLY) == ["r1 a1 2 bob+desk - 1", "r2 a1 2 bob desk 0.5"]


@told(addresses=("me@home.example", "me@old.example"))
def test_no_address_of_the_owner_is_audience(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, me@old.example, bob   [a1]
    Mon 11:00  me -> ann, bob, me@old.example   [r1 < a1]
    """
    assert seen(mail.replies, f"{REPLY} added") == ["r1 a1 2 ann+bob - 1 -"]


@told()
def test_automated_addresses_are_no_audience(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob, cc noreply@shop.example, bounces@lists.example   [a1]
    Mon 11:00  me -> ann, bob                                                   [r1 < a1]
    """
    assert seen(mail.replies, REPLY) == ["r1 a1 2 ann+bob - 1"]


@told()
def test_a_list_counts_as_one(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, cc dev@lists.example   [a1, post]
    Mon 11:00  me -> ann                         [r1 < a1]
    """
    assert seen(mail.replies, REPLY) == ["r1 a1 2 ann dev@lists.example 0.5"]


@told()
def test_an_audience_of_one_is_not_counted(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 11:00  me -> ann   [r1 < a1]
    """
    assert seen(mail.replies, REPLY) == []


@told()
def test_who_was_reached_by_bcc_or_list_owes_no_coverage(mail: Tables) -> None:
    """
    Mon 09:00  ann -> bob, col, bcc me           [a1]
    Mon 11:00  me -> ann                         [r1 < a1]
    Mon 09:00  ann -> dev@lists.example, bob     [a2, post]
    Mon 11:00  me -> ann                         [r2 < a2]
    """
    assert seen(mail.replies, REPLY) == []


@told()
def test_who_was_kept_informed_and_replies_has_coverage(mail: Tables) -> None:
    """
    Mon 09:00  ann -> bob, cc me    [a1]
    Mon 11:00  me -> ann            [r1 < a1]
    """
    assert seen(mail.replies, REPLY) == ["r1 a1 2 ann bob 0.5"]


# Kept, dropped, added


@told()
def test_cc_and_bcc_keep_people_in(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob, col              [a1]
    Mon 11:00  me -> ann, cc bob, bcc col       [r1 < a1]
    """
    assert seen(mail.replies, REPLY) == ["r1 a1 3 ann+bob+col - 1"]


@told()
def test_people_in_to_and_cc_can_be_added_and_in_bcc_cannot(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob                       [a1]
    Mon 11:00  me -> ann, bob, dan, cc eve, bcc fay [r1 < a1]
    """
    assert seen(mail.replies, f"{REPLY} added") == ["r1 a1 2 ann+bob - 1 dan+eve"]


@told(aliases=(("bob@elsewhere.example", "bob@private.example"),))
def test_another_address_of_a_person_keeps_them(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob                    [a1]
    Mon 11:00  me -> ann, bob@private.example    [r1 < a1]
    """
    assert seen(mail.replies, "message_id audience coverage added") == ["r1 2 1 -"]


@told()
def test_a_reply_to_the_automated_sender_adds_nobody_to_the_audience(mail: Tables) -> None:
    """
    Mon 09:00  noreply@shop.example -> me, bob, col   [a1]
    Mon 11:00  me -> bob                              [r1 < a1]
    """
    assert seen(mail.replies, REPLY) == ["r1 a1 2 bob col 0.5"]


@told()
def test_whoever_is_neither_audience_nor_owner_nor_robot_is_added(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob, noreply@shop.example        [a1]
    Mon 11:00  me -> ann, bob, cho, noreply@shop.example   [r1 < a1]
    """
    assert seen(mail.replies, "message_id audience kept added") == ["r1 2 ann+bob cho"]


# Brought back


@told(as_of="Fri+1 17:00")
def test_a_dropped_person_on_a_later_message_is_brought_back(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob, col, dan   [a1]
    Mon 11:00  me -> ann                  [r1 < a1]
    Tue 11:00  me -> ann, bob             [r2 < r1]
    Wed 11:00  ann -> me, cc col          [a2 < r1]
    """
    assert seen(mail.replies, f"{REPLY} brought_back") == ["r1 a1 4 ann bob+col+dan 0.25 bob+col"]


@told(as_of="Fri+1 17:00")
def test_bcc_brings_back_and_writing_oneself_does_not(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob, col   [a1]
    Mon 11:00  me -> ann             [r1 < a1]
    Tue 11:00  me -> ann, bcc bob    [r2 < r1]
    Tue 12:00  col -> me             [c1 < a1]
    """
    assert seen(mail.replies, "message_id dropped brought_back") == ["r1 bob+col bob"]


@told(as_of="Fri+1 17:00")
def test_three_working_days_later_it_is_too_late(mail: Tables) -> None:
    """
    Thu 11:00    ann -> me, bob, col   [a1]
    Thu 12:00    me -> ann             [r1 < a1]
    Tue+1 11:00  me -> ann, bob        [r2 < r1]
    Tue+1 13:00  me -> ann, col        [r3 < r1]
    """
    # Thursday noon + 24 working hours is Tuesday noon
    assert seen(mail.replies, "message_id dropped brought_back") == ["r1 bob+col bob"]


@told(as_of="Fri+1 17:00")
def test_only_a_later_message_of_the_same_thread_brings_back(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob, col   "Budget"  [a1]
    Mon 10:00  ann -> col            "Budget"  [a2 < a1]
    Mon 11:00  me -> ann             "Budget"  [r1 < a1]
    Mon 12:00  me -> bob             "Bill"    [n1]
    """
    assert seen(mail.replies, "message_id dropped brought_back") == ["r1 bob+col -"]


# Forwards


@pytest.mark.parametrize("prefix", ["Fwd", "FWD", "FW", "Fw", "WG"])
def test_a_forward_to_somebody_else_is_no_reply(prefix: str) -> None:
    mail = tables(
        f"""
        Mon 09:00  ann -> me, bob   "Budget"            [a1]
        Mon 11:00  me -> dan        "{prefix}: Budget"  [r1 < a1]
        """
    )
    assert seen(mail.replies, REPLY) == []


@told()
def test_a_forward_to_somebody_of_the_audience_is_a_reply(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob   "Budget"        [a1]
    Mon 11:00  me -> dan, bob   "Fwd: Budget"   [r1 < a1]
    """
    assert seen(mail.replies, f"{REPLY} added") == ["r1 a1 2 bob ann 0.5 dan"]


@told()
def test_a_reply_that_reaches_nobody_of_the_audience_is_still_a_reply(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, bob   "Budget"        [a1]
    Mon 11:00  me -> dan        "Re: Budget"    [r1 < a1]
    """
    assert seen(mail.replies, f"{REPLY} added") == ["r1 a1 2 - ann+bob 0 dan"]
