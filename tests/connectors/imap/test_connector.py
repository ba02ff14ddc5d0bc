"""The connector of IMAP servers against Dovecot: getting in, folders, changes between runs, and nothing left behind."""

import base64
import errno
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from imapclient import IMAPClient

from connectors.files.connector import Files
from connectors.imap.connector import Imap
from mailcare import export
from mailcare.errors import Exit, MailcareError
from mailcare.mail.message import Role
from mailcare.owner import Owner
from mailcare.pipeline.exported import Tables
from mailcare.pipeline.mailbox import Mailbox
from mailcare.store.store import Store
from tests.counterparts.counterpart import Missing
from tests.counterparts.imap.dovecot import FOLDERS, PASSWORD, Dovecot, token
from tests.counterparts.imap.script import SECRET, Script
from tests.counterparts.letters import OWNER, START, Letter, letter, mailbox
from tests.counterparts.log import NOW, Log
from tests.counterparts.vaults import MemoryVault


@pytest.fixture
def there() -> Iterator[Dovecot]:
    try:
        dovecot = Dovecot()
    except Missing as missing:
        pytest.skip(str(missing))
    yield dovecot
    dovecot.close()


@pytest.fixture
def filled(there: Dovecot) -> Dovecot:
    for one in mailbox():
        there.put(one)
    return there


class Person:
    """Types what is asked for."""

    browser = False

    def __init__(self, answer: str) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self.told: list[str] = []

    def tell(self, text: str) -> None:
        self.told.append(text)

    def ask(self, prompt: str) -> str:
        self.asked.append(prompt)
        return self.answer


def failure(connector: Imap, log: Log | None = None) -> MailcareError:
    with pytest.raises(MailcareError) as error:
        (log or Log()).read(connector)
    return error.value


def roles(log: Log) -> dict[str, tuple[Role, ...]]:
    return {message.message_id: message.roles for message in log.messages()}


def added(log: Log, connector: Imap) -> list[str]:
    """The Message-IDs that another reading brings."""
    before = len(log.batches)
    log.read(connector)
    return sorted(message.message_id for batch in log.batches[before:] for message in batch.messages)


class TestConfiguration:
    @pytest.mark.parametrize(
        ("given", "where"),
        [
            ({}, "host"),
            ({"host": "h"}, "user"),
            ({"host": "h", "user": "me", "security": "none"}, "security"),
            ({"host": "h", "user": "me", "auth": "ntlm"}, "auth"),
            ({"host": "h", "user": "me", "port": 70000}, "port"),
            ({"host": "h", "user": "me", "timeout": 0}, "timeout"),
            ({"host": "h", "user": "me", "ca_file": "/no/such/file"}, "ca_file"),
            ({"host": "h", "user": "me", "password": SECRET}, "password"),
            ({"host": "h", "user": "me", "token": SECRET}, "token"),
            ({"host": "h", "user": "me", "folder": "INBOX"}, "folder"),
        ],
    )
    def test_what_does_not_fit_is_named(self, given, where):
        with pytest.raises(MailcareError) as error:
            Imap(given, MemoryVault())
        assert (error.value.where, error.value.code) == (where, Exit.USAGE)
        assert SECRET not in str(error.value)

    @pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
    def test_this_machine_may_be_read_without_encryption(self, host):
        Imap({"host": host, "user": "me", "security": "none"}, MemoryVault())

    @pytest.mark.parametrize(("security", "port"), [("tls", 993), ("starttls", 143)])
    def test_the_port_follows_the_encryption(self, security, port, monkeypatch):
        asked: list[Any] = []

        def refuse(address: Any, *_: object, **__: object) -> socket.socket:
            asked.append(address)
            raise ConnectionRefusedError

        monkeypatch.setattr(socket, "create_connection", refuse)
        failure(Imap({"host": "mail.example", "user": "me", "security": security}, MemoryVault()))
        assert asked == [("mail.example", port)]

    def test_a_ca_file_that_holds_no_certificates(self, tmp_path):
        (tmp_path / "ca.pem").write_text("nothing")
        given = {"host": "mail.example", "user": "me", "ca_file": str(tmp_path / "ca.pem")}
        assert failure(Imap(given, MemoryVault())).where == "ca_file"

    def test_without_a_password_one_has_to_log_in(self):
        script = Script()
        error = failure(
            Imap({"host": "127.0.0.1", "port": script.port, "user": "me", "security": "none"}, MemoryVault())
        )
        script.close()
        assert (error.code, "mailcare login" in error.todo) == (Exit.LOGIN, True)


class TestTheWayThere:
    @pytest.mark.parametrize(
        ("fault", "what"),
        [
            (socket.gaierror(socket.EAI_NONAME, ""), "no such host"),
            (socket.gaierror(socket.EAI_AGAIN, ""), "could not be resolved"),
            (OSError(errno.ENETUNREACH, ""), "connection broke"),
        ],
    )
    def test_no_host(self, fault, what, monkeypatch):
        script = Script()
        connector = script.connector()
        script.close()

        def fail(*_: object, **__: object) -> None:
            raise fault

        monkeypatch.setattr(socket, "create_connection", fail)
        error = failure(connector)
        assert what in error.what
        assert (error.where, error.code) == ("127.0.0.1", Exit.TEMPORARY)

    def test_a_port_at_which_nothing_answers(self):
        script = Script()
        script.close()
        error = failure(script.connector())
        assert ("nothing answers" in error.what, error.code) == (True, Exit.TEMPORARY)

    def test_a_server_that_says_nothing(self, filled):
        filled.line.stall(True)
        error = failure(filled.connector(timeout=1))
        assert (error.what, error.code) == ("the server did not answer in time", Exit.TEMPORARY)

    def test_tls(self, filled):
        secure = {"security": "tls", "port": filled.server.tls_port, "ca_file": str(filled.server.authority)}
        assert len(Log().read(filled.connector(**secure)).ids()) == len(mailbox())
        assert len(filled.wire()) == 0

    def test_starttls(self, filled):
        log = Log().read(filled.connector(security="starttls", ca_file=str(filled.server.authority)))
        assert len(log.ids()) == len(mailbox())
        assert b"STARTTLS" in filled.wire()
        assert b"AUTHENTICATE" not in filled.wire()

    @pytest.mark.parametrize("security", ["tls", "starttls"])
    def test_a_certificate_that_nobody_vouches_for(self, filled, security):
        port = filled.server.tls_port if security == "tls" else filled.line.port
        error = failure(filled.connector(security=security, port=port))
        assert ("not trusted" in error.what, "ca_file" in error.todo) == (True, True)
        assert error.code == Exit.USAGE

    def test_a_certificate_for_another_host(self, filled):
        there = {"host": "localhost", "port": filled.server.tls_port, "ca_file": str(filled.server.authority)}
        error = failure(filled.connector(security="tls", **there))
        assert ("another host name" in error.what, error.code) == (True, Exit.USAGE)

    def test_a_port_without_tls(self, filled):
        error = failure(filled.connector(security="tls"))
        assert ("no TLS" in error.what, error.code) == (True, Exit.USAGE)


class TestLogin:
    def test_a_wrong_password(self, filled):
        error = failure(filled.connector(MemoryVault(password="wrong")))
        assert (error.where, error.code) == ("127.0.0.1", Exit.LOGIN)
        assert filled.line.connections == 1

    @pytest.mark.parametrize("auth", ["xoauth2", "oauthbearer"])
    def test_an_access_token(self, filled, auth):
        log = Log().read(filled.connector(auth=auth))
        assert len(log.ids()) == len(mailbox())
        assert f"AUTHENTICATE {auth.upper()}".encode() in filled.wire()

    @pytest.mark.parametrize("auth", ["xoauth2", "oauthbearer"])
    def test_a_token_that_has_run_out(self, filled, auth):
        old = token(filled.user, timedelta(hours=-1))
        error = failure(filled.connector(MemoryVault(token=old), auth=auth))
        assert (error.code, "token" in error.what) == (Exit.LOGIN, True)
        assert filled.line.connections == 1
        assert len([line for line in bytes(filled.line.asked).splitlines() if len(line) > len(old)]) == 1
        assert old not in str(error)

    def test_a_token_that_runs_out_in_mid_run_is_asked_for_anew(self, filled, tmp_path):
        for number in range(100, 700):
            filled.put(letter(number))
        given = tmp_path / "token"
        given.write_text(filled.token)
        log = Log()
        for batch in filled.connector(auth="xoauth2", token_file=str(given)).read(log, NOW):
            log.add(batch)
            if batch.messages and filled.line.connections == 1:
                given.write_text(token(filled.user, timedelta(hours=2)))
                filled.cut(0)
                filled.cut(None)
        assert len(log.ids()) == len(mailbox()) + 600
        sent = {line for line in bytes(filled.line.asked).splitlines() if line.startswith(base64.b64encode(b"use"))}
        assert len(sent) == filled.line.connections == 2

    def test_a_person_logs_in(self, filled):
        vault, person = MemoryVault(), Person(PASSWORD)
        filled.connector(vault).login(person)
        assert vault.secrets == {"password": PASSWORD}
        assert len(person.told) == len(person.asked) == 1
        assert len(Log().read(filled.connector(vault)).ids()) == len(mailbox())

    def test_what_the_server_does_not_take_is_not_kept(self, filled):
        vault = MemoryVault()
        with pytest.raises(MailcareError) as error:
            filled.connector(vault).login(Person("wrong"))
        assert (error.value.code, vault.secrets) == (Exit.LOGIN, {})

    def test_a_password_from_elsewhere_is_only_tried(self, filled, tmp_path):
        (tmp_path / "secret").write_text(PASSWORD)
        vault, person = MemoryVault(), Person("")
        filled.connector(vault, password_file=str(tmp_path / "secret")).login(person)
        assert (vault.secrets, person.asked, len(person.told)) == ({}, [], 1)


class TestFolders:
    def test_names_in_other_scripts_and_roles_by_what_the_server_says(self, there):
        letters = {"Postausgang &APY-ffentlich": letter(1), "&ZeVnLIqe-": letter(2), "Ausgangskorb/2024": letter(3)}
        letters |= {"Gesendete Elemente": letter(4), "Entw&APw-rfe": letter(5), "A &- B": letter(6)}
        there.make("Ausgangskorb", *letters)
        for folder, one in letters.items():
            there.deliver(folder, one.raw, one.arrived)
        log = Log().read(there.connector())
        found = {message.message_id: (message.folders[0], message.roles) for message in log.messages()}
        assert list(dict(sorted(found.items())).values()) == [
            ("Postausgang öffentlich", ()),
            ("日本語", ()),
            ("Ausgangskorb/2024", (Role.SENT,)),
            ("Gesendete Elemente", (Role.SENT,)),
            ("Entwürfe", (Role.DRAFTS,)),
            ("A & B", ()),
        ]

    def test_what_is_not_the_users_own_is_left_alone(self, filled):
        shared = filled.server.root / "public" / ".Shared" / "cur" / "1.host:2,S"
        shared.write_bytes(letter(1).raw)
        filled.server.own(shared.parent)
        Log().read(filled.connector())
        assert b"Public/Shared" in filled.wire()
        assert b"Public" not in bytes(filled.line.asked)

    def test_inbox_and_sent_come_first(self, filled):
        assert list(Log().read(filled.connector()).positions)[:2] == ["INBOX", "Sent"]

    def test_a_maildir_is_read_as_by_the_files_connector(self, there):
        for number, flags in enumerate(["", "D", "DS", "T", "FRST", "DT"]):
            received = f"Received: from a by b; {letter(number).arrived:%a, %d %b %Y %H:%M:%S +0000}\r\n".encode()
            for folder in ("INBOX", "Archive", "Drafts"):
                there.deliver(folder, received + letter(number).raw, letter(number).arrived, flags)
        here = Log().read(Files({"path": str(there.root)}, MemoryVault()))
        expected = sorted((replace(m, key="", folders=()) for m in here.messages()), key=repr)
        log = Log().read(there.connector())
        assert sorted((replace(m, key="", folders=()) for m in log.messages()), key=repr) == expected
        assert len(expected) == 18

    def test_a_header_of_megabytes(self, there):
        ids = "\r\n ".join(f"<{n}@{'x' * 60}.example>" for n in range(40_000))
        huge = letter(1, "References: " + ids)
        there.put(huge)
        there.put(letter(2))
        messages = {message.message_id: message for message in Log().read(there.connector()).messages()}
        assert len(messages[huge.id].references) == 40_000
        assert letter(2).id in messages


class TestChanges:
    def test_flags_are_noticed(self, filled):
        log = Log().read(filled.connector())
        with filled.person() as client:
            client.select_folder("INBOX")
            client.add_flags([1], [rb"\Deleted"])
            client.add_flags([2], [rb"\Draft"])
            client.add_flags([3, 4, 5], [rb"\Seen", rb"\Flagged"])
        assert added(log, filled.connector()) == [letter(0).id, letter(1).id]
        assert (roles(log)[letter(0).id], roles(log)[letter(1).id]) == ((Role.TRASH,), (Role.DRAFTS,))
        with filled.person() as client:
            client.select_folder("INBOX")
            client.remove_flags([1, 2], [rb"\Deleted", rb"\Draft"])
        added(log, filled.connector())
        assert roles(log)[letter(0).id] == roles(log)[letter(1).id] == ()
        assert len(log.ids()) == len(mailbox())

    def test_a_copy_is_one_more_copy_and_goes_again(self, filled):
        log = Log().read(filled.connector())
        with filled.person() as client:
            client.select_folder("INBOX")
            client.copy([1, 2], "Archive")
        assert added(log, filled.connector()) == [letter(0).id, letter(1).id]
        assert log.ids().count(letter(0).id) == 2
        with filled.person() as client:
            client.select_folder("INBOX")
            client.delete_messages([1])
            client.expunge()
        log.read(filled.connector())
        assert log.ids().count(letter(0).id) == 1

    def test_copies_and_moves_change_no_figure(self, filled, tmp_path):

        def figures() -> list[str]:
            with Store.open(tmp_path / "store.sqlite", write=True) as store:
                for batch in filled.connector().read(store, NOW):
                    store.append(batch)
                measured = Tables(Mailbox(store.load(), Owner((OWNER,)), NOW), "me")
            export.write([measured], tmp_path, "csv")
            return [path.read_text() for path in sorted(tmp_path.glob("*.csv"))]

        before = figures()
        with filled.person() as client:
            client.select_folder("INBOX")
            client.copy([1, 2, 3, 15], "Archive")
            client.move([4, 5], "Archive")
            client.select_folder("Sent")
            client.copy([1], "INBOX")
        assert figures() == before
        assert len(before) == 5

    def test_a_folder_renamed_and_one_deleted(self, filled):
        log = Log().read(filled.connector())
        with filled.person() as client:
            client.rename_folder("Archive", "Alt/Archiv")
            client.delete_folder("Trash")
        everything = {one.id for one in mailbox() if one.place != "trash"}
        for batch in filled.connector().read(log, NOW):
            log.add(batch)
            assert set(log.ids()) >= everything
        assert added(log, filled.connector()) == []
        assert sorted(log.ids()) == sorted(everything)
        with filled.person() as client:
            client.rename_folder("Alt/Archiv", "Archive")
        log.read(filled.connector()).read(filled.connector())
        assert sorted(log.ids()) == sorted(everything)

    def test_older_mail_stays_older_mail_after_a_first_run_that_was_cut(self, filled):
        log = Log().read(filled.connector(), batches=len(FOLDERS) + 1)
        assert {message.folders for message in log.messages()} == {("INBOX",)}
        log.read(filled.connector(), since=START + timedelta(hours=72))
        assert letter(30).id in log.ids()
        assert not {letter(8).id, letter(9).id} & set(log.ids())

    def test_while_a_folder_is_read_anew_the_old_reading_stays(self, filled):
        for number in range(100, 1300):
            filled.put(letter(number))
        log = Log().read(filled.connector())
        everything = log.ids()
        filled.expire()
        for _ in range(4):
            log.read(filled.connector(), batches=2)
            assert log.ids() == everything
        log.read(filled.connector())
        assert log.ids() == everything
        assert {position.generation for position in log.positions.values()} == {2}

    def test_nothing_is_changed_on_the_server(self, filled):
        before = _state(filled)
        log = Log().read(filled.connector())
        filled.put(letter(90))
        log.read(filled.connector())
        filled.remove(letter(90))
        log.read(filled.connector())
        after = _state(filled)
        assert {folder: flags for folder, (flags, _) in after.items()} == {f: flags for f, (flags, _) in before.items()}
        log.read(filled.connector())
        assert _state(filled) == after

    def test_a_second_run_asks_for_the_folders_status_alone(self, filled):
        log = Log().read(filled.connector())
        del filled.line.asked[:]
        log.read(filled.connector())
        words = [words[1].decode() for line in bytes(filled.line.asked).splitlines() if len(words := line.split()) > 1]
        assert words == ["CAPABILITY", "AUTHENTICATE", "LIST", "NAMESPACE", *["STATUS"] * 6, "LOGOUT"]

    def test_five_thousand_messages_newest_first(self, there):
        letters = [_small(number) for number in range(5000)]
        for one in letters:
            there.put(one)
        log = Log().read(there.connector())
        assert log.ids() == sorted(one.id for one in letters)
        chunks = [batch.messages for batch in log.batches if batch.messages]
        assert [len(chunk) for chunk in chunks] == [500] * 10
        assert [message.message_id for chunk in chunks for message in chunk] == [one.id for one in letters[::-1]]
        assert [batch.left for batch in log.batches if batch.messages] == list(range(4500, -1, -500))

    def test_wherever_a_later_run_is_cut_the_next_one_makes_good(self, filled):
        first = Log().read(filled.connector())
        filled.move(mailbox()[2], "archive")
        filled.put(letter(60, place="sent"))
        filled.remove(mailbox()[6])
        start = len(filled.wire())
        clean = _copy(first).read(filled.connector()).ids()
        answered = len(filled.wire()) - start
        for after in range(0, answered, 97):
            log = _copy(first)
            filled.cut(after)
            with suppress(MailcareError):
                log.read(filled.connector())
            assert letter(2).id in log.ids()
            filled.cut(None)
            assert log.read(filled.connector()).ids() == clean


def _small(number: int) -> Letter:
    return replace(letter(number), arrived=START + timedelta(seconds=number))


def _copy(log: Log) -> Log:
    other = Log()
    for batch in log.batches:
        other.add(batch)
    return other


def _state(there: Dovecot) -> dict[str, tuple[Any, Any]]:
    """Of each folder its UIDs with their flags, and its MODSEQ."""
    with there.person() as client:
        return {folder: _folder_state(client, folder) for folder in FOLDERS.values()}


def _folder_state(client: IMAPClient, folder: str) -> tuple[Any, Any]:
    modseq = client.folder_status(folder, ["HIGHESTMODSEQ"])
    opened = client.select_folder(folder, readonly=True)
    fetched = client.fetch(client.search(), ["FLAGS"])
    flags = {uid: sorted(set(items[b"FLAGS"]) - {rb"\Recent"}) for uid, items in fetched.items()}
    return (opened[b"UIDVALIDITY"], flags), modseq
