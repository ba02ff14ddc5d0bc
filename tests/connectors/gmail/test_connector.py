"""The Gmail connector, read against a mailbox in memory behind a front as strict as Google."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from mailcare.errors import Exit, MailcareError
from tests.counterparts.gmail.memory import Memory
from tests.counterparts.gmail.server import GmailServer
from tests.counterparts.gmail.tools import asked, clean, contents, plain, truth, without_its_own
from tests.counterparts.letters import CANARY, letter, mailbox
from tests.counterparts.log import NOW, Log


@pytest.fixture
def box() -> Iterator[GmailServer]:
    server = GmailServer(Memory)
    yield server
    server.close()


@pytest.fixture
def filled(box: GmailServer) -> GmailServer:
    for one in mailbox():
        box.put(one)
    return box


def thread_of(box: GmailServer, number: int, answers: int) -> list[Any]:
    """A letter and its answers."""
    first = letter(number)
    links = f"In-Reply-To: {first.id}"
    letters = [first, *(letter(number + n, links, place="archive") for n in range(1, answers + 1))]
    for one in letters:
        box.put(one)
    return letters


def test_the_mailbox_comes_out_as_it_went_in(filled):
    assert without_its_own(clean(filled)) == truth(filled)
    assert CANARY.encode() not in filled.wire()
    assert filled.asked_for_bodies() == []


def test_a_thread_is_the_conversation(box):
    thread_of(box, 0, 3)
    plain(box, 2, start=10)
    assert sorted(len([m for m in clean(box).values() if m.conversation == id]) for id in box.ids.values()) == [
        *(0, 0, 0),
        *(1, 1),
        4,
    ]


def test_a_thread_of_three_costs_one_request(box):
    letters = [*thread_of(box, 0, 2), *thread_of(box, 10, 1), *thread_of(box, 20, 9)]
    assert len(Log().read(box.connector()).messages()) == len(letters)
    assert len(asked(box, "thread")) == 2
    assert len(asked(box, "message")) == 2


def test_the_newest_come_first_and_left_counts_down(box):
    letters = plain(box, 80)
    log = Log().read(box.connector())
    assert [message.message_id for batch in log.batches for message in batch.messages] == [
        one.id for one in reversed(letters)
    ]
    assert [batch.left for batch in log.batches] == [55, 30, 5, 0, 0]
    assert [batch.position.complete for batch in log.batches] == [False, False, False, False, True]


def test_labels_are_folders_and_roles(box):
    plain(box, 3)
    work = box.new_label("Work/Clients")
    first, second, third = box.ids
    box.label(first, [work, "STARRED", "CATEGORY_UPDATES"], [])
    box.label(second, ["TRASH", work], ["INBOX"])
    found = clean(box)
    assert found[box.ids[first]].folders == ("Work/Clients",)
    assert set(found[box.ids[second]].folders) == {"Work/Clients", "Trash"}
    assert [str(role) for role in found[box.ids[second]].roles] == ["trash"]
    assert found[box.ids[third]].folders == ()


def test_chats_are_left_out_and_asked_for_once(box):
    plain(box, 2)
    box.label(next(iter(box.ids)), ["CHAT"], ["INBOX"])
    log = Log().read(box.connector())
    assert len(log.messages()) == 1
    assert len(asked(box, "message")) == 1
    box.expire()
    log.read(box.connector())
    assert len(asked(box, "message")) == 1


def test_headers_are_understood_folded_and_decoded(box):
    box.put(letter(0, "Subject: Grüße aus Köln", 'From: "Müller, Jürgen" <jm@client.example>'))
    (message,) = clean(box).values()
    assert message.subject == "Grüße aus Köln"
    assert message.people[0].name == "Müller, Jürgen"


def test_reading_and_tidying_up_cost_no_message(filled):
    log = Log().read(filled.connector())
    before, messages = len(filled.front.requests), contents(log)
    for one in list(filled.ids)[:6]:
        filled.label(one, ["STARRED", "IMPORTANT"], ["UNREAD", "INBOX"])
    log.read(filled.connector())
    log.read(filled.connector())
    assert [request.kind for request in filled.front.requests[before:]] == ["history", "labels"] * 2
    assert contents(log) == messages == clean(filled)


def test_a_second_run_yields_nothing_at_all(filled):
    log = Log().read(filled.connector())
    batches = len(log.batches)
    assert len(log.read(filled.connector()).batches) == batches


def test_a_label_put_on_or_taken_off_is_seen(box):
    plain(box, 5)
    log = Log().read(box.connector())
    one, two, *_ = box.ids
    work = box.new_label("Work")
    box.label(one, [work], [])
    assert contents(log.read(box.connector())) == clean(box)
    box.label(one, [], [work])
    box.label(two, [work], [])
    assert contents(log.read(box.connector())) == clean(box)


def test_a_label_renamed_or_deleted_is_seen(box):
    plain(box, 30)
    work, home = box.new_label("Work"), box.new_label("Home")
    for n, one in enumerate(box.ids):
        box.label(one, [work] if n % 2 else [home] if n % 3 else [], [])
    log = Log().read(box.connector())
    box.ask("PATCH", f"labels/{work}", {"name": "Clients"})
    before = len(asked(box, "message"))
    log.read(box.connector())
    assert len(asked(box, "message")) - before == 15
    assert contents(log) == clean(box)
    box.ask("DELETE", f"labels/{home}")
    assert contents(log.read(box.connector())) == clean(box)


def test_a_message_that_is_gone_already_is_skipped(box):
    plain(box, 3)
    log = Log().read(box.connector())
    letters = plain(box, 2, start=10)
    box.front.backend.messages.pop(box.ids.pop(letters[0]))
    log.read(box.connector())
    assert contents(log) == clean(box)
    assert not log.skipped


def changed(box: GmailServer) -> None:
    """All that may happen to a mailbox in two weeks."""
    letters, work = list(box.ids), box.new_label("Work")
    for one in letters[:3]:
        box.remove(one)
    box.move(letters[4], "trash")
    box.move(letters[5], "archive")
    box.label(letters[6], [work], ["UNREAD"])
    box.label(letters[7], ["STARRED"], [])
    for label in [one for one in box.ask("GET", "labels")["labels"] if one["name"] == "Old"]:
        box.ask("PATCH", f"labels/{label['id']}", {"name": "New"})
        box.label(letters[9], [], [label["id"]])
    plain(box, 30, start=100)


def with_label(box: GmailServer) -> GmailServer:
    """Sixty letters, nine of them labelled."""
    plain(box, 60)
    old = box.new_label("Old")
    for one in list(box.ids)[8:17]:
        box.label(one, [old], [])
    return box


def test_an_expired_history_costs_what_changed_and_ends_as_a_clean_reading(box):
    log = Log().read(with_label(box).connector())
    box.expire()
    changed(box)
    before = len(asked(box, "message"))
    log.read(box.connector())
    assert contents(log) == clean(box)
    assert log.positions[""].generation == 1
    new, moved, labelled = 30, 1, 10
    assert len(asked(box, "message")) - before - len(box.ids) == new + moved + labelled


@pytest.mark.parametrize("page", [7, 500])
def test_an_expired_history_cut_after_any_batch_ends_as_a_clean_reading(box, page):
    box.front.page = page
    first = Log().read(with_label(box).connector())
    box.expire()
    changed(box)
    wanted = clean(box)
    batches = len(Log().read(box.connector()).batches)
    for cut in range(batches + 2):
        log = copied(first).read(box.connector(), batches=cut)
        log.read(box.connector(), batches=1)
        assert contents(log.read(box.connector())) == wanted
        assert len(log.read(box.connector()).batches) == len(log.batches)


def copied(log: Log) -> Log:
    other = Log()
    for batch in log.batches:
        other.add(batch)
    return other


def test_an_unfinished_back_fill_goes_on_after_the_history_expired(box):
    plain(box, 100)
    log = Log().read(box.connector(), batches=2)
    box.expire()
    changed(box)
    assert contents(log.read(box.connector())) == clean(box)
    assert log.positions[""].complete


def test_mail_that_comes_and_goes_between_pages_leaves_no_gap(box):
    letters = plain(box, 60)
    box.front.page = 10
    pages = iter(range(1000))

    def busy(request):
        if request.kind == "messages" and (page := next(pages)) < 5:
            box.remove(letters[50 + page])
            plain(box, 2, start=1000 + 2 * page)

    box.front.seen = busy
    log = Log().read(box.connector())
    assert contents(log.read(box.connector())) == clean(box)


def test_mail_that_comes_while_the_history_is_read_is_seen_next_time(box):
    plain(box, 5)
    log = Log().read(box.connector())
    plain(box, 20, start=100)
    box.front.page = 5
    numbers = iter(range(200, 300))
    box.front.seen = lambda request: plain(box, 1, start=next(numbers)) if request.kind == "history" else None
    log.read(box.connector())
    box.front.seen = lambda request: None
    assert contents(log.read(box.connector())) == clean(box)


def test_mail_deleted_between_pages_takes_nothing_else_along(box):
    """Each page shifts by a message: what slips from one page to an earlier one is not taken for deleted."""
    letters = plain(box, 60)
    log = Log().read(box.connector())
    box.expire()
    box.remove(letters[3])
    box.front.page = 10
    pages = iter(range(1000))
    box.front.seen = lambda request: (
        box.remove(letters[59 - page]) if request.kind == "messages" and 0 < (page := next(pages)) < 4 else None
    )
    for batch in box.connector().read(log, NOW):
        log.add(batch)
        assert {box.ids[one] for one in letters[4:50]} <= contents(log).keys()
    assert contents(log.read(box.connector())) == clean(box)


def odd_pages(box: GmailServer, oddly: Any) -> None:
    """Have pages of lists altered."""
    request = box.front.backend.request

    def altered(method: str, path: str, query: Any = None, body: Any = None) -> tuple[int, dict[str, Any]]:
        status, answer = request(method, path, query, body)
        return status, oddly(path, query or {}, answer)

    box.front.backend.request = altered  # type: ignore[method-assign]


def test_repeated_and_empty_pages_change_nothing(box):
    plain(box, 35)
    box.front.page = 10
    wanted, seen = clean(box), set()
    ways = {"10": {"nextPageToken": "5"}, "15": {"messages": [], "nextPageToken": "015"}}

    def oddly(path, query, answer):
        token = query.get("pageToken", [""])[0]
        if path == "messages":
            seen.add(token)
        return answer | ways.get(token, {}) if path == "messages" else answer

    odd_pages(box, oddly)
    assert clean(box) == wanted
    assert seen == {"", "10", "5", "15", "015", "25"}


def test_pages_in_a_circle_end_with_a_reason(box):
    plain(box, 35)
    box.front.page = 10
    odd_pages(box, lambda path, query, answer: answer | {"nextPageToken": "10"} if path == "messages" else answer)
    with pytest.raises(MailcareError, match="circle") as told:
        Log().read(box.connector())
    assert told.value.code == Exit.TEMPORARY


def test_since_leaves_the_rest_and_keeps_what_it_paid_for(box):
    letters = plain(box, 100)
    log = Log().read(box.connector(), since=letters[70].arrived)
    assert {one.id for one in letters[70:]} <= set(log.ids())
    assert len(log.ids()) == len(asked(box, "message")) == 50
    assert log.batches[-1].left == 50
    assert not log.positions[""].complete
    box.put(replace(letter(200), place="sent"))
    log.read(box.connector(), since=letters[70].arrived)
    assert letter(200).id in log.ids()
    assert contents(log.read(box.connector())) == clean(box)


def test_nothing_but_reading_is_asked_for(filled):
    log = Log().read(filled.connector())
    filled.expire()
    log.read(filled.connector())
    lines = re.findall(rb"\b([A-Z]+) (\S+) HTTP/1.1", filled.wire())
    assert {(method, target) for method, target in lines if method != b"GET"} == {
        (b"POST", b"/token"),
        (b"POST", b"/batch"),
    }


@pytest.mark.parametrize("kinds", [("messagesDeleted", "messagesAdded"), ("messagesAdded", "messagesDeleted")])
@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("known", [True, False])
def test_added_and_deleted_in_any_order_is_as_it_is_there(box, monkeypatch, kinds, there, known):
    letters, back = plain(box, 3), letter(9)
    log = Log() if known else Log().read(box.connector())
    box.put(back)
    id = box.ids[back]
    if known:
        log.read(box.connector())
    if not there:
        box.remove(back)
    ask = box.front.backend.request

    def history(method, path, query=None, body=None):
        status, answer = ask(method, path, query, body)
        if path == "history":
            about = {"message": {"id": id, "threadId": id}}
            answer = answer | {"history": [{kind: [about]} for kind in kinds]}
        return status, answer

    monkeypatch.setattr(box.front.backend, "request", history)
    expected = [*letters, back] if there else letters
    assert sorted(log.read(box.connector()).ids()) == sorted(one.id for one in expected)


def test_one_old_message_among_new_ones_does_not_end_the_back_fill(box, monkeypatch):
    letters = plain(box, 60)
    since = letters[10].arrived
    oldest = box.ids[letters[0]]
    ask = box.front.backend.request

    def shuffled(method, path, query=None, body=None):
        status, answer = ask(method, path, query, body)
        if path == "messages" and method == "GET" and answer.get("messages"):
            listed = [one for one in answer["messages"] if one["id"] != oldest]
            old = [one for one in answer["messages"] if one["id"] == oldest]
            answer = answer | {"messages": [*listed[:24], *old, *listed[24:]]}
        return status, answer

    monkeypatch.setattr(box.front.backend, "request", shuffled)
    found = Log().read(box.connector(), since=since).ids()
    assert {one.id for one in letters[10:]} <= set(found)
