"""A store encrypted at rest: nothing of the mail in its files, the same content, and clear words about its key."""

import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailcare import access
from mailcare.config.settings import load
from mailcare.errors import Exit, MailcareError
from mailcare.mail.connector import Batch, Position
from mailcare.place import Place
from mailcare.store import encryption
from mailcare.store.store import Store
from tests.counterparts.vaults import MemoryVault
from tests.invented import SOURCE, message, steps
from tests.store.stores import batch
from tests.test_cli import MBOX, Home

pytest.importorskip("sqlcipher3", reason="without the extra: .venv/bin/pip install '.[encryption]'")
ROOT = Path(__file__).parents[2]
READER = """
import sys
from pathlib import Path
from mailcare.store.store import Store
with Store.open(Path(sys.argv[1]), write=False) as store:
    rows = store.load().num_rows
    print("open", flush=True)
    sys.stdin.read()
    print(store.load().num_rows == rows > 0)
"""
KEY, OTHER = "ab" * 32, "cd" * 32
PERSONAL = (b"ada@client.example", b"me@example.com", b"Question", b"CREATE TABLE", b"unreadable", b"all.mbox")
"""What may stand in the files of a plain store: some of it packed, some as it is."""


def everything(path: Path, key: str = "") -> object:
    with Store.open(path, write=False, key=key) as store:
        return store.load().to_pylist(), store.skipped(), store.position(SOURCE), store.settled()


def filled(path: Path, key: str = "") -> None:
    with Store.open(path, write=True, key=key) as store:
        for one in steps(store, 30):
            store.append(one)
        store.append(batch("x", source="other"))


def bytes_of(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_an_encrypted_store_holds_what_a_plain_one_holds(tmp_path: Path) -> None:
    filled(tmp_path / "plain.sqlite")
    filled(tmp_path / "secret.sqlite", KEY)
    assert everything(tmp_path / "secret.sqlite", KEY) == everything(tmp_path / "plain.sqlite")
    assert not encryption.is_plain(tmp_path / "secret.sqlite")


def test_what_is_erased_is_erased_in_an_encrypted_store_too(tmp_path: Path) -> None:
    plain, secret, now = tmp_path / "plain.sqlite", tmp_path / "secret.sqlite", datetime(2026, 9, 21, tzinfo=UTC)
    aged = [
        replace(message(f"old-{days}", address="old@x.example"), received_at=now - timedelta(days)) for days in (2, 1)
    ]
    for path, key in ((plain, ""), (secret, KEY)):
        filled(path, key)
        with Store.open(path, write=True, key=key) as store:
            store.append(Batch("aged", Position(1, {}, True), aged))
            assert store.expire(now - timedelta(days=1.5)) == 1
            assert store.forget(["old@x.example"]) == 1
            store.resubject(str.upper)
            assert "STEP 7" in store.load()["subject"].to_pylist()
    assert everything(secret, KEY) == everything(plain)
    assert not encryption.is_plain(secret)
    with pytest.raises(MailcareError, match="damaged, or encrypted"):
        Store.open(secret, write=False)


def test_a_plain_store_is_encrypted_at_the_next_writing_with_all_that_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "work.sqlite"
    filled(path)
    before = everything(path)
    assert everything(path, KEY) == before, "a reader before that writing reads it as it is"
    with Store.open(path, write=True, key=KEY):
        pass
    assert not encryption.is_plain(path)
    assert everything(path, KEY) == before
    assert sorted(file.name for file in tmp_path.iterdir() if "encrypting" in file.name) == []
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_reader_keeps_a_plain_store_from_being_replaced(tmp_path: Path) -> None:
    path = tmp_path / "work.sqlite"
    filled(path)
    before = everything(path)
    with subprocess.Popen(
        [sys.executable, "-c", READER, path], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout
        assert reader.stdout.readline() == "open\n"
        with pytest.raises(MailcareError, match="the store is in use") as told:
            Store.open(path, write=True, key=KEY)
        assert told.value.code == Exit.TEMPORARY
        assert reader.communicate("go on")[0] == "True\n"
    with Store.open(path, write=True, key=KEY):
        pass
    assert everything(path, KEY) == before


def test_a_wrong_key_says_so_and_leaves_the_store_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "work.sqlite"
    filled(path, KEY)
    before = path.read_bytes()
    for write in (True, False):
        with pytest.raises(MailcareError, match="the key does not open the store") as told:
            Store.open(path, write=write, key=OTHER)
        assert told.value.code == Exit.LOGIN
    assert path.read_bytes() == before
    assert capfd.readouterr() == ("", "")


def test_without_its_key_an_encrypted_store_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    path = tmp_path / "work.sqlite"
    filled(path, KEY)
    with pytest.raises(MailcareError, match="damaged, or encrypted"):
        Store.open(path, write=True)
    with pytest.raises(MailcareError, match="the store's key is not there") as told:
        encryption.key_of(MemoryVault(), path)
    assert told.value.code == Exit.LOGIN


def test_a_key_is_made_once_and_kept(tmp_path: Path) -> None:
    vault = MemoryVault()
    made = encryption.key_of(vault, tmp_path / "work.sqlite")
    assert len(bytes.fromhex(made)) == 32
    assert encryption.key_of(vault, tmp_path / "work.sqlite") == made
    assert encryption.key_of(MemoryVault(), tmp_path / "work.sqlite") != made


def test_systemds_credential_goes_before_the_vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / encryption.CREDENTIAL).write_text(f"{KEY}\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert encryption.key_of(MemoryVault(), tmp_path / "work.sqlite") == KEY
    (tmp_path / encryption.CREDENTIAL).write_text("hello")
    with pytest.raises(MailcareError, match="is not a valid key"):
        encryption.key_of(MemoryVault(), tmp_path / "work.sqlite")


def test_through_the_command_line_no_file_but_the_report_names_anybody(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.run("sync").returncode == 0
    data = tmp_path / "data"
    assert any(word in bytes_of(data) for word in PERSONAL), "the search finds what is not encrypted"
    home.config.write_text("encrypt = true\n" + home.config.read_text())
    assert home.run("sync").returncode == 0
    assert not any(word in bytes_of(data) for word in PERSONAL)
    home.mbox.write_text(MBOX)
    assert home.run("report", "--as-of", "2026-09-21T06:00+02:00").returncode == 0
    assert any((data / "reports/work").glob("*.html"))
    shutil.rmtree(data / "reports")
    assert not any(word in bytes_of(data) for word in PERSONAL)
    (account,) = load(home.config).accounts
    with access.opened(account, Place(data), write=False) as store:
        assert store.load().num_rows == 6
