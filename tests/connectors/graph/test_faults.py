"""The graph connector where one folder, one message or one answer is not as it should be."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.graph.items import FEW
from mailcare.errors import Exit, MailcareError
from mailcare.mail.message import Field, Mark, Person, Role
from tests.counterparts.graph.faults import Time
from tests.counterparts.graph.mailbox import Folder
from tests.counterparts.graph.server import GraphServer
from tests.counterparts.graph.service import Refusal
from tests.counterparts.letters import START, Letter, letter
from tests.counterparts.log import NOW, Log

SINCE = START + timedelta(hours=30)
"""Letters 10 and later arrive after it."""
Answer = tuple[int, Any, dict[str, str]]


@pytest.fixture
def server() -> Iterator[GraphServer]:
    started = GraphServer()
    yield started
    started.close()


@pytest.fixture
def partly(server: GraphServer) -> tuple[GraphServer, Log]:
    """An inbox of which the newest half is read, and an archive that is read to its end."""
    for one in inbox():
        server.put(one)
    server.put(letter(15, place="archive"))
    return server, Log().read(server.connector(), since=SINCE)


def inbox() -> list[Letter]:
    return [letter(n) for n in range(4, 20) if n != 15]


def answering(server: GraphServer, changed: Callable[[str, Answer], Answer]) -> None:
    """The server's answers, each changed by what is told its address and the answer."""
    answer = server.answer
    server.answer = lambda *asked: changed(asked[1], answer(*asked))  # type: ignore[method-assign]


def refusing(part: str, status: int) -> Callable[[GraphServer, str], None]:
    def refuse(_: GraphServer, target: str) -> None:
        if part in target and "/messages" in target:
            raise Refusal(status, "ErrorAccessDenied")

    return refuse


# A back-fill that has not come to its end


def test_a_folder_begun_anew_is_read_to_its_end_and_shows_new_mail(partly):
    server, log = partly
    server.mailbox.folders["folder-inbox=="].name = "Eingang"
    server.put(letter(30))
    log.read(server.connector(), since=SINCE)
    assert {letter(30).id, *(one.id for one in inbox())} <= set(log.ids())


def test_what_is_deleted_in_an_unfinished_folder_is_removed(partly):
    server, log = partly
    server.remove(letter(19))
    server.remove(letter(12))
    log.read(server.connector(), since=SINCE)
    assert not {letter(19).id, letter(12).id} & set(log.ids())


def test_what_is_deleted_in_a_finished_folder_is_removed_while_another_is_unfinished(partly):
    server, log = partly
    server.remove(letter(15, place="archive"))
    assert letter(15).id not in log.read(server.connector(), since=SINCE).ids()


def test_a_deleted_folder_is_emptied_while_another_is_unfinished(partly):
    server, log = partly
    server.mailbox.remove_folder("folder-archive==")
    assert letter(15).id not in log.read(server.connector(), since=SINCE).ids()
    before = len(log.batches)
    log.read(server.connector(), since=SINCE)
    assert not [batch for batch in log.batches[before:] if "archive" in batch.source]


def test_what_is_moved_between_an_unfinished_folder_and_others_is_missing_at_no_moment(partly):
    server, log = partly
    one, other, old = letter(12), letter(15, place="archive"), letter(3, place="archive")
    server.put(old)
    log.read(server.connector(), since=START)
    server.move(one, "trash")
    server.move(other, "inbox")
    server.move(old, "inbox")
    for since in (SINCE, SINCE, None, None):
        for batch in server.connector().read(log, NOW, since):
            log.add(batch)
            assert {one.id, other.id} <= set(log.ids())
    folders = {message.message_id: message.folders for message in log.messages()}
    assert (folders[one.id], folders[other.id]) == (("Gelöschte Elemente",), ("Posteingang",))
    assert len(log.ids()) == len(set(log.ids())) == len(server.mailbox.mails)


def test_a_second_reading_of_an_unfinished_folder_brings_nothing(partly):
    server, log = partly
    before = len(log.batches)
    log.read(server.connector(), since=SINCE)
    assert [batch.messages for batch in log.batches[before:] if batch.messages] == []


# One folder, one message


@pytest.mark.parametrize("status", [400, 403, 404, 500, 501])
def test_a_folder_that_is_refused_leaves_the_others_to_be_read(server, status):
    for one in (letter(1), letter(2, place="archive"), letter(3, place="sent")):
        server.put(one)
    server.fault = refusing("folder-archive", status)
    log = Log()
    for _ in range(2):
        log.read(server.connector())
        assert log.ids() == [letter(1).id, letter(3).id]
        assert log.skipped == {"folder_closed": 1}
    server.fault = lambda *_: None
    assert len(log.read(server.connector()).ids()) == 3
    assert +log.skipped == {}


@pytest.mark.parametrize("status", [403, 404])
def test_a_folder_of_which_the_inner_ones_are_refused_loses_none_of_them(server, status):
    for one in (letter(1), letter(2, place="archive"), letter(3, place="sent")):
        server.put(one)
    log = Log().read(server.connector())

    def refuse(_: GraphServer, target: str) -> None:
        if "folder-inbox" in target and "/childFolders" in target:
            raise Refusal(status, "ErrorAccessDenied")

    server.fault = refuse
    server.remove(letter(1))
    server.put(letter(4))
    for _ in range(2):
        assert log.read(server.connector()).ids() == [letter(n).id for n in (2, 3, 4)]
        assert log.skipped == {"folder_closed": 1}
    server.fault = lambda *_: None
    assert log.read(server.connector()).ids() == [letter(n).id for n in (2, 3, 4)]
    assert +log.skipped == {}


def test_a_well_known_folder_that_is_refused_is_as_if_there_were_none(server):
    server.put(letter(1))

    def refuse(_: GraphServer, target: str) -> None:
        if "/mailFolders/outbox" in target:
            raise Refusal(403, "ErrorAccessDenied")

    server.fault = refuse
    assert Log().read(server.connector()).ids() == [letter(1).id]


@pytest.mark.parametrize("status", [400, 403])
def test_a_mailbox_of_which_every_folder_is_refused_is_an_error(server, status):
    server.put(letter(1))
    server.fault = refusing("", status)
    with pytest.raises(MailcareError, match=str(status) if status == 400 else "ErrorAccessDenied"):
        Log().read(server.connector())


def test_messages_that_fail_for_ever_cost_little_and_are_all_tried_in_turn(server):
    keys = [server.mailbox.put(letter(n)) for n in range(30)]
    server.service.poison = set(keys)
    log, time = Log(), Time()
    log.read(server.connector())
    assert log.skipped == {"refused": 30}
    tried: set[str] = set()
    for _ in range(6):
        before = len(server.requests)
        log.read(server.connector(time.patience()))
        alone = [target for target in server.requests[before:] if "/messages/immutable" in target]
        assert len(alone) == 5
        tried |= set(alone)
    assert len(tried) == 30
    assert time.now() == 0
    assert log.skipped == {"refused": 30}


def test_a_message_that_fails_costs_few_requests_for_the_others_around_it(server):
    keys = [server.mailbox.put(letter(n)) for n in range(400)]
    server.service.poison = {keys[123]}
    log = Log().read(server.connector())
    assert log.skipped == {"refused": 1}
    assert log.ids() == sorted(letter(n).id for n in range(400) if n != 123)
    alone = [target for target in server.requests if "/messages/immutable" in target]
    assert len({*alone}) <= 2 * FEW
    assert len(server.requests) < 200


def test_messages_that_came_at_one_moment_with_one_that_fails_are_asked_for_alone(server):
    keys = [server.mailbox.put(replace(letter(n), arrived=letter(0).arrived)) for n in range(12)]
    server.service.poison = {keys[5]}
    log = Log().read(server.connector())
    assert log.skipped == {"refused": 1}
    assert log.ids() == sorted(letter(n).id for n in range(12) if n != 5)


def test_a_changed_subject_shows_where_only_ids_are_told(server):
    keys = [server.mailbox.put(letter(n, place="drafts")) for n in range(4)]
    server.service.poison = {keys[0]}
    log = Log().read(server.connector())
    server.mailbox.update(keys[1], subject="Another thought")
    assert "Another thought" in {message.subject for message in log.read(server.connector()).messages()}


# Odd answers


def test_folders_whose_pages_come_to_no_end(server):
    def turning(target: str, answer: Answer) -> Answer:
        again = {"@odata.nextLink": server.address + target} if "mailFolders?" in target else {}
        return answer[0], answer[1] | again, answer[2]

    answering(server, turning)
    with pytest.raises(MailcareError, match="no end"):
        Log().read(server.connector())


def test_new_mail_whose_pages_come_to_no_end_closes_that_folder_alone(partly):
    server, log = partly
    server.put(letter(30, place="archive"))

    def turning(target: str, answer: Answer) -> Answer:
        again = {"@odata.nextLink": server.address + target} if "$filter" in target else {}
        return answer[0], answer[1] | again, answer[2]

    answering(server, turning)
    assert letter(30).id in log.read(server.connector(), since=SINCE).ids()
    assert log.skipped == {"folder_closed": 1}


@pytest.mark.parametrize(
    "odd",
    [
        lambda page: {"ok": 1},
        lambda page: page | {"value": [1]},
        lambda page: page | {"value": [1, *page["value"]]},
        lambda page: page | {"value": 7},
        lambda page: {"value": [], "@odata.nextLink": "https://[x"},
        lambda page: {"value": [], "@odata.nextLink": "\x00"},
        lambda page: {"value": [], "@odata.nextLink": None},
        lambda page: [page],
    ],
)
@pytest.mark.parametrize("where", ["/messages/delta", "mailFolders?", "mailFolders/inbox"])
def test_answers_that_are_none_end_in_a_plain_error_or_are_passed_over(server, odd, where):
    server.put(letter(1))
    answering(server, lambda target, answer: (answer[0], odd(answer[1]), answer[2]) if where in target else answer)
    try:
        assert set(Log().read(server.connector()).ids()) <= {letter(1).id}
    except MailcareError as error:
        assert error.what  # noqa: PT017


def test_a_folder_without_an_id_is_passed_over(server):
    server.put(letter(1))

    def nameless(target: str, answer: Answer) -> Answer:
        more = {"value": [{"displayName": "x", "totalItemCount": "many"}, *answer[1].get("value", [])]}
        return (answer[0], answer[1] | more, answer[2]) if "mailFolders?" in target else answer

    answering(server, nameless)
    assert Log().read(server.connector()).ids() == [letter(1).id]


def test_damaged_compression_is_a_failing_server(server):
    answering(server, lambda _, answer: (answer[0], answer[1], {"Content-Encoding": "gzip"}))
    with pytest.raises(MailcareError) as caught:
        Log().read(server.connector())
    assert caught.value.code == Exit.TEMPORARY


@pytest.mark.parametrize("status", [423, 509])
def test_other_words_for_busy_are_waited_for(server, status):
    server.put(letter(1))
    left = [status]

    def busy(*_: Any) -> None:
        if left:
            raise Refusal(left.pop(), "Busy", **{"Retry-After": "7"})

    server.fault, time = busy, Time()
    assert Log().read(server.connector(time.patience())).ids() == [letter(1).id]
    assert 7 <= time.now() < 8


# The login server


@pytest.mark.parametrize(
    "answer", [(200, ["x"]), (400, {"error": "temporarily_unavailable"}), (400, {"error": "server_error"})]
)
def test_a_login_server_in_trouble_is_left_for_a_later_run(server, answer):
    server.login.expire()
    server.login.post = lambda *_: answer  # type: ignore[method-assign]
    with pytest.raises(MailcareError) as caught:
        Log().read(server.connector())
    assert caught.value.code == Exit.TEMPORARY


def test_a_damaged_token_answer_is_written_nowhere(server, capfd):
    server.login.expire()
    send = server.send

    def damaged(octets: bytes) -> bytes:
        head, blank, body = octets.partition(b"\r\n\r\n")
        if b'"access_token"' in body:
            head = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % (len(body) - 5), head)
            octets = head + blank + body[:-5]
        return send(octets)

    server.send = damaged  # type: ignore[method-assign]
    with pytest.raises(MailcareError) as caught:
        Log().read(server.connector())
    assert caught.value.code == Exit.TEMPORARY
    written = capfd.readouterr()
    assert not [secret for secret in server.secrets if secret in written.out + written.err]


# Messages and folders


def test_an_invitation_is_a_machines(server):
    key = server.mailbox.put(letter(1, place="sent"))
    server.mailbox.mails[key].item["subject"] = "Lunch"

    def event(target: str, answer: Answer) -> Answer:
        page = json.loads(json.dumps(answer[1]))
        for item in page.get("value", []):
            item["@odata.type"] = "#microsoft.graph.eventMessageRequest"
        return answer[0], page, answer[2]

    answering(server, lambda target, answer: event(target, answer) if "/messages" in target else answer)
    (message,) = Log().read(server.connector()).messages()
    assert message.marks == Mark.MACHINE


def test_folders_of_mail_programs_hold_no_mail_and_the_outbox_holds_drafts(server):
    folders = [("sync", "syncissues", ""), ("conflicts", "conflicts", "sync"), ("old", "", "conflicts")]
    for id, known, parent in [*folders, ("chats", "conversationhistory", ""), ("out", "outbox", "")]:
        server.mailbox.folders[id] = Folder(id, id, known, parent)
        server.mailbox.put(letter(len(server.mailbox.mails)), id)
    (message,) = Log().read(server.connector()).messages()
    assert (message.folders, message.roles) == (("out",), (Role.DRAFTS,))


def test_a_sender_without_an_internet_address_keeps_the_name(server):
    key = server.mailbox.put(letter(1, place="sent"))
    inside = {"emailAddress": {"name": "Bea", "address": "/O=HOME/CN=BEA"}}
    server.mailbox.mails[key].item |= {"from": inside, "sender": inside}
    (message,) = Log().read(server.connector()).messages()
    assert [person for person in message.people if person.field == Field.FROM] == [Person(Field.FROM, "Bea", "")]
    assert message.faults == ()


def test_a_conversation_index_in_either_alphabet(server):
    index = {"+/+/": b"\xfb\xff\xbf", "-_-_": b"\xfb\xff\xbf"}
    for number, text in enumerate(index):
        key = server.mailbox.put(replace(letter(number)))
        server.mailbox.mails[key].item["conversationIndex"] = text
    assert {message.conversation_index for message in Log().read(server.connector()).messages()} == {*index.values()}
