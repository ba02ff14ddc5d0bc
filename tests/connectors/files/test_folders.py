"""How mail programs and servers lay out their folders."""

import json
import os
import plistlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mailcare.mail.folders import roles
from mailcare.mail.message import Role
from tests.connectors.files.mails import by_number, in_mbox, mail, maildir, numbers, read, write


def folders(root: Path) -> dict[str, str]:
    return {number: message.folders[0] for number, message in by_number(read(root)).items()}


@pytest.mark.parametrize("colon", [":", ";", "!", "_", "-", " ", "%3A", "\uf03a", "\ua789", ""])
def test_a_maildirs_colon_may_have_become_something_else(tmp_path: Path, colon: str):
    maildir(tmp_path, **{f"1.M1P1.host,S=9{colon}2,ST": mail(1), f"2.M1P1.host{colon}2,S": mail(2)})
    log = read(tmp_path)
    assert {number: one.roles for number, one in by_number(log).items()} == {"1": (Role.TRASH,), "2": ()}
    before = len(log.batches)
    (tmp_path / f"cur/2.M1P1.host{colon}2,S").rename(tmp_path / "cur/2.M1P1.host:2,RS")
    assert len(read(tmp_path, log).batches) == before


def test_maildirs_without_their_empty_folders(tmp_path: Path):
    write(tmp_path, {"cur/1.h:2,S": mail(1), ".Sent/cur/2.h:2,S": mail(2), ".Trash.old/cur/3.h:2,": mail(3)})
    assert folders(tmp_path) == {"1": tmp_path.name, "2": "Sent", "3": "Trash/old"}
    assert folders(tmp_path / "cur") == {"1": tmp_path.name}


def test_a_maildirs_own_cur_may_be_given(tmp_path: Path):
    maildir(tmp_path / "Sent", **{"1.h:2,S": mail(1), "2.h:2,T": mail(2)})
    found = by_number(read(tmp_path / "Sent" / "cur"))
    assert {number: one.roles for number, one in found.items()} == {"1": (Role.SENT,), "2": (Role.TRASH, Role.SENT)}


def test_compressed_messages_in_a_maildir_without_a_suffix(tmp_path: Path):
    import bz2
    import gzip
    import lzma

    maildir(tmp_path)
    for number, packed in enumerate((gzip.compress, bz2.compress, lzma.compress), 1):
        (tmp_path / f"cur/{number}.h,S=9:2,S").write_bytes(packed(mail(number).encode()))
    assert numbers(read(tmp_path)) == ["1", "2", "3"]


def test_kmail_mbsync_and_evolution(tmp_path: Path):
    maildir(tmp_path / "kmail/inbox", **{"1.h:2,S": mail(1)})
    maildir(tmp_path / "kmail/.inbox.directory/projects", **{"2.h:2,S": mail(2)})
    maildir(tmp_path / "mbsync/work/Sent/2025", **{"3.h:2,S": mail(3)})
    write(
        tmp_path,
        {"evolution/folders/INBOX/cur/1a/4": mail(4), "evolution/folders/INBOX/subfolders/Sent/cur/3f/5": mail(5)},
    )
    assert folders(tmp_path) == {
        "1": "kmail/inbox",
        "2": "kmail/inbox/projects",
        "3": "mbsync/work/Sent/2025",
        "4": "evolution/folders/INBOX",
        "5": "evolution/folders/INBOX/Sent",
    }


def test_thunderbird(tmp_path: Path):
    write(
        tmp_path,
        {
            "Inbox": in_mbox(mail(1)),
            "Inbox.msf": '// <!-- <mdb:mork:z v="1.4"/> -->',
            "Dr. Miller": in_mbox(mail(2)),
            "Dr. Miller.msf": "x",
            "Clients.sbd/example.com": in_mbox(mail(3)),
            "Clients.sbd/2024": in_mbox(mail(4)),
            "Unsent Messages": in_mbox(mail(5)),
            "Lite.msf": "x",
            "msgFilterRules.dat": 'version="9"\nlogging="no"\n',
        },
    )
    maildir(tmp_path / "Lite", **{"6.eml": mail(6, "X-Mozilla-Status: 0009")})
    log = read(tmp_path)
    found = {number: (one.folders[0], one.roles) for number, one in by_number(log).items()}
    assert found == {
        "1": ("Inbox", ()),
        "2": ("Dr. Miller", ()),
        "3": ("Clients/example.com", ()),
        "4": ("Clients/2024", ()),
        "5": ("Unsent Messages", (Role.DRAFTS,)),
        "6": ("Lite", (Role.TRASH,)),
    }
    assert not log.skipped


def emlx(text: str, **known: int) -> bytes:
    octets = text.encode()
    return f"{len(octets):<10}\n".encode() + octets + plistlib.dumps(known)


def test_apple_mail(tmp_path: Path):
    data = "INBOX.mbox/0A1B2C3D-0000-4000-8000-000000000000/Data"
    timeless = "Message-ID: <6@x.org>\nFrom: a@x.org\n\ntext\n"
    write(
        tmp_path,
        {
            f"{data}/1/Messages/1.emlx": emlx(mail(1), flags=8590195713),
            f"{data}/1/Messages/2.partial.emlx": emlx(mail(2), flags=1 << 1),
            f"{data}/1/Attachments/2/1.2/forwarded.eml": mail("an attachment"),
            "Old.mbox/0A1B/Data/Attachments/3/2/forwarded.eml": mail("an attachment"),
            f"{data}/Messages/3.emlx": emlx(mail(3), flags=1 << 6),
            f"{data}/Messages/3.2.emlxpart": "aGVsbG8=",
            "INBOX.mbox/Info.plist": plistlib.dumps({"x": 1}),
            "Sent Messages.mbox/Messages/4.emlx": emlx(mail(4), flags=1 << 24),
            "Old.mbox/mbox": in_mbox(mail(5)),
            "Old.mbox/table_of_contents": b"\0\1\2",
            f"{data}/Messages/6.emlx": emlx(timeless, **{"date-received": 1757923230}),
        },
    )
    log = read(tmp_path)
    found = {number: (one.folders[0], one.roles) for number, one in by_number(log).items()}
    assert found == {
        "1": ("INBOX", ()),
        "2": ("INBOX", (Role.TRASH,)),
        "3": ("INBOX", (Role.DRAFTS,)),
        "4": ("Sent Messages", (Role.SPAM, Role.SENT)),
        "5": ("Old", ()),
        "6": ("INBOX", ()),
    }
    received = by_number(log)["6"].received_at
    assert received
    assert received.isoformat() == "2025-09-15T08:00:30+00:00"
    assert not log.skipped
    assert {number: one.folders[0] for number, one in by_number(read(tmp_path / "Old.mbox")).items()} == {"5": "Old"}


def test_mh_and_claws(tmp_path: Path):
    names = {"inbox/1": 1, "inbox/,2": 2, "inbox/#3": 3, "queue/4": 4, "draft/5": 5, "support queue/6": 6}
    write(tmp_path, {name: mail(number) for name, number in names.items()})
    write(tmp_path, {"inbox/.mh_sequences": "unseen: 1-3\n", "inbox/.claws_mark": b"\2\0\0\0"})
    log = read(tmp_path)
    assert {number: one.roles for number, one in by_number(log).items()} == {
        "1": (),
        "2": (Role.TRASH,),
        "3": (Role.TRASH,),
        "4": (Role.DRAFTS,),
        "5": (Role.DRAFTS,),
        "6": (),
    }
    assert not log.skipped


def test_dovecots_dbox(tmp_path: Path):
    def dbox(*mails: tuple[str, str]) -> bytes:
        whole = b"2 M1e C68c7d5aa\n"
        for text, box in mails:
            notes = f"\n\1\3\nR68c7d5aa\nB{box}\n\n"
            whole += b"\1\2N" + b" " * 10 + f"{len(text):016X}\n".encode() + text.encode() + notes.encode()
        return whole

    write(
        tmp_path,
        {
            "mailboxes/Sent/dbox-Mails/u.1": dbox((mail(1), "Sent")),
            "mailboxes/Sent/dbox-Mails/dovecot.index": b"\7\3",
            "storage/m.1": dbox((mail(2), "INBOX"), (mail(3), "Entw&APw-rfe")),
        },
    )
    log = read(tmp_path)
    found = {number: (one.folders[0], one.roles) for number, one in by_number(log).items()}
    assert found == {"1": ("Sent", (Role.SENT,)), "2": ("INBOX", ()), "3": ("Entwürfe", (Role.DRAFTS,))}
    assert set(log.positions) == {"", "storage/m.1"}


def test_protons_export(tmp_path: Path):
    def noted(*labels: str) -> str:
        return json.dumps({"Version": 1, "Payload": {"LabelIDs": labels}})

    own = json.dumps({"Version": 1, "Payload": [{"ID": "own==", "Name": "Clients", "Type": 1}]})
    write(tmp_path, {f"mail_1/{number}==.eml": mail(number) for number in range(1, 6)} | {"mail_1/labels.json": own})
    labels = {1: ("0", "5", "own=="), 2: ("4", "5"), 3: ("3",), 4: ("8", "1"), 5: ("12",)}
    write(tmp_path, {f"mail_1/{number}==.metadata.json": noted(*ids) for number, ids in labels.items()})
    log = read(tmp_path)
    assert {number: (one.folders, one.roles) for number, one in by_number(log).items()} == {
        "1": (("Inbox", "Clients"), ()),
        "2": (("Spam",), (Role.SPAM,)),
        "3": (("Trash",), (Role.TRASH,)),
        "4": (("Drafts",), (Role.DRAFTS,)),
        "5": (("Scheduled",), (Role.DRAFTS,)),
    }
    assert not log.skipped
    write(tmp_path, {"mail_1/1==.metadata.json": noted("3")})
    assert by_number(read(tmp_path, log))["1"].roles == (Role.TRASH,)
    assert len(log.messages()) == 5


def test_gmvault_and_got_your_back(tmp_path: Path):
    write(
        tmp_path,
        {
            "db/2025-09/1.eml": mail(1),
            "db/2025-09/1.meta": json.dumps({"labels": ["\\Sent", "a"]}),
            "db/chats/subchats-1/2.eml": mail(2),
            "db/chats/subchats-1/2.meta": json.dumps({"labels": []}),
            "gyb/2025/9/15/3.eml": mail(3),
            "gyb/2025/9/15/4.eml": mail(4),
        },
    )
    with closing(sqlite3.connect(tmp_path / "gyb/msg-db.sqlite")) as database:
        database.executescript(
            """CREATE TABLE messages (message_num INTEGER, message_filename TEXT, message_internaldate TEXT);
            CREATE TABLE labels (message_num INTEGER, label TEXT);
            INSERT INTO messages VALUES (1, '2025/9/15/3.eml', ''), (2, '2025/9/15/4.eml', '');
            INSERT INTO labels VALUES (1, 'TRASH'), (1, 'Clients'), (2, 'CHAT');"""
        )
    log = read(tmp_path)
    assert {number: (one.folders, one.roles) for number, one in by_number(log).items()} == {
        "1": (("\\Sent", "a"), (Role.SENT,)),
        "3": (("TRASH", "Clients"), (Role.TRASH,)),
    }
    assert log.skipped == {"not_mail": 2}


@pytest.mark.parametrize(
    "noted",
    ["", "[1]", '{"Payload": [1]}', '{"Payload": {"LabelIDs": {"0": 1}}}', '{"labels": 3}', "[" * 100_000, "\0"],
)
def test_notes_that_cannot_be_read_say_nothing(tmp_path: Path, noted: str):
    write(
        tmp_path,
        {"1.eml": mail(1), "1.metadata.json": noted, "1.meta": noted, "labels.json": noted, "msg-db.sqlite": noted},
    )
    assert numbers(read(tmp_path)) == ["1"]


def test_files_of_programs_are_known_by_what_is_in_them(tmp_path: Path):
    mail_in = {"Courier": 1, "Subscriptions": 2, "a/Dovecot, a question.eml": 3, "courier brings": 4, ".hidden/5": 5}
    write(tmp_path, {name: in_mbox(mail(number), mail(f"{number}b")) for name, number in mail_in.items()})
    kept = [
        "subscriptions",
        "dovecot.index.cache",
        "dovecot-uidlist",
        "courierimapsubscribed",
        ".DS_Store",
        "Inbox.msf",
    ]
    write(tmp_path, {f"kept/{name}": "3 V1 N2\nx" for name in kept} | {".git/9.eml": mail(9)})
    log = read(tmp_path)
    assert numbers(log) == sorted(f"{number}{b}" for number in (1, 2, 3, 4, 5) for b in ("", "b"))
    assert not log.skipped


def test_links_out_of_the_folder_and_loops_are_not_followed_and_told(tmp_path: Path):
    maildir(tmp_path / "elsewhere", **{"1.h:2,S": mail(1)})
    write(tmp_path, {"mail/2.eml": mail(2), "mail/deep/3.eml": mail(3), "4.eml": mail(4)})
    (tmp_path / "mail/work").symlink_to("../elsewhere")
    (tmp_path / "mail/deep/round").symlink_to("..")
    (tmp_path / "mail/same").symlink_to("deep")
    (tmp_path / "mail/linked.eml").symlink_to(tmp_path / "4.eml")
    log = read(tmp_path / "mail")
    assert numbers(log) == ["2", "3", "4"]
    assert log.skipped == {"link": 2}
    assert read(tmp_path / "mail", log).skipped == {"link": 2}


def test_names_that_are_no_text(tmp_path: Path):
    for number in (1, 2):
        write(tmp_path, {os.fsdecode(b"caf\xe9/%d\xff.eml" % number): mail(number)})
    assert folders(tmp_path) == {"1": "caf\\xe9", "2": "caf\\xe9"}


@pytest.mark.parametrize(
    "name",
    [
        "Outbox",
        "Unsent Messages",
        "Templates",
        "Scheduled",
        "postponed",
        "postponed-msgs",
        "Postausgang",
        "Boîte d'envoi",
    ],
)
def test_what_is_not_sent_yet_counts_as_a_draft(name: str):
    assert roles([name]) == (Role.DRAFTS,)


@pytest.mark.parametrize(
    "name",
    [
        "INBOX.Trash.2024",
        "[Gmail].Trash",
        "[Google Mail].Papierkorb.Old",
        "&AMk-l&AOk-ments supprim&AOk-s",
        "Old/Trash",
    ],
)
def test_a_role_in_whatever_form_a_server_writes_the_name(name: str):
    assert roles([name]) == (Role.TRASH,)


def test_a_dot_in_a_name_is_no_folder():
    assert roles(["Mr. Trash", "v1.Trash", "R&D-Trash"]) == ()
