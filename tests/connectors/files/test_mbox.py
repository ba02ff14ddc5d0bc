"""Separators of every mail program, and lines that only look like one."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.files.formats import letters
from mailcare.mail.message import Role
from tests.connectors.files.mails import by_number, in_mbox, mail, numbers, read, write

SEPARATORS = {
    "Thunderbird": "From - Mon Sep 15 10:00:00 2025",
    "Thunderbird since 2024": "From ",
    "a dash": "From -",
    "Takeout": "From 1545668983435175434@xxx Mon Sep 15 08:00:30 +0000 2025",
    "Eudora": "From ???@??? Mon Sep 15 10:00:00 2025",
    "a zone": "From a@x.org Mon Sep 15 10:00:00 CEST 2025",
    "the year first": "From - Sat Apr 12 2025 15:59:28",
    "pipermail": "From ann at x.org  Mon Sep 15 10:00:00 2025",
    "quoted": 'From "ann ray"@x.org Mon Sep 15 10:00:00 2025',
    "as in a Date": "From a@x.org Mon, 15 Sep 2025 10:00:00 +0200",
    "ISO": "From a@x.org 2025-09-15 10:00:00",
    "French": "From a@x.org lun. sept. 15 10:00:00 2025",
    "a name": "From Ann Ray Mon Sep 15 10:00:00 2025",
    "an address alone": "From a@x.org",
    "a daemon": "From MAILER-DAEMON",
    "another": "From here or there",
    "git": "From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001",
    "twice": "From a@x.org Fri Apr 11 15:36:11 2025\n>From - Sat Apr 12 2025 15:59:28",
    "UUCP": "From ann Mon Sep 15 10:02:00 2025\n>From ann@h.org Mon Sep 15 09:00:00 2025 remote from h",
    "several": "From a@x.org Fri Apr 11 15:36:11 2025\nFrom b@x.org Fri Apr 11 15:36:12 2025",
    "before an empty line": "From - Mon Sep 15 10:00:00 2025\n",
}
LINE_ENDS = {"LF": b"\n", "CRLF": b"\r\n", "CR": b"\r", "CRCRLF": b"\r\r\n"}


@pytest.mark.parametrize("ends", LINE_ENDS)
@pytest.mark.parametrize("separator", SEPARATORS)
def test_separators(tmp_path: Path, separator: str, ends: str):
    raw = "".join(f"{SEPARATORS[separator]}\n{mail(number)}\n" for number in (1, 2, 3)).encode()
    path = tmp_path / "all.mbox"
    path.write_bytes(raw.replace(b"\n", LINE_ENDS[ends]))
    log = read(path)
    assert numbers(log) == ["1", "2", "3"]
    assert {message.people[0].address for message in log.messages()} == {"a@x.org"}
    assert not log.skipped


@pytest.mark.parametrize("separator", ["Thunderbird", "Thunderbird since 2024", "a dash", "Takeout", "as in a Date"])
def test_no_empty_line_before(tmp_path: Path, separator: str):
    raw = "".join(f"{SEPARATORS[separator]}\n{mail(number)}" for number in (1, 2, 3))
    assert numbers(read(write(tmp_path, {"all.mbox": raw}) / "all.mbox")) == ["1", "2", "3"]


QUOTED = "To: b@x.org\nSubject: no mail of its own\n\ntext"


@pytest.mark.parametrize(
    "body",
    [
        f"From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\n{QUOTED}",
        f"--b\nContent-Type: message/rfc822\n\nFrom c@x.org Mon Sep 15 10:00:00 2025\n{QUOTED}",
        f"--b\nContent-Type: text/plain;\n charset=utf-8\n\nFrom c@x.org Mon Sep 15 10:00:00 2025\n{QUOTED}",
        f"From Ann Ray on Monday, 15 September 2025 at 10:00:\n{QUOTED}",
        f"From Ann\n{QUOTED}",
        "From Russia with love\nYear: 1963",
        "From 10:00 on we are there\nNote: bring bread",
        f"> From c@x.org Mon Sep 15 10:00:00 2025\n> {QUOTED}",
        f">From c@x.org Mon Sep 15 10:00:00 2025\n{QUOTED}",
        f" From c@x.org Mon Sep 15 10:00:00 2025\n{QUOTED}",
    ],
)
def test_what_looks_like_a_separator_in_a_body_is_none(tmp_path: Path, body: str):
    raw = in_mbox(f"{mail(1)}\n{body}\n", mail(2))
    assert read(write(tmp_path, {"all.mbox": raw}) / "all.mbox").ids() == ["<1@x.org>", "<2@x.org>"]


def test_a_body_is_as_long_as_its_content_length_says_if_a_message_follows(tmp_path: Path):
    body = f"see below\n\nFrom c@x.org Mon Sep 15 10:00:00 2025\n{mail('quoted')}" + "long " * 300_000 + "\n"

    def letter(number: int, length: int) -> str:
        return mail(number, f"Content-Length: {length}").partition("\n\n")[0] + f"\n\n{body}"

    right = write(
        tmp_path, {"right": in_mbox(letter(1, len(body)), letter(2, len(body)), mail(3), letter(4, len(body)))}
    )
    log = read(right / "right")
    assert numbers(log) == ["1", "2", "3", "4"]
    with (right / "right").open("ab") as file:
        file.write(in_mbox(mail(5)))
    assert numbers(read(right / "right", log)) == ["1", "2", "3", "4", "5"]
    assert log.positions["right"].generation == 1
    wrong = write(tmp_path, {"wrong": in_mbox(letter(1, len(body) - 7), mail(2))})
    assert numbers(read(wrong / "wrong")) == ["1", "2", "quoted"]


def test_a_signature_is_no_part_of_a_message(tmp_path: Path):
    raw = in_mbox(f"{mail(1)}\n-- \nAnn\nPhone: 5\n", mail(2))
    assert numbers(read(write(tmp_path, {"all.mbox": raw}) / "all.mbox")) == ["1", "2"]


def test_byte_order_marks_and_what_a_crash_leaves(tmp_path: Path):
    mark = b"\xef\xbb\xbf"
    raw = mark + in_mbox(mail(1)) + mark + in_mbox(mail(2)) + b"\0" * 300 + in_mbox(mail(3))
    assert numbers(read(write(tmp_path, {"all.mbox": raw}) / "all.mbox")) == ["1", "2", "3"]


def test_a_header_goes_on_behind_an_empty_line_and_a_byte_order_mark(tmp_path: Path):
    cut = "Return-Path: <a@x.org>\n\n\ufeff" + mail(1)
    for name, content in {"1.eml": cut.encode(), "all.mbox": in_mbox(cut, mail(2))}.items():
        log = read(write(tmp_path, {name: content}) / name)
        assert by_number(log)["1"].people[0].address == "a@x.org"


@pytest.mark.parametrize(
    "convert", [lambda raw: raw, lambda raw: raw.decode().encode("utf-16")], ids=["UTF-8", "UTF-16"]
)
@pytest.mark.parametrize(
    "name", ["2024", "202409", "sent-2024", "mail.txt", "mail.bak", "Dr. Miller", "changes.log", "a.dat"]
)
def test_an_mbox_may_have_any_name(tmp_path: Path, name: str, convert: Callable[[bytes], bytes]):
    write(tmp_path, {f"tree/{name}": convert(in_mbox(mail(1), mail(2))), "tree/3.eml": mail(3)})
    assert numbers(read(tmp_path / "tree")) == ["1", "2", "3"]
    assert numbers(read(tmp_path / "tree" / name)) == ["1", "2"]


def test_the_separator_tells_the_time_if_the_header_has_none(tmp_path: Path):
    timeless = "Message-ID: <1@x.org>\nFrom: a@x.org\n\ntext\n"
    raw = f"{SEPARATORS['Takeout']}\n{timeless}\n".encode() + in_mbox(mail(2))
    found = by_number(read(write(tmp_path, {"all.mbox": raw}) / "all.mbox"))
    assert found["1"].received_at == datetime(2025, 9, 15, 8, 0, 30, tzinfo=UTC)
    assert found["2"].received_at == found["2"].sent_at


@pytest.mark.parametrize(
    ("header", "roles"),
    [
        ("X-Mozilla-Status: 0001", ()),
        ("X-Mozilla-Status: 0009", (Role.TRASH,)),
        ("X-Mozilla-Status: 0801", (Role.DRAFTS,)),
        ("X-Mozilla-Status2: 00200000", (Role.TRASH,)),
        ("X-Mozilla-Status2: 00400000", (Role.DRAFTS,)),
        ("X-Status: AD", (Role.TRASH,)),
        ("X-Status: T", (Role.DRAFTS,)),
        ("X-Status: AF", ()),
        ("X-Unsent: 1", (Role.DRAFTS,)),
        ("X-Unsent: 0", ()),
        ("X-Evolution: 00000001-0012", (Role.TRASH,)),
        ("X-Evolution: 00000001-0094", (Role.DRAFTS, Role.SPAM)),
        ("X-Evolution: 00000001-0010", ()),
    ],
)
def test_what_programs_mark_as_deleted_unsent_or_junk(tmp_path: Path, header: str, roles: tuple[Role, ...]):
    raw = in_mbox(mail(1, header))
    assert by_number(read(write(tmp_path, {"all.mbox": raw}) / "all.mbox"))["1"].roles == roles


def test_chats_and_a_servers_own_notes_are_no_mail(tmp_path: Path):
    notes = mail(3, "Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA")
    labelled = mail(4, "X-Gmail-Labels: Chat", "Received: from x by y; Tue, 1 Sep 2026 10:00:00 +0000")
    raw = in_mbox(notes, mail(1, "X-Gmail-Labels: Chat"), mail(2, "X-Gmail-Labels: Inbox"), labelled)
    log = read(write(tmp_path, {"all.mbox": raw}) / "all.mbox")
    assert numbers(log) == ["2", "4"]
    assert log.skipped == {"not_mail": 2}


def test_a_label_of_any_length_harms_nobody(tmp_path: Path):
    labels = 'X-Gmail-Labels: "' + "a" * 200_000 + '","b ""c"" d", e'
    log = read(write(tmp_path, {"all.mbox": in_mbox(mail(1), mail(2, labels), mail(3))}) / "all.mbox")
    assert numbers(log) == ["1", "2", "3"]
    assert by_number(log)["2"].folders == ('b "c" d', "e")


def test_a_message_that_nothing_can_read_is_counted_and_the_rest_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    whole = letters.headers.message

    def failing(fields: dict[str, list[str]], **values: object) -> object:
        if "<2@x.org>" in fields["message-id"][0]:
            raise ZeroDivisionError
        return whole(fields, **values)  # type: ignore[arg-type]

    monkeypatch.setattr(letters.headers, "message", failing)
    log = read(write(tmp_path, {"all.mbox": in_mbox(mail(1), mail(2), mail(3))}) / "all.mbox")
    assert (numbers(log), log.skipped) == (["1", "3"], {"hostile": 1})


def test_a_body_full_of_separators_that_are_none_is_told(tmp_path: Path):
    body = "\n".join("From somebody else\nSubject: a message, perhaps\n" for _ in range(10))
    log = read(write(tmp_path, {"all.mbox": in_mbox(f"{mail(1)}\n{body}", mail(2))}) / "all.mbox")
    assert (numbers(log), log.skipped) == (["1", "2"], {"odd": 1})


def test_a_message_larger_than_servers_take_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(letters, "LARGE", 500)
    path = write(tmp_path, {"all.mbox": in_mbox(mail(1) + "x" * 500, mail(2) + "x" * 500)}) / "all.mbox"
    log = read(path)
    assert log.skipped == {"odd": 1}
    path.write_bytes(path.read_bytes() + in_mbox(mail(3) + "x" * 500))
    assert read(path, log).skipped == {"odd": 1}


def test_an_mbox_that_has_lost_its_first_separator_or_begins_with_something_else(tmp_path: Path):
    raw = in_mbox(mail(1), mail(2), mail(3))
    write(tmp_path, {"lost.mbox": raw.partition(b"\n")[2], "other": b"exported by a program\n\n" + raw})
    for name in ("lost.mbox", "other"):
        log = read(tmp_path / name)
        assert (numbers(log), log.skipped) == (["1", "2", "3"], {})


@pytest.mark.parametrize("first", ["", "From: no separator\n", "From a@x.org Mon Sep 15 10:00:00 2025\nx\n"])
def test_an_mbox_whose_beginning_is_damaged(tmp_path: Path, first: str):
    raw = first.encode() + mail(1).encode() + b"\n" + in_mbox(mail(2), mail(3))
    log = read(write(tmp_path, {"Old mail": raw}) / "Old mail")
    assert (numbers(log), log.skipped) == (["1", "2", "3"], {})


def test_mmdf(tmp_path: Path):
    mark = "\1\1\1\1\n"
    text = "".join(f"{mark}{mail(number)}with {mark.strip()} in it\n{mark}" for number in (1, 2, 3))
    log = read(write(tmp_path, {"Inbox": text}) / "Inbox")
    assert (numbers(log), log.skipped) == (["1", "2", "3"], {})


def test_a_first_header_field_without_its_beginning(tmp_path: Path):
    raw = "".join(f"{SEPARATORS['UUCP'].partition(chr(10))[0]}\n\tby h.org\n{mail(number)}\n" for number in (1, 2, 3))
    log = read(write(tmp_path, {"all": raw}) / "all")
    assert (numbers(log), log.skipped) == (["1", "2", "3"], {})


def test_pegasus_mail(tmp_path: Path):
    raw = b"Archive".ljust(128, b"\0") + "".join(f"{mail(number)}\x1a" for number in (1, 2, 3)).encode()
    log = read(write(tmp_path, {"FOL00001.PMM": raw}) / "FOL00001.PMM")
    assert (numbers(log), log.skipped) == (["1", "2", "3"], {})


def test_babyl(tmp_path: Path):
    def entry(marks: str, came: str, shown: str) -> str:
        return f"\x1f\x0c\n{marks}\n{came}*** EOOH ***\n{shown}"

    head, body = mail(1).split("\n\n")
    text = "BABYL OPTIONS:\nVersion: 5\n" + entry("1, answered,,", head + "\n", f"From: shown@x.org\n\n{body}")
    text += entry("0,, ", "", mail(2)) + entry("0, deleted,,", "", mail(3)) + "\x1f"
    found = by_number(read(write(tmp_path, {"RMAIL": text}) / "RMAIL"))
    assert {number: (one.people[0].address, one.roles) for number, one in found.items()} == {
        "1": ("a@x.org", ()),
        "2": ("a@x.org", ()),
        "3": ("a@x.org", (Role.TRASH,)),
    }


def test_mbx_of_pine(tmp_path: Path):
    raw = b"*mbx*\r\n".ljust(2048, b"\0")
    for number, marks in ((1, "0001"), (2, "0003"), (3, "0020")):
        text = mail(number).replace("\n", "\r\n").encode()
        raw += f"15-Sep-2025 10:00:00 +0200,{len(text)};00000000{marks}-0000000{number}\r\n".encode() + text
    log = read(write(tmp_path, {"INBOX": raw}) / "INBOX")
    assert {number: one.roles for number, one in by_number(log).items()} == {
        "1": (),
        "2": (Role.TRASH,),
        "3": (Role.DRAFTS,),
    }
    assert not log.skipped


def test_what_was_read_by_an_earlier_edition_is_read_anew_without_doubling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    write(tmp_path, {"all.mbox": in_mbox(mail(1), mail(2)), "3.eml": mail(3)})
    monkeypatch.setattr("connectors.files.formats.mbox.EDITION", 1)
    log = read(tmp_path)
    monkeypatch.setattr("connectors.files.formats.mbox.EDITION", 2)
    assert read(tmp_path, log).ids() == ["<1@x.org>", "<2@x.org>", "<3@x.org>"]
    assert {position.generation for position in log.positions.values()} == {2}
    batches = len(log.batches)
    assert len(read(tmp_path, log).batches) == batches
