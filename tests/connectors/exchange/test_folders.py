"""The exchange connector where the user may see a part of the mailbox, or the server tells of its folders in part."""

from collections.abc import Iterator

import pytest

from mailcare.errors import Exit, MailcareError
from mailcare.mail.message import Role
from tests.counterparts.exchange.server import DELEGATE, EwsServer
from tests.counterparts.letters import letter, mailbox
from tests.counterparts.log import Log


@pytest.fixture
def there() -> Iterator[EwsServer]:
    server = EwsServer()
    yield server
    server.close()


@pytest.fixture
def filled(there: EwsServer) -> EwsServer:
    for one in mailbox():
        there.put(one)
    return there


def close_all_but(there: EwsServer, *names: str) -> None:
    """Nobody may open a folder but these, the top of the mailbox included."""
    there.operations.closed |= {id for id, one in there.mailbox.folders.items() if one.distinguished not in names}


def in_folders(*places: str) -> list[str]:
    return sorted(one.id for one in mailbox() if one.place in places)


def test_rights_on_the_inbox_only(filled):
    close_all_but(filled, "inbox")
    connector = filled.connector(user=DELEGATE)
    connector.check()
    log = Log().read(connector)
    assert log.ids() == in_folders("inbox")
    assert {one.folders for one in log.messages()} == {("Posteingang",)}
    assert +log.skipped == {}


def test_rights_on_some_folders_and_on_what_lies_in_them(filled):
    inside = filled.mailbox.add_folder("Projekte", filled.folder("inbox")).id
    hidden = filled.mailbox.add_folder("Geheim", filled.folder("inbox")).id
    for number, folder in ((90, inside), (91, hidden)):
        filled.mailbox.deliver(letter(number).raw, folder, letter(number).arrived)
    close_all_but(filled, "inbox", "sentitems")
    filled.operations.closed.discard(inside)
    log = Log().read(filled.connector(user=DELEGATE))
    assert log.ids() == sorted([*in_folders("inbox", "sent"), letter(90).id])
    paths = {one.folders: one.roles for one in log.messages()}
    assert paths[("Posteingang/Projekte",)] == ()
    assert paths[("Gesendete Elemente",)] == (Role.SENT,)


def test_rights_on_no_folder(filled):
    close_all_but(filled)
    for ask in (filled.connector().check, lambda: Log().read(filled.connector())):
        with pytest.raises(MailcareError) as error:
            ask()
        assert (error.value.code, "may not open this mailbox" in error.value.what) == (Exit.ERROR, True)


@pytest.mark.parametrize("denial", ["ErrorAccessDenied", "ErrorItemNotFound", "ErrorFolderNotFound"])
def test_rights_that_shrink_and_grow_erase_nothing(filled, denial):
    filled.operations.denial = denial
    log = Log().read(filled.connector(user=DELEGATE))
    before = log.ids()
    everywhere = set(filled.operations.closed)
    close_all_but(filled, "inbox")
    filled.remove(mailbox()[0])
    filled.put(letter(50))
    log.read(filled.connector(user=DELEGATE)).read(filled.connector(user=DELEGATE))
    closed = {one.place for one in mailbox()} - {"inbox"}
    assert log.skipped["folder_closed"] >= len(closed)
    assert log.ids() == sorted({*before, letter(50).id} - {mailbox()[0].id})
    filled.operations.closed = everywhere
    batches = len(log.batches)
    log.read(filled.connector(user=DELEGATE))
    assert +log.skipped == {}
    assert [one for batch in log.batches[batches:] for one in batch.messages] == []


def test_closed_folders_are_counted_once_and_no_more_when_open(filled):
    filled.operations.closed.add(filled.archive)
    log = Log().read(filled.connector())
    assert +log.skipped == {}
    filled.operations.closed.clear()
    log.read(filled.connector())
    honest, filled.operations.closed_inside = log.ids(), {filled.archive}
    for _ in range(2):
        assert log.read(filled.connector()).ids() == honest
        assert +log.skipped == {"folder_closed": 1}
    filled.operations.closed_inside.clear()
    assert log.read(filled.connector()).ids() == honest
    assert +log.skipped == {}


def test_a_folder_closed_from_the_beginning_is_counted_and_read_once_it_opens(filled):
    filled.operations.closed_inside = {filled.archive}
    log = Log().read(filled.connector())
    assert +log.skipped == {"folder_closed": 1}
    assert log.ids() == sorted(one.id for one in mailbox() if one.place != "archive")
    filled.operations.closed_inside.clear()
    assert log.read(filled.connector()).ids() == sorted(one.id for one in mailbox())
    assert +log.skipped == {}


def test_all_folders_closed_inside_is_the_accounts_error(filled):
    log = Log().read(filled.connector())
    before = log.messages()
    filled.operations.closed_inside = set(filled.mailbox.folders)
    for store in (log, Log()):
        with pytest.raises(MailcareError) as error:
            store.read(filled.connector())
        assert "may not open this mailbox" in error.value.what
    assert log.messages() == before


@pytest.mark.parametrize("code", ["ErrorFolderPropertyRequestFailed", "ErrorInternalServerError", "ErrorOfTomorrow"])
def test_a_well_known_folder_that_the_server_is_unclear_about(filled, code):
    """Which of the other folders it is can't be told: what was never read of them waits for a later run."""
    spam = filled.folder("spam")
    filled.operations.odd[spam] = code
    log = Log().read(filled.connector())
    assert log.ids() == in_folders("inbox", "sent", "drafts", "trash")
    assert log.skipped["folder_closed"] == len({spam, filled.archive})
    filled.operations.odd.clear()
    log.read(filled.connector())
    assert log.ids() == sorted(one.id for one in mailbox())
    assert {one.roles for one in log.messages() if one.message_id in in_folders("spam")} == {(Role.SPAM,)}
    assert +log.skipped == {}


def test_a_folder_that_was_read_keeps_what_it_is_for_while_the_server_is_unclear(filled):
    log = Log().read(filled.connector())
    before = sorted(log.messages(), key=lambda one: one.key)
    filled.operations.odd[filled.folder("spam")] = "ErrorFolderPropertyRequestFailed"
    log.read(filled.connector())
    assert sorted(log.messages(), key=lambda one: one.key) == before
    assert {position.generation for position in log.positions.values()} == {1}
    assert +log.skipped == {}


def test_a_mailbox_that_lacks_a_well_known_folder(filled):
    filled.mailbox.remove_folder(filled.mailbox.special("outbox").id)
    log = Log().read(filled.connector())
    assert log.ids() == sorted(one.id for one in mailbox())
    assert +log.skipped == {}


@pytest.mark.parametrize("code", ["ErrorNonExistentMailbox", "ErrorCannotFindUser"])
def test_a_mailbox_that_is_not_there_told_by_a_fault(filled, code):
    filled.operations.unknown_mailbox = code
    with pytest.raises(MailcareError) as error:
        filled.connector(mailbox="nowhere@home.example", user=DELEGATE).check()
    assert (error.value.code, "`mailbox`" in error.value.todo) == (Exit.USAGE, True)
