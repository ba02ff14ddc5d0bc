"""What a store survives: other runs, kills at any moment, damage, disks that are full, read-only or out of reach."""

import os
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from mailcare.errors import Exit, MailcareError
from mailcare.store import database
from mailcare.store.store import Store
from tests.invented import SOURCE, read
from tests.store.stores import batch, everything, keys, small_disk, stored, write

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "work.sqlite"


# Other processes


HOLD = """
import sys
from pathlib import Path
from mailcare.store.store import Store
with Store.open(Path(sys.argv[1]), write=True):
    print("open", flush=True)
    sys.stdin.read()
"""


@contextmanager
def another_run(path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == "open\n"
        yield process
        process.kill()


def test_a_second_writer_is_refused_until_the_first_has_died(path: Path) -> None:
    write(path, batch("a"))
    with another_run(path) as run:
        with pytest.raises(MailcareError, match="another run holds the lock") as refused:
            Store.open(path, write=True)
        assert refused.value.code == Exit.LOCKED
        assert keys(path) == ["a"]
        run.kill()
        run.wait()
        write(path, batch("b"))
    assert keys(path) == ["a", "b"]


def test_a_second_writer_in_the_same_process_is_refused_and_takes_no_lock_away(path: Path) -> None:
    with Store.open(path, write=True):
        with pytest.raises(MailcareError, match="another run"):
            Store.open(path, write=True)
        other = subprocess.run([sys.executable, "-c", HOLD, path], cwd=ROOT, input="", capture_output=True, text=True)
    assert "another run holds the lock" in other.stderr


def test_a_reader_sees_what_was_committed_when_it_came(path: Path) -> None:
    with Store.open(path, write=True) as writer:
        writer.append(batch("a"))
        with Store.open(path, write=False) as reader:
            writer.append(batch("b"))
            writer.append(batch("c", generation=2))
            assert reader.load()["key"].to_pylist() == ["a"]
        assert keys(path) == ["c"]


def test_killed_fifty_times_it_ends_as_if_undisturbed(path: Path, tmp_path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-m", "tests.invented", path, "50"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert killed.stdout.split() == ["-9"] * 50, killed.stderr
    with Store.open(path, write=True) as writer:
        position = writer.position(SOURCE)
    assert position
    assert position.cursor["step"] > 75
    read(path, position.cursor["step"] + 5)
    read(tmp_path / "undisturbed", position.cursor["step"] + 5)
    assert everything(path) == everything(tmp_path / "undisturbed")


# The disk


def test_the_store_is_for_its_owner_alone(path: Path) -> None:
    path.parent.mkdir(0o700)
    path.touch(0o644)
    old_mask = os.umask(0)
    try:
        with Store.open(path, write=True) as writer:
            writer.append(batch("a"))
            modes = {file.name: oct(file.stat().st_mode & 0o777) for file in path.parent.iterdir()}
    finally:
        os.umask(old_mask)
    names = ["work.sqlite", "work.sqlite-shm", "work.sqlite-wal", "work.sqlite.lock"]
    assert modes == dict.fromkeys(names, "0o600")


def test_folders_that_are_made_are_for_their_owner_alone(tmp_path: Path) -> None:
    write(tmp_path / "one" / "two" / "work.sqlite")
    assert [oct(folder.stat().st_mode & 0o777) for folder in (tmp_path / "one", tmp_path / "one" / "two")] == [
        "0o700",
        "0o700",
    ]


def test_a_reader_without_a_store_is_told_to_sync(path: Path) -> None:
    with pytest.raises(MailcareError, match=r"nothing has been read yet. Run `mailcare sync` first."):
        Store.open(path, write=False)
    assert not path.parent.exists()


def test_a_newer_store_is_refused_and_left_alone(path: Path) -> None:
    write(path, batch("a"))
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {database.VERSION + 1}")
    connection.close()
    before = path.read_bytes()
    for mode in (True, False):
        with pytest.raises(MailcareError, match=r"newer mailcare.*Update mailcare"):
            Store.open(path, write=mode)
    assert path.read_bytes() == before


@pytest.mark.parametrize("write", [True, False])
def test_a_store_cut_short_is_called_damaged_and_left_alone(path: Path, write: bool) -> None:
    read(path, 35)
    whole = path.read_bytes()
    page = 4096
    for length in range(100, len(whole) - page, 1000):
        path.write_bytes(whole[:length])
        with pytest.raises(MailcareError, match=r"is damaged. Move work.sqlite .* aside"):
            stored(path, write=write)
        assert path.read_bytes() == whole[:length]


def test_a_flipped_bit_is_noticed_or_harmless(path: Path) -> None:
    read(path, 35)
    whole, truth = path.read_bytes(), everything(path)
    chance, noticed = random.Random(1), 0
    for _ in range(150):
        place = chance.randrange(len(whole))
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        try:
            found = everything(path)
        except MailcareError:
            noticed += 1
        else:
            assert found == truth, place
        assert path.read_bytes() == flipped
    assert noticed > 40


def append_without_end(writer: Store, acknowledged: list[str]) -> None:
    for number in count():
        names = [f"{number}.{place}" for place in range(50)]
        writer.append(batch(*names))
        acknowledged += names


def test_on_a_full_disk_what_was_stored_stays_and_the_next_run_goes_on(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, "400k"):
        path, expected = disk / "work.sqlite", list[str]()
        with Store.open(path, write=True) as writer, pytest.raises(MailcareError, match=r"disk is full.*Free some"):
            append_without_end(writer, expected)
        assert expected
        assert keys(path) == expected
        subprocess.run(["mount", "-o", "remount,size=4m", disk], check=True)
        write(path, batch("more"))
        assert keys(path) == [*expected, "more"]


def test_a_disk_full_from_the_start_is_said_so(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, "16k"):
        (disk / "ballast").write_bytes(bytes(12_288))
        with pytest.raises(MailcareError, match="disk is full"):
            Store.open(disk / "work.sqlite", write=True)


def test_a_read_only_disk_is_said_so(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, "1m"):
        write(disk / "work.sqlite", batch("a"))
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        with pytest.raises(MailcareError, match="read-only"):
            Store.open(disk / "work.sqlite", write=True)


def test_an_error_of_the_disk_is_said_so_and_undone(path: Path) -> None:
    with Store.open(path, write=True) as writer:
        expected = list[str]()
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
        try:
            with pytest.raises(MailcareError, match="the disk reports an error"):
                append_without_end(writer, expected)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        writer.append(batch("b"))
    assert keys(path) == [*expected, "b"]


@pytest.fixture
def closed_folder() -> Iterator[Path]:
    """A folder that this process may not enter; where it is root's, it is somebody else for as long."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "closed"
        folder.mkdir(0)
        root = os.geteuid() == 0
        if root:
            Path(place).chmod(0o755)
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)
            folder.chmod(0o700)


@pytest.mark.parametrize("write", [True, False])
def test_without_permission_it_says_so(closed_folder: Path, write: bool) -> None:
    with pytest.raises(MailcareError, match="no permission"):
        Store.open(closed_folder / "work.sqlite", write=write)


def test_a_folder_in_the_way_is_said_so(path: Path) -> None:
    path.mkdir(parents=True)
    with pytest.raises(MailcareError, match="a folder is in the way"):
        Store.open(path, write=True)
