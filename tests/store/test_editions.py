"""A store outlives the program that wrote it: older rows are filled, newer ones are refused and left alone.

``fixtures/README.md`` says how the two stores were made that programs of earlier commits have left.
"""

import csv
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pytest

from mailcare.errors import MailcareError
from mailcare.mail.columns import EDITION
from mailcare.store import database, encryption, rows, store
from mailcare.store.store import Store
from tests.store.stores import batch, stored, write

ROOT = Path(__file__).parents[2]
FIXTURES = Path(__file__).parent / "fixtures"
COMMITS = ("42e6a1d", "989cc47")
TABLES = ("turns", "replies", "threads", "weekly")
KEY = "ab" * 32


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "work.sqlite"


def left_by(commit: str, path: Path) -> Path:
    path.parent.mkdir(mode=0o700)
    return Path(shutil.copy(FIXTURES / commit / "work.sqlite", path))


def streams(path: Path) -> list[bytes]:
    with closing(sqlite3.connect(path)) as connection:
        return [stream for (stream,) in connection.execute("SELECT rows FROM batch ORDER BY id")]


def by_a_newer_program(path: Path, *key: str) -> dict[str, Any]:
    """What the program of ``newer`` makes of the store."""
    command = [sys.executable, "-m", "tests.store.newer", path, *key]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return dict(json.loads(told.stdout))


def everything(path: Path, key: str = "", *, write: bool = False) -> object:
    with Store.open(path, write=write, key=key) as opened:
        known = [(source, opened.position(source), opened.folders(source)) for source in opened.sources()]
        return opened.load().to_pylist(), known, opened.skipped(), opened.settled(), opened.moments().tolist()


def refused(path: Path, match: str, *keys: str) -> None:
    """Both ways of opening are refused, and not a byte of the store is changed."""
    before = path.read_bytes()
    for key in keys or ("",):
        for writing in (False, True):
            with pytest.raises(MailcareError, match=match):
                Store.open(path, write=writing, key=key)
            assert path.read_bytes() == before
            assert list(path.parent.glob("*-encrypting")) == []


# Older stores


@pytest.mark.parametrize("commit", COMMITS)
def test_the_figures_of_an_older_store_are_those_that_its_program_gave(commit: str, path: Path) -> None:
    """42e6a1d had no ``p_answer`` in its turns yet; everything else that it said still holds."""
    left_by(commit, path)
    config, told = path.parent.parent / "config.toml", path.parent.parent / "told"
    shutil.copy(FIXTURES / "config.toml", config)
    command = [sys.executable, "-m", "mailcare", "export", "--format", "csv", "--config", config, told]
    subprocess.run([*command, "--as-of", "2026-09-21T06:00+02:00"], cwd=ROOT, check=True, capture_output=True)
    for table in TABLES:
        with (FIXTURES / commit / f"{table}.csv").open() as before, (told / f"{table}.csv").open() as now:
            expected = list(csv.DictReader(before))
            found = list(csv.DictReader(now))
        assert expected
        assert [{name: row[name] for name in expected[0]} for row in found] == expected


@pytest.mark.parametrize("commit", COMMITS)
def test_what_an_older_store_has_forgotten_removed_and_settled_stays_so(commit: str, path: Path) -> None:
    with Store.open(left_by(commit, path), write=True) as opened:
        log, settled, keys = opened.load(), opened.settled(), opened.keys("maildir")
    assert len(log) == 38
    assert "eve@forgotten.example" not in log["people_address"].combine_chunks().flatten().to_pylist()
    assert "maildir/12.0@mail.example" in keys, "a forgotten copy is not to be read again"
    assert "maildir/8.0@mail.example" not in keys, "one that was removed is gone"
    assert settled.keys() == ({"<8.2@mail.example>"} if commit == "989cc47" else set())


@pytest.mark.parametrize("commit", COMMITS)
def test_a_writer_brings_an_older_store_up_to_date_and_loses_nothing(commit: str, path: Path) -> None:
    before = everything(left_by(commit, path))
    assert {rows.edition_of(stream) for stream in streams(path)} == {0}
    with patch.object(store, "_FEW", 0), Store.open(path, write=True) as opened:
        opened.compact()
    assert everything(path) == before
    assert {rows.edition_of(stream) for stream in streams(path)} == {EDITION}
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (database.VERSION,)


@pytest.mark.parametrize("commit", COMMITS)
def test_no_column_of_an_older_store_has_been_taken_away_or_changed(commit: str) -> None:
    for stream in streams(FIXTURES / commit / "work.sqlite"):
        with pa.ipc.open_stream(stream) as reader:
            assert {field.name: field.type for field in reader.schema}.items() <= {
                field.name: field.type for field in rows.ROWS
            }.items()


def test_old_and_new_rows_load_as_one_table(path: Path) -> None:
    before = stored(left_by("989cc47", path))
    write(path, batch("new", source="later"))
    assert {rows.edition_of(stream) for stream in streams(path)} == {0, EDITION}
    assert stored(path)["key"].to_pylist() == [*before["key"].to_pylist(), "new"]


def test_columns_are_found_by_name_and_missing_ones_have_the_default_of_their_field() -> None:
    whole = rows.copies(batch("a", "b").messages)
    other_order = whole.select(["subject", "removed", "key", "people_name"])
    read = rows.unpack(rows.pack(other_order))
    assert read.schema == rows.ROWS
    assert read["key"].to_pylist() == ["a", "b"]
    assert read["people_name"].to_pylist() == [["Ann"], ["Ann"]]
    assert (read["message_id"].to_pylist(), read["references"].to_pylist()) == (["", ""], [[], []])
    assert (read["sent_at"].to_pylist(), read["size"].to_pylist()) == ([None, None], [0, 0])
    assert rows.unpack(rows.pack(other_order), rows.FOLDERS)["folders"].to_pylist() == [[], []]


# Newer stores


@pytest.mark.parametrize("commit", COMMITS)
def test_a_field_more_is_stored_filled_for_older_rows_and_refused_by_an_older_program(commit: str, path: Path) -> None:
    before = stored(left_by(commit, path))
    filled = {"weather": "fair", "flavours": ["plain"], "tasted_at": None}
    own = {"weather": "rain", "flavours": [], "tasted_at": "2026-09-21 00:00:00+00:00"}
    told = by_a_newer_program(path)
    assert told == dict.fromkeys(before["key"].to_pylist(), filled) | {"added": own}
    assert by_a_newer_program(path) == told
    newer = rf"newer mailcare \(edition {EDITION + 3} of the store, this one knows {EDITION}\).*Update mailcare"
    refused(path, newer, "", KEY)


def test_an_encrypted_store_of_a_newer_program_is_refused_too(path: Path) -> None:
    pytest.importorskip("sqlcipher3", reason="without the extra: pip install 'mailcare[encryption]'")
    by_a_newer_program(left_by("989cc47", path), KEY)
    assert not encryption.is_plain(path)
    refused(path, r"newer mailcare \(edition", KEY)


def newer_tables(path: Path, key: str) -> None:
    connection = encryption.connect(path.as_uri(), key, timeout=1) if key else sqlite3.connect(path)
    with closing(connection):
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute(f"PRAGMA user_version = {database.VERSION + 1}")


def test_newer_tables_are_refused_before_anything_is_set_or_encrypted(path: Path) -> None:
    write(path, batch("a"))
    newer_tables(path, "")
    refused(path, r"newer mailcare \(version.*Update mailcare", "", KEY)


def test_newer_tables_in_an_encrypted_store_are_refused_too(path: Path) -> None:
    pytest.importorskip("sqlcipher3", reason="without the extra: pip install 'mailcare[encryption]'")
    with Store.open(path, write=True, key=KEY) as opened:
        opened.append(batch("a"))
    newer_tables(path, KEY)
    refused(path, r"newer mailcare \(version.*Update mailcare", KEY)


# Streams that are none


def truncated(stream: bytes) -> bytes:
    return stream[: len(stream) // 2]


def garbled(stream: bytes) -> bytes:
    return stream[:-600] + bytes(400) + stream[-200:]


def without_removals(_: bytes) -> bytes:
    return rows.pack(rows.copies(batch("a").messages).drop_columns("removed"))


def of_another_kind(_: bytes) -> bytes:
    return rows.pack(rows.copies(batch("a").messages).set_column(0, "key", pa.array([["a"]])))


@pytest.mark.parametrize("damage", [truncated, garbled, without_removals, of_another_kind, lambda _: b"no stream"])
def test_rows_that_cannot_be_read_are_damage(path: Path, damage: Callable[[bytes], bytes]) -> None:
    """Even if their checksum is right."""
    write(path, batch(*map(str, range(200))))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        ((source, generation, skipped, stream),) = connection.execute(
            "SELECT source, generation, skipped, rows FROM batch"
        )
        bad = damage(stream)
        kept = bad, database.checksum(source, generation, skipped, bad)
        connection.execute("UPDATE batch SET rows = ?, checksum = ?", kept)
    for writing in (False, True):
        with pytest.raises(MailcareError, match=r"the store is damaged.*Move work.sqlite"):
            everything(path, write=writing)
