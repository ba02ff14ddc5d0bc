"""What an IMAP server shows is not always all that is there: parts, refusals and silence erase nothing."""

from collections.abc import Iterator

import pytest

from connectors.imap import folders as imap_folders
from connectors.imap import reading as imap_reading
from connectors.imap import session as imap_session
from mailcare.errors import Exit, MailcareError
from mailcare.servers.patience import Patience
from mailcare.store.store import Store
from tests.counterparts.imap import script as imap_script
from tests.counterparts.imap.script import Box, Script
from tests.counterparts.log import NOW, Log

BAD = "TAG NO [SERVERBUG] internal error"


@pytest.fixture(params=["IMAP4rev1", "IMAP4rev1 CONDSTORE"])
def server(request: pytest.FixtureRequest) -> Iterator[Script]:
    script = Script(request.param)
    for uid in range(1, 41):
        script.boxes["INBOX"].put(uid)
    script.boxes["Sent"].put(101)
    yield script
    script.close()


def ids(*uids: int) -> list[str]:
    return sorted(f"<{uid}@client.example>" for uid in uids)


ALL = ids(*range(1, 41), 101)


def failure(
    server: Script, log: Log | None = None, patience: Patience | None = None, **options: object
) -> MailcareError:
    with pytest.raises(MailcareError) as error:
        (log or Log()).read(server.connector(patience, **options))
    return error.value


def listing_only(newest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = imap_script._searched
    monkeypatch.setattr(imap_script, "_searched", lambda box, criteria: everything(box, criteria)[-newest:])


def answers(start: str, answer: str):
    """Answers every command that begins so with this."""
    return lambda command: answer if command.startswith(start) else None


class TestAPartOfTheMessages:
    def test_what_is_there_and_not_listed_is_kept(self, server, monkeypatch):
        log = Log().read(server.connector())
        server.boxes["INBOX"].put(41)
        del server.boxes["INBOX"].messages[40]
        listing_only(10, monkeypatch)
        for _ in range(2):
            log.read(server.connector())
            assert log.ids() == sorted([*ALL, *ids(41)])
            assert log.skipped == {"shown_partly": 1}
        monkeypatch.undo()
        assert log.read(server.connector()).ids() == sorted({*ALL, *ids(41)} - {*ids(40)})
        assert log.skipped == {}

    def test_a_first_reading_of_a_part_is_not_complete(self, server, monkeypatch):
        listing_only(10, monkeypatch)
        log = Log().read(server.connector())
        assert log.ids() == ids(*range(31, 41), 101)
        assert not log.positions["INBOX"].complete
        assert log.batches[-1].left == 30
        monkeypatch.undo()
        assert log.read(server.connector()).ids() == ALL
        assert log.positions["INBOX"].complete

    def test_flags_are_noticed_all_the_same(self, server, monkeypatch):
        log = Log().read(server.connector())
        server.boxes["INBOX"].messages[40] = server.boxes["INBOX"].messages[40][0], r"\Draft"
        listing_only(10, monkeypatch)
        log.read(server.connector())
        assert {message.key for message in log.messages()} >= {"40 draft", "1"}
        assert log.ids() == ALL

    def test_a_new_numbering_that_is_always_listed_in_part_shows_in_the_end(self, server, monkeypatch):
        log = Log().read(server.connector())
        server.boxes["INBOX"].validity += 1
        listing_only(10, monkeypatch)
        assert log.read(server.connector()).ids() == ALL
        assert log.read(server.connector()).ids() == ids(*range(31, 41), 101)

    def test_a_window_onto_the_newest_messages(self, server):
        server.capabilities += " MESSAGELIMIT=40"
        log = Log().read(server.connector())
        inbox = server.boxes["INBOX"]
        for uid in range(41, 45):
            inbox.put(uid)
            del inbox.messages[min(inbox.messages)]
        del inbox.messages[30]
        inbox.put(45)
        for _ in range(2):
            log.read(server.connector())
            assert log.ids() == ids(*set(range(1, 46)) - {30}, 101)
            assert log.skipped == {"shown_partly": 1}
        assert log.positions["INBOX"].complete

    def test_no_more_is_listed_at_once_than_the_server_handles(self, server, monkeypatch):
        server.capabilities += " MESSAGELIMIT=15"
        listing_only(15, monkeypatch)
        assert Log().read(server.connector()).ids() == ALL


class TestRefusals:
    def test_a_folder_refused_in_mid_reading_keeps_its_old_state(self, server, tmp_path, monkeypatch):
        monkeypatch.setattr(imap_reading, "CHUNK", 5)
        with Store.open(tmp_path / "store.sqlite", write=True) as store:

            def read(batches: int = -1) -> int:
                for batch in server.connector().read(store, NOW):
                    store.append(batch)
                    batches -= 1
                    if not batches:
                        break
                return store.load().num_rows

            assert read() == len(ALL)
            server.boxes["INBOX"].validity += 1
            assert read(batches=1) == len(ALL)
            server.fault = answers('EXAMINE "INBOX', "TAG NO [INUSE2] cannot open")
            assert read() == len(ALL)
            server.fault = lambda _: None
            assert read() == len(ALL)
            assert store.unfinished() == 0

    def test_a_first_reading_is_not_finished_by_a_refusal(self, server, monkeypatch):
        monkeypatch.setattr(imap_reading, "CHUNK", 5)
        log = Log().read(server.connector(), batches=4)
        server.fault = answers('EXAMINE "INBOX', BAD)
        log.read(server.connector())
        assert not log.positions["INBOX"].complete

    @pytest.mark.parametrize(
        ("answer", "runs"),
        [("TAG NO [NONEXISTENT] no", 1), ("TAG NO no", 2), (BAD, None), ("TAG NO [NOPERM] no", None)],
    )
    def test_when_a_folder_is_believed_to_be_gone(self, server, answer, runs):
        server.boxes["Project"] = Box()
        server.boxes["Project"].put(201)
        log = Log().read(server.connector())
        del server.boxes["Project"]
        server.fault = answers('STATUS "Project"', answer)
        shown = [ids(201)[0] in log.read(server.connector()).ids() for _ in range(3)]
        assert shown == [runs is None or run < runs for run in (1, 2, 3)]

    def test_a_doubt_ends_where_the_folder_is_there_again(self, server):
        server.boxes["Project"] = Box()
        server.boxes["Project"].put(201)
        log = Log().read(server.connector())

        def unlisted(command: str) -> str | None:
            if command.startswith("LIST"):
                return '* LIST () "." "INBOX"\r\n* LIST () "." "Sent"\r\nTAG OK done'
            return "TAG NO no" if command.startswith('STATUS "Project"') else None

        for fault in (unlisted, lambda _: None, unlisted):
            server.fault = fault
            assert ids(201)[0] in log.read(server.connector()).ids()

    def test_messages_that_fail_in_one_folder_hold_back_no_other(self, server):
        for uid in range(41, 101):
            server.boxes["INBOX"].put(uid)
        server.boxes["Project"] = Box()
        server.boxes["Project"].put(201)
        bad = {str(uid) for uid in range(21, 101)}
        server.fault = lambda c: BAD if c.startswith("UID FETCH") and bad & set(c.split()[2].split(",")) else None
        log = Log()
        assert failure(server, log).code == Exit.TEMPORARY
        assert log.ids() == ids(101, 201)
        assert log.skipped == {"refused": 20}
        server.boxes["Sent"].put(102)
        failure(server, log)
        assert ids(102)[0] in log.ids()

    def test_what_is_gone_waits_for_new_mail_that_could_not_be_read(self, server):
        log = Log().read(server.connector())
        server.boxes["Sent"].messages[102] = server.boxes["INBOX"].messages.pop(40)
        for uid in range(103, 103 + 30):
            server.boxes["Sent"].put(uid)
        bad = {str(uid) for uid in range(103, 133)}
        server.fault = lambda c: BAD if c.startswith("UID FETCH") and bad & set(c.split()[2].split(",")) else None
        failure(server, log)
        assert ids(40)[0] in log.ids()
        server.fault = lambda _: None
        assert log.read(server.connector()).ids() == sorted([*ALL, *ids(*range(103, 133))])

    def test_a_server_that_fails_in_two_folders_is_left(self, server):
        for name in ("Project", "Other"):
            server.boxes[name] = Box()
            for uid in range(201, 231):
                server.boxes[name].put(uid)
        server.fault = answers("UID FETCH", BAD)
        log = Log()
        failure(server, log)
        assert log.skipped["refused"] <= 41

    def test_a_mailbox_that_shrinks_while_it_is_listed(self, server, monkeypatch):
        monkeypatch.setattr(imap_folders, "WINDOW", 7)
        log = Log().read(server.connector())
        inbox = server.boxes["INBOX"]
        inbox.put(41)

        def strict(command: str) -> str | None:
            words = command.split()
            if command.startswith("UID SEARCH") and words[2] != "UID":
                low = int(words[2].partition(":")[0])
                if low <= 34 and 9 in inbox.messages:
                    for uid in range(8, 38):
                        inbox.messages.pop(uid)
                return "TAG BAD invalid message set" if low > len(inbox.messages) > 1 else None
            return None

        server.fault = strict
        log.read(server.connector())
        assert log.ids() == ids(*range(1, 8), *range(38, 42), 101)
        assert log.skipped == {}


class TestNames:
    def test_two_folders_that_read_the_same(self, server):
        log = Log().read(server.connector())
        for number, name in enumerate(["a.b", "a/b", "c.d"]):
            server.boxes[name] = Box()
            server.boxes[name].put(201 + number)
        log.read(server.connector())
        assert log.ids() == sorted([*ALL, *ids(201, 202, 203)])
        assert set(log.positions) == {"INBOX", "Sent", "a.b", "a/b", "c/d"}

    def test_a_path_that_becomes_another_folders(self, server):
        server.boxes["a.b"] = Box()
        server.boxes["a.b"].put(201)
        log = Log().read(server.connector())
        server.boxes["a/b"] = Box()
        server.boxes["a/b"].put(201, "Message-ID: <other@client.example>")
        assert log.read(server.connector()).ids() == sorted([*ALL, *ids(201), "<other@client.example>"])

    @pytest.mark.parametrize(
        "answer",
        ['* NAMESPACE (("" "." "X-PARAM" ("FLAG1" "FLAG2"))) NIL NIL\r\nTAG OK done', "TAG NO no", "TAG BAD what"],
    )
    def test_namespaces_that_cannot_be_read(self, server, answer):
        server.capabilities += " NAMESPACE"
        server.fault = answers("NAMESPACE", answer)
        assert Log().read(server.connector()).ids() == ALL


class TestLogins:
    @pytest.mark.parametrize("code", ["AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "PRIVACYREQUIRED"])
    def test_a_password_that_was_wrong_too_often_is_tried_once(self, server, code):
        server.fault = answers("LOGIN", f"TAG NO [{code}] Too many failed login attempts")
        assert failure(server).code == (Exit.USAGE if code == "PRIVACYREQUIRED" else Exit.LOGIN)
        assert server.times("LOGIN") == 1

    @pytest.mark.parametrize("text", ["[ALERT] Too many invalid logins", "Too many connections"])
    def test_where_only_words_say_so_a_login_is_tried_once_more(self, server, text):
        server.fault = answers("LOGIN", f"TAG NO {text}")
        assert failure(server, patience=Patience(sleep=lambda _: None)).code == Exit.TEMPORARY
        assert server.times("LOGIN") == 2

    @pytest.mark.parametrize("start", ["CAPABILITY", "LOGIN", "UID SEARCH"])
    def test_a_server_that_talks_without_an_end_is_left(self, server, start, monkeypatch):
        monkeypatch.setattr(imap_session, "_IN_ALL", 0.3)
        waits: list[float] = []
        server.chatters = lambda command: command.startswith(start)
        error = failure(server, patience=Patience(tries=1, sleep=waits.append), timeout=1)
        assert (error.what, error.code) == ("the server did not answer in time", Exit.TEMPORARY)
        assert len(waits) == 1
