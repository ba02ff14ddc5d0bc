"""The exchange connector's requests for items, where the server answers a part of them only."""

from collections.abc import Iterator

import pytest

from mailcare.errors import Exit, MailcareError
from tests.connectors.exchange.test_faults import BUDGET, Clock
from tests.counterparts.exchange.server import EwsServer
from tests.counterparts.letters import letter
from tests.counterparts.log import Log

COUNT = 120


@pytest.fixture
def there() -> Iterator[EwsServer]:
    server = EwsServer()
    for number in range(COUNT):
        server.put(letter(number))
    yield server
    server.close()


def everything() -> list[str]:
    return sorted(letter(number).id for number in range(COUNT))


@pytest.mark.parametrize(("most", "requests"), [(50, 3), (20, 9), (1, COUNT)])
def test_a_server_that_answers_few_items_of_a_request(there, most, requests):
    """Each request brings something, so that there is nothing to wait for."""
    there.operations.most_items = most
    clock = Clock()
    log = Log().read(there.connector(clock.patience()))
    assert (log.ids(), +log.skipped, clock.waits) == (everything(), {}, [])
    assert there.operations.asked.count("GetItem") == requests


def test_a_server_that_answers_none_for_a_while(there):
    def soon(asked: str) -> None:
        there.operations.most_items = 0 if there.operations.asked.count("GetItem") <= 3 else 1000

    there.operations.before, there.operations.item_back_off = soon, 7000
    clock = Clock()
    log = Log().read(there.connector(clock.patience()))
    assert (log.ids(), +log.skipped) == (everything(), {})
    assert [round(wait) for wait in clock.waits] == [7, 7, 7]


def test_a_server_that_answers_no_item_ends_within_the_budget(there):
    there.operations.most_items, there.operations.item_back_off = 0, 50_000
    clock, log = Clock(), Log()
    with pytest.raises(MailcareError) as error:
        log.read(there.connector(clock.patience()))
    assert (error.value.code, log.ids()) == (Exit.TEMPORARY, [])
    assert 0 < clock.now <= BUDGET
    assert len(clock.waits) == BUDGET // 50


def test_one_item_at_which_the_server_is_always_busy_keeps_back_no_other(there):
    there.operations.busy_items.add(there.id(letter(60)))
    clock = Clock()
    log = Log().read(there.connector(clock.patience()))
    assert log.ids() == [one for one in everything() if one != letter(60).id]
    assert log.skipped == {"refused": 1}
    assert 0 < len(clock.waits) <= 8
    there.operations.busy_items.clear()
    assert log.read(there.connector()).ids() == everything()
    assert +log.skipped == {}


@pytest.mark.parametrize("code", ["ErrorItemNotFound", "ErrorInvalidId"])
def test_an_item_moved_between_list_and_request_costs_no_further_one(there, code):
    there.operations.vanished = code

    def moved(asked: str) -> None:
        if asked == "GetItem" and there.operations.asked.count(asked) == 1:
            there.move(letter(60), "archive")

    there.operations.before = moved
    log = Log().read(there.connector())
    assert there.operations.asked.count("GetItem") == 3
    assert +log.skipped == {}
    assert log.read(there.connector()).ids() == everything()


@pytest.mark.parametrize("code", ["ErrorInvalidId", "ErrorInvalidPropertyRequest"])
def test_what_the_server_says_of_all_items_is_the_items_fault_in_none(there, code):
    honest, there.mailbox.items = there.mailbox.items, dict(there.mailbox.items)
    there.operations.vanished = code
    there.operations.before = lambda asked: there.mailbox.items.clear() if asked == "GetItem" else None
    log = Log()
    with pytest.raises(MailcareError) as error:
        log.read(there.connector())
    assert error.value.code == Exit.TEMPORARY
    there.operations.before, there.mailbox.items = (lambda _: None), honest
    assert log.read(there.connector()).ids() == everything()


def test_errors_of_single_items_cost_no_further_request(there):
    there.operations.corrupt.add(there.id(letter(3)))
    there.operations.private.add(there.id(letter(60)))
    log = Log().read(there.connector())
    assert log.skipped == {"refused": 2}
    assert there.operations.asked.count("GetItem") == 3
