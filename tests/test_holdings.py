"""What is kept, and what is left of it after ``mailcare forget``: the files are searched for the bytes."""

import os
import pty
import sqlite3
import subprocess
from pathlib import Path

import pytest

from mailcare.disk.vault import Vault
from mailcare.errors import Exit, MailcareError
from mailcare.holdings import forget
from mailcare.place import Kept, Place
from mailcare.store.encryption import cipher
from mailcare.store.store import Store
from tests.test_cli import AS_OF, Home, mail, told

ADA, BOB = "ada.l@client.example", "bob@client.example"
NO_KEYRING = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
MBOX = "".join(
    [
        *(mail(number, f"Ada Lovelace <{ADA}>") for number in range(3)),
        *(mail(number, f"Bob <{BOB}>") for number in range(3, 6)),
        mail(6, "me@example.com", ADA, reply=0),
    ]
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    made.mbox.write_text(MBOX)
    return made


def files(home: Home) -> list[Path]:
    return [path for path in (home.folder / "data").rglob("*") if path.is_file()]


def holding(home: Home, text: str) -> list[str]:
    """The files of the data folder in which the text stands, as it is or in a stored table."""
    found = [path.name for path in files(home) if text.lower().encode() in path.read_bytes().lower()]
    for path in (home.folder / "data").glob("*.sqlite"):
        with Store.open(path, write=False) as store:
            found += [path.name] if text.lower() in repr(store.load().to_pylist()).lower() else []
    return found


def test_data_says_what_is_stored(home: Home) -> None:
    assert home.run("data").stdout == "work: messages stored: 0, 0 kB; keeps 400 days; reports: 0; secrets: none\n"
    home.run("run", "--as-of", AS_OF)
    (home.folder / "data" / "secrets").mkdir(mode=0o700)
    kept = home.folder / "data" / "secrets" / "work.json"
    kept.write_text('{"password": "hush"}')
    kept.chmod(0o600)
    line = home.run("data").stdout
    assert line.startswith("work: messages stored: 7 since 2026-09-14, ")
    assert line.endswith(" kB; keeps 400 days; reports: 1; secrets: password\n")
    assert "hush" not in line


def test_data_names_what_the_configuration_no_longer_does(home: Home) -> None:
    home.run("sync")
    home.configure("other")
    assert home.run("data").stdout.splitlines()[1].startswith("work: kept, and no longer in the configuration")
    assert home.run("forget", "--account", "work", "--yes").returncode == 0
    assert not list((home.folder / "data").glob("work*"))


def test_a_person_is_forgotten_in_every_file_and_stays_so(home: Home) -> None:
    home.run("run", "--as-of", AS_OF)
    assert {"work.sqlite", "2026-W38.html"} == set(holding(home, ADA))
    done = home.run("forget", "--person", ADA.upper(), "--yes")
    assert done.stdout == "work: entries erased: 4; reports that named them, deleted: 1\n"
    assert holding(home, ADA) == holding(home, "Lovelace") == []
    assert set(holding(home, BOB)) == {"work.sqlite"}
    home.mbox.write_text(MBOX + mail(7, BOB))
    home.run("run", "--as-of", AS_OF)
    assert home.stored() == 4
    assert holding(home, ADA) == []


def test_reports_that_do_not_name_the_person_stay(home: Home) -> None:
    home.run("run", "--as-of", AS_OF)
    page = home.folder / "data" / "reports" / "work" / "2026-W30.html"
    page.write_text("<p>Adam Lovelacey, bada.l@client.example</p>")
    home.run("forget", "--person", ADA, "--yes")
    assert sorted(path.name for path in page.parent.iterdir()) == ["2026-W30.html", "index.html"]
    listed = page.with_name("index.html").read_text()
    assert "2026-W30.html" in listed
    assert "2026-W38.html" not in listed


def test_what_is_on_paper_goes_with_its_page(home: Home) -> None:
    home.run("run", "--as-of", AS_OF)
    page = home.folder / "data" / "reports" / "work" / "2026-W38.html"
    page.with_name("2026-W30.html").write_text("<p>nobody</p>")
    for week in ("2026-W30", "2026-W38", "2026-W20"):
        page.with_name(f"{week}.pdf").write_bytes(b"%PDF")
    assert home.run("forget", "--person", ADA, "--yes").stdout.endswith("deleted: 3\n")
    assert sorted(path.name for path in page.parent.iterdir()) == ["2026-W30.html", "2026-W30.pdf", "index.html"]
    home.run("forget", "--all", "--yes")
    assert not page.parent.exists()


def test_a_reader_in_the_way_is_told(home: Home) -> None:
    home.run("run", "--as-of", AS_OF)
    reader = sqlite3.connect(home.folder / "data" / "work.sqlite")
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM batch").fetchall()
    done = home.run("forget", "--person", ADA, "--yes")
    reader.close()
    assert done.returncode == Exit.TEMPORARY
    assert "the store is in use" in told(done)
    assert home.run("forget", "--person", ADA, "--yes").returncode == 0
    assert holding(home, ADA) == []


@pytest.mark.parametrize("spelled", ["Me@example.com", "me+x@example.com", "me@example.com.", "old@example.com"])
def test_an_owner_is_not_forgotten_by_their_address_in_whatever_account(home: Home, spelled: str) -> None:
    home.configure("work", "home")
    text = home.config.read_text()
    me = 'addresses = ["me@example.com"]'
    assert text.count(me) == 2
    changed = text.replace(me, 'addresses = ["other@example.com"]', 1)
    home.config.write_text(f'aliases = {{Me = ["me@example.com", "old@example.com"]}}\n{changed}')
    home.run("sync")
    done = home.run("forget", "--person", spelled, "--yes")
    assert done.returncode == Exit.USAGE
    assert "home: this is the owner's own address. To erase the account: mailcare forget --account home." in told(done)
    assert (home.stored("work"), home.stored("home")) == (7, 7)


@pytest.mark.parametrize("spelled", ["ada.l+x@client.example", "ADA.L@CLIENT.EXAMPLE", "lovelace+y@home.example"])
def test_a_person_is_forgotten_in_whatever_spelling_of_whichever_address(home: Home, spelled: str) -> None:
    aliases = f'aliases = {{Ada = ["{ADA}", "Lovelace@home.example"]}}\n'
    home.config.write_text(aliases + home.config.read_text())
    home.run("sync")
    assert "entries erased: 4" in home.run("forget", "--person", spelled, "--yes").stdout
    assert holding(home, ADA) == []


def test_an_address_in_quotes_is_forgotten_too(home: Home) -> None:
    home.mbox.write_text(MBOX + mail(7, 'Odd <"odd one"@client.example>'))
    home.run("sync")
    assert "entries erased: 1" in home.run("forget", "--person", '"Odd one"@client.example', "--yes").stdout


def test_an_account_is_forgotten_and_the_others_are_not(home: Home) -> None:
    home.configure("work", "work2")
    home.run("run", "--as-of", AS_OF)
    assert home.run("forget", "--account", "work", "--yes").stdout == "work: nothing is stored any more\n"
    left = {path.name for path in files(home)} - {"work2.sqlite-wal", "work2.sqlite-shm"}
    assert left == {"work2.sqlite", "work2.sqlite.lock", "2026-W38.html", "index.html", "runs.jsonl"}
    assert b'"work"' not in (home.folder / "data" / "runs.jsonl").read_bytes()
    assert home.stored("work2") == 7


@pytest.mark.parametrize("encrypted", [False, True])
def test_after_all_no_file_is_left(home: Home, encrypted: bool) -> None:
    if encrypted and cipher is None:
        pytest.skip("the extra encryption is not installed")
    home.config.write_text(f"encrypt = {str(encrypted).lower()}\n{home.config.read_text()}")
    assert home.run("run", "--as-of", AS_OF, **NO_KEYRING).returncode == 0
    assert len(files(home)) >= 4
    assert home.run("forget", "--all", "--yes", **NO_KEYRING).returncode == 0
    assert files(home) == []


def test_what_is_not_mailcares_is_left(home: Home) -> None:
    home.run("run", "--as-of", AS_OF)
    own = [home.folder / "data" / name for name in ("letter.txt", "reports/work/notes.html")]
    for path in own:
        path.write_text("mine")
    home.run("forget", "--all", "--yes")
    assert sorted(files(home)) == sorted(own)


def test_a_keyring_out_of_reach_keeps_no_page(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store and the pages are gone by then, and a run that begins while the keyring is asked keeps its store."""
    place = Place(home.folder / "data")
    home.run("run", "--as-of", AS_OF)
    Vault(place.secrets("work")).put("password", "a secret")

    def away(vault: Vault) -> None:
        with Store.open(place.store("work"), write=True):
            raise MailcareError("the keyring is away", code=Exit.LOGIN)

    monkeypatch.setattr(Vault, "clear", away)
    with pytest.raises(MailcareError):
        forget("work", place)
    assert place.kept("work", Kept.PAGES, Kept.SHELF, Kept.MAILED) == []
    assert place.store("work").exists()


def test_nothing_is_erased_without_a_yes(home: Home) -> None:
    home.run("sync")
    done = home.run("forget", "--all")
    assert done.returncode == Exit.USAGE
    assert "Add --yes" in told(done)
    assert home.stored() == 7


@pytest.mark.skipif(os.name != "posix", reason="a terminal of its own needs POSIX")
@pytest.mark.parametrize(("answer", "left"), [(b"n\n", 7), (b"y\n", None)])
def test_on_a_terminal_it_asks(home: Home, answer: bytes, left: int | None) -> None:
    import pty

    home.run("sync")
    person, terminal = pty.openpty()
    os.write(person, answer)
    command = home.command("forget", "--account", "work")
    done = subprocess.run(command, stdin=terminal, env=home.environment(), cwd=home.folder, capture_output=True)
    os.close(person)
    os.close(terminal)
    assert b"Erase what is stored of work" in done.stdout + done.stderr
    assert done.returncode == (Exit.INTERRUPTED if left else Exit.DONE)
    assert (home.stored() if left else None) == left


@pytest.mark.parametrize("arguments", [[], ["--all", "--account", "work"], ["--account", "wrk"], ["--person", "ada"]])
def test_what_is_to_be_forgotten_has_to_be_clear(home: Home, arguments: list[str]) -> None:
    done = home.run("forget", *arguments)
    assert done.returncode == Exit.USAGE
    assert told(done)


def test_while_a_run_is_at_work_its_store_stays(home: Home) -> None:
    home.run("sync")
    with Store.open(home.folder / "data" / "work.sqlite", write=True):
        done = home.run("forget", "--account", "work", "--yes")
    assert done.returncode == Exit.LOCKED
    assert home.stored() == 7


def test_without_an_answer_nothing_is_erased(home: Home) -> None:
    """Ctrl-D at the question, in a terminal."""
    home.run("sync")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        home.command("forget", "--all"), cwd=home.folder, env=home.environment(), stdin=theirs, stderr=subprocess.PIPE
    )
    os.close(theirs)
    os.write(ours, b"\x04")
    _, said = process.communicate(timeout=60)
    os.close(ours)
    assert process.returncode == Exit.INTERRUPTED
    assert b"mailcare: stopped, as there was no answer. Nothing was done." in said
    assert home.stored() == 7


def test_what_cannot_be_erased_does_not_keep_the_rest(home: Home) -> None:
    home.configure("work", "work2")
    home.run("run", "--as-of", AS_OF)
    with Store.open(home.folder / "data" / "work.sqlite", write=True):
        done = home.run("forget", "--all", "--yes")
    assert done.returncode == Exit.PARTLY
    assert "work: " in told(done)
    assert (home.folder / "data" / "work.sqlite").exists()
    assert not (home.folder / "data" / "work2.sqlite").exists()


def test_a_person_is_not_erased_without_a_yes(home: Home) -> None:
    home.run("sync")
    done = home.run("forget", "--person", ADA)
    assert done.returncode == Exit.USAGE
    assert "there is no terminal to ask. Add --yes to go on without." in told(done)
    assert home.stored() == 7
