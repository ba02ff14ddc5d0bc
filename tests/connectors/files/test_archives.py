"""Archives and compressed files: read through, bounded, refused clearly."""

import bz2
import gzip
import io
import lzma
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from connectors.files import openers
from mailcare.errors import MailcareError
from mailcare.mail.message import Role
from tests.connectors.files.mails import by_number, in_mbox, mail, numbers, read, write
from tests.counterparts.log import Log

ALL_MAIL = "Takeout/Mail/All mail Including Spam and Trash.mbox"


def in_zip(files: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def in_tar(files: dict[str, str | bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in files.items():
            octets = content if isinstance(content, bytes) else content.encode()
            entry = tarfile.TarInfo(name)
            entry.size = len(octets)
            archive.addfile(entry, io.BytesIO(octets))
    return out.getvalue()


def zstd(raw: bytes) -> bytes:
    return pa.Codec("zstd").compress(raw).to_pybytes()  # type: ignore[no-any-return]


def lz4(raw: bytes) -> bytes:
    out = io.BytesIO()
    with pa.CompressedOutputStream(pa.PythonFile(out, mode="w"), "lz4") as stream:
        stream.write(raw)
        stream.flush()
        stream.close()
        return out.getvalue()


def dovecot_lz4(raw: bytes) -> bytes:
    whole = b"Dovecot-LZ4\r\x2a\x9b\xc5" + (1 << 16).to_bytes(4, "big")
    for at in range(0, len(raw), 1 << 16):
        chunk = pa.Codec("lz4_raw").compress(raw[at : at + (1 << 16)]).to_pybytes()
        whole += len(chunk).to_bytes(4, "big") + chunk
    return whole


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": lambda raw: bz2.compress(raw, 1),
    "xz": lzma.compress,
    "lzma": lambda raw: lzma.compress(raw, lzma.FORMAT_ALONE),
    "zst": zstd,
    "Dovecot's lz4": dovecot_lz4,
}
ARCHIVES: dict[str, Callable[[dict[str, str | bytes]], bytes]] = {
    "zip": in_zip,
    "tar": in_tar,
    "tar of GNU": lambda files: in_tar(files, tarfile.GNU_FORMAT),
    "tgz": lambda files: gzip.compress(in_tar(files)),
    "txz": lambda files: lzma.compress(in_tar(files)),
    "tbz": lambda files: bz2.compress(in_tar(files)),
    "tar.zst": lambda files: zstd(in_tar(files)),
}
INSIDE: dict[str, str | bytes] = {
    ALL_MAIL: in_mbox(mail(1), mail(2, "X-Gmail-Labels: Trash")),
    "Takeout/archive_browser.html": "<html>no mail</html>",
    "Maildir/.Sent/cur/3.h:2,S": mail(3),
    "Maildir/cur/4.h:2,ST": mail(4),
    "Maildir/tmp/9.h": mail(9),
    "proton/5.eml": mail(5),
    "proton/5.metadata.json": '{"Payload": {"LabelIDs": ["4"]}}',
    f"{'long name ' * 20}/6.eml.gz": gzip.compress(mail(6).encode()),
    "__MACOSX/._5.eml": mail(9),
    "Sent.mbox/mbox": in_mbox(mail(7)),
}


@pytest.mark.parametrize("packed", PACKED)
def test_how_a_file_is_compressed_its_first_octets_say(tmp_path: Path, packed: str):
    raw = PACKED[packed](in_mbox(*(mail(number) for number in range(3000))))
    path = write(tmp_path, {"a.mbox": raw, "one.eml": PACKED[packed](mail("one").encode())}) / "a.mbox"
    assert len(read(path).messages()) == 3000
    assert len(read(tmp_path).messages()) == 3001
    path.write_bytes(raw[: len(raw) // 2])
    log = read(path)
    assert 0 < len(log.messages()) < 3000
    assert log.skipped == {"truncated": 1}


@pytest.mark.parametrize("archive", ARCHIVES)
def test_an_archive_is_read_as_the_folder_that_it_holds(tmp_path: Path, archive: str):
    path = write(tmp_path, {"mail": ARCHIVES[archive](INSIDE)}) / "mail"
    log = read(path)
    assert {number: (one.folders, one.roles) for number, one in by_number(log).items()} == {
        "1": (("Takeout/Mail/All mail Including Spam and Trash",), ()),
        "2": (("Trash",), (Role.TRASH,)),
        "3": (("Maildir/Sent",), (Role.SENT,)),
        "4": (("Maildir",), (Role.TRASH,)),
        "5": (("Spam",), (Role.SPAM,)),
        "6": (("long name " * 20,), ()),
        "7": (("Sent",), (Role.SENT,)),
    }
    assert log.skipped == {"other_file": 1}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("archive", ["zip", "tgz"])
def test_a_run_cut_within_an_archive_goes_on_and_a_changed_one_is_read_anew(tmp_path: Path, archive: str):
    def boxes(*all_numbers: int) -> bytes:
        return ARCHIVES[archive]({f"{number}.mbox": in_mbox(mail(number)) for number in all_numbers})

    path = write(tmp_path, {"mail.zip": boxes(*range(9))}) / "mail.zip"
    whole = read(path)
    for cut in range(1, len(whole.batches)):
        log = read(path, batches=cut)
        assert len(log.messages()) == 2 * cut
        assert read(path, log).ids() == whole.ids()
        assert len(log.batches) == len(whole.batches)
    assert len(read(path, whole).batches) == 5
    path.write_bytes(boxes(*range(1, 11)))
    assert numbers(read(path, whole)) == sorted(str(number) for number in range(1, 11))
    assert whole.positions["mail.zip"].generation == 2


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.files.formats.mbox.BATCH", 2)


@pytest.mark.parametrize("suffix", ["zip", "tgz"])
def test_takeouts_parts_are_one(tmp_path: Path, suffix: str):
    name = "takeout-20250915T080000Z"
    parts = {f"{name}-{part:03}.{suffix}": ARCHIVES[suffix]({ALL_MAIL: in_mbox(mail(part))}) for part in (1, 2, 3)}
    write(tmp_path, parts | {f"{name}-notes.zip": in_zip({"a.eml": mail(9)})})
    paths = [tmp_path / part for part in parts]
    assert numbers(read(paths[0])) == ["1", "2", "3"]
    assert numbers(read(paths[2])) == ["1", "2", "3"]
    assert set(read(tmp_path).positions) == {f"{name}-001.{suffix}", f"{name}-notes.zip"}
    log = read([*paths])
    assert numbers(log) == ["1", "2", "3"]
    assert len(log.messages()) == 3


def refusal(path: Path, log: Log | None = None) -> str:
    with pytest.raises(MailcareError) as error:
        read(path, log)
    return error.value.what


def test_an_encrypted_zip_is_refused_and_what_is_open_in_it_read(tmp_path: Path):
    raw = bytearray(in_zip({ALL_MAIL: in_mbox(mail(1))}))
    raw[6] |= 1
    raw[raw.index(b"PK\1\2") + 8] |= 1
    path = write(tmp_path, {"a.zip": bytes(raw)}) / "a.zip"
    log = Log()
    assert "encrypted" in refusal(path, log)
    assert "encrypted" in refusal(path, log)
    half = in_zip({"1.eml": mail(1), "2.eml": mail(2)})
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = half.index(mark) + at
        half = half[:place] + bytes([half[place] | 1]) + half[place + 1 :]
    log = read(write(tmp_path, {"half.zip": half}) / "half.zip")
    assert (numbers(log), log.skipped) == (["2"], {"encrypted": 1})


def test_archives_that_hold_no_mail_are_refused_by_what_they_hold(tmp_path: Path):
    photos = {f"photos/{number}.jpg": b"\xff\xd8\xff\xe0" + bytes(50) for number in range(9)}
    for archive, kind in {"zip": "a zip of photos", "tgz": "a tar archive of photos"}.items():
        path = write(tmp_path, {archive: ARCHIVES[archive](photos)}) / archive
        log = Log()
        assert kind in refusal(path, log)
        assert kind in refusal(path, log)
    document = in_zip({"[Content_Types].xml": "<x/>", "word/document.xml": mail(1)})
    assert "a document" in refusal(write(tmp_path, {"a.docx": document}) / "a.docx")
    within = in_zip({"b.zip": in_zip({"1.eml": mail(1)})})
    assert "an archive within an archive" in refusal(write(tmp_path, {"c.zip": within}) / "c.zip")


def test_damaged_archives_are_read_as_far_as_they_go(tmp_path: Path):
    many: dict[str, str | bytes] = {f"{number}.eml": mail(number, "X: " + "y" * number) for number in range(500)}
    for archive in ("tgz", "txz"):
        raw = ARCHIVES[archive](many)
        log = read(write(tmp_path, {archive: raw[: len(raw) * 2 // 3]}) / archive)
        assert 0 < len(log.messages()) < 500
        assert log.skipped["truncated"] >= 1
    raw = in_zip(many)
    assert "ends before the first message" in refusal(write(tmp_path, {"a.zip": raw[: len(raw) * 2 // 3]}) / "a.zip")
    assert "cut into several" in refusal(write(tmp_path, {"a.zip.001": raw[: len(raw) * 2 // 3]}) / "a.zip.001")


@pytest.mark.parametrize("archive", ["zip", "tgz", "tar.zst"])
def test_a_bomb_ends_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, archive: str):
    monkeypatch.setattr(openers, "FLOOR", 1 << 20)
    monkeypatch.setattr(openers, "GROWTH", 3)
    files: dict[str, str | bytes] = {"1.eml": mail(1)}
    files |= {f"{number}.mbox": in_mbox(mail(number)) + bytes(1 << 20) for number in range(2, 9)}
    raw = ARCHIVES[archive](files)
    log = read(write(tmp_path, {"bomb": raw}) / "bomb")
    assert "1" in numbers(log)
    assert len(numbers(log)) < 8
    assert log.skipped["endless"] + log.skipped["truncated"] >= 1
    log = read(write(tmp_path, {"b.mbox": gzip.compress(in_mbox(mail(1)) + bytes(1 << 22))}) / "b.mbox")
    assert (numbers(log), log.skipped) == (["1"], {"endless": 1})


def test_a_bomb_takes_no_memory(tmp_path: Path):
    path = write(tmp_path, {"b.mbox": bz2.compress(in_mbox(mail(1)) + bytes(1 << 26))}) / "b.mbox"
    tracemalloc.start()
    read(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 25


def test_an_archive_in_a_tree_is_a_source_of_its_own(tmp_path: Path):
    write(tmp_path, {"old/2019.zip": in_zip({"1.eml": mail(1)}), "2.eml": mail(2)})
    log = read(tmp_path)
    assert numbers(log) == ["1", "2"]
    assert set(log.positions) == {"", "old/2019.zip"}
    batches = len(log.batches)
    assert len(read(tmp_path, log).batches) == batches
