"""The contract of every connector: the same invented mailbox, put into each counterpart, comes out the same."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from itertools import islice
from typing import Any

import pytest

from mailcare.errors import MailcareError
from mailcare.mail import headers
from mailcare.mail.connector import Batch, Position
from mailcare.mail.message import Message, Role
from mailcare.owner import Owner
from mailcare.pipeline.exported import Tables
from mailcare.pipeline.mailbox import Mailbox
from mailcare.store.store import Store
from tests.counterparts.counterpart import Counterpart, Missing
from tests.counterparts.letters import CANARY, OWNER, START, Letter, letter, mailbox
from tests.counterparts.log import NOW, Log

COUNTERPARTS = {
    "exchange": "tests.counterparts.exchange.server:EwsServer",
    "exchange-sparse": "tests.counterparts.exchange.sparse:SparseEwsServer",
    "files": "tests.counterparts.files:MaildirFiles",
    "gmail": "tests.counterparts.gmail.server:GmailServer",
    "graph": "tests.counterparts.graph.server:GraphServer",
    "imap": "tests.counterparts.imap.dovecot:Dovecot",
}
ROLES = {"sent": Role.SENT, "drafts": Role.DRAFTS, "spam": Role.SPAM, "trash": Role.TRASH}
NAMELESS: dict[str, Any] = {"key": "", "folders": (), "conversation": "", "conversation_index": b"", "size": 0}
"""What is every provider's own."""


@pytest.fixture(params=COUNTERPARTS)
def there(request: pytest.FixtureRequest) -> Iterator[Counterpart]:
    """An empty mailbox at each counterpart."""
    module, _, name = COUNTERPARTS[request.param].partition(":")
    try:
        counterpart: Counterpart = getattr(import_module(module), name)()
    except Missing as missing:
        pytest.skip(str(missing))
    yield counterpart
    counterpart.close()


@pytest.fixture
def filled(there: Counterpart) -> Counterpart:
    for one in mailbox():
        there.put(one)
    return there


def truth(letters: list[Letter], there: Counterpart) -> list[Message]:
    """The letters as messages, read from their raw headers, less what the provider cannot give."""
    return sorted((_essence(_parsed(one), there) for one in letters), key=repr)


def seen(log: Log, there: Counterpart) -> list[Message]:
    return sorted((_essence(message, there) for message in log.messages()), key=repr)


def _parsed(one: Letter) -> Message:
    roles = [ROLES[one.place]] if one.place in ROLES else []
    return headers.parse(one.raw.partition(b"\r\n\r\n")[0], key="", now=NOW, roles=roles, received_at=one.arrived)


def _essence(message: Message, there: Counterpart) -> Message:
    lost = there.loses | (there.loses_in_sent if Role.SENT in message.roles else frozenset())
    blank = Message("")
    return replace(message, **NAMELESS | {name: getattr(blank, name) for name in lost})


def elsewhere(one: Letter, place: str) -> Letter:
    return replace(one, place=place)


def test_the_mailbox_comes_out_as_it_went_in(filled):
    assert seen(Log().read(filled.connector()), filled) == truth(mailbox(), filled)


def test_a_check_reaches_the_mail_and_changes_nothing(filled):
    filled.connector().check()
    assert seen(Log().read(filled.connector()), filled) == truth(mailbox(), filled)


def test_the_exports_agree(filled, tmp_path):
    """The tables behind a report are those of the raw headers, wherever the mail was read."""
    owner = Owner((OWNER,), circles={"clients": ("client.example",)})

    def exported(name: str, batches: Iterable[Batch]) -> dict[str, list[dict[str, Any]]]:
        with Store.open(tmp_path / f"{name}.sqlite", write=True) as store:
            for batch in batches:
                store.append(batch)
            tables = Tables(Mailbox(store.load(), owner, NOW), "home")
        kinds = {kind: getattr(tables, kind) for kind in ("messages", "turns", "replies", "threads", "weekly")}
        return {kind: table.astype(str).to_dict("records") for kind, table in kinds.items()}

    raw = [replace(_parsed(one), key=str(number)) for number, one in enumerate(mailbox())]
    expected = exported("raw", [Batch("", Position(1, {}, True), raw)])
    log = Log().read(filled.connector())
    assert exported("read", log.batches) == expected


def test_every_copy_has_its_own_key_and_the_back_fill_ends(filled):
    log = Log().read(filled.connector())
    keys = [message.key for message in log.messages()]
    assert len(set(zip((batch.source for batch in log.batches for _ in batch.messages), keys, strict=True))) == len(
        keys
    )
    assert all(position.complete for position in log.positions.values())
    assert log.batches[-1].left == 0


def test_a_second_run_yields_nothing(filled):
    log = Log().read(filled.connector())
    before, batches = dict(log.positions), len(log.batches)
    log.read(filled.connector())
    assert sum(len(batch.messages) + len(batch.removed) for batch in log.batches[batches:]) == 0
    assert log.positions.keys() == before.keys()


def test_new_mail_yields_just_that(filled):
    log = Log().read(filled.connector())
    batches, new = len(log.batches), [letter(50), letter(51, place="sent")]
    for one in new:
        filled.put(one)
    log.read(filled.connector())
    assert sorted(message.message_id for batch in log.batches[batches:] for message in batch.messages) == [
        one.id for one in new
    ]
    assert seen(log, filled) == truth([*mailbox(), *new], filled)


def test_what_was_deleted_is_gone(filled):
    letters = mailbox()
    log = Log().read(filled.connector())
    for one in letters[2:5]:
        filled.remove(one)
    assert seen(log.read(filled.connector()), filled) == truth([*letters[:2], *letters[5:]], filled)


def test_what_was_moved_is_where_it_went(filled):
    letters = mailbox()
    log = Log().read(filled.connector())
    filled.move(letters[3], "archive")
    filled.move(letters[4], "trash")
    log.read(filled.connector())
    moved = [elsewhere(letters[3], "archive"), elsewhere(letters[4], "trash")]
    assert seen(log, filled) == truth([*letters[:3], *moved, *letters[5:]], filled)


def test_changes_between_two_cut_runs_are_not_missed(filled):
    letters = mailbox()
    log = Log().read(filled.connector(), batches=1)
    filled.remove(letters[0])
    filled.move(letters[1], "trash")
    filled.put(letter(60))
    log.read(filled.connector())
    expected = [elsewhere(letters[1], "trash"), *letters[2:], letter(60)]
    assert seen(log.read(filled.connector()), filled) == truth(expected, filled)


def test_a_run_cut_after_any_batch_and_started_again_ends_equal(filled):
    whole = Log().read(filled.connector())
    for batches in range(len(whole.batches)):
        log = Log().read(filled.connector(), batches)
        assert seen(log.read(filled.connector()), filled) == truth(mailbox(), filled)


def test_a_run_cut_anywhere_on_the_wire_and_started_again_ends_equal(filled):
    already = len(filled.wire())
    Log().read(filled.connector())
    length = len(filled.wire()) - already
    for after in range(0, length, max(length // 12, 1)):
        log = Log()
        filled.cut(after)
        with suppress(MailcareError):
            log.read(filled.connector())
        filled.cut(None)
        assert seen(log.read(filled.connector()), filled) == truth(mailbox(), filled)


def test_a_forgetful_server_is_read_anew(filled):
    log = Log().read(filled.connector())
    filled.expire()
    filled.remove(mailbox()[5])
    filled.put(letter(70))
    log.read(filled.connector())
    expected = [*mailbox()[:5], *mailbox()[6:], letter(70)]
    assert seen(log.read(filled.connector()), filled) == truth(expected, filled)


def test_since_leaves_older_mail_to_a_later_run(filled):
    since = START + timedelta(hours=60)
    log = Log().read(filled.connector(), since=since)
    recent = {one.id for one in mailbox() if one.arrived >= since + timedelta(days=1)}
    assert recent <= set(log.ids())
    if filled.wire():
        assert len(log.ids()) < len(mailbox())
    assert seen(log.read(filled.connector()), filled) == truth(mailbox(), filled)


def test_deletions_show_while_older_mail_is_still_to_be_read(filled):
    letters, since = mailbox(), START + timedelta(hours=60)
    log = Log().read(filled.connector(), since=since)
    filled.remove(letters[-1])
    filled.remove(letters[0])
    log.read(filled.connector(), since=since)
    assert letters[-1].id not in log.ids()
    assert seen(log.read(filled.connector()), filled) == truth(letters[1:-1], filled)


def test_what_was_let_go_of_is_not_read_again(filled, tmp_path):
    """Nor is it deleted again, where the server forgets its cursors or the mail is deleted there."""
    with Store.open(tmp_path / "work.sqlite", write=True) as store:
        _stored(filled, store)
        erased = store.expire(START + timedelta(hours=24))
        kept = store.load()
        assert 0 < erased < erased + kept.num_rows
        assert _stored(filled, store) == (0, 0)
        filled.expire()
        _stored(filled, store)
        assert sorted(store.load()["message_id"].to_pylist()) == sorted(kept["message_id"].to_pylist())
        filled.remove(mailbox()[1])
        _stored(filled, store)
        assert _stored(filled, store) == (0, 0)
        assert store.load().num_rows == kept.num_rows


def test_letting_go_between_two_cut_runs_ends_equal(filled, tmp_path):
    cut = START + timedelta(hours=24)
    with Store.open(tmp_path / "work.sqlite", write=True) as store:
        _stored(filled, store)
        store.expire(cut)
        kept = sorted(store.load()["message_id"].to_pylist())
    for batches in range(1, 6):
        with Store.open(tmp_path / f"{batches}.sqlite", write=True) as store:
            _stored(filled, store, batches)
            store.expire(cut)
            _stored(filled, store)
            store.expire(cut)
            assert sorted(store.load()["message_id"].to_pylist()) == kept
            assert _stored(filled, store) == (0, 0)


def _stored(there: Counterpart, store: Store, batches: int | None = None) -> tuple[int, int]:
    """Reads so many batches into the store; returns how many messages were read, and how many were told to be gone."""
    read = removed = 0
    for batch in islice(there.connector().read(store, NOW), batches):
        store.append(batch)
        read, removed = read + len(batch.messages), removed + len(batch.removed)
    return read, removed


def test_no_request_could_return_a_body(filled):
    log = Log().read(filled.connector())
    filled.put(letter(80))
    log.read(filled.connector())
    assert CANARY.encode() not in filled.wire()
    assert filled.asked_for_bodies() == []
    assert CANARY not in repr(log.messages())


def test_secrets_are_in_no_log_error_or_repr(filled, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    connector = filled.connector()
    Log().read(connector)
    filled.cut(0)
    told = ""
    try:
        Log().read(filled.connector())
    except MailcareError as error:
        told = repr(error) + str(error) + repr(error.__cause__) + repr(error.__context__)
    filled.cut(None)
    written = capfd.readouterr()
    everything = told + caplog.text + written.out + written.err + repr(connector) + repr(vars(connector))
    assert not [secret for secret in filled.secrets if secret in everything]
