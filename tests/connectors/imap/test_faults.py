"""IMAP servers that fail, at a server in this process: nothing has to be installed."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from connectors.imap import folders as imap_folders
from connectors.imap.fetch import HOPELESS, PIECE
from mailcare.errors import Exit, MailcareError
from mailcare.mail.message import Role
from mailcare.servers.patience import Patience
from mailcare.store.store import Store
from tests.counterparts.imap.script import SECRET, USER, Box, Script, fails_at
from tests.counterparts.log import NOW, Log

DONE = "TAG OK done"


@pytest.fixture(params=["IMAP4rev1", "IMAP4rev1 CONDSTORE"])
def server(request: pytest.FixtureRequest) -> Iterator[Script]:
    script = Script(request.param)
    for uid in range(1, 41):
        script.boxes["INBOX"].put(uid)
    script.boxes["Sent"].put(101, f"From: {USER}", "Message-ID: <sent@home.example>")
    yield script
    script.close()


ALL = sorted([*(f"<{uid}@client.example>" for uid in range(1, 41)), "<sent@home.example>"])


def without(*uids: int) -> list[str]:
    return [one for one in ALL if one not in {f"<{uid}@client.example>" for uid in uids}]


def failure(server: Script, log: Log | None = None, **options: object) -> MailcareError:
    with pytest.raises(MailcareError) as error:
        (log or Log()).read(server.connector(**options))
    for said in (str(error.value), repr(error.value.__cause__), repr(error.value.__context__)):
        assert SECRET not in said
    return error.value


def once(start: str, answer: str):
    """Answers the first command that begins so with this."""
    left = [answer]
    return lambda command: left.pop() if command.startswith(start) and left else None


def test_a_plain_server_without_any_extension(server):
    server.boxes["Trash"] = Box()
    server.boxes["Trash"].put(3, "From: x@x.example", "Message-ID: <gone@x.example>", flags=r"\Seen")
    log = Log().read(server.connector())
    assert log.ids() == sorted([*ALL, "<gone@x.example>"])
    assert {message.roles for message in log.messages()} == {(), (Role.SENT,), (Role.TRASH,)}
    assert log.read(server.connector()).batches[-1].position.complete


def test_a_second_run_fetches_nothing(server):
    log = Log().read(server.connector())
    before, batches = server.times("UID FETCH"), len(log.batches)
    log.read(server.connector())
    assert (server.times("UID FETCH"), len(log.batches)) == (before, batches)


def test_flags_that_make_a_draft_or_trash_are_noticed(server):
    log = Log().read(server.connector())
    header, _ = server.boxes["INBOX"].messages[4]
    server.boxes["INBOX"].messages[4] = header, r"\Deleted \Draft"
    roles = {m.message_id: m.roles for m in log.read(server.connector()).messages()}
    assert roles["<4@client.example>"] == (Role.DRAFTS, Role.TRASH)
    assert log.ids() == ALL
    server.boxes["INBOX"].messages[4] = header, r"\Seen"
    assert {m.message_id: m.roles for m in log.read(server.connector()).messages()}["<4@client.example>"] == ()


def test_many_messages_are_listed_in_parts(server, monkeypatch):
    monkeypatch.setattr(imap_folders, "WINDOW", 7)
    assert Log().read(server.connector()).ids() == ALL
    assert [line for line in server.asked if line.startswith("UID SEARCH 34:*")]
    assert [line for line in server.asked if line.startswith("UID SEARCH 1:5")]


def test_names_with_dots_are_paths(server):
    server.boxes["INBOX.Sent.2024"] = Box()
    server.boxes["INBOX.Sent.2024"].put(1)
    (message,) = (m for m in Log().read(server.connector()).messages() if m.folders[0].startswith("INBOX/"))
    assert (message.folders, message.roles) == (("INBOX/Sent/2024",), (Role.SENT,))


@pytest.mark.parametrize("start", ["CAPABILITY", "LOGIN", "LIST", "STATUS", "EXAMINE", "UID SEARCH", "UID FETCH"])
@pytest.mark.parametrize(
    "answer", ["drop", "* BYE [UNAVAILABLE] going down", "* what is this", "TAG NO [UNAVAILABLE] later"]
)
def test_what_passes_is_tried_again(server, start, answer):
    server.fault = once(start, answer)
    assert Log().read(server.connector()).ids() == ALL


@pytest.mark.parametrize("code", ["[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[THROTTLED]", "Too many connections:"])
def test_a_busy_server_is_waited_for_and_then_left(server, code):
    server.fault = lambda command: f"TAG NO {code} {SECRET}" if command.startswith("UID FETCH") else None
    log = Log()
    error = failure(server, log)
    assert (error.what, error.where, error.code) == ("the server is busy", "127.0.0.1", Exit.TEMPORARY)
    assert server.times("UID FETCH") == 3
    assert log.skipped == {}
    server.fault = lambda _: None
    assert log.read(server.connector()).ids() == ALL


def test_a_server_that_says_when_to_come_again(server):
    waits: list[float] = []
    server.fault = once("UID FETCH", "TAG BAD Request is throttled. Suggested Backoff Time: 41000 milliseconds")
    assert Log().read(server.connector(Patience(sleep=waits.append))).ids() == ALL
    assert [int(wait) for wait in waits] == [41]


def test_after_a_break_the_same_messages_are_asked_for_again(server):
    server.fault = once("UID FETCH", "drop")
    Log().read(server.connector())
    sizes = [len(line.split()[2].split(",")) for line in server.asked if line.startswith("UID FETCH")]
    assert sizes == [40, 40, 1]


@pytest.mark.parametrize("how", ["drop", "no", "garbled"])
@pytest.mark.parametrize("uid", [1, 17, 40])
def test_one_message_at_which_the_server_fails_costs_no_other(server, how, uid):
    server.fault = fails_at(uid, how)
    log = Log().read(server.connector())
    assert log.ids() == without(uid)
    assert log.skipped == {"refused": 1}
    assert all(position.complete for position in log.positions.values())
    batches = len(log.batches)
    log.read(server.connector())
    assert (log.skipped, len(log.batches)) == ({"refused": 1}, batches)
    server.fault = lambda _: None
    log.read(server.connector())
    assert (log.ids(), log.skipped) == (ALL, {})


def test_a_failing_message_that_is_deleted_is_counted_no_more(server):
    server.fault = fails_at(9, "no")
    log = Log().read(server.connector())
    del server.boxes["INBOX"].messages[9]
    assert log.read(server.connector()).skipped == {}


def test_a_message_that_is_listed_and_never_given_is_counted(server):
    def silent(command: str) -> str | None:
        uids = command.split()[2].split(",") if command.startswith("UID FETCH") else []
        return DONE if uids == ["5"] else None

    server.boxes["INBOX"] = Box()
    server.boxes["INBOX"].put(5)
    server.fault = silent
    log = Log().read(server.connector())
    assert (log.ids(), log.skipped) == (["<sent@home.example>"], {"refused": 1})


def test_a_message_that_vanishes_before_it_is_fetched_is_not_counted(server):
    def vanishing(command: str) -> str | None:
        if command.startswith("UID FETCH"):
            server.boxes["INBOX"].messages.pop(6, None)
        return None

    server.fault = vanishing
    log = Log().read(server.connector())
    assert (log.ids(), log.skipped) == (without(6), {})


def test_a_server_that_fails_at_everything_is_left_without_blaming_every_message(server):
    server.fault = lambda command: "TAG NO [SERVERBUG] disk" if command.startswith("UID FETCH") else None
    log = Log()
    error = failure(server, log)
    assert error.code == Exit.TEMPORARY
    assert log.skipped == {"refused": HOPELESS + 1}
    server.fault = lambda _: None
    log.read(server.connector())
    assert (log.ids(), log.skipped) == (ALL, {})


@pytest.mark.parametrize(
    "arrived", ["NIL", '"31-Dec-9999 23:00:00 -1200"', '"99-Foo-2026 10:00:00 +0200"', '"03-Aug-2026 10:00:00 +9900"']
)
def test_a_time_that_is_none(server, arrived):
    server.arrived = arrived
    assert {message.received_at for message in Log().read(server.connector()).messages()} == {None}


def test_the_servers_time_is_taken_in_utc(server):
    times = {message.received_at for message in Log().read(server.connector()).messages()}
    assert times == {datetime(2026, 8, 3, 8, tzinfo=UTC)}


def test_a_folder_with_messages_that_are_not_listed_is_not_taken_for_empty(server):
    log = Log().read(server.connector())
    server.boxes["INBOX"].put(90)
    server.boxes["Sent"].put(190)
    server.fault = lambda command: "* SEARCH\r\nTAG OK done" if command.startswith("UID SEARCH") else None
    assert log.read(server.connector()).ids() == ALL
    assert log.skipped == {"shown_partly": 2}
    server.fault = lambda _: None
    assert log.read(server.connector()).ids() == sorted([*ALL, "<90@client.example>", "<190@client.example>"])
    assert log.skipped == {}


def test_a_message_without_any_header_is_counted_once(server):
    server.boxes["INBOX"].put(50, "X-Nothing: here")
    log = Log().read(server.connector())
    fetches = server.times("UID FETCH")
    log.read(server.connector())
    assert (log.ids(), log.skipped) == (ALL, {"not_a_message": 1})
    assert server.times("UID FETCH") == fetches


def test_a_long_header_is_asked_for_alone(server):
    long = "References: " + "\r\n ".join(f"<{n}@{'x' * 90}.example>" for n in range(2000))
    server.boxes["INBOX"].put(60, "Message-ID: <long@client.example>", long)
    (message,) = (m for m in Log().read(server.connector()).messages() if m.message_id == "<long@client.example>")
    assert len(message.references) == 2000
    asked = [line for line in server.asked if line.startswith("UID FETCH") and f"<0.{PIECE}>" not in line]
    assert [line.split()[2] for line in asked] == ["60"]


def test_a_folder_that_may_not_be_opened_is_counted_once_and_the_others_are_read(server):
    for name in ("Closed", "Shut"):
        server.boxes[name] = Box()
        server.boxes[name].put(1, "Message-ID: <closed@client.example>")
    denied = ('STATUS "Closed"', 'EXAMINE "Shut"')
    server.fault = lambda command: "TAG NO [NOPERM] no" if command.startswith(denied) else None
    log = Log().read(server.connector()).read(server.connector())
    assert (log.ids(), log.skipped) == (ALL, {"folder_closed": 2})
    server.fault = lambda _: None
    log.read(server.connector())
    assert (log.ids(), log.skipped) == (sorted([*ALL, *["<closed@client.example>"] * 2]), {})


@pytest.mark.parametrize("messages", [900, 1199])
def test_a_folder_that_closes_while_it_is_read_is_read_on_later(server, messages):
    for uid in range(41, messages + 1):
        server.boxes["INBOX"].put(uid)
    fetches = 0

    def closing(command: str) -> str | None:
        nonlocal fetches
        fetches += command.startswith("UID FETCH")
        return "TAG NO [NONEXISTENT] renamed" if command.startswith('EXAMINE "INBOX"') and fetches == 2 else None

    server.fault = closing
    log = Log().read(server.connector())
    assert len(log.ids()) == 501
    assert not log.positions["INBOX"].complete
    server.fault = lambda _: None
    assert len(log.read(server.connector()).ids()) == messages + 1


def test_while_a_folder_is_closed_nothing_is_missed_elsewhere(server):
    log = Log().read(server.connector())
    server.boxes["Sent"].messages[102] = server.boxes["INBOX"].messages.pop(40)
    opened = 0

    def closing(command: str) -> str | None:
        nonlocal opened
        opened += command == 'EXAMINE "Sent"'
        return "TAG NO [INVALID] not now" if command == 'EXAMINE "Sent"' and opened == 2 else None

    server.fault = closing
    log.read(server.connector())
    server.fault = lambda _: None
    assert log.ids() == ALL
    assert log.read(server.connector()).ids() == ALL
    assert {message.key for message in log.messages() if message.message_id == "<40@client.example>"} == {"102"}


def test_a_folder_that_is_numbered_anew_while_it_is_read_is_not_mixed_up(server):
    def renumbered(command: str) -> str | None:
        inbox = server.boxes["INBOX"]
        if command.startswith("UID FETCH") and inbox.validity == 7:
            inbox.validity, inbox.messages = 8, {41 - uid: kept for uid, kept in inbox.messages.items()}
            return "drop"
        return None

    server.fault = renumbered
    log = Log().read(server.connector())
    assert log.ids() == ["<sent@home.example>"]
    log.read(server.connector())
    assert log.ids() == ALL
    assert {m.key for m in log.messages() if m.message_id == "<40@client.example>"} == {"1"}


def test_a_forgotten_message_stays_forgotten_whatever_its_flags(server, tmp_path):
    server.boxes["INBOX"].put(70, "From: Nobody <forgotten@client.example>", "Subject: without an id")
    with Store.open(tmp_path / "store.sqlite", write=True) as store:

        def read() -> None:
            for batch in server.connector().read(store, NOW):
                store.append(batch)

        read()
        assert store.forget(["forgotten@client.example"]) == 1
        server.boxes["INBOX"].messages[70] = server.boxes["INBOX"].messages[70][0], r"\Deleted"
        read()
        assert store.load().num_rows == len(ALL)


@pytest.mark.parametrize("answer", [DONE, "TAG NO not now", '* LIST () "." "Other"\r\nTAG OK done'])
def test_a_list_of_folders_that_lacks_the_inbox_erases_nothing(server, answer):
    log = Log().read(server.connector())
    server.fault = lambda command: answer if command.startswith("LIST") else None
    assert failure(server, log).code == Exit.TEMPORARY
    assert log.ids() == ALL


def test_a_folder_that_is_only_left_out_of_the_list_is_kept(server):
    log = Log().read(server.connector())
    server.fault = lambda command: '* LIST () "." "INBOX"\r\nTAG OK done' if command.startswith("LIST") else None
    assert log.read(server.connector()).ids() == ALL


def test_a_mailbox_without_a_folder_for_sent_mail_is_told_once(server):
    sent = server.boxes.pop("Sent")
    log = Log().read(server.connector()).read(server.connector())
    assert log.skipped == {"no_sent_folder": 1}
    server.boxes["Verzonden"] = sent
    log.read(server.connector())
    assert (log.skipped, log.ids()) == ({}, ALL)


@pytest.mark.parametrize("text", ["[AUTHENTICATIONFAILED]", "[AUTHORIZATIONFAILED]", "[EXPIRED]", "Invalid"])
@pytest.mark.parametrize("capabilities", ["IMAP4rev1", "IMAP4rev1 AUTH=PLAIN"])
def test_a_wrong_password_is_tried_once(server, text, capabilities):
    server.capabilities = capabilities
    server.fault = lambda command: f"TAG NO {text} {SECRET}" if command.startswith(("LOGIN", "AUTH")) else None
    error = failure(server)
    assert (error.where, error.code) == ("127.0.0.1", Exit.LOGIN)
    assert "mailcare login NAME" in error.todo
    assert server.times("LOGIN") + server.times("AUTHENTICATE") == 1


def test_an_account_that_is_in_use_is_waited_for(server):
    server.fault = lambda command: "TAG NO [LIMIT] connections" if command.startswith("LOGIN") else None
    assert failure(server).code == Exit.TEMPORARY
    assert server.times("LOGIN") == 3


def test_a_server_that_wants_encryption(server):
    server.fault = lambda command: "TAG NO [PRIVACYREQUIRED] TLS!" if command.startswith("LOGIN") else None
    error = failure(server)
    assert (error.code, "tls" in error.todo) == (Exit.USAGE, True)
    server.capabilities = "IMAP4rev1 LOGINDISABLED"
    assert failure(server).code == Exit.USAGE
    assert server.times("LOGIN") == 1


def test_where_login_is_disabled_plain_is_used(server):
    server.capabilities = "IMAP4rev1 LOGINDISABLED AUTH=PLAIN"
    assert Log().read(server.connector()).ids() == ALL
    assert "AUTHENTICATE PLAIN" in server.asked


def test_a_user_name_is_quoted(server):
    Log().read(server.connector(user='HOME\\me "x"'))
    assert any(line.startswith(r'LOGIN "HOME\\me \"x\"" ') for line in server.asked)


def test_other_letters_need_another_way_than_login(server):
    assert failure(server, user="jürgen").code == Exit.LOGIN


@pytest.mark.parametrize("auth", ["xoauth2", "oauthbearer"])
def test_a_way_that_the_server_does_not_offer(server, auth):
    assert failure(server, auth=auth).code == Exit.USAGE


def test_starttls_that_the_server_does_not_offer(server):
    error = failure(server, security="starttls")
    assert (error.what, error.code) == ("the server offers no STARTTLS", Exit.USAGE)
    assert not server.times("LOGIN")


@pytest.mark.parametrize("greeting", ["* BYE [UNAVAILABLE] full", "220 mail.example ESMTP"])
def test_a_server_that_turns_us_away(server, greeting):
    server.greeting = greeting
    assert failure(server).code == Exit.TEMPORARY
    assert not server.logins


def test_a_token_is_asked_for_at_each_login(server, tmp_path):
    uses = tmp_path / "uses"
    server.capabilities = "IMAP4rev1 AUTH=XOAUTH2"
    server.fault = once("UID FETCH", "drop")
    command = ["sh", "-c", f"echo x >> {uses}; echo {SECRET}"]
    assert Log().read(server.connector(auth="xoauth2", token_command=command)).ids() == ALL
    assert uses.read_text().split() == ["x", "x"]


def test_a_moved_message_is_at_no_moment_missing(server):
    log = Log().read(server.connector())
    server.boxes["Sent"].messages[102] = server.boxes["INBOX"].messages.pop(40)
    server.boxes["New"] = Box()
    server.boxes["New"].messages[1] = server.boxes["INBOX"].messages.pop(39)
    server.boxes["Renamed"] = Box(dict(server.boxes["Sent"].messages), attributes=r"\Sent")
    del server.boxes["Sent"]
    server.boxes["INBOX"].validity += 1
    for batch in server.connector().read(log, NOW):
        log.add(batch)
        assert set(log.ids()) >= set(ALL)
    assert sorted(set(log.ids())) == ALL
    assert len(log.ids()) == len(ALL)
