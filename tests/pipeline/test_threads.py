"""What belongs to one thread (docs/measures.md, "Thread")."""

import pytest

from tests.conversation import Tables, seen, tables, threads, told

# Connected by headers


@told()
def test_in_reply_to_connects(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Budget"       [a1]
    Mon 11:00  me -> ann   "Other words"  [r1 < a1]
    """
    assert threads(mail) == ["a1+r1"]


@told()
def test_each_of_the_references_connects(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Budget"     [a1]
    Mon 10:00  bob -> me   "Bill"       [b1]
    Mon 11:00  me -> ann   "Both"       [r1, refs:a1 b1]
    """
    assert threads(mail) == ["a1+b1+r1"]


@told()
def test_the_providers_conversation_connects(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Budget"  [a1, conv:77]
    Mon 11:00  me -> ann   "Other"   [r1, conv:77]
    Mon 12:00  bob -> me   "Budget"  [b1, conv:78]
    """
    assert threads(mail) == ["a1+r1", "b1"]


@told()
def test_the_first_22_bytes_of_a_conversation_index_connect(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Budget"  [a1, index:budget]
    Mon 11:00  me -> ann   "Other"   [r1, index:budget.1]
    Mon 12:00  bob -> me   "Budget"  [b1, index:bill]
    """
    assert threads(mail) == ["a1+r1", "b1"]


@told()
def test_a_parent_that_is_not_in_the_mailbox_still_connects(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Re: Budget"  [a2 < a1]
    Mon 11:00  bob -> me   "Re: Budget"  [b2, refs:a1]
    """
    assert threads(mail) == ["a2+b2"]


@told()
def test_several_ids_in_in_reply_to_connect(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Budget"   [a1]
    Mon 10:00  bob -> me   "Bill"     [b1]
    Mon 11:00  me -> ann   "Answer"   [r1 < a1 b1]
    """
    assert threads(mail) == ["a1+b1+r1"]


@told()
def test_the_kinds_of_connection_work_together(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Budget"      [a1, conv:77]
    Mon 10:00  me -> ann   "Budget"      [r1, conv:77, index:budget]
    Mon 11:00  ann -> me   "Budget"      [a2, index:budget.1]
    Mon 12:00  bob -> me   "Re: Budget"  [b1 < a2]
    """
    assert threads(mail) == ["a1+a2+b1+r1"]


@told()
def test_a_thread_is_named_after_its_earliest_message(mail: Tables) -> None:
    """
    Mon 11:00  me -> ann   "Re: Budget"  [a0 < z1]
    Mon 09:00  ann -> me   "Budget"      [z1]
    """
    assert seen(mail.messages, "message_id thread_id") == ["a0 z1", "z1 z1"]
    assert seen(mail.threads, "thread_id subject") == ["z1 Budget"]


@told()
def test_an_empty_conversation_connects_nothing(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Budget"  [a1]
    Mon 10:00  bob -> me   "Bill"    [b1]
    """
    assert threads(mail) == ["a1", "b1"]


# Connected by subject


@told()
def test_a_reply_prefix_joins_by_subject(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Budget"      [a1]
    Mon 11:00  me -> ann   "Re: Budget"  [r1]
    """
    assert threads(mail) == ["a1+r1"]


@pytest.mark.parametrize(
    "subject",
    [
        *["RE:", "re:", "Fwd:", "FW:", "AW:", "Aw:", "SV:", "VS:", "WG:", "TR:", "RV:", "Antw:", "Odp:"],
        *("Re[2]:", "RE :", "Re: AW: Fwd:", "[dev] Re:", "Re: [dev]", "[dev] Re[3]: [ops]", "re:re:"),
    ],
)
def test_prefixes_of_many_languages_and_list_tags_are_no_part_of_the_base_subject(subject: str) -> None:
    mail = tables(f'Mon 09:00  ann -> me  "Budget"  [a1]\nMon 11:00  ann -> me  "{subject} Budget"  [a2]')
    assert threads(mail) == ["a1+a2"]


@told()
def test_the_first_message_may_carry_the_list_tag(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "[dev] Budget"      [a1]
    Mon 11:00  ann -> me   "Re: [dev] Budget"  [a2]
    Mon 12:00  ann -> me   "AW: budget (fwd)"  [a3]
    """
    assert threads(mail) == ["a1+a2+a3"]


@told()
def test_the_base_subject_ignores_case_and_spaces(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "The  Budget"     [a1]
    Mon 11:00  ann -> me   "Re:  the budget" [a2]
    """
    assert threads(mail) == ["a1+a2"]


@told()
def test_a_fresh_subject_starts_a_fresh_thread(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Budget"        [a1]
    Mon 11:00  ann -> me   "Budget"        [a2]
    Mon 12:00  ann -> me   "[dev] Budget"  [a3]
    Mon 13:00  ann -> me   "Return: Budget"  [a4]
    """
    assert threads(mail) == ["a1", "a2", "a3", "a4"]


@pytest.mark.parametrize("header", ["< x9", "refs:x9"])
def test_a_header_speaks_for_itself(header: str) -> None:
    mail = tables(f'Mon 09:00  ann -> me  "Budget"  [a1]\nMon 11:00  ann -> me  "Re: Budget"  [a2, {header}]')
    assert threads(mail) == ["a1", "a2"]


@pytest.mark.parametrize("id", ["conv:77", "index:other"])
def test_the_provider_speaks_where_it_joins_to_something_earlier(id: str) -> None:
    mail = tables(f"""
        Mon 09:00  ann -> me  "Budget"      [a1]
        Mon 10:00  ann -> me  "Trip"        [a2, {id}]
        Mon 11:00  ann -> me  "Re: Budget"  [a3, {id}]
    """)
    assert threads(mail) == ["a1", "a2+a3"]


@pytest.mark.parametrize("id", ["conv:77", "index:other"])
def test_every_mailbox_gives_the_same_threads_whether_its_provider_numbers_them_or_not(id: str) -> None:
    mail = """
        Mon 09:00  ann -> me  "Budget"      [a1, conv:1]
        Mon 11:00  ann -> me  "Re: Budget"  [a2, ID]
        Mon 12:00  me -> ann  "Re: Budget"  [a3, ID]
    """
    assert threads(tables(mail.replace("ID", id))) == ["a1+a2+a3"]
    assert threads(tables(mail.replace(", ID", "").replace(", conv:1", ""))) == ["a1+a2+a3"]


@told()
def test_the_message_that_is_joined_may_have_headers(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Budget"      [a1]
    Mon 10:00  me -> ann   "Re: Budget"  [r1 < a1]
    Mon 11:00  ann -> me   "Re: Budget"  [a2]
    """
    assert threads(mail) == ["a1+a2+r1"]


@told(as_of="Fri+9 17:00")
def test_a_subject_connects_within_thirty_days(mail: Tables) -> None:
    """
    Mon 09:00    ann -> me   "Budget"      [a1]
    Wed+4 08:00  ann -> me   "Re: Budget"  [a2]

    Mon 09:00    ann -> me   "Bill"        [b1]
    Wed+4 10:00  ann -> me   "Re: Bill"    [b2]
    """
    assert threads(mail) == ["a1+a2", "b1", "b2"]


@told(as_of="Fri+9 17:00")
def test_the_thirty_days_count_from_the_latest_message_of_the_thread(mail: Tables) -> None:
    """
    Mon 09:00    ann -> me   "Budget"      [a1]
    Mon+3 09:00  ann -> me   "Re: Budget"  [a2]
    Mon+6 09:00  ann -> me   "Re: Budget"  [a3]
    """
    assert threads(mail) == ["a1+a2+a3"]


@told()
def test_the_owner_alone_is_not_enough_in_common(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Budget"      [a1]
    Mon 11:00  bob -> me   "Re: Budget"  [b1]
    """
    assert threads(mail) == ["a1", "b1"]


@told()
def test_anybody_on_both_messages_is_a_shared_person(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, cc col    "Budget"      [a1]
    Mon 11:00  bob -> me, col       "Re: Budget"  [b1]
    """
    assert threads(mail) == ["a1+b1"]


@told(aliases=(("ann@elsewhere.example", "ann@private.example"),))
def test_a_shared_person_may_write_from_another_address(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me                  "Budget"      [a1]
    Mon 11:00  ann@private.example -> me  "Re: Budget"  [a2]
    """
    assert threads(mail) == ["a1+a2"]


@told()
def test_the_latest_earlier_message_that_fits_is_joined(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Budget"      [a1]
    Mon 10:00  ann -> me   "Budget"      [a2]
    Mon 11:00  bob -> me   "Budget"      [b1]
    Mon 12:00  ann -> me   "Re: Budget"  [a3]
    Mon 13:00  ann -> me   "Budget"      [a4]
    """
    assert threads(mail) == ["a1", "a2+a3", "a4", "b1"]


@told()
def test_an_empty_base_subject_joins_nothing(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   ""      [a1]
    Mon 11:00  ann -> me   "Re:"   [a2]
    Mon 12:00  ann -> me   "Re: "  [a3]
    """
    assert threads(mail) == ["a1", "a2", "a3"]


@told()
def test_a_reply_without_an_earlier_message_stands_alone(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Re: Budget"  [a1]
    Mon 10:00  ann -> me   "Budget"      [a2]
    """
    assert threads(mail) == ["a1", "a2"]


@told()
def test_messages_after_as_of_connect_nothing(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Budget"  [a1]
    Mon 10:00  bob -> me   "Bill"    [b1]
    Sat 11:00  me -> ann   "Both"    [r1, refs:a1 b1]
    """
    assert threads(mail) == ["a1", "b1"]
