"""What is said of files: after a reading, and of those that hold no mail."""

import gzip
from pathlib import Path

import pytest

from connectors.files.connector import Files
from connectors.files.formats import letters
from mailcare.errors import MailcareError
from tests.connectors.files.mails import in_mbox, mail, maildir, read, write
from tests.counterparts.log import Log
from tests.counterparts.vaults import MemoryVault


def told(path: Path, log: Log) -> list[str]:
    return [sighting.told for sighting in Files({"path": str(path)}, MemoryVault()).survey(log)]


def test_files_with_and_without_mail_are_counted_and_the_largest_without_named(tmp_path: Path):
    write(tmp_path, {"1.eml": mail(1), "Inbox": in_mbox(mail(2)), "notes.txt": "x" * 3000, "Inbox.msf": "x"})
    write(tmp_path, {f"{number}.bin": bytes([1] * number) for number in range(1, 8)})
    maildir(tmp_path / "m", **{"3.h:2,S": mail(3)})
    log = read(tmp_path)
    names = "notes.txt (3 kB), 7.bin (7 bytes), 6.bin (6 bytes), 5.bin (5 bytes), 4.bin (4 bytes) and 3 more"
    line = f"files that held messages: 3; files that held none: 8; the largest of these: {names}."
    assert told(tmp_path, log) == [line]
    assert told(tmp_path, read(tmp_path, log)) == [line]
    write(tmp_path, {"4.eml": mail(4)})
    assert told(tmp_path, read(tmp_path, log)) == [line.replace("messages: 3", "messages: 4")]


def test_what_may_be_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(letters, "LARGE", 2000)
    body = "\n".join("From somebody else\nSubject: a message, perhaps\n" for _ in range(10))
    write(
        tmp_path,
        {
            "mail/large.eml": mail(1) + "x" * 2000,
            "mail/Inbox": in_mbox(mail(2) + body),
            "mail/INBOX.msf": "x",
            "mail/ok": in_mbox(mail(3)),
            "elsewhere/4.eml": mail(4),
        },
    )
    (tmp_path / "mail/work").symlink_to("../elsewhere")
    log = read(tmp_path / "mail")
    counts, odd, links, on_server = told(tmp_path / "mail", log)
    assert counts == "files that held messages: 3; files that held none: 0."
    assert odd.startswith("one message is very large, or looks like several: large.eml, Inbox.")
    assert links == "links to folders, not followed: work. Name these folders in `path` too."
    assert on_server.startswith("Thunderbird has no mail here for: INBOX.")


PIECES = {
    "a PDF": b"%PDF-1.7\n",
    "a picture": b"\x89PNG\r\n\x1a\n\0\0",
    "Outlook Express": b"\xcf\xad\x12\xfe" + bytes(100),
    "an Outlook data file": b"!BDN" + bytes(100),
    "a database": b"SQLite format 3\0",
    "7z": b"7z\xbc\xaf\x27\x1c",
    "lzip": b"LZIP\1\x0c",
    "Lotus Notes": b"\x1a\0\0\4\0",
    "a calendar": b"BEGIN:VCALENDAR\r\n",
    "contacts": b"BEGIN:VCARD\r\n",
    "a text": b"Just text.",
    "a web page": b"<!DOCTYPE html><html></html>",
    "encrypted": b"-----BEGIN PGP MESSAGE-----\n",
    "the file is empty": b"",
    "index of Thunderbird": b'// <!-- <mdb:mork:z v="1.4"/> -->',
}


@pytest.mark.parametrize("kind", PIECES)
def test_a_refusal_says_what_the_file_is(tmp_path: Path, kind: str):
    path = write(tmp_path, {"file": PIECES[kind]}) / "file"
    with pytest.raises(MailcareError) as error:
        read(path)
    assert kind in error.value.what
    assert error.value.todo
    path.write_bytes(gzip.compress(PIECES[kind]))
    with pytest.raises(MailcareError):
        read(path)


def test_a_thunderbird_folder_without_its_messages_is_refused_with_what_to_do(tmp_path: Path):
    write(tmp_path, {"INBOX.msf": "x", "Trash.msf": "x", "msgFilterRules.dat": "version"})
    with pytest.raises(MailcareError) as error:
        read(tmp_path)
    assert "a Thunderbird folder whose messages are still on the server" in error.value.what
    assert "Synchronization" in error.value.todo


def test_a_tree_without_mail_is_refused_by_its_largest_file(tmp_path: Path):
    write(tmp_path, {"a.pdf": b"%PDF" + bytes(500), "b.txt": "text"})
    with pytest.raises(MailcareError) as error:
        read(tmp_path)
    assert error.value.what == "no mail in it: no mbox, no Maildir, no message. Its largest file is a PDF"
