"""Raw header blocks → messages."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailcare.mail.headers import WANTED, parse
from mailcare.mail.message import Fault, Field, Mark, Message, Person

NOW = datetime(2026, 9, 21, 6, tzinfo=UTC)


def read(text: str | bytes, **more: object) -> Message:
    raw = text if isinstance(text, bytes) else text.encode()
    return parse(raw, key="k", now=NOW, **more)  # type: ignore[arg-type]


def to(value: str) -> list[tuple[str, str]]:
    return [(person.name, person.address) for person in read(f"To: {value}\n").people]


def test_a_plain_message():
    message = read(
        "From: Ann Example <ann@example.com>\r\n"
        'to: "Bo, B." <bo@example.com>,\r\n\tcy@example.org\r\n'
        "CC: Di (Dora) <di@example.org>\r\n"
        "Subject: Plans\r\n for May\r\n"
        "Date: Thu, 25 Aug 2022 01:36:10 +0200\r\n"
        "Message-Id: <1@example.com>\r\n"
        "X-Body-Like: not wanted\r\n"
    )
    assert message == Message(
        key="k",
        message_id="<1@example.com>",
        sent_at=datetime(2022, 8, 24, 23, 36, 10, tzinfo=UTC),
        received_at=datetime(2022, 8, 24, 23, 36, 10, tzinfo=UTC),
        people=(
            Person(Field.FROM, "Ann Example", "ann@example.com"),
            Person(Field.TO, "Bo, B.", "bo@example.com"),
            Person(Field.TO, "", "cy@example.org"),
            Person(Field.CC, "Di", "di@example.org"),
        ),
        subject="Plans for May",
    )


@pytest.mark.parametrize(
    ("value", "people"),
    [
        ("ann@example.com (Ann)", [("Ann", "ann@example.com")]),
        ("undisclosed-recipients:;", []),
        ("Friends: a@x.org, Bo <b@x.org>;, c@x.org", [("", "a@x.org"), ("Bo", "b@x.org"), ("", "c@x.org")]),
        ("<@relay,@other:ann@example.com>", [("", "ann@example.com")]),
        ('"ann, the first"@example.com, b@x.org', [("", '"ann, the first"@example.com'), ("", "b@x.org")]),
        ('"Ann \\"A\\" E" <a@x.org>', [('Ann "A" E', "a@x.org")]),
        ("ann @ example . com", [("", "ann@example.com")]),
        ("a@x.org; b@x.org", [("", "a@x.org"), ("", "b@x.org")]),
        ("Ann <a(work)@x.org>", [("Ann", "a@x.org")]),
        ("Ann <a@x.org, Bo <b@x.org>", [("Ann", "a@x.org"), ("Bo", "b@x.org")]),
        ('"Ann <a@x.org>, b@x.org', [("Ann", "a@x.org"), ("", "b@x.org")]),
        ("=?utf-8?q?Bj=C3=B6rn?= <b@x.org>", [("Björn", "b@x.org")]),
        ('"=?utf-8?b?QmrDtnJu?=" <b@x.org>', [("Björn", "b@x.org")]),
        ("=?utf-8?Q?Ex,_Ann?= <a@x.org>", [("Ex, Ann", "a@x.org")]),
        ("ann@[192.0.2.1], ann@bücher.example", [("", "ann@[192.0.2.1]"), ("", "ann@bücher.example")]),
        (", ,a@x.org,", [("", "a@x.org")]),
    ],
)
def test_address_lists(value: str, people: list[tuple[str, str]]):
    assert to(value) == people
    assert Fault.ADDRESS_BROKEN not in read(f"To: {value}\n").faults


@pytest.mark.parametrize("value", ["Ann", "<>", "a@b@c", "ann at example.com", "a b@example.com", "@example.com", "a@"])
def test_broken_addresses_are_counted_and_name_nobody(value: str):
    message = read(f"To: {value}, b@x.org\n")
    assert [person.address for person in message.people] == ["b@x.org"]
    assert message.faults.count(Fault.ADDRESS_BROKEN) == 1


def test_an_author_without_an_address_keeps_the_name():
    assert read("From: Ann Example\n").people == (Person(Field.FROM, "Ann Example", ""),)


def test_every_address_field_has_its_place_and_repeats_add_up():
    names = ["From", "Sender", "Reply-To", "To", "To", "Cc", "Bcc"]
    message = read("".join(f"{name}: p{n}@x.org\n" for n, name in enumerate(names)))
    assert [person.field.name for person in message.people] == ["FROM", "SENDER", "REPLY_TO", "TO", "TO", "CC", "BCC"]


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (b"=?iso-8859-1?q?Gr=FC=DFe?=", "Grüße"),
        (b"=?utf-8?b?w7w=?= =?utf-8?b?w58=?= x", "üß x"),
        (b"=?utf-8?b?w?= =?utf-8?b?7w=?=", "�"),
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("latin-1"), "Grüße"),
        (b"=?no-such-charset?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?utf-8*de?Q?Hallo_Welt?=", "Hallo Welt"),
        (b"a =?broken", "a =?broken"),
        (b"nul\x00 and \x07 bell", "nul and bell"),
    ],
)
def test_encoded_words(subject: bytes, text: str):
    assert read(b"Subject: " + subject + b"\n").subject == text


def test_charsets_may_differ_from_field_to_field():
    message = read(b"From: Bj\xf6rn <b@x.org>\nSubject: Gr\xc3\xbc\xc3\x9fe\n")
    assert (message.people[0].name, message.subject) == ("Björn", "Grüße")


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("Thu, 25 Aug 2022 01:36:10 +0200", datetime(2022, 8, 24, 23, 36, 10)),
        ("25 Aug 2022 01:36 -0730", datetime(2022, 8, 25, 9, 6)),
        ("5 Oct 25 10:00 EST", datetime(2025, 10, 5, 15)),
        ("Thu, 25 Aug 2022 01:36:10", datetime(2022, 8, 25, 1, 36, 10)),
        ("Thu, 25 Aug 2022 01:36:10 -0000", datetime(2022, 8, 25, 1, 36, 10)),
        ("Thu, 25 Aug (a comment) 2022 01:36:10 GMT", datetime(2022, 8, 25, 1, 36, 10)),
        ("Mon, 21 Sep 2026 20:00:00 +0000", datetime(2026, 9, 21, 20)),
    ],
)
def test_dates(date: str, moment: datetime):
    message = read(f"Date: {date}\n")
    assert message.sent_at == moment.replace(tzinfo=UTC)
    assert not {Fault.DATE_ABSURD, Fault.DATE_UNPARSABLE} & set(message.faults)


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("Date: soon\n", Fault.DATE_UNPARSABLE),
        ("Date: Thu, 32 Aug 2022 01:36:10 +0200\n", Fault.DATE_UNPARSABLE),
        ("", Fault.DATE_UNPARSABLE),
        ("Date: Thu, 1 Jan 1970 00:00:00 +0000\n", Fault.DATE_ABSURD),
        ("Date: Tue, 22 Sep 2026 06:00:01 +0000\n", Fault.DATE_ABSURD),
        ("Date: Fri, 31 Dec 9999 23:59:59 -2359\n", Fault.DATE_UNPARSABLE),
    ],
)
def test_dates_that_are_none(header: str, fault: Fault):
    message = read(header)
    assert message.sent_at is None
    assert fault in message.faults


def test_the_topmost_usable_received_header_is_the_servers_time():
    received = (
        "Received: from a by b; unreadable\n"
        "Received: from a by b; Thu, 1 Jan 1970 00:00:00 +0000\n"
        "Received: from x; by y;\n Tue, 1 Sep 2026 10:00:00 +0200\n"
        "Received: from q by r; Tue, 1 Sep 2026 07:00:00 +0000\n"
    )
    message = read(received + "Date: Mon, 31 Aug 2026 10:00:00 +0000\n")
    assert message.received_at == datetime(2026, 9, 1, 8, tzinfo=UTC)
    assert message.sent_at == datetime(2026, 8, 31, 10, tzinfo=UTC)


def test_the_servers_own_time_goes_before_the_headers_unless_it_is_absurd():
    own = datetime(2026, 8, 31, 18, tzinfo=UTC)
    date = "Date: Mon, 31 Aug 2026 10:00:00 +0000\n"
    assert read(date, received_at=own).received_at == own
    assert read(date, received_at=NOW + timedelta(days=2)).received_at == datetime(2026, 8, 31, 10, tzinfo=UTC)


def test_a_late_letter_keeps_the_servers_own_time():
    received = "Received: from a by b; Sat, 5 Sep 2026 08:00:00 +0000\nDate: Mon, 31 Aug 2026 10:00:00 +0000\n"
    own = datetime(2026, 9, 5, 8, 0, 2, tzinfo=UTC)
    assert read(received, received_at=own).received_at == own


def test_the_time_of_an_import_is_not_that_of_the_arrival():
    received = "Received: from a by b; Mon, 31 Aug 2026 10:00:07 +0000\n"
    date = "Date: Mon, 31 Aug 2026 10:00:00 +0000\n"
    assert read(received + date, received_at=NOW).received_at == datetime(2026, 8, 31, 10, 0, 7, tzinfo=UTC)
    assert read(date, received_at=NOW).received_at == datetime(2026, 8, 31, 10, tzinfo=UTC)
    assert read("From: a@x.org\n", received_at=NOW).received_at == NOW


@pytest.mark.parametrize(
    ("header", "message_id"),
    [
        ("Message-ID: <a@b>", "<a@b>"),
        ("Message-ID: <a\n @b>", "<a@b>"),
        ("Message-ID: a@b", "<a@b>"),
        ("Message-ID: <a@b", "<a@b>"),
        ("Message-ID: <a@b> (added by x@y)", "<a@b>"),
    ],
)
def test_message_ids(header: str, message_id: str):
    assert read(header + "\n").message_id == message_id


def test_a_missing_message_id_is_counted():
    assert Fault.NO_MESSAGE_ID in read("Message-ID:\n").faults
    assert Fault.NO_MESSAGE_ID in read("From: a@x.org\n").faults


def test_references():
    message = read(
        'In-Reply-To: Your message of "Mon" from ann@example.com <1@x>\n <2@x>\n'
        "References: <1@x><2\n @x> <1@x> text <>\n"
    )
    assert message.in_reply_to == ("<1@x>", "<2@x>")
    assert message.references == ("<1@x>", "<2@x>")
    assert read("In-Reply-To: 1@x\n").in_reply_to == ("<1@x>",)
    assert read("In-Reply-To: your letter to me@x\n").in_reply_to == ()


@pytest.mark.parametrize(
    ("headers", "marks"),
    [
        ("Subject: none", Mark.NONE),
        ("Auto-Submitted: auto-replied (vacation)", Mark.AUTO_REPLY),
        ("Auto-Submitted: auto-generated; x=y", Mark.MACHINE),
        ("Auto-Submitted: NO", Mark.NONE),
        ("X-Autoreply: yes", Mark.AUTO_REPLY),
        ("X-Autorespond: yes", Mark.AUTO_REPLY),
        ("Precedence: auto_reply", Mark.AUTO_REPLY),
        ("Precedence: Bulk", Mark.BULK),
        ("Precedence: junk", Mark.BULK),
        ("Precedence: list", Mark.NONE),
        ("List-Unsubscribe: <mailto:x@y>", Mark.BULK),
        ("X-Auto-Response-Suppress: DR, OOF", Mark.MACHINE),
        ("X-Auto-Response-Suppress: All", Mark.MACHINE),
        ("X-Auto-Response-Suppress: DR, RN", Mark.NONE),
        ("Return-Path: <>", Mark.MACHINE),
        ("Return-Path: <a@x.org>", Mark.NONE),
        ("Content-Type: multipart/report; boundary=x", Mark.MACHINE),
        ("Content-Type: Text/Calendar", Mark.MACHINE),
        ("Content-Type: text/plain; x=text/calendar", Mark.NONE),
        ("List-Post: <mailto:x@y>", Mark.LIST_POST),
        ("List-Post: NO (moderated)", Mark.NONE),
        ("List-Post: <mailto:x@y>\nPrecedence: bulk\nAuto-Submitted: auto-notified", Mark(2 | 4 | 8)),
    ],
)
def test_marks(headers: str, marks: Mark):
    assert read(headers + "\n").marks == marks


@pytest.mark.parametrize(
    ("value", "list_id"),
    [
        ('"The List" <Birds.lists.example.org>', "birds@lists.example.org"),
        ("birds.lists.example.org", ""),
        ("<nodot>", ""),
    ],
)
def test_list_id(value: str, list_id: str):
    assert read(f"List-ID: {value}\n").list_id == list_id


def test_a_conversation_is_gmails_and_never_the_thread_index_of_a_file():
    message = read("X-GM-THRID: 1700000000000000001\nThread-Index: AdLqqqqqqqqqqqqqqqqqqqqqqqqqqqq=\n")
    assert (message.conversation, message.conversation_index) == ("1700000000000000001", b"")


def test_a_megabyte_header_is_read():
    names = ", ".join(f"p{n}@x.org" for n in range(60_000))
    assert len(read(f"To: {names}\n").people) == 60_000


def test_a_byte_order_mark_hides_nothing():
    assert read(b"\xef\xbb\xbfSubject: x\n").subject == "x"


def test_line_ends_do_not_matter():
    text = "From: a@x.org\nTo: b@x.org,\n c@x.org\nSubject: x\n"
    assert read(text) == read(text.replace("\n", "\r\n")) == read(text.replace("\n", "\r"))


PIECES = st.sampled_from(
    [
        *(f"\n{name}: ".encode() for name in WANTED),
        b"<a@b.example>",
        b'"',
        b"(",
        b")",
        b"\\",
        b",",
        b";",
        b":",
        b"<",
        b">",
        b"=?utf-8?b?",
        b"=?utf-7?q?",
        b"+2AA-",
        b"?=",
        b"=FF",
        b"\x00",
        b"\xff",
        b"\r",
        b"\n ",
        b"@",
        b" 1 Jan 0001 00:00 +9999",
        b"Mon, 31 Dec 9999 23:59:59 -2359",
        b"=?idna?q?",
        b"=?unicode_escape?q?\\ud800?=",
        b"2026-09-21",
    ]
)


@given(st.one_of(st.binary(max_size=400), st.lists(PIECES | st.binary(max_size=4), max_size=60).map(b"".join)))
def test_any_bytes_give_a_message(raw: bytes):
    """Whatever stands in a header, there is a message, and its text can be stored."""
    message = parse(raw, key="k", now=NOW)
    texts = [message.subject, message.message_id, message.conversation, message.list_id]
    texts += [*message.in_reply_to, *message.references, *(part for person in message.people for part in person[1:])]
    for text in texts:
        text.encode()
    assert all("@" in person.address for person in message.people if person.field is not Field.FROM)
    for moment in (message.sent_at, message.received_at):
        assert moment is None or datetime(1990, 1, 1, tzinfo=UTC) <= moment <= NOW + timedelta(hours=24)
