"""Outlook's files: data files (.pst, .ost), saved messages (.msg), archives of Outlook for Mac (.olm)."""

import os
import sys
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import olefile
import pytest

from connectors.files.connector import Files
from connectors.files.formats import mapi
from mailcare.errors import MailcareError
from mailcare.mail.message import Fault, Field, Mark, Message, Person, Role
from tests.counterparts.log import Log
from tests.counterparts.vaults import MemoryVault
from tests.samples.outlook import BODIES, Properties, email, msg, olm, stored

BODY = "THE BODY THAT NOBODY READS"
SUBMITTED = datetime(2026, 9, 1, 10, tzinfo=UTC)
DELIVERED = datetime(2026, 9, 1, 10, 0, 7, tzinfo=UTC)
INDEX = bytes(range(27))
TRANSPORT = (
    "Received: from a by b; Tue, 1 Sep 2026 10:00:05 +0000\r\n"
    "From: Ann <ann@example.com>\r\nTo: me@example.com\r\nDate: Tue, 1 Sep 2026 10:00:00 +0000\r\n"
    "Message-ID: <1@example.com>\r\nAuto-Submitted: auto-generated\r\n\r\nTo: nobody@example.com\r\n"
)
SENT: Properties = {
    mapi.CLASS: "IPM.Note",
    mapi.SUBJECT: "\1\5Re: Lunch",
    mapi.SUBMITTED: SUBMITTED,
    mapi.DELIVERED: DELIVERED,
    mapi.CONVERSATION_INDEX: INDEX,
    mapi.IN_REPLY_TO: "<0@example.com>",
    mapi.REFERENCES: "<00@example.com> <0@example.com>",
    0x0042: "Me",
    0x0064: "EX",
    0x0065: "/O=EXAMPLE/OU=X/CN=RECIPIENTS/CN=ME",
    0x5D02: "me@example.com",
    **dict.fromkeys(BODIES, BODY),
}
"""A message in Sent Items: it has neither transport headers nor a Message-ID."""
ANN: Properties = {0x0C15: 1, 0x3001: "Ann", 0x3002: "SMTP", 0x3003: "ann@example.com"}
CY: Properties = {0x0C15: 2, 0x3001: "Cy", 0x3002: "EX", 0x3003: "/O=EXAMPLE/OU=X/CN=RECIPIENTS/CN=CY"}
CY_TOLD: Properties = {**CY, 0x39FE: "cy@example.com"}


def read(path: Path, log: Log | None = None) -> Log:
    return (log or Log()).read(Files({"path": str(path)}, MemoryVault()))


def only(path: Path) -> Message:
    (message,) = read(path).messages()
    return message


def people(message: Message) -> list[tuple[Field, str, str]]:
    return [tuple(person) for person in message.people]  # type: ignore[misc]


def test_a_saved_message_without_transport_headers(tmp_path: Path):
    path = tmp_path / "Sent Items" / "Re Lunch.msg"
    path.parent.mkdir()
    path.write_bytes(msg(SENT, [ANN, CY_TOLD]))
    message = only(tmp_path)
    assert people(message) == [
        (Field.FROM, "Me", "me@example.com"),
        (Field.TO, "Ann", "ann@example.com"),
        (Field.CC, "Cy", "cy@example.com"),
    ]
    assert (message.subject, message.sent_at, message.received_at) == ("Re: Lunch", SUBMITTED, DELIVERED)
    assert message.in_reply_to == ("<0@example.com>",)
    assert message.references == ("<00@example.com>", "<0@example.com>")
    assert message.conversation_index == INDEX
    assert (message.folders, message.roles) == (("Sent Items",), (Role.SENT,))
    assert message.faults == (Fault.NO_MESSAGE_ID,)


def test_transport_headers_go_before_properties(tmp_path: Path):
    path = tmp_path / "a.msg"
    path.write_bytes(msg({**SENT, mapi.TRANSPORT: TRANSPORT, mapi.SUBJECT: "Lunch?"}, [CY]))
    message = only(path)
    assert people(message)[:2] == [(Field.FROM, "Ann", "ann@example.com"), (Field.TO, "", "me@example.com")]
    assert (message.message_id, message.subject, message.marks) == ("<1@example.com>", "Lunch?", Mark.MACHINE)
    assert message.faults == (Fault.ADDRESS_BROKEN,)


@pytest.mark.parametrize(
    ("kind", "marks"),
    [
        ("IPM.Note", Mark.NONE),
        ("IPM.Note.SMIME.MultipartSigned", Mark.NONE),
        ("REPORT.IPM.Note.NDR", Mark.MACHINE),
        ("IPM.Schedule.Meeting.Request", Mark.MACHINE),
        ("IPM.Note.Rules.OofTemplate.Microsoft", Mark.AUTO_REPLY),
    ],
)
def test_marks_by_the_class(tmp_path: Path, kind: str, marks: Mark):
    path = tmp_path / "a.msg"
    path.write_bytes(msg({**SENT, mapi.CLASS: kind}))
    assert only(path).marks == marks


def test_who_can_not_be_resolved_is_counted(tmp_path: Path):
    path = tmp_path / "a.msg"
    path.write_bytes(msg({**SENT, 0x5D02: ""}, [ANN, CY]))
    message = only(path)
    assert people(message) == [(Field.FROM, "Me", ""), (Field.TO, "Ann", "ann@example.com")]
    assert message.faults.count(Fault.ADDRESS_BROKEN) == 2


def test_names_of_recipients_that_are_not_kept_are_counted(tmp_path: Path):
    path = tmp_path / "a.msg"
    path.write_bytes(msg({**SENT, 0x0E04: "Ray, Ann; bo@example.com", 0x0E03: ""}))
    message = only(path)
    assert people(message)[1:] == [(Field.TO, "", "bo@example.com")]
    assert message.faults.count(Fault.ADDRESS_BROKEN) == 1


@pytest.mark.parametrize(("flags", "delivered", "roles"), [(8, 0, (Role.DRAFTS,)), (8, 1, ()), (0, 0, ())])
def test_what_was_never_sent_is_a_draft(tmp_path: Path, flags: int, delivered: int, roles: tuple[Role, ...]):
    path = tmp_path / "a.msg"
    kept = {number: value for number, value in SENT.items() if delivered or number != mapi.DELIVERED}
    path.write_bytes(msg({**kept, mapi.FLAGS: flags}, [ANN]))
    assert only(path).roles == roles


@pytest.mark.parametrize(
    ("code_page", "octets", "text"),
    [
        (0, b"caf\xe9 \x80", "café €"),
        (1251, "Привет".encode("cp1251"), "Привет"),
        (936, "会议".encode("gbk"), "会议"),
        (65001, "é会".encode(), "é会"),
        (28592, "ő".encode("iso8859_2"), "ő"),
        (99999, b"caf\xe9", "café"),
    ],
)
def test_text_by_code_page(code_page: int, octets: bytes, text: str):
    assert mapi.Properties({1: (0x1E, octets + b"\0")}, code_page).text(1) == text
    by_itself = {1: (0x1E, octets), mapi.CODE_PAGE: (3, code_page.to_bytes(4, "little"))}
    assert mapi.Properties(by_itself).text(1) == text


def test_properties_of_the_wrong_kind_are_none():
    odd = mapi.Properties({1: (0x0102, b"x"), 2: (0x40, b"\xff" * 8), 3: (0x40, bytes(8))})
    assert (odd.text(1), odd.moment(2), odd.moment(3), odd.moment(4), odd.number(5)) == ("", None, None, None, 0)


def test_no_stream_of_a_body_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.msg"
    path.write_bytes(msg(SENT, [ANN], more={"__attach_version1.0_#00000000/__substg1.0_37010102": BODY.encode()}))
    opened: list[str] = []
    streams = olefile.OleFileIO.openstream

    def openstream(self: Any, name: str) -> Any:
        opened.append(name)
        return streams(self, name)

    monkeypatch.setattr(olefile.OleFileIO, "openstream", openstream)
    log = read(path)
    assert BODY not in repr(log.batches)
    numbers = {int(name.rpartition("_")[2][:4], 16) for name in opened if "substg" in name}
    assert numbers
    assert numbers <= mapi.OF_MESSAGE | mapi.OF_RECIPIENT
    assert not any("attach" in name for name in opened)


def test_no_body_is_among_what_is_wanted():
    assert not (mapi.OF_MESSAGE | mapi.OF_RECIPIENT).intersection(BODIES)


def test_a_saved_contact_is_no_mail(tmp_path: Path):
    (tmp_path / "a.msg").write_bytes(msg({mapi.CLASS: "IPM.Contact", 0x3001: "Ann"}))
    (tmp_path / "b.msg").write_bytes(msg(SENT))
    log = read(tmp_path)
    assert len(log.messages()) == 1
    assert log.skipped.total() == 1


@pytest.mark.parametrize("cut", [600, 2000, -100])
def test_a_saved_message_that_is_cut_off(tmp_path: Path, cut: int):
    (tmp_path / "a.msg").write_bytes(msg(SENT, [ANN])[:cut])
    (tmp_path / "b.msg").write_bytes(msg(SENT))
    assert read(tmp_path).messages()


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("olefile", "pypff"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.usefixtures("without")
@pytest.mark.parametrize(
    ("name", "content", "package"),
    [("a.msg", msg(SENT), "olefile"), ("a.pst", b"!BDN\0\0\0\0SM" + bytes(1000), "libpff-python")],
)
def test_without_the_extra_the_error_says_what_brings_it(tmp_path: Path, name: str, content: bytes, package: str):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(MailcareError, match=f"pipx inject mailcare {package}"):
        read(tmp_path / name)


# --- Outlook for Mac ---

INBOX = "Accounts/me@example.com/com.microsoft.__Messages/Inbox"
LETTER = email(
    BODY,
    {
        "FromAddresses": [("Ann", "ann@example.com")],
        "SenderAddress": [("Ann", "ann@example.com")],
        "ToAddresses": [("", "me@example.com")],
    },
    Subject="Lunch?",
    SentTime="2026-09-01T10:00:00",
    ReceivedTime="2026-09-01T10:00:07",
    MessageID="1@example.com",
    References="00@example.com 0@example.com",
    ThreadIndex=b64encode(INDEX).decode(),
    HTMLBody=f"<p>{BODY}</p>",
    Source=f"Subject: x\n\n{BODY}",
)


def archive(tmp_path: Path, files: dict[str, str | bytes]) -> Path:
    path = tmp_path / "mine.olm"
    path.write_bytes(olm(files))
    return path


def test_an_archive_of_outlook_for_mac(tmp_path: Path):
    sent = INBOX.replace("Inbox", "Gesendete Elemente")
    path = archive(
        tmp_path,
        {
            f"{INBOX}/message_00000.xml": LETTER,
            f"{sent}/message_00000.xml": email(
                BODY, {"ToAddresses": [("Bo", "bo@example.com"), ("Cy", "")]}, Subject="Hi"
            ),
            f"{INBOX}/com.microsoft.__Attachments/1_0000": "Subject: a mail attached\nFrom: x@example.com\n\n",
            "Local/Address Book/Contacts.xml": "<contacts></contacts>",
        },
    )
    first, second = sorted(read(path).messages(), key=lambda message: message.subject, reverse=True)
    assert people(first) == [(Field.FROM, "Ann", "ann@example.com"), (Field.TO, "", "me@example.com")]
    assert (first.sent_at, first.received_at) == (SUBMITTED, DELIVERED)
    assert (first.message_id, first.references) == ("<1@example.com>", ("<00@example.com>", "<0@example.com>"))
    assert (first.conversation_index, first.folders, first.roles) == (INDEX, ("Inbox",), ())
    assert second.people == (Person(Field.TO, "Bo", "bo@example.com"),)
    assert (second.folders, second.roles) == (("Gesendete Elemente",), (Role.SENT,))
    assert second.faults.count(Fault.ADDRESS_BROKEN) == 1


def test_no_body_of_an_archive_is_kept(tmp_path: Path):
    log = read(archive(tmp_path, {f"{INBOX}/message_00000.xml": LETTER}))
    assert log.messages()
    assert BODY not in repr(log.batches)


def test_the_reader_of_an_archive_keeps_no_letter_of_a_body():
    from connectors.files.formats.olm import _Reader

    reader = _Reader()
    kept: list[str] = []
    for letter in LETTER:
        reader.parser.Parse(letter, False)
        kept.append(repr((reader.emails, reader._email)))
    assert reader.emails
    assert not any("BODY" in text for text in kept)


def test_invitations_in_an_archive(tmp_path: Path):
    invitation = LETTER.replace("</email>", "<OPFMessageIsCalendarMessage>1</OPFMessageIsCalendarMessage></email>")
    assert only(archive(tmp_path, {f"{INBOX}/message_00000.xml": invitation})).marks == Mark.MACHINE


@pytest.mark.parametrize("odd", ["\x0b", "&#x1F;", "&#11;", "&#xD800;", "&#xFFFF;", "\ufffe"])
def test_letters_that_no_xml_may_hold(tmp_path: Path, odd: str):
    content = LETTER.replace("Lunch?", f"Lunch{odd}?").replace(BODY, odd * 100_000)
    assert only(archive(tmp_path, {f"{INBOX}/message_00000.xml": content})).subject == "Lunch ?"


def test_octets_that_are_no_text(tmp_path: Path):
    content = LETTER.encode().replace(BODY.encode(), b"\xff\xfe\xe2\x82")
    assert only(archive(tmp_path, {f"{INBOX}/message_00000.xml": content})).subject == "Lunch?"


def test_entities_are_refused_and_the_rest_is_read(tmp_path: Path):
    laughs = '<?xml version="1.0"?><!DOCTYPE emails [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    texts = [laughs + LETTER.replace("Lunch?", "&b;"), "<emails><email>", LETTER]
    log = read(archive(tmp_path, {f"{INBOX}/message_0000{n}.xml": text for n, text in enumerate(texts)}))
    assert log.ids() == ["<1@example.com>"]
    assert log.skipped == {"hostile": 1, "not_a_message": 1}


# --- Data files, by a stand-in for libpff's interface ---


class Entry:
    def __init__(self, number: int, value: Any) -> None:
        self.entry_type = number
        self.value_type, self._octets = stored(value)

    @property
    def data(self) -> bytes:
        assert self.entry_type not in BODIES, "the body was opened"
        return self._octets


class Item:
    """Of libpff's messages and folders what is used; any other attribute, such as a body's, is an error."""

    def __init__(self, identifier: int, properties: Properties, recipients: list[Properties] | None = None) -> None:
        self.identifier = identifier
        self._sets = [SimpleNamespace(entries=[Entry(*each) for each in properties.items()])]
        rows = [SimpleNamespace(entries=[Entry(*each) for each in recipient.items()]) for recipient in recipients or []]
        self.recipients = SimpleNamespace(record_sets=rows) if rows else None
        self.number_of_record_sets = 1

    def get_record_set(self, index: int) -> Any:
        return self._sets[index]


class Folder(Item):
    def __init__(self, identifier: int, name: str | None, *inside: Any, **properties: Any) -> None:
        super().__init__(identifier, properties.get("properties", {}))
        self.name = name
        self._folders = [one for one in inside if isinstance(one, Folder)]
        self._messages = [one for one in inside if not isinstance(one, Folder)]
        self.number_of_sub_folders, self.number_of_sub_messages = len(self._folders), len(self._messages)

    def get_sub_folder(self, index: int) -> "Folder":
        return self._folders[index]

    def get_sub_message(self, index: int) -> Item:
        if self._messages[index] is None:
            raise OSError("damaged")
        return self._messages[index]


def entry_id(number: int) -> bytes:
    return bytes(20) + number.to_bytes(4, "little")


class DataFile:
    """A data file in the place of libpff's."""

    def __init__(self, path: Path, top: Folder, store: dict[int, Any]) -> None:
        self.path, self.root, self.store = path, Folder(0x122, None, top, SEARCH), Item(0x21, store)
        self.opened = 0
        path.write_bytes(b"!BDN\0\0\0\0SM" + bytes(2000))

    def open(self, path: str) -> None:
        assert path == str(self.path)
        self.opened += 1

    def close(self) -> None:
        pass

    def get_root_folder(self) -> Folder:
        return self.root

    def get_message_store(self) -> Item:
        return self.store

    def changed(self) -> None:
        with self.path.open("ab") as file:
            file.write(b"more")


def received(number: int, **more: Any) -> Item:
    return Item(
        0x200000 + 32 * number,
        {
            mapi.CLASS: "IPM.Note",
            mapi.TRANSPORT: TRANSPORT.replace("<1@", f"<{number}@"),
            **dict.fromkeys(BODIES, BODY),
        },
        **more,
    )


SEARCH = Folder(0x2223, "Search", received(99))
X500 = {0x0065: "/O=EXAMPLE/CN=DI", 0x5D02: "", 0x0042: "Di"}


@pytest.fixture
def data_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataFile:
    inbox = Folder(
        0x8082,
        "Posteingang",
        received(1),
        None,
        Item(0x200500, {mapi.CLASS: "IPM.Appointment"}),
        Folder(0x8102, "2026", received(2)),
        properties={0x36D7: entry_id(0x80E2), 0x36D8: _several(b"", b"", b"", b"", entry_id(0x8122))},
    )
    top = Folder(
        0x8022,
        "Top of Personal Folders",
        inbox,
        Folder(0x80A2, "Ausgang", Item(0x200600, {**SENT, **X500}, [ANN, CY])),
        Folder(0x80C2, "Weg", received(3)),
        Folder(0x80E2, "Halb", received(4)),
        Folder(0x8122, "Müll", received(5)),
        Folder(
            0x8142,
            "Spam",
            Item(
                0x200700,
                {**SENT, 0x0065: "", 0x5D02: "di@example.com"},
                [CY_TOLD, {**ANN, 0x3003: "/o=example/cn=di", 0x39FE: "di@example.com"}],
            ),
        ),
    )
    store = {0x35E0: entry_id(0x8022), 0x35E3: entry_id(0x80C2), 0x35E4: entry_id(0x80A2)}
    found = DataFile(tmp_path / "old.pst", top, store)
    found.root._folders.append(Folder(0x8202, "Recoverable Items", received(98)))
    found.root.number_of_sub_folders += 1
    monkeypatch.setitem(sys.modules, "pypff", SimpleNamespace(file=lambda: found))
    return found


def _several(*values: bytes) -> bytes:
    starts, at = [], 4 + 4 * len(values)
    for value in values:
        starts.append(at)
        at += len(value)
    return b"".join([len(values).to_bytes(4, "little"), *(start.to_bytes(4, "little") for start in starts), *values])


def test_a_data_file(data_file: DataFile):
    log = read(data_file.path)
    assert BODY not in repr(log.batches)
    assert {
        message.message_id: (*message.folders, *message.roles) for message in log.messages() if message.message_id
    } == {
        "<1@example.com>": ("old/Posteingang",),
        "<2@example.com>": ("old/Posteingang/2026",),
        "<3@example.com>": ("old/Weg", Role.TRASH),
        "<4@example.com>": ("old/Halb", Role.DRAFTS),
        "<5@example.com>": ("old/Müll", Role.SPAM),
    }
    assert log.skipped == {"unreadable": 1}


def test_addresses_of_exchanges_directory_are_found_in_other_messages(data_file: DataFile):
    (sent,) = (message for message in read(data_file.path).messages() if Role.SENT in message.roles)
    assert [(person.name, person.address) for person in sent.people] == [
        ("Di", "di@example.com"),
        ("Ann", "ann@example.com"),
        ("Cy", "cy@example.com"),
    ]
    assert Fault.ADDRESS_BROKEN not in sent.faults


def test_an_offline_data_file(data_file: DataFile):
    mailbox = Folder(
        0x8022, "IPM_SUBTREE", Folder(0x8062, "Inbox", received(1)), Folder(0x80A2, "Sent Items", received(2))
    )
    deletions = Folder(0x8202, "Recoverable Items", received(98))
    data_file.root = Folder(0x122, None, SEARCH, Folder(0x8002, "Root - Mailbox", mailbox, deletions))
    data_file.store = Item(0x21, {0x35E0: bytes(70)})
    found = {message.message_id: (*message.folders, *message.roles) for message in read(data_file.path).messages()}
    assert found == {"<1@example.com>": ("old/Inbox",), "<2@example.com>": ("old/Sent Items", Role.SENT)}


def test_an_unchanged_data_file_is_not_opened_again(data_file: DataFile):
    log = read(data_file.path)
    opened = data_file.opened
    assert not read(data_file.path, log).batches[len(log.batches) :]
    assert data_file.opened == opened


def test_a_changed_data_file_doubles_nothing(data_file: DataFile):
    log = read(data_file.path)
    before = {message.key for message in log.messages()}
    inbox = data_file.root.get_sub_folder(0).get_sub_folder(0)
    inbox._messages[0] = received(6)
    data_file.changed()
    after = {message.key: message for message in read(data_file.path, log).messages()}
    assert len(after) == len(before)
    assert len(after.keys() & before) == len(before) - 1
    assert "<6@example.com>" in log.ids()
    assert "<1@example.com>" not in log.ids()


def test_a_data_file_that_is_damaged_does_not_stop_the_rest(tmp_path: Path):
    (tmp_path / "old.pst").write_bytes(b"!BDN\0\0\0\0SM" + os.urandom(2000))
    with pytest.raises(MailcareError):
        read(tmp_path / "old.pst")
    (tmp_path / "a.msg").write_bytes(msg(SENT, [ANN]))
    log = read(tmp_path)
    assert len(log.messages()) == 1
    assert log.skipped == {"unreadable": 1}
