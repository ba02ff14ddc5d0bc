"""The exchange connector against the strict EWS server: who may look, where, and what comes of moves and folders."""

import shlex
import socket
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.exchange.connector import Exchange
from connectors.exchange.folders import MailFolder
from connectors.exchange.items import message
from connectors.exchange.mailbox import Changes, ExchangeMailbox
from connectors.exchange.services import QUIET, is_mail
from mailcare.errors import Exit, MailcareError
from mailcare.mail.message import Field, Mark, Message, Person, Role
from tests.counterparts.counterpart import impatient
from tests.counterparts.exchange.server import DELEGATE, PASSWORD, SERVICE, STRANGER, TOKEN, EwsServer
from tests.counterparts.letters import OWNER, START, letter, mailbox
from tests.counterparts.log import NOW, Log
from tests.counterparts.vaults import MemoryVault


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


class Somebody:
    """Types what is asked for."""

    browser = False

    def __init__(self, answer: str) -> None:
        self.answer, self.asked, self.told = answer, [], []

    def tell(self, text: str) -> None:
        self.told.append(text)

    def ask(self, prompt: str) -> str:
        self.asked.append(prompt)
        return self.answer


def failure(connector: Exchange, log: Log | None = None) -> MailcareError:
    with pytest.raises(MailcareError) as error:
        (log or Log()).read(connector)
    return error.value


def unusable(**options: Any) -> MailcareError:
    with pytest.raises(MailcareError) as error:
        Exchange({"mailbox": OWNER} | options, MemoryVault())
    assert error.value.code == Exit.USAGE
    return error.value


def since(log: Log, batches: int) -> tuple[list[Message], list[str]]:
    """What came and what was removed after so many batches."""
    later = log.batches[batches:]
    return [one for batch in later for one in batch.messages], [key for batch in later for key in batch.removed]


def by_id(log: Log, id: str) -> Message:
    return next(one for one in log.messages() if one.message_id == id)


def test_the_password_is_sent_once_and_no_more_when_it_is_wrong(filled):
    error = failure(filled.connector(password="wrong"))
    assert (error.code, error.where, len(filled.logins)) == (Exit.LOGIN, "127.0.0.1", 1)
    assert "mailcare login NAME" in error.todo
    assert "it offers basic" in error.what


def test_an_unknown_user_and_another_way_to_log_in(filled):
    assert failure(filled.connector(user="who@home.example")).code == Exit.LOGIN
    assert failure(filled.connector(auth="ntlm")).code == Exit.LOGIN


def test_ntlm(filled, tmp_path, monkeypatch):
    users = tmp_path / "users"
    users.write_text(f":{OWNER}:{PASSWORD}\nHOME:me:{PASSWORD}\n", encoding="utf-8")
    monkeypatch.setenv("NTLM_USER_FILE", str(users))
    filled.ntlm = True
    for user in (OWNER, "HOME\\me"):
        connector = filled.connector(user=user, auth="ntlm")
        assert Log().read(connector).ids() == sorted(one.id for one in mailbox())
    filled.logins.clear()
    assert failure(filled.connector(auth="ntlm", password="wrong")).code == Exit.LOGIN
    assert filled.logins == ["NTLM", "NTLM"]
    assert "it offers negotiate, ntlm" in failure(filled.connector()).what


def test_no_password(filled):
    assert failure(filled.connector(password="")).code == Exit.LOGIN
    assert filled.logins == []


def test_a_user_name_with_a_domain(filled):
    failure(filled.connector(user="HOME\\me"))
    assert filled.logins == ["Basic " + b64encode(f"HOME\\me:{PASSWORD}".encode()).decode()]


@pytest.mark.parametrize(("password", "octets"), [("schlüssel", b"schl\xfcssel"), ("ключ", "ключ".encode())])
def test_a_password_beyond_ascii(filled, password, octets):
    failure(filled.connector(password=password))
    assert filled.logins == ["Basic " + b64encode(OWNER.encode() + b":" + octets).decode()]


def test_login_tries_the_password_and_keeps_it(there):
    vault, person = MemoryVault(), Somebody(PASSWORD)
    connector = Exchange({"mailbox": OWNER, "service_endpoint": there.url, "auth": "basic"}, vault, impatient())
    connector.login(person)
    assert (vault.secrets, len(person.asked)) == ({"password": PASSWORD}, 1)
    assert Log().read(connector).messages() == []


def test_login_keeps_no_wrong_password(there):
    vault = MemoryVault()
    connector = Exchange({"mailbox": OWNER, "service_endpoint": there.url, "auth": "basic"}, vault, impatient())
    with pytest.raises(MailcareError) as error:
        connector.login(Somebody("wrong"))
    assert (error.value.code, vault.secrets, len(there.logins)) == (Exit.LOGIN, {}, 1)


def test_login_asks_for_nothing_that_comes_from_elsewhere(there, tmp_path):
    path = tmp_path / "password"
    path.write_text(PASSWORD + "\n", encoding="utf-8")
    person = Somebody("")
    there.connector(password_file=str(path)).login(person)
    assert (person.asked, len(person.told)) == ([], 1)


def test_a_delegate_and_an_impersonator_see_the_same(filled):
    own = Log().read(filled.connector()).ids()
    assert Log().read(filled.connector(user=DELEGATE)).ids() == own
    assert Log().read(filled.connector(user=SERVICE, access="impersonation")).ids() == own
    assert b"<t:PrimarySmtpAddress>me@home.example<" in filled.wire()


def test_who_may_neither(filled):
    assert "may not open this mailbox" in failure(filled.connector(user=STRANGER)).what
    assert "may not impersonate" in failure(filled.connector(user=DELEGATE, access="impersonation")).what
    assert "may not impersonate" in failure(filled.connector(user=STRANGER, access="impersonation")).what


def test_a_mailbox_that_is_not_there(filled):
    for access in ("delegate", "impersonation"):
        error = failure(filled.connector(mailbox="nowhere@home.example", user=SERVICE, access=access))
        assert (error.code, "no such mailbox" in error.what) == (Exit.USAGE, True)


def test_permission_withdrawn_keeps_what_was_read(filled):
    log = Log().read(filled.connector(user=DELEGATE))
    before = log.messages()
    filled.rights.clear()
    failure(filled.connector(user=DELEGATE), log)
    assert log.messages() == before


def test_a_folder_closed_to_the_user_is_left_as_it_was(filled):
    log = Log().read(filled.connector(user=DELEGATE))
    before = log.ids()
    filled.operations.closed.add(filled.archive)
    filled.put(letter(50))
    assert log.read(filled.connector(user=DELEGATE)).ids() == sorted([*before, letter(50).id])


def test_exchange_online_has_its_own_connector():
    for place in (
        {"server": "outlook.office365.com"},
        {"service_endpoint": "https://outlook.office.com/EWS/Exchange.asmx"},
        {"autodiscover": "https://autodiscover-s.OFFICE365.com/autodiscover/autodiscover.svc"},
    ):
        assert 'connector = "graph"' in str(unusable(**place))


def test_where_the_server_is_must_be_clear():
    assert unusable().where == "server"
    assert unusable(server="mail.home.example", autodiscover=True).where == "server"
    assert unusable(server="mail.home.example", service_endpoint="https://mail.home.example/x").where == "server"
    assert unusable(server="me@mail.home.example").where == "server"
    assert unusable(autodiscover="yes").where == "autodiscover"
    assert unusable(autodiscover=1).where == "autodiscover"
    Exchange({"mailbox": OWNER, "autodiscover": True}, MemoryVault())


def test_nothing_goes_over_the_net_in_plain_text():
    assert "not encrypted" in unusable(service_endpoint="http://mail.home.example/EWS/Exchange.asmx").what
    assert "not encrypted" in unusable(autodiscover="http://mail.home.example/x").what


def test_values_that_make_no_sense():
    server = {"server": "mail.home.example"}
    assert unusable(**server, mailbox="me").where == "mailbox"
    assert unusable(**server, mailbox="@home.example").where == "mailbox"
    assert unusable(**server, auth="digest").where == "auth"
    assert unusable(**server, access="owner").where == "access"
    assert unusable(**server, version="Exchange95").where == "version"
    assert unusable(**server, timeout=0).where == "timeout"
    assert unusable(**server, ca_file="/nowhere.pem").where == "ca_file"
    assert unusable(**server, password=PASSWORD).where == "password"
    assert unusable(**server, folder="Inbox").where == "folder"


def test_kerberos_says_what_it_needs(monkeypatch):
    monkeypatch.setattr("connectors.exchange.access.kerberos_is_there", lambda: False)
    assert 'the extra "kerberos"' in unusable(server="mail.home.example", auth="kerberos").todo


def test_a_token(filled):
    assert Log().read(filled.connector(auth="oauth")).ids() == Log().read(filled.connector()).ids()
    assert f"Bearer {TOKEN}" in filled.logins


def test_a_token_that_expires_is_asked_for_again_once(filled, tmp_path):
    path = tmp_path / "token"
    path.write_text(TOKEN, encoding="utf-8")
    whole = Log().read(filled.connector()).ids()
    requests = len(filled.operations.asked)
    for expiring in range(1, requests):
        path.write_text("token-1", encoding="utf-8")
        filled.tokens = {"token-1": OWNER}
        filled.operations.asked.clear()

        def expire(_: str, at: int = expiring) -> None:
            if len(filled.operations.asked) == at:
                filled.tokens = {"token-2": OWNER}
                path.write_text("token-2", encoding="utf-8")

        filled.operations.before = expire
        sent = len(filled.logins)
        assert Log().read(filled.connector(auth="oauth", token_file=str(path))).ids() == whole
        assert filled.logins[sent:].count("Bearer token-1") == expiring + 1


def test_a_revoked_token_is_sent_once(filled):
    filled.tokens = {}
    assert failure(filled.connector(auth="oauth")).code == Exit.LOGIN
    assert len(filled.logins) == 1


def test_a_token_from_a_command(filled):
    command = shlex.join([sys.executable, "-c", f"print({TOKEN!r})"])
    assert Log().read(filled.connector(auth="oauth", token_command=command)).ids()


def test_no_server_there(there):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/EWS/Exchange.asmx"
        error = failure(there.connector(service_endpoint=url))
    assert (error.code, error.what) == (Exit.TEMPORARY, "the server refuses the connection")


def test_another_path_on_the_server(there):
    error = failure(there.connector(service_endpoint=there.url.replace("EWS", "ews-old")))
    assert (error.code, "HTTP 404" in error.what) == (Exit.USAGE, True)


def test_well_known_folders_whatever_their_language(filled):
    log = Log().read(filled.connector())
    seen = {(one.folders, one.roles) for one in log.messages()}
    assert seen == {
        (("Posteingang",), ()),
        (("Archiv",), ()),
        (("Gesendete Elemente",), (Role.SENT,)),
        (("Entwürfe",), (Role.DRAFTS,)),
        (("Junk-E-Mail",), (Role.SPAM,)),
        (("Gelöschte Elemente",), (Role.TRASH,)),
    }


def test_a_folder_in_a_folder_is_for_what_that_is_for(there):
    trash = there.folder("trash")
    inner = there.mailbox.add_folder("2025", there.mailbox.add_folder("Alt", trash).id)
    there.mailbox.deliver(letter(1).raw, inner.id, letter(1).arrived)
    [found] = Log().read(there.connector()).messages()
    assert (found.folders, found.roles) == (("Gelöschte Elemente/Alt/2025",), (Role.TRASH,))


def test_a_list_of_folders_that_comes_in_pages(filled):
    filled.operations.hierarchy_page = 2
    assert Log().read(filled.connector()).ids() == sorted(one.id for one in mailbox())


def test_a_list_of_folders_that_lacks_the_inbox_erases_nothing(filled):
    log = Log().read(filled.connector())
    before = log.ids()
    inbox = filled.mailbox.folders[filled.folder("inbox")]
    filled.operations.before = lambda asked: (
        setattr(inbox, "tag", "CalendarFolder") if asked == "SyncFolderHierarchy" else None
    )
    assert failure(filled.connector(), log).code == Exit.TEMPORARY
    assert log.ids() == before


def test_what_is_no_mail_is_left_out(there):
    box, inbox = there.mailbox, there.folder("inbox")
    kinds = ["IPM.Appointment", "IPM.Contact", "IPM.Task", "IPM.Post.RSS", "IPM.StickyNote", "IPM.Strange"]
    for kind in (*kinds, "IPM.Note.Microsoft.Conversation", "IPM.Note.SMIME.MultipartSigned"):
        box.deliver(letter(len(box.items)).raw, inbox, START, item_class=kind)
    calendar = box.special("calendar")
    assert calendar
    box.deliver(letter(20).raw, calendar.id, START)
    log = Log().read(there.connector())
    assert [one.message_id for one in log.messages()] == ["<letter-7@ann.example>"]
    assert all(position.complete for position in log.positions.values())


@pytest.mark.parametrize(
    ("item_class", "mail"),
    [
        *(("IPM.Note", True), ("ipm.note.SMIME.MultipartSigned", True), ("REPORT.IPM.Note.NDR", True), (None, True)),
        *(("IPM.Schedule.Meeting.Request", True), ("IPM.Notepad", False), ("REPORTING", False)),
        ("IPM.Note.Microsoft.Conversation.Voice", False),
    ],
)
def test_what_is_derived_from_mail_is_mail_and_what_begins_alike_is_not(item_class, mail):
    assert is_mail(item_class) == mail


@pytest.mark.parametrize(
    ("item_class", "mark"),
    [
        ("IPM.Schedule.Meeting.Request", Mark.MACHINE),
        ("IPM.Schedule.Meeting.Resp.Pos", Mark.MACHINE),
        ("IPM.Schedule.Meeting.Canceled", Mark.MACHINE),
        ("REPORT.IPM.Note.NDR", Mark.MACHINE),
        ("REPORT.IPM.Note.IPNRN", Mark.MACHINE),
        ("IPM.Note.Rules.OofTemplate.Microsoft", Mark.AUTO_REPLY),
        ("IPM.Note", Mark.NONE),
        ("IPM.Note.SMIME", Mark.NONE),
    ],
)
def test_the_class_of_an_item_tells_what_no_person_wrote(there, item_class, mark):
    there.mailbox.deliver(letter(1).raw, there.folder("inbox"), START, item_class=item_class, headers=False)
    [found] = Log().read(there.connector()).messages()
    assert (found.marks, found.message_id) == (mark, letter(1).id)


def test_without_internet_headers_the_properties_say_the_same(there):
    difficult = letter(
        3,
        f'To: "Me, \\"myself\\"" <{OWNER}>, Bo <bo@home.example>',
        "Cc: =?utf-8?q?J=C3=BCrgen?= <j@client.example>",
        "Reply-To: Desk <desk@client.example>",
        "Sender: Robot <robot@client.example>",
        "Subject: =?utf-8?b?R3LDvMOfZQ==?=",
        "In-Reply-To: <letter-1@ann.example>",
        "References: <letter-0@ann.example>\r\n <letter-1@ann.example>",
    )
    for headers in (True, False):
        there.mailbox.deliver(difficult.raw, there.folder("inbox"), difficult.arrived, headers=headers)
    first, second = Log().read(there.connector()).messages()
    assert replace(first, key="") == replace(second, key="")
    assert (first.subject, first.in_reply_to) == ("Grüße", ("<letter-1@ann.example>",))
    assert Person(Field.TO, 'Me, "myself"', OWNER) in first.people


def test_long_references_are_cut_in_lists_and_whole_in_the_message(there):
    ids = [f"<ref-{n}-{'x' * 60}@ann.example>" for n in range(40)]
    there.put(letter(1, "References: " + "\r\n ".join(ids), place="sent"))
    [found] = Log().read(there.connector()).messages()
    assert found.references == tuple(ids)


def test_conversations_come_from_the_server(there):
    there.put(letter(0))
    there.put(letter(1, "In-Reply-To: <letter-0@ann.example>", "References: <letter-0@ann.example>", place="sent"))
    there.put(letter(2))
    one, two, other = (by_id(log, letter(n).id) for log in [Log().read(there.connector())] for n in range(3))
    assert one.conversation == two.conversation != other.conversation
    assert (len(one.conversation_index), two.conversation_index[:-5]) == (22, one.conversation_index)


def test_a_person_known_by_an_x500_address_only_keeps_the_name():
    nobody = SimpleNamespace(name="Ann Other", email_address="/O=FIRM/CN=ANN", routing_type="EX")
    me = SimpleNamespace(name=OWNER, email_address=OWNER, routing_type="SMTP")
    item = SimpleNamespace(
        headers=None,
        author=nobody,
        sender=nobody,
        to_recipients=[me],
        subject="Hello",
        datetime_sent=START,
        datetime_received=START,
        item_class="IPM.Note",
        size=3,
        conversation_id=None,
    )
    found = message(item, "key", MailFolder("id", "Inbox", ()), NOW)
    assert found.people == (Person(Field.TO, "", OWNER), Person(Field.FROM, "Ann Other", ""))
    assert (found.sent_at, found.received_at, found.size) == (START, START, 3)
    assert found.sent_at.tzinfo is UTC


def test_moved_mail_is_stored_where_it_went_before_it_is_removed(filled):
    letters = mailbox()
    log = Log().read(filled.connector())
    batches = len(log.batches)
    for number in (0, 1, 2):
        filled.move(letters[number], "archive")
    for batch in filled.connector().read(log, NOW):
        log.add(batch)
        assert {one.id for one in letters} <= set(log.ids())
    came, removed = since(log, batches)
    assert (len(came), len(removed)) == (3, 3)
    assert log.ids() == sorted(one.id for one in letters)


def test_mail_moved_into_a_new_folder_is_read_before_it_is_removed_whatever_since(filled):
    letters = mailbox()
    log = Log().read(filled.connector())
    new = filled.mailbox.add_folder("Neu", filled.mailbox.root).id
    for number in (0, 1, 2):
        filled.mailbox.move(filled.id(letters[number]), new)
    for batch in filled.connector().read(log, NOW, NOW):
        log.add(batch)
        assert {one.id for one in letters} <= set(log.ids())
    assert log.ids() == sorted(one.id for one in letters)


def test_a_folder_renamed_is_read_anew_beside_the_old_one(filled):
    letters = mailbox()
    log = Log().read(filled.connector())
    filled.mailbox.folders[filled.archive].name = "Kunden"
    for batch in filled.connector().read(log, NOW):
        log.add(batch)
        assert log.ids() == sorted(one.id for one in letters)
    folders = {one.folders for one in log.messages()}
    assert ("Kunden",) in folders
    assert ("Archiv",) not in folders
    assert log.positions[filled.archive].generation == 2


def test_a_folder_thrown_away_becomes_trash_and_is_then_gone(filled):
    letters = mailbox()
    log = Log().read(filled.connector())
    archived = {one.id for one in letters if one.place == "archive"}
    filled.mailbox.folders[filled.archive].parent = filled.folder("trash")
    log.read(filled.connector())
    assert {one.message_id for one in log.messages() if Role.TRASH in one.roles} >= archived
    filled.mailbox.remove_folder(filled.archive)
    log.read(filled.connector())
    assert log.ids() == sorted(one.id for one in letters if one.place != "archive")
    assert log.positions[filled.archive].complete
    batches = len(log.batches)
    assert len(log.read(filled.connector()).batches) == batches


def test_mail_of_a_deleted_folder_that_lives_elsewhere_stays(filled):
    letters = mailbox()
    log = Log().read(filled.connector())
    for one in letters:
        if one.place == "archive":
            filled.move(one, "inbox")
    filled.mailbox.remove_folder(filled.archive)
    for batch in filled.connector().read(log, NOW):
        log.add(batch)
        assert set(log.ids()) == {one.id for one in letters}
    assert len(log.messages()) == len(letters)


def test_an_invalid_sync_state_and_a_run_cut_half_way(filled):
    letters = mailbox()
    log = Log().read(filled.connector())
    whole = Log().read(filled.connector())
    filled.expire()
    filled.remove(letters[5])
    filled.put(letter(70))
    rounds = 0
    while not all(position.generation == 2 and position.complete for position in log.positions.values()):
        log.read(filled.connector(), batches=1)
        rounds += 1
        assert set(whole.ids()) - {letters[5].id} <= set(log.ids())
    expected = [*letters[:5], *letters[6:], letter(70)]
    assert log.read(filled.connector()).ids() == sorted(one.id for one in expected)
    assert rounds > 6


def test_mail_that_arrives_during_the_reading_is_in_the_next(there):
    for number in range(30):
        there.put(letter(number))
    arriving = iter(range(100, 120))

    def arrive(_: str) -> None:
        if (number := next(arriving, None)) is not None:
            there.put(letter(number))

    there.operations.before = arrive
    log = Log().read(there.connector())
    list(map(arrive, arriving))
    there.operations.before = lambda _: None
    numbers = [*range(30), *(number for number in range(100, 120) if letter(number).id in there._ids)]
    assert log.read(there.connector()).ids() == sorted(letter(number).id for number in numbers)


def test_mail_that_vanishes_between_list_and_message_is_no_error(filled):
    letters = mailbox()

    def vanish(asked: str) -> None:
        if asked == "GetItem" and letters[3].id in filled._ids:
            filled.remove(letters[3])
            filled.move(letters[4], "archive")

    filled.operations.before = vanish
    log = Log().read(filled.connector())
    assert not log.skipped
    expected = sorted(one.id for one in letters if one is not letters[3])
    assert log.read(filled.connector()).ids() == expected


def test_a_changed_draft_is_read_again(there):
    there.put(letter(1, place="drafts"))
    log = Log().read(there.connector())
    there.mailbox.update(there.id(letter(1)), **{"item:Subject": "<t:Subject>Another</t:Subject>"})
    [found] = log.read(there.connector()).messages()
    assert found.subject == "Another"


def test_newest_first_whatever_the_folder_and_the_order_of_the_list(there):
    order = [5, 3, 30, 1, 11, 40, 2, 20, 41, 7]
    for number in order:
        there.put(letter(number, place="sent" if number % 2 else "inbox"))
    recent = START + timedelta(hours=3 * 11)
    log = Log().read(there.connector(), since=recent)
    assert log.ids() == sorted(letter(number).id for number in order if number >= 11)
    assert log.batches[-1].left == sum(number < 11 for number in order)
    batches, asked = len(log.batches), len(there.operations.asked)
    log.read(there.connector(), since=recent)
    assert since(log, batches) == ([], [])
    assert "GetItem" not in there.operations.asked[asked:]
    assert log.read(there.connector()).ids() == sorted(letter(number).id for number in order)


def test_a_second_run_does_little(filled):
    log = Log().read(filled.connector())
    batches, asked = len(log.batches), len(filled.operations.asked)
    log.read(filled.connector())
    assert len(log.batches) == batches
    mail_folders = 7
    assert sorted(filled.operations.asked[asked:]) == [
        "GetFolder",
        "SyncFolderHierarchy",
        *["SyncFolderItems"] * mail_folders,
    ]


def test_reading_changes_nothing_on_the_server(filled):
    before = repr((filled.mailbox.items, filled.mailbox.folders, filled.mailbox.events))
    log = Log().read(filled.connector())
    filled.put(letter(50))
    log.read(filled.connector())
    filled.remove(letter(50))
    del filled.mailbox.events[-2:]
    assert repr((filled.mailbox.items, filled.mailbox.folders, filled.mailbox.events)) == before


def test_autodiscover_names_the_endpoint(filled):
    service = filled.url.replace("/EWS/Exchange.asmx", "/autodiscover/autodiscover.svc")
    options = {"mailbox": OWNER, "autodiscover": service, "auth": "basic"}
    connector = Exchange(options, MemoryVault(password=PASSWORD), impatient())
    assert Log().read(connector).ids() == sorted(one.id for one in mailbox())


def test_autodiscover_may_lead_to_exchange_online(filled):
    filled.discovered = "https://outlook.office365.com/EWS/Exchange.asmx"
    service = filled.url.replace("/EWS/Exchange.asmx", "/autodiscover/autodiscover.svc")
    connector = Exchange({"mailbox": OWNER, "autodiscover": service, "auth": "basic"}, MemoryVault(password=PASSWORD))
    assert 'connector = "graph"' in str(failure(connector))
    wrong = Exchange({"mailbox": OWNER, "autodiscover": service, "auth": "basic"}, MemoryVault(password="wrong"))
    sent = len(filled.logins)
    assert failure(wrong).code == Exit.LOGIN
    assert len(filled.logins) == sent + 1


def test_an_older_server_is_spoken_to_in_its_own_version(filled, monkeypatch):
    monkeypatch.setattr("tests.counterparts.exchange.operations.VERSIONS", {"Exchange2010_SP2"})
    log = Log().read(filled.connector(version="Exchange2016"))
    assert log.ids() == sorted(one.id for one in mailbox())


def test_headers_that_the_server_has_decoded_are_told_apart_by_its_own_list():
    hans = SimpleNamespace(name="Müller, Hans", email_address="hans@client.example", routing_type="SMTP")
    eva = SimpleNamespace(name="Grün, Eva", email_address=OWNER, routing_type="SMTP")
    robert = SimpleNamespace(name="Robert", email_address="bob@client.example", routing_type="SMTP")
    headers = {
        "From": "Müller, Hans <hans@client.example>",
        "To": f"Grün, Eva <{OWNER}>",
        "Cc": "Bob <bob@client.example>",
    }
    item = SimpleNamespace(
        headers=[SimpleNamespace(name=name, value=value) for name, value in headers.items()],
        author=hans,
        sender=hans,
        to_recipients=[eva],
        cc_recipients=[robert],
        **dict.fromkeys(["datetime_received", "datetime_sent", "subject", "item_class", "size", "conversation_id"]),
    )
    people = [(one.name, one.address) for one in message(item, "key", MailFolder("id", "Inbox", ()), NOW).people]
    assert people == [("Müller, Hans", "hans@client.example"), ("Grün, Eva", OWNER), ("Bob", "bob@client.example")]


def test_mail_that_is_moved_while_it_is_read_is_never_missing(filled, monkeypatch):
    log = Log().read(filled.connector())
    before, changes, asked = sorted(log.ids()), ExchangeMailbox.changes, list[str]()

    def moving(mailbox_: ExchangeMailbox, folder: str, state: str) -> Changes:
        page = changes(mailbox_, folder, state)
        asked.append(folder)
        if len(asked) == 1:
            place = next(place for place in ("inbox", "archive", "sent") if filled.folder(place) == folder)
            filled.move(next(one for one in mailbox() if one.place != place and one.place != "sent"), place)
        return page

    monkeypatch.setattr(ExchangeMailbox, "changes", moving)
    for batch in filled.connector().read(log, NOW):
        log.add(batch)
        assert set(log.ids()) == set(before)
    monkeypatch.undo()
    assert sorted(log.read(filled.connector()).ids()) == before


def test_changes_without_end_come_to_one(filled, monkeypatch):
    pages = count(1)
    monkeypatch.setattr(ExchangeMailbox, "changes", lambda *_: Changes(f"state {next(pages)}", False, False))
    with pytest.raises(MailcareError, match="come to no end") as error:
        Log().read(filled.connector())
    assert (error.value.code, next(pages)) == (Exit.TEMPORARY, QUIET + 1)


def test_since_holds_for_a_first_reading_that_was_cut_among_its_lists(filled):
    since = mailbox()[-1].arrived
    whole = Log().read(filled.connector(), since=since)
    recent = whole.ids()
    assert len(recent) < len(mailbox())
    for batches in range(1, len(whole.batches)):
        log = Log().read(filled.connector(), batches, since=since)
        assert log.read(filled.connector(), since=since).ids() == recent
