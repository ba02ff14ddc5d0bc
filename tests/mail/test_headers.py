"""Raw header blocks → messages."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailcare.mail.dates import separated
from mailcare.mail.headers import WANTED, fields, message, parse, wraps
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
        ("Ann (a (b (c))) <a@x.org>", [("Ann", "a@x.org")]),
    ],
)
def test_address_lists(value: str, people: list[tuple[str, str]]):
    assert to(value) == people
    assert Fault.ADDRESS_BROKEN not in read(f"To: {value}\n").faults


@pytest.mark.parametrize(
    ("value", "people"),
    [
        ("=?utf-8?B?QW5uIFJheSA8YW5uQGV4YW1wbGUuY29tPg==?=", [("Ann Ray", "ann@example.com")]),
        ('=?UTF-8?Q?"Ann_f=C3=BCr?= =?UTF-8?Q?_alle"_<a@x.org>?=', [("Ann für alle", "a@x.org")]),
        ("=?utf-8?B?IkFubiBSYXkiIDxhbm4=?=@example.com>", [("Ann Ray", "ann@example.com")]),
        ("=?utf-8?Q?a=40x=2Eorg?=, Bo <b@x.org>", [("", "a@x.org"), ("Bo", "b@x.org")]),
        ("=?utf-8?Q?Ex, Ann?= <a@x.org>", [("Ex, Ann", "a@x.org")]),
        ("'a@x.org', 'Bo' <'b@x.org'>", [("", "a@x.org"), ("Bo", "b@x.org")]),
        (
            'Ann <mailto:a@x.org>, <SMTP:b@x.org>, Cy <"c@x.org">',
            [("Ann", "a@x.org"), ("", "b@x.org"), ("Cy", "c@x.org")],
        ),
        (
            "Ann [mailto:a@x.org], mailto:b@x.org, Cy [c@x.org]",
            [("Ann", "a@x.org"), ("", "b@x.org"), ("Cy", "c@x.org")],
        ),
        ("ann at example.com (Ann), Bo <bo at example.com>", [("Ann", "ann@example.com"), ("Bo", "bo@example.com")]),
        ("Ann Ray a@x.org, Dr. b@x.org, c@x.org>", [("Ann Ray", "a@x.org"), ("Dr.", "b@x.org"), ("", "c@x.org")]),
        ('"Ray, Ann <a@x.org>", Bo (b@x.org)', [("Ray, Ann", "a@x.org"), ("Bo", "b@x.org")]),
        (
            "Ann <a@x.org> Bo <b@x.org>, c@x.org d@x.org",
            [("Ann", "a@x.org"), ("Bo", "b@x.org"), ("", "c@x.org"), ("", "d@x.org")],
        ),
        ("a@x.org Bo <b@x.org>", [("", "a@x.org"), ("Bo", "b@x.org")]),
        ("a@x.org (Ann) b@x.org (Bo)", [("", "a@x.org"), ("", "b@x.org")]),
        ("a@x.org <b@x.org>, c@x.org via L <l@x.org>", [("a@x.org", "b@x.org"), ("c@x.org via L", "l@x.org")]),
        ("Ann <nick> <a@x.org>, Bo <b@x.org> <mailto:b@x.org>", [("Ann", "a@x.org"), ("Bo", "b@x.org")]),
        (
            "Ray, Ann T - Eagan, MN <a@x.org>, Bo, B. <b@x.org>",
            [("Ray, Ann T - Eagan, MN", "a@x.org"), ("Bo, B.", "b@x.org")],
        ),
        ("a\u200b@x.org, \u202ab@x.org\u202c", [("", "a@x.org"), ("", "b@x.org")]),
        ("mailto:a@x.org?subject=Hi, <mailto:b@x.org?cc=c>", [("", "a@x.org"), ("", "b@x.org")]),
        ("a@x.org|b@x.org, Cy {c@x.org}", [("", "a@x.org"), ("", "b@x.org"), ("Cy", "c@x.org")]),
        ("Ann <a(at)x.org>, b[at]x.org, c AT x.org", [("Ann", "a@x.org"), ("", "b@x.org"), ("", "c@x.org")]),
        ("安＜a@x.org＞；b＠x．org", [("安", "a@x.org"), ("", "b@x.org")]),
        ("sales/north@x.org", [("", "sales/north@x.org")]),
    ],
)
def test_addresses_in_other_dress(value: str, people: list[tuple[str, str]]):
    assert to(value) == people
    assert Fault.ADDRESS_BROKEN not in read(f"To: {value}\n").faults


@pytest.mark.parametrize(
    ("value", "people", "broken"),
    [
        ("Ann, Bo, Cy, Di, Ed <ed@x.org>", [("Ed", "ed@x.org")], 4),
        ("Ann, <b@x.org>", [("", "b@x.org")], 1),
        ("Ann; Bo <b@x.org>", [("Bo", "b@x.org")], 1),
        ("Bo <b@x.org>, MD", [("Bo", "b@x.org")], 1),
        ("a@b@c b@x.org", [("a@b@c", "b@x.org")], 1),
        ("Ann </O=EXAMPLE/OU=X/CN=RECIPIENTS/CN=ANN>, b@x.org", [("", "b@x.org")], 1),
        ("<C:`list.txt@x.org>", [], 1),
        ("Ann Ray/Sales/Acme@Acme, b@x.org", [("", "b@x.org")], 1),
        ("Ann <CN=Ray/O=Acme@Acme>, b@x.org", [("", "b@x.org")], 1),
    ],
)
def test_nobody_is_lost_uncounted(value: str, people: list[tuple[str, str]], broken: int):
    message = read(f"To: {value}\n")
    assert [(person.name, person.address) for person in message.people] == people
    assert message.faults.count(Fault.ADDRESS_BROKEN) == broken


@pytest.mark.parametrize("value", ["Ann", "<>", "a@b@c", "ann at home", "a@x..org", "@example.com", "a@"])
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
        (b"=?gb2312?B?1uzpRrv5u+HS6Q==?=", "朱镕基会议"),
        (b"=?shift_jis?B?h0CMqZDP?=", "①見積"),
        (b"=?iso-2022-jp?B?GyRCLSFGfEtcGyhC?= x", "①日本 x"),
        (b"=?euc-jp?B?raHG/A==?=", "①日"),
        (b"=?ks_c_5601-1987?B?jGO55rCix88=?=", "똠방각하"),
        (b"=?big5?B?sN2yWQ==?=", b"\xb0\xdd\xb2\x59".decode("big5")),
        (b"=?iso-8859-1?B?k0hplCCA?=", "“Hi” €"),
        (b"=?iso-8859-1?Q?=E9=81?=", "é"),
        (b"=?iso-8859-8-i?B?+ezl7Q==?=", "שלום"),
        (b"=?us-ascii?B?Y2Fmw6k=?=", "café"),
        (b"=?unknown-8bit?Q?caf=E9?=", "café"),
        (b"=?x-sjis?B?h0CMqZDP?=", "①見積"),
        (b'=?"utf-8"?Q?caf=C3=A9?=', "café"),
        (b"caf\xe9 \x80", "café €"),
        (b"=?punycode?q?caf-dma?=", "caf-dma"),
        (b"=?cp-1251?B?z/Do4uXy?= =?WIN1251?B?z/Do4uXy?=", "ПриветПривет"),
        (b"=?dos-850?Q?M=81ller?=", "Müller"),
        (b"=?koi8-ru?B?8NLJ18XU?=", "Привет"),
        (b"=?cp50221?B?GyRCLSFGfEtcGyhC?=", "①日本"),
        (b"=?_iso-2022-jp$ESC?B?GyRCRnxLXBsoQg==?=", "日本"),
        (b"=?utf-8?Q?Gr=C3=BC=C3=9Fe?_Ja??=", "Grüße? Ja?"),
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


SEPTEMBER = datetime(2025, 9, 15, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "date",
    [
        "Mon, 15 Sep 2025 10:00:00 +02:00",
        "Mon, 15 Sep 2025 10:00 GMT+0200",
        "Mon, 15 Sep 2025 10:00:00 GMT+02:00",
        "Mon, 15 Sep 2025 10:00:00 UTC+2",
        "Mon, 15 Sep 2025 10:00:00 CEST",
        "Mon, 15 Sep 2025 10:00:00 MET DST",
        "Mon, 15 Sep 2025 17:00:00 JST",
        "15-Sep-25 10:00:00 CEST",
        "Mon, 15 Sep 2025 04:00:00 EST5EDT",
        "Mon, 15 Sep 2025 08:00:00 -9900",
        "Mon, 15 Sep 2025 08:00:00 XYZ",
        "Mon, 15 Sep 2025 10:00:00 AM +0200",
        "2025-09-15T10:00:00+02:00",
        "2025-09-15 10:00 +0200",
        "2025-09-15T08:00:00.123Z",
        "2025/09/15 Mon 10:00:00 CEST",
        "Mon, 15 Sep 2025 10:00:00.123 +0200",
        "Mon, 15 Sept 2025 10:00:00 +0200",
        "Mon, 15 Sep 2025 10.00.00 +0200",
        "Mon, 15Sep2025 10:00:00+0200",
        "Mon, 15 Sep 125 10:00:00 +0200",
        "Mon Sep 15 10:00:00 CEST 2025",
        "Mon Sep 15 10:00:00 2025 +0200",
        "Monday, September 15, 2025 10:00:00 AM CEST",
        "Mo, 15. September 2025 10:00:00 +0200",
        "mån, 15 sep 2025 10:00:00 +0200",
        "lun. 15 sept. 2025 10:00:00 +0200",
        "lun, 15 set 2025 10:00:00 +0200",
        "segunda-feira, 15 de setembro de 2025 10:00:00 +0200",
        "pon., 15 wrz 2025 10:00:00 +0200",
        "Пн, 15 сентября 2025 11:00:00 MSK",
        "Pzt, 15 Eyl 2025 11:00:00 +0300",
        "星期一, 15 九月 2025 16:00:00 +0800",
        "월, 15 9월 2025 17:00:00 +0900",
        "月, 15 9 2025 17:00:00 +0900",
        "2025年9月15日 16:00 +0800",
        "15.9.2025 08:00",
        "Sen, 15 September 2025 10:00:00 +0200",
        "15 ספט 2025 10:00:00 +0200",
        "=?utf-8?Q?m=C3=A5n=2C?= 15 sep 2025 10:00:00 +0200",
        "Mon, 15 Sep 2025 10:00:00 0200",
        "Mon, 15 Sep 2025 10:00: 00 + 0200",
        "Mon, 15 Sep 2025 04:00:00 Eastern Daylight Time",
        "Mon, 15 Sep 2025 10:00:00 W. Europe Daylight Time",
        "Mon, 15 Sep 2025 10:00:00 Europe/Berlin",
        "Mon, 15 Sep 2025 08:00:00 Nowhere/Land",
        "9/15/2025 8:00:00 AM",
        "15/09/2025 08:00:00",
        "15-09-2025 08:00",
        "15.09.25, 10:00 +0200",
        "20250915T080000Z",
        "2025年9月15日 下午4:00 +0800",
    ],
)
def test_dates_as_mail_programs_left_them(date: str):
    message = read(f"Date: {date}\n")
    assert message.sent_at == SEPTEMBER
    assert Fault.DATE_UNPARSABLE not in message.faults


@pytest.mark.parametrize(
    ("date", "month"),
    [
        ("mar, 4 mar 2025", 3),
        ("Di, 4 März 2025", 3),
        ("mar. 4 févr. 2025", 2),
        ("Sal, 4 Ağu 2026", 8),
        ("4 août 2025", 8),
    ],
)
def test_months_of_other_languages(date: str, month: int):
    sent_at = read(f"Date: {date} 10:00:00 +0200\n").sent_at
    assert sent_at
    assert (sent_at.day, sent_at.month) == (4, month)


def test_winter_and_summer_time_by_one_name():
    assert read("Date: Wed, 15 Jan 2025 04:00:00 EST5EDT\n").sent_at == datetime(2025, 1, 15, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("separator", "moment"),
    [
        ("From 15@xxx Mon Sep 15 08:00:30 +0000 2025", SEPTEMBER + timedelta(seconds=30)),
        ("From ann at example.com  Mon Sep 15 08:00:00 2025", SEPTEMBER),
        ("From - Mon Sep 15 08:00:00 2025", SEPTEMBER),
        ("From host!ann Mon Sep 15 04:00 EDT 2025 remote from host", SEPTEMBER),
        ("From the beginning", None),
        ("", None),
    ],
)
def test_the_separators_time(separator: str, moment: datetime | None):
    assert separated(separator) == moment


def test_the_separators_time_counts_if_there_is_no_other():
    of_none = message(fields(b"From: a@x.org\n"), key="k", now=NOW, separated_at=SEPTEMBER)
    assert (of_none.sent_at, of_none.received_at) == (None, SEPTEMBER)
    dated = fields(b"From: a@x.org\nDate: Mon, 15 Sep 2025 10:00:00 -0700\n")
    assert message(dated, key="k", now=NOW, separated_at=SEPTEMBER).received_at == datetime(2025, 9, 15, 17, tzinfo=UTC)
    assert message(fields(b""), key="k", now=NOW, separated_at=datetime(1970, 1, 1, tzinfo=UTC)).received_at is None


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("Date: soon\n", Fault.DATE_UNPARSABLE),
        ("Date: 15 Sep 2025\n", Fault.DATE_UNPARSABLE),
        ("Date: 08/09/2025 10:00\n", Fault.DATE_UNPARSABLE),
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


@pytest.mark.parametrize("piece", ["(a", '"(a', "<a", "a@b.", "'a@", "=?utf-8?q?", "mailto:", "\\(", "a at "])
@pytest.mark.parametrize("name", ["To", "Subject", "Date", "References"])
def test_a_megabyte_of_nonsense_is_read(name: str, piece: str):
    assert read(f'{name}: {piece * (1_000_000 // len(piece))}"\n').sent_at is None


def test_a_byte_order_mark_hides_nothing():
    assert read(b"\xef\xbb\xbfSubject: x\n").subject == "x"


def test_line_ends_do_not_matter():
    text = "From: a@x.org\nTo: b@x.org,\n c@x.org\nSubject: x\n"
    assert read(text) == read(text.replace("\n", "\r\n")) == read(text.replace("\n", "\r"))


def test_lines_may_end_twice():
    assert read("From: a@x.org\r\r\nTo: b@x.org,\r\r\n c@x.org\r\r\n") == read(
        "From: a@x.org\nTo: b@x.org,\n c@x.org\n"
    )


@pytest.mark.parametrize(
    ("block", "wrapped"),
    [
        ("Content-Type: message/rfc822\nContent-Disposition: attachment\n", True),
        ("From: filter@x.org\nSubject: [SPAM] Hello\nContent-Type: Message/RFC822; charset=utf-8\n", True),
        ("From: ann@x.org\nSubject: Fwd: Hello\nContent-Type: message/rfc822\n", False),
        ("Content-Type: multipart/mixed; boundary=message/rfc822\n", False),
        ("From: ann@x.org\n", False),
    ],
)
def test_a_message_that_is_wholly_another_one(block: str, wrapped: bool):
    assert wraps(fields(block.encode())) is wrapped


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
        b"2026-09-21T10:00:00.5+9:99",
        b"1 Jan 99999 10:00 EST5EDT",
        b" at x.org",
        b"mailto:",
        b"[",
        b"]",
        b"'",
        "\u202e".encode(),
        b"=?punycode?q?",
        b"=?iso-2022-jp?b?GyRC",
        b"=?gb2312?q?",
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
