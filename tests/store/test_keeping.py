"""Mail that has grown old is let go of: what goes and what stays, in the files too, and what the report says after."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from mailcare import weekly
from mailcare.config import settings as config
from mailcare.demo import AS_OF as DEMO_AS_OF
from mailcare.demo import make
from mailcare.errors import Exit
from mailcare.mail.connector import Batch, Position
from mailcare.mail.message import Field, Message, Person
from mailcare.place import Place
from mailcare.store import database
from mailcare.store.keeping import let_go, newest
from mailcare.store.store import Store
from tests.store.stores import batch
from tests.test_cli import AS_OF, Home, mail

NOW = datetime(2026, 9, 21, 6, tzinfo=UTC)
OLD, NEW = NOW - timedelta(days=401), NOW - timedelta(days=399)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "work.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path, write=True) as opened:
        yield opened


def dated(
    key: str, received: datetime | None = None, sent: datetime | None = None, message_id: str | None = None
) -> Message:
    people = (Person(Field.FROM, "", f"{key}@elsewhere.example"),)
    return Message(
        key, f"<{key}>" if message_id is None else message_id, sent_at=sent, received_at=received, people=people
    )


def read(
    store: Store, *messages: Message, source: str = "", generation: int = 1, removed: list[str] | None = None
) -> None:
    store.append(Batch(source, Position(generation, {}, True), list(messages), removed or []))


def keys(store: Store) -> list[str]:
    return [str(key) for key in store.load()["key"].to_pylist()]


# The store


def test_a_message_is_as_old_as_its_arrival_else_its_date_and_without_either_it_stays(store: Store) -> None:
    read(store, dated("a", OLD, NEW), dated("b", NEW, OLD), dated("c", None, OLD), dated("d", None, NEW), dated("e"))
    assert store.expire(NOW - timedelta(days=400)) == 2
    assert keys(store) == ["b", "d", "e"]
    assert store.expire(NOW - timedelta(days=400)) == 0
    assert store.expire(NEW) == 0, "what is just as old stays"


def test_the_moments_are_those_of_what_is_there_in_all_sources(store: Store) -> None:
    assert store.moments().tolist() == []
    read(store, dated("a"), dated("b", OLD, NEW), source="one")
    read(store, dated("c", NEW), dated("d", None, OLD), source="two")
    read(store, source="two", removed=["c"])
    assert store.moments().tolist() == [int(OLD.timestamp())] * 2


def test_what_was_let_go_of_is_not_stored_again_in_no_generation_and_under_no_key(store: Store) -> None:
    read(store, dated("a", OLD), dated("b", NEW), dated("bare", OLD, message_id=""))
    assert store.expire(NOW - timedelta(days=400)) == 2
    assert store.keys("") == {"a", "b", "bare"}
    read(store, dated("a", OLD), dated("moved", OLD, message_id="<a>"), dated("bare", OLD, message_id=""))
    read(store, dated("a", OLD), dated("b", NEW), dated("bare", OLD, message_id=""), generation=2)
    assert keys(store) == ["b"]


def test_without_a_message_id_it_is_known_by_its_date_and_people_wherever_it_lies(store: Store) -> None:
    read(store, dated("bare", sent=OLD, message_id=""), dated("b", NEW))
    assert store.expire(NOW - timedelta(days=400)) == 1
    copied = replace(dated("bare", NEW, OLD, message_id=""), key="touched", subject="veiled", size=7)
    other = replace(dated("someone", sent=OLD, message_id=""), key="other")
    read(store, copied, other, source="elsewhere")
    assert keys(store) == ["b", "other"]


def test_without_a_date_either_it_is_known_by_its_key_alone(store: Store) -> None:
    read(store, dated("bare", OLD, message_id=""), dated("b", NEW))
    assert store.expire(NOW - timedelta(days=400)) == 1
    read(store, dated("bare", OLD, message_id=""), replace(dated("bare", NEW, message_id=""), key="later"))
    assert keys(store) == ["b", "later"]


def test_a_key_that_means_another_message_in_a_new_generation_is_no_longer_let_go_of(store: Store) -> None:
    """As on an IMAP server that numbers its messages anew."""
    read(store, dated("1", OLD), dated("2", OLD), dated("3", NEW))
    assert store.expire(NOW - timedelta(days=400)) == 2
    store.append(Batch("", Position(2, {}, False), [dated("1", NEW, message_id="<3>")]))
    assert store.keys("") == {"1"}
    read(store, dated("2", NEW, message_id="<4>"), generation=2)
    assert store.load()["message_id"].to_pylist() == ["<3>", "<4>"]


def test_a_copy_that_leaves_its_source_later_is_told_gone_once(store: Store) -> None:
    read(store, dated("a", OLD), dated("b", NEW))
    store.expire(NOW - timedelta(days=400))
    read(store, removed=["a"])
    assert store.keys("") == {"b"}
    read(store, dated("elsewhere", OLD, message_id="<a>"))
    assert keys(store) == ["b"], "its Message-ID is known for ever"


def test_a_copy_removed_before_is_not_noted_and_its_rows_go(store: Store) -> None:
    read(store, dated("a", OLD), dated("b", NEW))
    read(store, removed=["a"])
    assert store.expire(NOW - timedelta(days=400)) == 0
    assert store.keys("") == {"b"}
    ((rows,),) = store._database.execute("SELECT count(*) FROM forgotten").fetchall()
    assert rows == 0


def test_cut_off_in_between_everything_is_as_before(store: Store) -> None:
    read(store, dated("a", OLD), dated("b", NEW), source="one")
    read(store, dated("c", OLD), source="two")
    store.settle(["<a>"], OLD)
    before, whole = keys(store), Store._rewrite

    def cut(self: Store, source: str, generation: int) -> int:
        if source == "two":
            raise KeyboardInterrupt
        return whole(self, source, generation)

    with patch.object(Store, "_rewrite", cut), pytest.raises(KeyboardInterrupt):
        store.expire(NOW - timedelta(days=400))
    assert (keys(store), list(store.settled())) == (before, ["<a>"])
    assert store.expire(NOW - timedelta(days=400)) == 2
    assert (keys(store), store.settled()) == (["b"], {})


def packed(path: Path) -> bytes:
    """Some bytes of the compressed rows of the first batch."""
    with sqlite3.connect(path) as connection:
        (stream,) = connection.execute("SELECT rows FROM batch ORDER BY id").fetchone()
    connection.close()
    return bytes(stream[-600:-100])


def in_files(path: Path, wanted: bytes) -> bool:
    return any(wanted in file.read_bytes() for file in path.parent.iterdir() if file.is_file())


def test_the_bytes_are_gone_from_the_files(path: Path, store: Store) -> None:
    read(store, dated("a", OLD), dated("b", NEW))
    rows = packed(path)
    assert in_files(path, rows)
    store.expire(NOW - timedelta(days=400))
    assert not in_files(path, rows)


def test_a_reader_is_not_in_the_way_and_the_bytes_go_with_the_next_writer(path: Path) -> None:
    with patch.object(database, "PATIENCE", 0.1), Store.open(path, write=True) as store:
        read(store, dated("a", OLD), dated("b", NEW))
        rows = packed(path)
        with Store.open(path, write=False) as reader:
            assert store.expire(NOW - timedelta(days=400)) == 1
            assert keys(reader) == ["a", "b"]
            assert in_files(path, rows)
    with Store.open(path, write=True):
        pass
    assert not in_files(path, rows)


# From when on


def test_days_are_counted_from_the_newest_message_so_that_an_archive_stays(store: Store) -> None:
    newest = datetime(2001, 5, 21, tzinfo=UTC)
    read(store, dated("a", newest - timedelta(days=401)), dated("b", newest - timedelta(days=400)), dated("c", newest))
    assert let_go(store, 0, NOW) == 0
    assert let_go(store, 400, NOW) == 1
    assert keys(store) == ["b", "c"]


def test_but_never_from_later_than_now(store: Store) -> None:
    read(store, dated("a", OLD), dated("b", NOW - timedelta(days=400)), dated("c", NOW + timedelta(hours=20)))
    assert let_go(store, 400, NOW) == 1
    assert keys(store) == ["b", "c"]


@pytest.mark.parametrize("clock", [datetime(2015, 5, 5, tzinfo=UTC), NOW, NOW + timedelta(days=900)])
@pytest.mark.parametrize(("number", "alone"), [(20, 1), (100, 9), (3000, 49)])
def test_a_few_messages_whose_clock_was_wrong_do_not_empty_an_archive(number: int, alone: int, clock: datetime) -> None:
    """One a day up to the end of 2001, and some that say they are of years after."""
    end = datetime(2001, 12, 31, tzinfo=UTC)
    moments = [int((end - timedelta(days=day)).timestamp()) for day in range(number)]
    strays = [int(clock.timestamp())] * alone
    assert newest(np.array(strays + moments), NOW) == end
    assert newest(np.array(strays * 2 + moments), NOW) == min(clock, NOW)


def test_of_a_mailbox_that_goes_on_the_newest_message_counts(store: Store) -> None:
    """Much was written long ago, and a message a week since."""
    long_ago = [int((NOW - timedelta(days=1000, hours=hour)).timestamp()) for hour in range(5000)]
    since = [int((NOW - timedelta(weeks=week)).timestamp()) for week in range(57)]
    assert newest(np.array(long_ago + since), NOW) == NOW


def test_with_no_mail_or_none_that_is_dated_nothing_goes(store: Store) -> None:
    assert let_go(store, 400, NOW) == 0
    store.append(batch("a", "b"))
    assert let_go(store, 400, NOW) == 0


# The command line


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Mail of September 2026, and three messages of September 2024."""
    made = Home(tmp_path)
    recent = [mail(number) for number in range(5)]
    old = [mail(number).replace(" 2026", " 2024") for number in range(10, 13)]
    made.mbox.write_text("".join([*old, *recent]))
    return made


def test_a_run_lets_go_and_says_so_once(home: Home) -> None:
    done = home.run("run", "--log", "json")
    assert (
        done.stdout.splitlines()[0]
        == "work: messages read and stored: 8; older than the days that are kept (keep_days), and let go: 3"
    )
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert [event["let_go"] for event in events if event["event"] == "account done"] == [3]
    assert home.stored() == 5
    assert home.run("run").stdout.splitlines()[0] == "work: messages read and stored: 0"
    assert "; keeps 400 days; " in home.run("data").stdout


def test_another_program_that_reads_the_store_does_not_stop_the_run(home: Home) -> None:
    home.run("sync")
    path = home.folder / "data" / "work.sqlite"
    reader = sqlite3.connect(path)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM batch").fetchall()
    rows, done = packed(path), home.run("run")
    reader.close()
    assert (done.returncode, done.stderr) == (Exit.DONE, "")
    assert home.stored() == 5
    assert home.run("run").returncode == Exit.DONE
    assert not in_files(path, rows)


@pytest.mark.parametrize("arguments", [("run", "--as-of", AS_OF), ("sync",)])
def test_what_looks_back_or_only_reads_lets_nothing_go(home: Home, arguments: tuple[str, ...]) -> None:
    assert home.run(*arguments).returncode == Exit.DONE
    assert home.run("report").returncode == Exit.DONE
    assert home.run("export", "tables", "--format", "csv").returncode == Exit.DONE
    assert home.stored() == 8


def test_an_account_may_keep_everything_or_other_days_than_the_rest(home: Home) -> None:
    home.configure("work", "all")
    home.config.write_text(f"keep_days = 200\n{home.config.read_text()}keep_days = 0\n")
    done = home.run("run")
    assert done.returncode == Exit.DONE
    assert (home.stored("work"), home.stored("all")) == (5, 8)
    lines = home.run("data").stdout.splitlines()
    assert ("; keeps 200 days; " in lines[0], "; keeps everything; " in lines[1]) == (True, True)


def test_of_a_teams_mailbox_no_count_is_told(home: Home) -> None:
    others = ", ".join(f'"m{number}@example.com"' for number in range(4))
    team = f'[[team]]\nname = "north"\naccounts = ["work"]\naddresses = [{others}]\n'
    home.config.write_text(f'{home.config.read_text()}{team}[[team.client]]\nname = "C"\ndomains = ["c.example"]\n')
    done = home.run("run", "--log", "json")
    assert home.stored() == 5
    assert "let_go" not in done.stderr
    assert "let go" not in done.stdout


# The report


def test_the_report_is_the_same_where_the_last_year_stands_for_itself(tmp_path: Path) -> None:
    """The demo, and before it mail of two years ago: written by its owner, to them in Cc only, and by machines."""
    settings = config.load(make(tmp_path / "demo"))
    (account,) = settings.accounts
    mbox, me = Path(account.options["path"]), account.owner.addresses[0]
    others = ["noreply@shop.example", "ada@client.example"]
    old = [
        *(mail(number, me, "ada@client.example") for number in range(100, 140)),
        *(mail(number, others[number % 2], f"bob@client.example\nCc: {me}") for number in range(140, 180)),
    ]
    mbox.write_text("".join(old).replace(" 2026", " 2024") + mbox.read_text(encoding="utf-8"), encoding="utf-8")
    pages = []
    for keep_all in (True, False):
        done = weekly.run(
            account,
            Place(tmp_path / "data", tmp_path / "out"),
            now=DEMO_AS_OF,
            as_of=DEMO_AS_OF,
            keep_all=keep_all,
        )
        page = done.page
        assert page
        assert done.synced.let_go == (0 if keep_all else 80)
        pages.append(page.read_text(encoding="utf-8"))
    assert pages[0] == pages[1]


def test_a_settled_conversation_stays_so_when_its_first_message_goes(tmp_path: Path) -> None:
    """Ada asked more than a year ago and was answered, and asked again two weeks ago; that was settled."""
    asked = mail(0) + mail(6, "me@example.com", "ada@client.example", reply=0)
    again = mail(1, reply=0).replace("15 Sep", "07 Sep")
    home = Home(tmp_path)
    home.mbox.write_text(asked.replace("Sep 2026", "Aug 2025") + again + mail(2))
    home.run("sync")
    listed = home.run("waiting", "--as-of", AS_OF).stdout.splitlines()
    (code,) = [line[6:10] for line in listed if "Question 0" in line]
    assert home.run("settle", code, "--as-of", AS_OF).returncode == Exit.DONE
    before = home.run("waiting", "--as-of", AS_OF).stdout
    assert before.splitlines() == [line for line in listed if code not in line]
    with Store.open(tmp_path / "data" / "work.sqlite", write=True) as store:
        assert let_go(store, 390, NOW) == 2
    assert home.run("waiting", "--as-of", AS_OF).stdout == before
