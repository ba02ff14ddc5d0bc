"""The facts (docs/measures.md, "Address", "Message", "Time", "Direction" and "Automated")."""

from collections import Counter

import pytest

from tests.conversation import Tables, seen, tables, threads, told

# Addresses


@told()
def test_an_address_is_compared_trimmed_and_in_lower_case(mail: Tables) -> None:
    """
    Mon 09:00  ANN@Elsewhere.Example -> Me@HOME.example, cc Bob@Elsewhere.EXAMPLE  [a1]
    """
    assert seen(mail.messages, "message_id direction from to cc") == ["a1 received ann me bob"]
    assert seen(mail.turns, "asker") == ["ann"]


@told()
def test_a_tag_is_no_part_of_the_address(mail: Tables) -> None:
    """
    Mon 09:00  ann+news -> me+shop@home.example  [a1]
    """
    assert seen(mail.turns, "ask_message_id asker") == ["a1 ann"]


@told()
def test_an_international_domain_is_compared_in_its_a_label_form(mail: Tables) -> None:
    """
    Mon 09:00  ann@Bücher.example -> me                   [a1]
    Mon 11:00  me -> ann@xn--bcher-kva.example            [r1 < a1]
    """
    assert seen(mail.turns, "asker outcome") == ["ann@xn--bcher-kva.example answered"]


@told(addresses=("me@home.example", "me@old.example"))
def test_each_of_the_owners_addresses_is_the_owner(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me@old.example  [a1]
    Mon 11:00  me@old.example -> ann  [r1 < a1, folder:Archive]
    """
    assert seen(mail.messages, "message_id direction") == ["a1 received", "r1 sent"]
    assert seen(mail.turns, "ask_message_id outcome") == ["a1 answered"]


@told(aliases=(("ann@elsewhere.example", "ann@private.example"),))
def test_two_addresses_of_one_person_ask_in_one_turn(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me                      [a1]
    Mon 15:00  ann@private.example -> me      [a2 < a1]
    """
    assert seen(mail.turns, "ask_message_id asks chasers") == ["a1 2 1"]


def test_an_empty_group_is_nobody() -> None:
    """``undisclosed-recipients:;`` in To: the owner was not asked, and nobody was dropped."""
    mail = tables("Mon 09:00  ann -> ?  [a1]")
    assert seen(mail.messages, "message_id to") == ["a1 -"]
    assert seen(mail.turns, "ask_message_id") == []
    assert mail.mailbox.quality["address_broken"] == 0


@told()
def test_a_broken_address_is_nobody_and_counted(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, cc ?  [a1, fault:address_broken]
    Mon 11:00  me -> ann        [r1 < a1]
    """
    assert mail.mailbox.quality["address_broken"] == 1
    assert seen(mail.messages, "message_id cc") == ["a1 -", "r1 -"]
    assert seen(mail.replies, "message_id") == []  # an audience of one


@told()
def test_nobody_asks_nothing(mail: Tables) -> None:
    """
    Mon 09:00  ? -> me  [a1]
    """
    assert seen(mail.messages, "message_id direction from") == ["a1 received -"]
    assert seen(mail.turns, "ask_message_id") == []


# Messages and their copies


@told()
def test_copies_with_one_message_id_are_one_message(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me  [a1, folder:Inbox]
    Mon 09:00  ann -> me  [a1, folder:Archive]
    """
    assert seen(mail.messages, "message_id") == ["a1"]
    assert seen(mail.turns, "asks") == ["1"]


@told()
def test_a_copy_that_a_list_changed_on_its_way_is_the_same_message_by_its_id(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, dev@lists.example  "Budget"        [a1, folder:Inbox]
    Mon 09:05  ann -> me, dev@lists.example  "[dev] Budget"  [a1, folder:Lists, dated:Mon 09:00]
    """
    assert seen(mail.messages, "message_id") == ["a1"]


@told()
def test_messages_without_an_id_are_known_by_their_content(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me, cc bob  "Budget"  [no-id, folder:Inbox]
    Mon 09:00  ann -> me, cc bob  "Budget"  [no-id, folder:Archive]
    """
    assert len(mail.messages) == 1
    assert mail.messages["message_id"].iloc[0]
    assert mail.mailbox.quality["no_message_id"] == 1


@pytest.mark.parametrize(
    "other",
    [
        'Mon 09:00  bob -> me, cc col  "Budget"  [no-id]',
        'Mon 09:01  ann -> me, cc col  "Budget"  [no-id]',
        'Mon 09:00  ann -> me, cc col  "Bill"    [no-id]',
        'Mon 09:00  ann -> me, col     "Budget"  [no-id]',
        'Mon 09:00  ann -> me, cc dan  "Budget"  [no-id]',
    ],
)
def test_from_date_subject_to_and_cc_tell_messages_without_an_id_apart(other: str) -> None:
    mail = tables('Mon 09:00  ann -> me, cc col  "Budget"  [no-id]\n' + other)
    assert len(mail.messages) == 2
    assert mail.messages["message_id"].nunique() == 2


@told()
def test_an_archives_copy_under_another_id_is_the_same_message_under_both_ids(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Budget"      [b9, folder:Inbox]
    Mon 09:00  ann -> me   "Budget"      [a1, folder:Archive]
    Mon 11:00  me -> ann   "Re: Budget"  [r1 < a1]
    Mon 12:00  ann -> me   "Re: Budget"  [a2 < b9]
    """
    assert seen(mail.messages, "message_id") == ["a1", "a2", "r1"]  # of several ids the smallest
    assert threads(mail) == ["a1+a2+r1"]
    assert seen(mail.messages, "message_id parent_message_id") == ["a1 -", "a2 a1", "r1 a1"]


@told()
def test_the_date_of_a_copy_counts_to_the_second(mail: Tables) -> None:
    """
    Mon 09:00:00  ann -> me   "Budget"  [a1, folder:Inbox]
    Mon 09:00:01  ann -> me   "Budget"  [b1, folder:Archive]
    """
    assert seen(mail.messages, "message_id") == ["a1", "b1"]


@told()
def test_twins_in_one_folder_are_different_messages(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Disk full"  [a1, folder:Inbox]
    Mon 09:00  ann -> me   "Disk full"  [a2, folder:Inbox]
    """
    assert seen(mail.messages, "message_id") == ["a1", "a2"]


@told()
def test_the_nth_twin_of_one_folder_is_the_nth_of_another(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Disk full"  [a1, folder:Inbox]
    Mon 09:00  ann -> me   "Disk full"  [a2, folder:Inbox]
    Mon 09:00  ann -> me   "Disk full"  [b1, folder:Archive]
    Mon 09:00  ann -> me   "Disk full"  [b2, folder:Archive]
    Mon 10:00  me -> ann   "Re: Disk full"  [r1 < b1]
    Mon 10:00  me -> ann   "Re: Disk full"  [r2 < b2]
    """
    assert seen(mail.messages, "message_id parent_message_id") == ["a1 -", "a2 -", "r1 a1", "r2 a2"]


@told()
def test_a_folder_with_fewer_twins_has_copies_of_the_first(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Disk full"  [a1, folder:Inbox]
    Mon 09:00  ann -> me   "Disk full"  [a2, folder:Inbox]
    Mon 09:00  ann -> me   "Disk full"  [b1, folder:Archive]
    """
    assert seen(mail.messages, "message_id") == ["a1", "a2"]


@told()
def test_twins_stay_apart_when_another_folder_holds_them_the_other_way_round(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   "Disk full"  [a1, folder:Inbox]
    Mon 09:00  ann -> me   "Disk full"  [a2, folder:Inbox]
    Mon 09:00  ann -> me   "Disk full"  [a2, folder:Archive]
    Mon 09:00  ann -> me   "Disk full"  [a1, folder:Archive]
    """
    assert seen(mail.messages, "message_id") == ["a1", "a2"]


# Folders left out


@told()
def test_drafts_spam_and_trash_are_left_out(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 09:10  ann -> me   [a2, folder:Spam]
    Mon 09:20  ann -> me   [a3, folder:Trash]
    Mon 09:30  me -> ann   [r1 < a1, folder:Drafts]
    """
    assert seen(mail.messages, "message_id") == ["a1"]
    assert seen(mail.turns, "ask_message_id outcome") == ["a1 open"]


@told(exclude_folders=())
def test_an_empty_list_keeps_all_folders(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 09:10  ann -> me   [a2, folder:Spam]
    Mon 09:20  ann -> me   [a3, folder:Trash]
    Mon 09:30  me -> ann   [r1 < a1, folder:Drafts]
    """
    assert seen(mail.messages, "message_id") == ["a1", "a2", "a3", "r1"]


@told(exclude_folders=("Newsletters",))
def test_a_folder_can_be_left_out_by_name(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1, folder:Newsletters]
    Mon 09:10  ann -> me   [a2, folder:Trash]
    """
    assert seen(mail.messages, "message_id") == ["a2"]


@told(exclude_folders=("sent", "trash", "Sent"))
def test_sent_is_always_in(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1]
    Mon 11:00  me -> ann   [r1 < a1, folder:Sent]
    Mon 12:00  me -> bob   [r2, folder:Sent+Trash]
    """
    assert seen(mail.messages, "message_id") == ["a1", "r1", "r2"]


@told()
def test_a_message_with_a_copy_elsewhere_stays(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1, folder:Trash]
    Mon 09:00  ann -> me   [a1, folder:Inbox]
    """
    assert seen(mail.messages, "message_id") == ["a1"]


# Clock


@told()
def test_what_arrived_counts_from_the_servers_time(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1, dated:Mon 08:00]
    """
    assert seen(mail.messages, "message_id at") == ["a1 Mon 09:00"]


@told()
def test_what_the_owner_sent_counts_from_its_date(mail: Tables) -> None:
    """
    Mon 09:00  me -> ann   [r1, dated:Mon 08:59]
    """
    assert seen(mail.messages, "message_id at") == ["r1 Mon 08:59"]


@told()
def test_without_a_readable_date_the_servers_time_counts(mail: Tables) -> None:
    """
    Mon 09:00  me -> ann   [r1, dated:none, fault:date_unparsable]
    """
    assert seen(mail.messages, "message_id at") == ["r1 Mon 09:00"]
    assert mail.mailbox.quality["date_unparsable"] == 1


@told()
def test_without_the_servers_time_the_date_counts(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1, received:none]
    """
    assert seen(mail.messages, "message_id at") == ["a1 Mon 09:00"]


@told()
def test_without_any_time_a_message_is_left_out_and_counted(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1, dated:none, received:none]
    Mon 09:00  ann -> me   [a2]
    """
    assert seen(mail.messages, "message_id") == ["a2"]
    assert mail.mailbox.quality["no_time"] == 1


@told()
def test_a_date_more_than_a_day_after_the_servers_time_is_replaced_and_counted(mail: Tables) -> None:
    """
    Mon 09:00  me -> ann   [r1, dated:Tue 09:01]
    Mon 09:00  me -> ann   [r2, dated:Tue 09:00]
    """
    assert seen(mail.messages, "message_id at") == ["r1 Mon 09:00", "r2 Tue 09:00"]
    assert mail.mailbox.quality["date_replaced"] == 1


@told()
def test_a_date_long_before_the_servers_time_stands(mail: Tables) -> None:
    """
    Thu 09:00  me -> ann   [r1, dated:Mon 09:00]
    """
    assert seen(mail.messages, "message_id at") == ["r1 Mon 09:00"]


@told()
def test_absurd_dates_are_counted(mail: Tables) -> None:
    """
    Mon 09:00  me -> ann   [r1, dated:none, fault:date_absurd]
    """
    assert seen(mail.messages, "message_id at") == ["r1 Mon 09:00"]
    assert mail.mailbox.quality["date_absurd"] == 1


def test_what_the_store_could_not_keep_is_counted_too() -> None:
    mail = tables("Mon 09:00  ann -> me  [a1]", skipped=Counter(not_a_message=2))
    assert mail.mailbox.quality["not_a_message"] == 2


# Direction


@told()
def test_from_or_sender_makes_it_sent(mail: Tables) -> None:
    """
    Mon 09:00  me -> ann                    [r1, folder:Inbox]
    Mon 09:10  support@home.example -> ann  [r2, sender:me]
    Mon 09:20  ann -> bob                   [a1, folder:Sent]
    Mon 09:30  ann -> me                    [a2, sender:bob]
    """
    assert seen(mail.messages, "message_id direction") == ["a1 received", "a2 received", "r1 sent", "r2 sent"]


# Automated


@pytest.mark.parametrize("mark", ["auto", "machine", "bulk"])
def test_what_a_machine_wrote_is_automated(mark: str) -> None:
    mail = tables(f"Mon 09:00  ann -> me  [a1, {mark}]")
    assert seen(mail.messages, "message_id automated") == ["a1 yes"]
    assert seen(mail.turns, "ask_message_id") == []


@pytest.mark.parametrize(
    "local",
    [
        "noreply",
        "no-reply",
        "donotreply",
        "do-not-reply",
        "mailer-daemon",
        "postmaster",
        "bounce",
        "bounces",
        "notification",
        "notifications",
        "alert",
        "alerts",
        "noreply-orders",
        "orders-noreply",
        "NoReply",
        "bounces+123",
        "MAILER-DAEMON",
    ],
)
def test_a_senders_local_part_can_mark_it_automated(local: str) -> None:
    mail = tables(f"Mon 09:00  {local}@shop.example -> me  [a1]")
    assert seen(mail.messages, "message_id automated") == ["a1 yes"]
    assert seen(mail.turns, "ask_message_id") == []


@pytest.mark.parametrize("local", ["noreplyer", "alertine", "bouncer", "post", "notify", "reply", "ann.alert", "pia"])
def test_other_local_parts_are_people(local: str) -> None:
    mail = tables(f"Mon 09:00  {local}@noreply.example -> me  [a1]")
    assert seen(mail.messages, "message_id automated") == ["a1 no"]


@told(automated=("*@robots.example", "build-?@*"))
def test_the_config_names_further_automated_senders(mail: Tables) -> None:
    """
    Mon 09:00  r2d2@robots.example -> me  [a1]
    Mon 09:10  build-7 -> me              [a2]
    Mon 09:20  build -> me                [a3]
    """
    assert seen(mail.messages, "message_id automated") == ["a1 yes", "a2 yes", "a3 no"]


@told()
def test_a_discussion_list_is_human_though_it_has_a_list_unsubscribe(mail: Tables) -> None:
    """
    Mon 09:00  ann -> dev@lists.example, me     [a1, bulk, post]
    Mon 09:10  ann -> Dev@Lists.example, me     [a2, bulk, list:dev@lists.example]
    Mon 09:20  ann -> me, cc dev@lists.example  [a3, bulk, list:dev@lists.example]
    """
    assert seen(mail.messages, "message_id automated") == ["a1 no", "a2 no", "a3 no"]
    assert seen(mail.turns, "ask_message_id asks") == ["a1 1", "a2 1", "a3 1"]


@told(addresses=("me@home.example", "dev@lists.example"), aliases=(("ann@x.example", "all@lists.example"),))
def test_the_address_of_a_list_is_that_address_whoever_it_belongs_to(mail: Tables) -> None:
    """
    Mon 09:00  bob -> dev@lists.example, me           [a1, bulk, list:dev@lists.example]
    Mon 09:10  bob -> me                              [a2, bulk, list:dev@lists.example]
    Mon 09:20  bob -> me, cc all@lists.example        [a3, bulk, list:all@lists.example]
    Mon 09:30  bob -> me, cc ann@x.example            [a4, bulk, list:all@lists.example]
    """
    assert seen(mail.messages, "message_id automated") == ["a1 no", "a2 yes", "a3 no", "a4 yes"]


@told()
def test_a_newsletter_is_automated_though_it_has_a_list_id(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me                           [a1, bulk, list:news@shop.example]
    Mon 09:10  ann -> me, bcc news@shop.example    [a2, bulk, list:news@shop.example]
    """
    assert seen(mail.messages, "message_id automated") == ["a1 yes", "a2 yes"]


@told()
def test_a_list_id_alone_is_no_sign_of_a_machine(mail: Tables) -> None:
    """
    Mon 09:00  ann -> me   [a1, list:team@home.example]
    """
    assert seen(mail.messages, "message_id automated") == ["a1 no"]


@told()
def test_a_machine_stays_a_machine_on_a_discussion_list(mail: Tables) -> None:
    """
    Mon 09:00  ann -> dev@lists.example               [a1, auto, post]
    Mon 09:10  noreply@shop.example -> dev@lists.example  [a2, bulk, post]
    """
    assert seen(mail.messages, "message_id automated") == ["a1 yes", "a2 yes"]


@told()
def test_mailcares_own_mail_is_left_out_everywhere(mail: Tables) -> None:
    """
    Mon 08:00  me -> me   "Your week in mail"  [a9@summary.mailcare]
    Mon 09:00  ann -> me  "Budget"             [a1]
    """
    assert seen(mail.messages, "message_id") == ["a1"]
    assert seen(mail.threads, "thread_id") == ["a1"]
    assert mail.mailbox.quality == {}


@told(shared=True, addresses=("support@home.example",))
def test_who_wrote_through_a_list_that_rewrites_from_asks(mail: Tables) -> None:
    """
    Mon 09:00  support@home.example -> support@home.example  [a1, list:support@home.example, original:ann]
    Mon 10:00  dev@lists.example -> support@home.example     [b1, list:dev@lists.example, reply-to:bob]
    Mon 11:00  noreply@post.example -> support@home.example  [c1, original:cho]
    """
    assert seen(mail.turns, "ask_message_id asker") == ["a1 ann", "b1 bob", "c1 cho"]
    assert seen(mail.messages, "message_id direction automated from") == [
        "a1 received no ann",
        "b1 received no bob",
        "c1 received no cho",
    ]


@told()
def test_a_reply_to_tells_nothing_of_who_wrote_unless_from_is_the_lists(mail: Tables) -> None:
    """
    Mon 09:00  noreply@post.example -> me  [a1, reply-to:ann]
    Mon 10:00  me -> bob                   [b1, reply-to:cho]
    Mon 11:00  dev@lists.example -> me     [c1, list:dev@lists.example, reply-to:dev@lists.example]
    Mon 12:00  dev@lists.example -> me     [d1, list:dev@lists.example, reply-to:ann+bob]
    """
    assert seen(mail.messages, "message_id direction automated from") == [
        "a1 received yes noreply@post.example",
        "b1 sent no me",
        "c1 received no dev@lists.example",
        "d1 received no dev@lists.example",
    ]


@told()
def test_what_lies_among_the_sent_is_the_owners_whatever_a_header_says(mail: Tables) -> None:
    """
    Mon 09:00  me -> bob  [a1, original:ann]
    Mon 10:00  me -> me   [b1, original:ann, folder:Inbox]
    """
    assert seen(mail.messages, "message_id direction from") == ["a1 sent me", "b1 received ann"]
