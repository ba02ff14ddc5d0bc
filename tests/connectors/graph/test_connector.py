"""The graph connector: what a mailbox at Exchange Online can do to a reading."""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mailcare.errors import Exit, MailcareError
from mailcare.mail.connector import Connector
from mailcare.mail.message import Field, Message, Person, Role
from mailcare.pipeline.exported import Tables
from mailcare.pipeline.mailbox import Mailbox
from mailcare.store.store import Store
from tests.conversation import OWNER as ACCOUNT
from tests.counterparts.counterpart import Counterpart
from tests.counterparts.files import MaildirFiles
from tests.counterparts.graph.faults import FAULTS, Budgeted, Time, storm, strange
from tests.counterparts.graph.mailbox import Folder, Json
from tests.counterparts.graph.server import GraphServer
from tests.counterparts.graph.service import Refusal
from tests.counterparts.letters import CANARY, OWNER, START, Letter, Place, letter
from tests.counterparts.log import NOW, Log


@pytest.fixture
def server() -> Iterator[GraphServer]:
    started = GraphServer()
    yield started
    started.close()


def read(server: GraphServer, log: Log | None = None, batches: int | None = None, **options: Any) -> Log:
    return (log or Log()).read(server.connector(**options), batches)


def seen(log: Log) -> list[Message]:
    return sorted(log.messages(), key=repr)


def by_id(log: Log) -> dict[str, Message]:
    return {message.message_id: message for message in log.messages()}


def failure(server: GraphServer, log: Log | None = None, **options: Any) -> MailcareError:
    with pytest.raises(MailcareError) as caught:
        read(server, log, **options)
    assert OWNER not in str(caught.value)
    return caught.value


def letters(number: int) -> list[Letter]:
    """So many letters, one every ten minutes up to now, in all the places where mail lies."""
    places: list[Place] = ["inbox", "inbox", "inbox", "archive", "sent", "trash"]
    made = []
    for n in range(number):
        arrived = NOW - timedelta(minutes=10 * n)
        dated = f"Date: {format_datetime(arrived - timedelta(seconds=5))}"
        made.append(replace(letter(n, dated, place=places[n % len(places)]), arrived=arrived))
    return made


def put(server: GraphServer, mail: list[Letter]) -> list[str]:
    """The ids of the letters, once they are delivered."""
    return [server.mailbox.put(one) for one in mail]


def asked(server: GraphServer, part: str) -> list[str]:
    return [target for target in server.requests if part in target]


def quiet(server: GraphServer) -> None:
    server.fault, server.service.strange = lambda *_: None, lambda page, _: page


# Faults


def test_three_thousand_messages_through_every_fault_are_those_of_a_quiet_reading(server):
    mail, chance, time = letters(3000), random.Random(7), Time()
    put(server, mail)
    injected: set[str] = set()
    server.clock, server.fault, server.service.strange = time.now, storm(chance, injected), strange(chance, injected)
    log = Log()
    wait_and_read(server, log, time, batches=6)
    for one in mail[10:40]:
        server.remove(one)
    for one in mail[40:80]:
        server.move(one, "archive" if one.place == "inbox" else "trash")
    put(server, [letter(number, f"Date: {format_datetime(NOW)}") for number in range(3000, 3030)])
    for _ in range(8):
        wait_and_read(server, log, time)
    assert injected >= {*FAULTS, "twice", "shuffled", "empty"}
    quiet(server)
    undisturbed = read(server)
    assert len(undisturbed.messages()) == 3000
    assert seen(log) == seen(undisturbed)
    assert server.too_early == 0
    assert server.most_concurrent <= 4
    assert server.asked_for_bodies() == []
    assert CANARY.encode() not in server.wire()


def wait_and_read(server: GraphServer, log: Log, time: Time, batches: int | None = None) -> None:
    """A reading that may end early, for the network's reasons alone, and never waits longer than it may."""
    patience, codes = Budgeted(time, 300), set()
    try:
        log.read(server.connector(patience), batches)
    except MailcareError as error:
        codes.add(error.code)
    assert codes <= {Exit.TEMPORARY}
    assert patience.longest <= 300


def test_it_waits_as_long_as_the_server_asks(server):
    put(server, letters(3))
    time, refusals = Time(), count()

    def busy(*_: Any) -> None:
        if next(refusals) in (3, 4):
            raise Refusal(429, "ApplicationThrottled", **{"Retry-After": "40"})

    server.clock, server.fault = time.now, busy
    assert len(read(server, patience=time.patience()).messages()) == 3
    assert 80 <= time.now() < 82
    assert server.too_early == 0


def test_a_server_that_asks_for_an_hour_is_left_for_a_later_run(server):
    def busy(*_: Any) -> None:
        raise Refusal(429, "ApplicationThrottled", **{"Retry-After": "3600"})

    server.fault, time = busy, Time()
    error = failure(server, patience=time.patience())
    assert error.code == Exit.TEMPORARY
    assert "3600 seconds" in str(error)
    assert time.now() == 0
    assert len(server.requests) == 1


def test_an_outage_keeps_what_is_stored_and_blames_no_message(server):
    put(server, letters(300))
    log = read(server, batches=2)
    kept = log.ids()

    def fail(_: GraphServer, target: str) -> None:
        if "/messages" in target or "/inbox?" in target:
            raise Refusal(500, "ErrorInternalServerError")

    server.fault = fail
    assert failure(server, log).code == Exit.TEMPORARY
    assert log.ids() == kept != []
    assert log.skipped == {}
    quiet(server)
    assert len(read(server, log).messages()) == 300


def test_an_outage_while_single_messages_are_asked_for_blames_none(server):
    server.service.partial_arrivals = True
    log = read(server)
    put(server, [letter(1)])

    def fail(_: GraphServer, target: str) -> None:
        if "/messages/immutable" in target or "/inbox?" in target:
            raise Refusal(500, "ErrorInternalServerError")

    server.fault = fail
    assert failure(server, log).code == Exit.TEMPORARY
    quiet(server)
    assert len(read(server, log).messages()) == 1
    assert log.skipped == {}


def test_one_poisoned_message_costs_only_itself_and_comes_when_it_heals(server):
    mail = letters(30)
    server.service.poison = {put(server, mail)[6]}
    log = read(server)
    assert {message.message_id for message in log.messages()} == {one.id for one in mail} - {mail[6].id}
    assert log.skipped == {"refused": 1}
    assert log.batches[-1].left == 0
    read(server, log)
    assert log.skipped == {"refused": 1}
    server.service.poison = set()
    assert len(read(server, log).messages()) == 30
    assert +log.skipped == {}


def test_a_poisoned_message_that_is_deleted_is_missing_no_more(server):
    mail = letters(12)
    server.service.poison = {put(server, mail)[0]}
    log = read(server)
    server.remove(mail[0])
    read(server, log)
    assert +log.skipped == {}


@pytest.mark.parametrize("fresh", [True, False])
def test_pages_without_end_are_left_with_a_reason(server, fresh: bool):
    put(server, letters(12))
    links: list[str] = []

    def endless(_: Json, again: Callable[[], str]) -> Json:
        links.append(again() if fresh or not links else links[0])
        return {"value": [], "@odata.nextLink": links[-1]}

    server.service.strange = endless
    error = failure(server)
    assert error.code == Exit.TEMPORARY
    assert "no end" in str(error)


def test_a_token_is_shown_to_no_other_server(server):
    put(server, letters(3))
    other = GraphServer()
    server.service.strange = lambda *_: {"value": [], "@odata.nextLink": f"{other.address}/v1.0/me/mailFolders"}
    assert failure(server).code == Exit.TEMPORARY
    assert other.wire() == b""
    other.close()


def test_a_token_that_expires_at_any_request_is_renewed_once_and_nothing_is_lost(server):
    put(server, letters(6))
    whole = read(server)
    length = len(server.requests)
    for number in range(length):
        requests, before = count(), server.login.refreshes

        def expire(server: GraphServer, _: str, requests: Any = requests, number: int = number) -> None:
            if next(requests) == number:
                server.login.expire()
                raise Refusal(401, "InvalidAuthenticationToken")

        server.fault = expire
        assert seen(read(server)) == seen(whole)
        assert server.login.refreshes == before + 1


# Changes


def test_a_later_round_is_merged_and_never_overwrites(server):
    mail = [letter(1), letter(2, place="drafts"), letter(3)]
    keys = put(server, mail)
    log = read(server)
    before = by_id(log)
    server.mailbox.update(keys[0], isRead=True)
    server.mailbox.update(keys[1], subject="Another thought")
    requests = len(server.requests)
    batches = len(log.batches)
    read(server, log)
    after = by_id(log)
    assert after[mail[0].id] == before[mail[0].id]
    assert after[mail[1].id] == replace(before[mail[1].id], subject="Another thought")
    assert [len(batch.messages) for batch in log.batches[batches:] if batch.messages] == [1]
    assert len([target for target in server.requests[requests:] if "/messages/immutable" in target]) == 1


def test_a_message_that_is_told_in_part_is_asked_for(server):
    server.service.partial_arrivals = True
    put(server, [letter(1)])
    log = read(server)
    put(server, [letter(2), letter(3, place="sent")])
    read(server, log)
    assert seen(log) == seen(read(server))


def test_a_server_that_gives_no_headers_in_lists_is_asked_message_by_message(server):
    mail = [letter(1, "Auto-Submitted: auto-replied"), letter(2, "List-Id: <talk.lists.example>"), letter(3)]
    put(server, [*mail, letter(4, place="sent")])
    whole = read(server)
    assert asked(server, "/messages/immutable") == []
    server.service.headers_in_lists = False
    assert seen(read(server)) == seen(whole)
    assert len(asked(server, "/messages/immutable")) == len(mail)


@pytest.mark.parametrize(("place", "to"), [("inbox", "trash"), ("trash", "inbox"), ("archive", "sent")])
def test_what_is_moved_is_missing_at_no_moment(server, place: Place, to: Place):
    mail = [letter(1, place=place), letter(2), letter(3, place="trash")]
    put(server, mail)
    log = read(server)
    server.move(mail[0], to)
    for batch in server.connector().read(log, NOW):
        log.add(batch)
        assert mail[0].id in log.ids()
    assert log.ids() == sorted(one.id for one in mail)
    assert seen(log) == seen(read(server))


def test_what_is_moved_into_an_unfinished_folder_stays_until_that_is_read(server):
    mail = [letter(10), letter(1, place="archive"), letter(20, place="archive")]
    put(server, mail)
    since = START + timedelta(hours=24)
    log = Log().read(server.connector(), since=since)
    assert log.ids() == sorted([mail[0].id, mail[2].id])
    server.move(mail[0], "archive")
    assert mail[0].id in log.read(server.connector(), since=since).ids()
    for batch in server.connector().read(log, NOW):
        log.add(batch)
        assert mail[0].id in log.ids()
    assert seen(read(server, log)) == seen(read(server))


def test_what_is_moved_while_the_folders_are_read_is_missing_at_no_moment(server):
    mail = [letter(1), letter(2, place="archive")]
    put(server, mail)
    length = len(server.requests)
    log = read(server)
    length = len(server.requests) - length
    for number, (one, to) in enumerate([(mail[0], "trash"), (mail[1], "inbox")] * length):
        requests = count()

        def move(
            server: GraphServer, _: str, requests: Any = requests, number: int = number, one: Letter = one, to: Any = to
        ) -> None:
            if next(requests) == number:
                back = server.mailbox.mails[server.mailbox.key(one)].folder == f"folder-{to}=="
                server.move(one, one.place if back else to)

        server.fault = move
        for batch in server.connector().read(log, NOW):
            log.add(batch)
            assert set(log.ids()) == {letter.id for letter in mail}
    quiet(server)
    assert seen(read(server, read(server, log))) == seen(read(server))


def test_what_is_moved_into_a_folder_made_while_the_folders_are_read_is_missing_at_no_moment(server):
    put(server, [letter(1)])
    log = read(server)
    length = len(server.requests) + 8
    for number in range(length):
        requests = count()

        def move(server: GraphServer, _: str, requests: Any = requests, number: int = number) -> None:
            if next(requests) == number:
                server.mailbox.folders[f"new-{number}"] = Folder(f"new-{number}", f"New {number}", "", "")
                server.mailbox.move(server.mailbox.key(letter(1)), f"new-{number}")

        server.fault = move
        for batch in server.connector().read(log, NOW):
            log.add(batch)
            assert log.ids()
    quiet(server)
    assert seen(read(server, read(server, log))) == seen(read(server))


def test_what_is_moved_away_and_back_between_two_cut_runs_is_there(server):
    mail = [letter(1), letter(2)]
    put(server, mail)
    log = read(server)
    batches = 0
    while log.ids():
        server.move(mail[0], "trash")
        before = len(log.batches)
        read(server, log, batches)
        if len(log.batches) - before < batches:
            break
        server.move(mail[0], "inbox")
        assert seen(read(server, log)) == seen(read(server))
        batches += 1
    assert batches > 6


def test_new_mail_comes_first_while_the_back_fill_goes_on(server):
    put(server, letters(2000))
    log = read(server, batches=7)
    assert not any(position.complete for source, position in log.positions.items() if "inbox" in source)
    new = replace(letter(5000, f"Date: {format_datetime(NOW)}"), arrived=NOW + timedelta(minutes=1))
    put(server, [new])
    batches = len(log.batches)
    read(server, log, batches=3)
    assert new.id in {message.message_id for batch in log.batches[batches:] for message in batch.messages}
    assert len(log.messages()) < 2001
    assert seen(read(server, read(server, log))) == seen(read(server))


def test_the_back_fill_reads_the_newest_mail_of_all_folders_first(server):
    mail = letters(3000)
    put(server, mail)
    log = Log()
    for batch in server.connector().read(log, NOW):
        log.add(batch)
        if len(log.messages()) >= 1800:
            break
    arrived = sorted((one.arrived for one in mail), reverse=True)
    assert {one.id for one in mail if one.arrived >= arrived[1000]} <= set(log.ids())
    assert batch.left == 3000 - len(log.messages())


def test_a_dead_link_half_way_begins_the_folder_anew_beside_the_old(server):
    mail = letters(1500)
    put(server, mail)
    log = read(server, batches=8)
    before = set(log.ids())
    server.expire()
    server.remove(mail[0])
    for batch in server.connector().read(log, NOW):
        log.add(batch)
        assert before - {mail[0].id} <= set(log.ids())
    assert seen(log) == seen(read(server))
    assert max(position.generation for position in log.positions.values()) == 2


def test_a_second_reading_asks_once_for_each_folder(server):
    put(server, letters(600))
    log = read(server)
    before = len(server.requests)
    read(server, log)
    assert len([target for target in server.requests[before:] if "/messages" in target]) == len(log.positions)


# Folders


def test_folders_have_their_own_names_and_the_roles_that_are_theirs(server):
    put(
        server,
        [letter(n, place=place) for n, place in enumerate(("inbox", "archive", "sent", "drafts", "spam", "trash"))],
    )
    server.mailbox.folders["old"] = Folder("old", "Alt", "", "folder-trash==")
    server.mailbox.put(letter(9), "old")
    found = {message.folders[0]: message.roles for message in read(server).messages()}
    assert found == {
        "Posteingang": (),
        "Posteingang/Kunden & Freunde": (),
        "Gesendete Elemente": (Role.SENT,),
        "Entwürfe": (Role.DRAFTS,),
        "Junk-E-Mail": (Role.SPAM,),
        "Gelöschte Elemente": (Role.TRASH,),
        "Gelöschte Elemente/Alt": (Role.TRASH,),
    }


def test_hidden_folders_and_search_folders_hold_no_mail_of_their_own(server):
    server.mailbox.put(letter(1), "folder-hidden==")
    server.mailbox.put(letter(2), "folder-search==")
    assert read(server).messages() == []


def test_a_renamed_folder_is_read_anew_under_its_name(server):
    put(server, [letter(1), letter(2, place="archive")])
    log = read(server)
    server.mailbox.folders["folder-inbox=="].name = "Eingang"
    for batch in server.connector().read(log, NOW):
        log.add(batch)
        assert len(log.messages()) == 2
    assert {message.folders[0] for message in log.messages()} == {"Eingang", "Eingang/Kunden & Freunde"}


def test_a_deleted_folder_is_emptied_once_its_mail_is_found_elsewhere(server):
    mail = [letter(1), letter(2, place="archive"), letter(3, place="archive")]
    put(server, mail)
    log = read(server)
    server.move(mail[1], "trash")
    server.mailbox.remove_folder("folder-archive==")
    for batch in server.connector().read(log, NOW):
        log.add(batch)
        assert mail[1].id in log.ids()
    assert log.ids() == [mail[0].id, mail[1].id]
    batches = len(log.batches)
    read(server, log)
    assert not [batch for batch in log.batches[batches:] if "archive" in batch.source]


def test_a_folder_that_comes_back_is_read_again(server):
    put(server, [letter(1), letter(2, place="archive")])
    log, folder = read(server), server.mailbox.folders["folder-archive=="]
    server.mailbox.remove_folder(folder.id)
    read(server, log)
    server.mailbox.folders[folder.id] = folder
    put(server, [letter(3, place="archive")])
    assert read(server, log).ids() == [letter(1).id, letter(3).id]


# Messages


def test_sent_mail_has_its_people_from_the_properties(server):
    to = '"Other, Ann \\"A\\"" <ann@client.example>, =?utf-8?q?J=C3=BCrgen?= <jm@client.example>'
    put(server, [letter(1, f"To: {to}", "Cc: team@home.example", "Bcc: Hidden <hidden@client.example>", place="sent")])
    (message,) = read(server).messages()
    assert message.people == (
        Person(Field.FROM, "Me", OWNER),
        Person(Field.TO, 'Other, Ann "A"', "ann@client.example"),
        Person(Field.TO, "Jürgen", "jm@client.example"),
        Person(Field.CC, "team@home.example", "team@home.example"),
        Person(Field.BCC, "Hidden", "hidden@client.example"),
    )
    assert message.sent_at == START + timedelta(hours=3, seconds=-9)


def test_internet_headers_are_right_and_the_properties_fill_what_they_lack(server):
    (key,) = put(server, [letter(1)])
    given = server.mailbox.mails[key].item
    robot = {"emailAddress": {"name": "Robot", "address": "robot@client.example"}}
    given |= {"sender": robot, "replyTo": [robot], "from": robot, "subject": "Another"}
    given["internetMessageHeaders"] = [
        one for one in given["internetMessageHeaders"] if one["name"] in ("From", "Date")
    ]
    (message,) = read(server).messages()
    assert [(person.field, person.address) for person in message.people] == [
        (Field.FROM, "ann@client.example"),
        (Field.TO, OWNER),
    ]
    assert (message.subject, message.message_id) == ("Another", letter(1).id)


def test_an_address_of_exchanges_own_is_no_internet_address(server):
    (key,) = put(server, [letter(1, place="sent")])
    inside = {"name": "Bea", "address": "/O=HOME/OU=EXCHANGE/CN=RECIPIENTS/CN=BEA"}
    given = server.mailbox.mails[key].item
    given["toRecipients"] = [*given["toRecipients"], {"emailAddress": inside}]
    (message,) = read(server).messages()
    assert [person.address for person in message.people if person.address] == [OWNER, "ann@client.example"]
    assert Person(Field.TO, "Bea", "") in message.people
    assert message.faults == ()


@pytest.mark.parametrize(
    "odd",
    [
        {"subject": "half \ud83d a character", "conversationId": "\udc00"},
        {"subject": None, "from": None, "toRecipients": [], "internetMessageHeaders": None},
        {"from": {}, "toRecipients": [{"emailAddress": None}, {"emailAddress": {"name": "x\r\ny", "address": None}}]},
        {"receivedDateTime": "0001-01-01T00:00:00Z", "sentDateTime": "9999-12-31T23:59:59.9999999-14:00"},
        {"conversationIndex": "no base 64 é", "internetMessageHeaders": [None, {"name": 7, "value": None}, {}]},
        {"internetMessageId": "", "replyTo": None, "sender": "me", "isDraft": "yes"},
    ],
)
def test_odd_properties_are_stored_all_the_same(server, odd: Json, tmp_path: Path):
    keys = put(server, [letter(1), letter(2, place="sent")])
    for key in keys:
        server.mailbox.mails[key].item.update(odd)
    assert len(stored(server.connector(), tmp_path / "store.sqlite")) == 2


def test_the_same_conversation_gives_the_same_turns_and_replies_as_its_files(server, tmp_path: Path):
    from_graph, from_files = (made(there, tmp_path) for there in (server, MaildirFiles()))
    sent = from_graph.mailbox.messages["sent"]
    assert sent.sum() == 4
    for table in ("turns", "replies", "messages"):
        one, other = (getattr(tables, table) for tables in (from_graph, from_files))
        pd.testing.assert_frame_equal(one, other)
    parents = from_graph.replies.set_index("message_id")["parent_message_id"]
    assert parents["<letter-3@ann.example>"] == "<letter-0@ann.example>"


def test_an_answer_to_mail_that_is_not_in_the_mailbox_is_known_by_its_subject_alone(server, tmp_path: Path):
    """Files have its References, which name a conversation (docs/measures.md, "Thread"); Sent Items have none."""
    elsewhere = "In-Reply-To: <gone@ann.example>", "References: <gone@ann.example>"
    answer = letter(1, "Subject: Re: Plans", "To: ann@client.example", *elsewhere, place="sent")
    letters = [letter(0, "Subject: Plans"), answer]
    from_graph, from_files = (made(there, tmp_path, letters) for there in (server, MaildirFiles()))
    assert (len(from_graph.threads), len(from_files.threads)) == (1, 2)


def conversation() -> list[Letter]:
    """Two people ask in one thread; the owner answers the first of them after the second, then the second."""
    me, team = f"Me <{OWNER}>", "Cc: bob@client.example, kim@home.example"

    def answers(*parents: int) -> tuple[str, str]:
        ids = [f"<letter-{parent}@ann.example>" for parent in parents]
        return f"In-Reply-To: {ids[-1]}", f"References: {' '.join(ids)}"

    bob = "From: Bob <bob@client.example>"
    reply = "Subject: Re: Plans"
    return [
        letter(0, "Subject: Plans", team),
        letter(1, reply, bob, f"To: {me}, ann@client.example, dan@client.example", *answers(0)),
        letter(2, reply, bob, f"To: {me}", *answers(0, 1)),
        letter(3, reply, "To: ann@client.example", "Cc: bob@client.example", *answers(0), place="sent"),
        letter(4, reply, "To: bob@client.example", *answers(0, 1, 2), place="sent"),
        letter(5, reply, f"To: {me}, bob@client.example", *answers(0, 3)),
        letter(6, reply, "To: ann@client.example, bob@client.example", *answers(0, 3, 5), place="sent"),
        letter(7, "Subject: Plans", place="archive"),
        letter(8, "Subject: Another matter", "To: ann@client.example", place="sent"),
    ]


def made(there: Counterpart, tmp_path: Path, letters: Iterable[Letter] = ()) -> Tables:
    for one in letters or conversation():
        there.put(one)
    rows = stored(there.connector(), tmp_path / f"{type(there).__name__}.sqlite")
    there.close()
    return Tables(Mailbox(rows, ACCOUNT, START + timedelta(days=10)), "home")


def stored(connector: Connector, path: Path, now: datetime = NOW) -> Any:
    """The rows of a store into which the connector has read."""
    with Store.open(path, write=True) as store:
        for batch in connector.read(store, now):
            store.append(batch)
        return store.load()
