"""Files come whole or not at all, and to their owner alone."""

import subprocess
from pathlib import Path

import pytest

from mailcare.disk.deliver import mark, write
from mailcare.errors import MailcareError
from tests.store.stores import small_disk


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_text_and_bytes_are_written_as_they_are(tmp_path: Path) -> None:
    write(tmp_path / "page.html", "Zoë\r\n")
    write(tmp_path / "table.parquet", b"\x00\xff")
    assert (tmp_path / "page.html").read_bytes() == "Zoë\r\n".encode()
    assert (tmp_path / "table.parquet").read_bytes() == b"\x00\xff"


def test_the_file_and_folders_made_for_it_are_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "work" / "week.html"
    write(path, "page")
    modes = [oct(place.stat().st_mode & 0o777) for place in (path, path.parent, path.parent.parent)]
    assert modes == ["0o600", "0o700", "0o700"]


def test_a_file_open_to_others_is_replaced_by_one_that_is_not(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")
    path.chmod(0o644)
    write(path, "new")
    assert (path.read_text(), oct(path.stat().st_mode & 0o777)) == ("new", "0o600")
    assert names(tmp_path) == ["page.html"]


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "page.html"
    target.write_text("precious")
    link.symlink_to(target)
    write(link, "page")
    assert target.read_text() == "precious"
    assert not link.is_symlink()
    assert link.read_text() == "page"


def test_a_folder_in_the_way_is_said_so_and_nothing_stays(tmp_path: Path) -> None:
    (tmp_path / "page.html").mkdir()
    with pytest.raises(MailcareError, match="a folder is in the way"):
        write(tmp_path / "page.html", "page")
    assert names(tmp_path) == ["page.html"]


def test_a_file_in_the_way_of_the_folder_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(MailcareError, match="a file is in the way"):
        write(tmp_path / "reports" / "page.html", "page")


def test_on_a_full_disk_the_old_file_stays_and_nothing_else(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, "64k"):
        write(disk / "page.html", "old")
        with pytest.raises(MailcareError, match="disk is full"):
            write(disk / "page.html", "n" * 100_000)
        assert (disk / "page.html").read_text() == "old"
        assert names(disk) == ["page.html"]


def test_a_read_only_disk_is_said_so(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, "64k"):
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        with pytest.raises(MailcareError, match="read-only"):
            write(disk / "page.html", "page")


def test_a_mark_is_made_once_and_is_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "mailed" / "2026-W38"
    assert [mark(path) for _ in range(3)] == [True, False, False]
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert oct(path.parent.stat().st_mode & 0o777) == "0o700"


def test_where_no_mark_can_be_made_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "mailed").write_text("a file")
    with pytest.raises(MailcareError, match="a file is in the way"):
        mark(tmp_path / "mailed" / "2026-W38")
