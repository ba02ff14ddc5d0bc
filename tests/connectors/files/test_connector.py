"""The files connector: every kind of source, read once, again, and after every kind of change."""

import gzip
import lzma
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.files.connector import Files
from connectors.files.formats import mbox
from connectors.files.formats.separators import is_lenient
from connectors.files.openers import REACH
from mailcare.errors import Exit, MailcareError
from mailcare.mail.message import Message, Role
from tests.connectors.files.mails import BODY, in_mbox, later, mail, maildir, read
from tests.counterparts.log import Log
from tests.counterparts.vaults import MemoryVault


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbox, "BATCH", 2)


def test_an_mbox(tmp_path: Path):
    path = tmp_path / "Sent.mbox"
    path.write_bytes(in_mbox(mail(1), mail(2, "Subject: two")))
    log = read(path)
    assert log.ids() == ["<1@x.org>", "<2@x.org>"]
    assert {message.folders for message in log.messages()} == {("Sent",)}
    assert {message.roles for message in log.messages()} == {(Role.SENT,)}
    assert log.positions["Sent.mbox"].complete
    assert log.messages()[0].size == len(mail(1)) + 1


@pytest.mark.parametrize("convert", [bytes, lambda raw: raw.replace(b"\n", b"\r\n")], ids=["LF", "CRLF"])
def test_what_separates_messages(tmp_path: Path, convert: Callable[[bytes], bytes]):
    quoted = mail(1) + "\n>From here on: quoted\n\nFrom here on\nno header\nFrom there: no empty line\nX: y\n"
    path = tmp_path / "all.mbox"
    path.write_bytes(convert(b"\n" + in_mbox(quoted, mail(2))))
    assert read(path).ids() == ["<1@x.org>", "<2@x.org>"]


def test_some_programs_leave_out_the_empty_line(tmp_path: Path):
    path = tmp_path / "all.mbox"
    path.write_bytes(in_mbox(mail(1), mail(2)).replace(b"\n\nFrom ", b"\nFrom "))
    assert read(path).ids() == ["<1@x.org>", "<2@x.org>"]


def test_google_takeout(tmp_path: Path):
    labels = 'X-Gmail-Labels: =?UTF-8?Q?Entw=C3=BCrfe,Wichtig,"Caf=C3=A9,_Bar"?='
    path = tmp_path / "Alle E-Mails.mbox"
    raw = in_mbox(mail(1, "X-GM-THRID: 17", labels), mail(2, "X-Gmail-Labels: Gesendet,Papierkorb"), mail(3))
    path.write_bytes(raw.replace(b"\n", b"\r\n"))
    one, two, three = read(path).messages()
    assert (one.conversation, one.folders, one.roles) == ("17", ("Entwürfe", "Wichtig", "Café, Bar"), (Role.DRAFTS,))
    assert two.roles == (Role.SENT, Role.TRASH)
    assert three.folders == ("Alle E-Mails",)


def test_maildir(tmp_path: Path):
    maildir(tmp_path, **{"1.host:2,S": mail(1), "2.host:2,D": mail(2), "3.host:2,ST": mail(3)})
    (tmp_path / "new" / "4.host").write_text(mail(4))
    (tmp_path / "tmp" / "5.host").write_text(mail(5))
    (tmp_path / "dovecot-uidlist").write_text("3 V1")
    maildir(tmp_path / ".Sent.2024", **{"6.host:2,S": mail(6)})
    maildir(tmp_path / ".Entw&APw-rfe", **{"7.host:2,": mail(7)})
    (tmp_path / ".Sent.2024" / "maildirfolder").touch()
    log = read(tmp_path)
    found = {message.message_id[1]: (message.folders[0], message.roles) for message in log.messages()}
    assert found == {
        "1": (tmp_path.name, ()),
        "2": (tmp_path.name, (Role.DRAFTS,)),
        "3": (tmp_path.name, (Role.TRASH,)),
        "4": (tmp_path.name, ()),
        "6": ("Sent/2024", (Role.SENT,)),
        "7": ("Entwürfe", (Role.DRAFTS,)),
    }
    assert not log.skipped


def test_a_flag_in_a_maildir_is_no_new_message_and_a_move_is_one(tmp_path: Path):
    maildir(tmp_path / "a", **{"1.host:2,": mail(1)})
    maildir(tmp_path / "b")
    log = read(tmp_path)
    (tmp_path / "a/cur/1.host:2,").rename(tmp_path / "a/cur/1.host:2,RS")
    assert len(read(tmp_path, log).batches) == 1
    (tmp_path / "a/cur/1.host:2,RS").rename(tmp_path / "b/cur/1.host:2,RS")
    assert [message.folders for message in read(tmp_path, log).messages()] == [("b",)]
    (tmp_path / "b/cur/1.host:2,RS").rename(tmp_path / "b/cur/1.host:2,RST")
    assert [message.roles for message in read(tmp_path, log).messages()] == [(Role.TRASH,)]


def test_a_tree_with_one_message_per_file(tmp_path: Path):
    files = {
        "1.eml": mail(1),
        "_sent_mail/2.": mail(2),
        "inbox/3": "From a@x.org Tue Sep  1 10:00:00 2026\n" + mail(3),
        "deleted_items/old/4": mail(4),
        "inbox/00005.abcdef.txt": "From a@x.org Tue Sep  1 10:00:00 2026\n" + mail(5),
        "inbox/.DS_Store": "x",
        "inbox/Inbox.msf": "x",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    log = read(tmp_path)
    assert {message.message_id[1]: (message.folders[0], message.roles) for message in log.messages()} == {
        "1": (tmp_path.name, ()),
        "2": ("_sent_mail", (Role.SENT,)),
        "3": ("inbox", ()),
        "4": ("deleted_items/old", (Role.TRASH,)),
        "5": ("inbox", ()),
    }
    assert set(log.positions) == {""}


def test_mboxes_in_a_tree_are_sources_of_their_own(tmp_path: Path):
    """As Thunderbird keeps them."""
    (tmp_path / "Archive.sbd").mkdir()
    for name, number in {"Inbox": 1, "Archive.sbd/2025": 2, "Papierkorb.mbox": 3, "2024": 6}.items():
        (tmp_path / name).write_bytes(in_mbox(mail(number)))
    with gzip.open(tmp_path / "Old.mbox.gz", "wb") as old:
        old.write(in_mbox(mail(4)))
    (tmp_path / "5.eml").write_text(mail(5))
    (tmp_path / "2024.msf").touch()
    log = read(tmp_path)
    assert set(log.positions) == {"", "2024", "Inbox", "Archive.sbd/2025", "Papierkorb.mbox", "Old.mbox.gz"}
    folders = {message.message_id[1]: message.folders[0] for message in log.messages()}
    assert folders == {
        "1": "Inbox",
        "2": "Archive/2025",
        "3": "Papierkorb",
        "4": "Old",
        "6": "2024",
        "5": tmp_path.name,
    }


def compressed_gz(path: Path, raw: bytes) -> Path:
    path = path.with_name(path.name + ".gz")
    path.write_bytes(gzip.compress(raw))
    return path


def compressed_xz(path: Path, raw: bytes) -> Path:
    path = path.with_name(path.name + ".xz")
    path.write_bytes(lzma.compress(raw))
    return path


def plain(path: Path, raw: bytes) -> Path:
    path.write_bytes(raw)
    return path


WRITERS = pytest.mark.parametrize("write", [plain, compressed_gz, compressed_xz])


def everything(log: Log) -> list[Message]:
    return sorted(log.messages(), key=lambda message: message.key)


@WRITERS
@pytest.mark.usefixtures("small_batches")
def test_a_run_cut_after_any_batch_goes_on(tmp_path: Path, write: Callable[[Path, bytes], Path]):
    path = write(tmp_path / "all.mbox", in_mbox(*(mail(number) for number in range(9))))
    whole = read(path)
    assert len(whole.batches) == 5
    assert [batch.position.complete for batch in whole.batches] == [False] * 4 + [True]
    for cut in range(1, 5):
        log = read(path, batches=cut)
        assert len(log.messages()) == 2 * cut
        read(path, log)
        assert everything(log) == everything(whole)
        assert len(log.batches) == 5
        assert log.positions == whole.positions


@WRITERS
def test_an_unchanged_mbox_yields_nothing(tmp_path: Path, write: Callable[[Path, bytes], Path]):
    path = write(tmp_path / "all.mbox", in_mbox(mail(1), mail(2)))
    log = read(path)
    assert len(read(path, log).batches) == 1
    later(path)
    assert [batch.messages for batch in read(path, log).batches[1:]] == [[]]
    assert len(read(path, log).batches) == 2


@WRITERS
@pytest.mark.usefixtures("small_batches")
def test_a_grown_mbox_is_read_on_from_any_place_where_it_ended(tmp_path: Path, write: Callable[[Path, bytes], Path]):
    """Also where it ended within a header, a separator or a body."""
    full = in_mbox(mail(1), mail(2, "To: b@x.org"), mail(3))
    whole = everything(read(write(tmp_path / "whole.mbox", full)))
    for end in range(60, len(full), 7):
        path = write(tmp_path / f"grown{end}.mbox", full[:end])
        log = read(path)
        write(tmp_path / f"grown{end}.mbox", full)
        later(path)
        read(path, log)
        assert {position.generation for position in log.positions.values()} == {1}
        assert [(m.key, m.message_id, m.size) for m in everything(log)] == [
            (m.key, m.message_id, m.size) for m in whole
        ], end


@WRITERS
@pytest.mark.usefixtures("small_batches")
def test_a_rewritten_mbox_is_read_anew(tmp_path: Path, write: Callable[[Path, bytes], Path]):
    path = write(tmp_path / "all.mbox", in_mbox(*(mail(number) for number in range(6))))
    log = read(path)
    write(tmp_path / "all.mbox", in_mbox(*(mail(number) for number in (0, 2, 3, 4, 5, 6))))
    later(path)
    read(path, log)
    anew = log.batches[3:]
    assert [(batch.position.generation, batch.position.complete) for batch in anew] == [
        (2, False),
        (2, False),
        (2, True),
    ]
    assert log.ids() == [f"<{number}@x.org>" for number in (0, 2, 3, 4, 5, 6)]


def test_a_shrunk_mbox_is_read_anew(tmp_path: Path):
    path = plain(tmp_path / "all.mbox", in_mbox(mail(1), mail(2), mail(3)))
    log = read(path)
    plain(path, in_mbox(mail(1), mail(2)))
    assert read(path, log).ids() == ["<1@x.org>", "<2@x.org>"]
    assert log.positions["all.mbox"].generation == 2


@pytest.mark.parametrize("write", [compressed_gz, compressed_xz])
def test_a_truncated_file_is_read_as_far_as_it_goes_and_counted_once(
    tmp_path: Path, write: Callable[[Path, bytes], Path]
):
    numbers = range(5_000)
    raw = in_mbox(*(mail(number, f"Subject: {hash(number * 7919.5)}") for number in numbers))
    path = write(tmp_path / "all.mbox", raw)
    complete = path.read_bytes()
    path.write_bytes(complete[: len(complete) // 2])
    log = read(path)
    stored = len(log.messages())
    assert 0 < stored < len(numbers)
    assert log.skipped == {"truncated": 1}
    assert len(read(path, log).messages()) == stored
    assert log.skipped == {"truncated": 1}
    path.write_bytes(complete)
    assert len(read(path, log).messages()) == len(numbers)


@pytest.mark.usefixtures("small_batches")
def test_a_tree_cut_after_any_batch_goes_on_and_follows_changes(tmp_path: Path):
    for number in range(7):
        (tmp_path / f"{number}.eml").write_text(mail(number))
    whole = read(tmp_path)
    for cut in range(1, 4):
        log = read(tmp_path, batches=cut)
        assert everything(read(tmp_path, log)) == everything(whole)
    assert len(read(tmp_path, whole).batches) == 4
    (tmp_path / "0.eml").unlink()
    (tmp_path / "1.eml").write_text(mail("1b", "Subject: written anew"))
    (tmp_path / "7.eml").write_text(mail(7))
    assert read(tmp_path, whole).ids() == sorted(f"<{name}@x.org>" for name in ("1b", 2, 3, 4, 5, 6, 7))


def test_read_is_stored_plus_counted(tmp_path: Path):
    (tmp_path / "1.eml").write_text(mail(1))
    (tmp_path / "2.eml").write_text("")
    (tmp_path / "3.eml").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00: no mail\n")
    (tmp_path / "4.eml.gz").write_bytes(gzip.compress(os.urandom(5000))[:100])
    (tmp_path / "5.eml.xz").write_bytes(lzma.compress(mail(5).encode()))
    (tmp_path / "6.eml").write_text("no header\n\nbut: a colon")
    log = read(tmp_path)
    assert log.ids() == ["<1@x.org>", "<5@x.org>"]
    assert log.skipped == {"empty_file": 1, "not_a_message": 2, "truncated": 1}
    read(tmp_path, log)
    assert log.skipped.total() == 4
    assert len(log.batches) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file; run the tests as another user")
def test_files_without_permission_are_counted_and_nothing_is_taken_for_vanished(tmp_path: Path):
    (tmp_path / "1.eml").write_text(mail(1))
    (tmp_path / "2.eml").write_text(mail(2))
    (tmp_path / "2.eml").chmod(0)
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "3.eml").write_text(mail(3))
    log = read(tmp_path)
    closed.chmod(0)
    try:
        read(tmp_path, log)
        assert log.ids() == ["<1@x.org>", "<3@x.org>"]
        assert log.skipped == {"unreadable": 2}
        (tmp_path / "2.eml").chmod(0o600)
        assert read(tmp_path, log).ids() == ["<1@x.org>", "<2@x.org>", "<3@x.org>"]
    finally:
        closed.chmod(0o700)


def test_two_paths(tmp_path: Path):
    for name, number in {"a": 1, "b": 2}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.eml").write_text(mail(number))
        (tmp_path / name / "old.mbox").write_bytes(in_mbox(mail(number + 2)))
    log = read([tmp_path / "a", tmp_path / "b"])
    assert set(log.positions) == {"a", "b", "a/old.mbox", "b/old.mbox"}
    assert len(log.ids()) == 4


@given(st.lists(st.booleans(), min_size=2, max_size=12))
def test_two_halves_equal_the_whole(tmp_path_factory: pytest.TempPathFactory, sides: list[bool]):
    """A mailbox split into two files holds the same messages."""
    tmp_path = tmp_path_factory.mktemp("halves")
    mails = [mail(number) for number in range(len(sides))]
    halves = [[one for one, there in zip(mails, sides, strict=True) if there is side] for side in (True, False)]
    paths = [plain(tmp_path / f"{n}.mbox", in_mbox(*half)) for n, half in enumerate(halves) if half]
    whole = read(plain(tmp_path / "whole.mbox", in_mbox(*mails)))
    parts = read(paths)
    assert [(m.key, m.message_id, m.size, m.sent_at) for m in everything(parts)] == [
        (m.key, m.message_id, m.size, m.sent_at) for m in everything(whole)
    ]


PIECES = st.sampled_from(
    [
        b"From ",
        b"From a 10:00 2026\n",
        b"\n",
        b"\n\n",
        b"\r\n\r\n",
        b"From a b\n",
        b"X: y",
        b": ",
        b"From: a@x.org\n",
        b"Subject: s\n",
        b"x" * 5000,
    ]
)


class Pieces:
    """A stream that is read in pieces of a given size."""

    def __init__(self, raw: bytes, size: int) -> None:
        self.pieces: Iterator[bytes] = (raw[at : at + size] for at in range(0, len(raw), size))

    def read(self) -> bytes:
        return next(self.pieces, b"")

    def at(self, _: int, __: int) -> None:
        return None


def split(raw: bytes, size: int, start: int = 0, before: bytes = b"") -> list[mbox.Envelope]:
    lenient = is_lenient(raw[:REACH])
    return list(mbox.split(Pieces(raw[start:], size), start, before, lenient=lenient))  # type: ignore[arg-type]


@given(st.lists(PIECES, max_size=60).map(b"".join), st.integers(1, 6000))
def test_neither_the_size_of_the_pieces_nor_the_place_to_go_on_from_matters(raw: bytes, size: int):
    whole = split(raw, len(raw) + 1)
    assert split(raw, size) == whole
    for number, one in enumerate(whole):
        assert raw[one.start :].startswith(b"From ")
        assert split(raw, size, one.start, one.before) == whole[number:]


def test_no_body_reaches_a_batch(tmp_path: Path):
    (tmp_path / "1.eml").write_text(mail(1))
    (tmp_path / "2").write_text(mail(2).replace("\n", "\r\n"))
    (tmp_path / "in.mbox").write_bytes(in_mbox(mail(3), mail(4) + "\nFrom here\n" + BODY))
    maildir(tmp_path / "m", **{"5.host:2,": mail(5)})
    log = read(tmp_path)
    assert len(log.messages()) == 5
    assert BODY not in repr(log.batches)


@pytest.mark.parametrize(
    ("options", "where"),
    [({}, "path"), ({"path": ""}, "path"), ({"path": [1]}, "path"), ({"path": "x", "folder": "y"}, "folder")],
)
def test_wrong_options(options: dict[str, Any], where: str):
    with pytest.raises(MailcareError) as error:
        Files(options, MemoryVault())
    assert (error.value.where, error.value.code) == (where, Exit.USAGE)


def test_paths_that_hold_no_mail(tmp_path: Path):
    (tmp_path / "empty.mbox").touch()
    (tmp_path / "text.mbox").write_text("Just text.")
    (tmp_path / "nothing").mkdir()
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "x.png").write_bytes(b"\x89PNG")
    (tmp_path / "cut.mbox.xz").write_bytes(lzma.compress(in_mbox(mail(1)))[:20])
    expected = {
        "missing": "no such file",
        "empty.mbox": "is empty",
        "text.mbox": "no mail in it",
        "nothing": "no mail in it",
        "pictures": "no mail in it",
        "cut.mbox.xz": "ends before the first message",
    }
    for name, what in expected.items():
        with pytest.raises(MailcareError) as error:
            read(tmp_path / name)
        assert what in error.value.what
        assert error.value.where == str(tmp_path / name)
        assert error.value.todo


def test_a_mailbox_that_has_become_empty_is_an_error_and_loses_nothing(tmp_path: Path):
    box, tree = plain(tmp_path / "all.mbox", in_mbox(mail(1))), tmp_path / "tree"
    tree.mkdir()
    (tree / "2.eml").write_text(mail(2))
    for path in (box, tree):
        log = read(path)
        box.write_bytes(b"")
        (tree / "2.eml").unlink(missing_ok=path == box)
        with pytest.raises(MailcareError):
            read(path, log)
        assert len(log.messages()) == 1
        (tree / "2.eml").write_text(mail(2))
