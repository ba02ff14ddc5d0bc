"""What the store keeps: every field, the latest row of each copy, generations, and nothing of who is forgotten."""

import sqlite3
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailcare.errors import Exit, MailcareError
from mailcare.mail.connector import Batch, Position
from mailcare.mail.message import Field, Mark, Message, Person
from mailcare.store import database, store
from mailcare.store.store import Store
from mailcare.tables import LOG
from tests.invented import SOURCE, message, read
from tests.store.stores import batch, batches, everything, keys, stored, write


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "work.sqlite"


# What is stored


texts = st.text(st.characters(codec="utf-8"), max_size=8)
instants = st.none() | st.datetimes(
    datetime(1900, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC), allow_imaginary=False
).map(lambda moment: moment.replace(microsecond=0))
VALUES = {
    str: texts,
    bytes: st.binary(max_size=30),
    int: st.integers(0, 2**40),
    datetime | None: instants,
    Mark: st.integers(0, 15).map(Mark),
    Person: st.builds(Person, st.sampled_from(Field), texts, texts),
}
KINDS = get_type_hints(Message)


def values(kind: Any) -> st.SearchStrategy[Any]:
    if get_origin(kind) is tuple:
        return st.lists(values(get_args(kind)[0]), max_size=3).map(tuple)
    return VALUES[kind] if kind in VALUES else st.sampled_from(kind)


def value(row: dict[str, Any], name: str, kind: Any) -> Any:
    """What a row says of a field."""
    if kind == tuple[Person, ...]:
        return tuple(map(Person, map(Field, row["people_field"]), row["people_name"], row["people_address"]))
    if get_origin(kind) is tuple:
        return tuple(map(get_args(kind)[0], row[name]))
    return kind(row[name]) if isinstance(kind, type) else row[name]


messages = st.builds(Message, **{name: values(kind) for name, kind in KINDS.items()})


@given(st.lists(messages, max_size=5, unique_by=lambda message: message.key))
@settings(deadline=None, max_examples=30)
def test_every_field_comes_back_as_it_was(written: list[Message]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "work.sqlite"
        write(path, Batch("box", Position(1, {}, True), written))
        table = stored(path)
    assert table.schema == LOG
    read_back = [Message(**{name: value(row, name, KINDS[name]) for name in KINDS}) for row in table.to_pylist()]
    assert read_back == written
    assert set(table["source"].to_pylist()) <= {"box"}


def test_fractions_of_a_second_are_dropped(path: Path) -> None:
    sent = Message("a", sent_at=datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
    write(path, Batch("", Position(1, {}, True), [sent]))
    assert stored(path)["sent_at"].to_pylist() == [datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC)]


class Model:
    """What a source's log comes to, in dicts."""

    def __init__(self, generation: int) -> None:
        self.active = self.reading = generation
        self.rows: dict[int, dict[str, str]] = {}
        self.skipped: dict[int, Counter[str]] = {}

    def append(self, batch: Batch) -> None:
        self.reading = batch.position.generation
        rows = self.rows.setdefault(self.reading, {})
        for key in batch.removed:
            rows.pop(key, None)
        for written in batch.messages:
            rows.pop(written.key, None)
            rows[written.key] = written.subject
        self.skipped[self.reading] = self.skipped.get(self.reading, Counter()) + batch.skipped
        if batch.position.complete:
            self.active = self.reading


some_keys = st.lists(st.sampled_from("pqrs"), max_size=4)
appends = st.tuples(st.sampled_from("ab"), st.booleans(), st.booleans(), some_keys, some_keys, st.integers(0, 2))
"""Source, whether a new generation begins, whether it is complete, keys written, keys removed, how many skipped."""


@given(st.lists(appends | st.sampled_from(["compact", "reopen"]), max_size=15))
@settings(deadline=None, max_examples=40)
def test_any_sequence_of_batches_and_compactions_loads_as_a_dict_would(actions: list[Any]) -> None:
    models: dict[str, Model] = {}
    with tempfile.TemporaryDirectory() as folder, patch.object(store, "_FEW", 1):
        path = Path(folder) / "work.sqlite"
        writer = Store.open(path, write=True)
        for number, action in enumerate(actions):
            if action == "compact":
                writer.compact()
            elif action == "reopen":
                writer.__exit__()
                writer = Store.open(path, write=True)
            else:
                source, anew, complete, written, removed, skipped = action
                model = models.setdefault(source, Model(1))
                position = Position(model.reading + anew if model.rows else 1, {"number": number}, complete)
                new = [message(key, subject=f"{number}.{place}") for place, key in enumerate(written)]
                one = Batch(source, position, new, removed, Counter(unreadable=skipped))
                writer.append(one)
                model.append(one)
                assert writer.position(source) == position
                assert writer.keys(source) == model.rows[model.reading].keys()
        rows = [(row["source"], row["key"], row["subject"]) for row in writer.load().to_pylist()]
        skipped_at_all = writer.skipped()
        writer.__exit__()
    assert rows == [
        (source, *row) for source, model in models.items() for row in model.rows.get(model.active, {}).items()
    ]
    total = sum(model.skipped.get(model.active, Counter())["unreadable"] for model in models.values())
    assert skipped_at_all["unreadable"] == total


def test_an_empty_store_has_nothing_to_load(path: Path) -> None:
    write(path)
    assert stored(path).schema == LOG
    assert stored(path).num_rows == 0


def test_before_the_first_reading_nothing_is_known(path: Path) -> None:
    with Store.open(path, write=True) as writer:
        assert writer.position("a") is None
        assert writer.keys("a") == set()


def test_sources_and_folders_of_what_was_read(path: Path) -> None:
    def moved(key: str, *folders: str) -> Message:
        return replace(message(key), folders=folders)

    with Store.open(path, write=True) as log:
        assert (log.sources(), log.folders("b")) == ([], {})
        log.append(Batch("b", Position(1, {}, True), [moved("1", "Inbox"), moved("2"), moved("3", "Inbox", "Travel")]))
        log.append(batch("9", source="a"))
        log.append(Batch("b", Position(1, {}, True), [moved("1", "Archive")], ["2"]))
        assert log.sources() == ["b", "a"]
        assert log.folders("b") == {"1": ("Archive",), "3": ("Inbox", "Travel")}
        log.append(Batch("b", Position(2, {}, False), [moved("7", "Inbox")]))
        assert log.folders("b") == {"7": ("Inbox",)}


def test_threads_are_settled_and_unsettled(path: Path) -> None:
    noon = datetime(2026, 9, 21, 12, tzinfo=UTC)
    with Store.open(path, write=True) as log:
        log.settle(["<a>", "<b>"], noon)
        log.settle(["<b>"], noon + timedelta(hours=1))
        log.unsettle(["<a>", "<c>"])
    with Store.open(path, write=False) as log:
        assert log.settled() == {"<b>": int(noon.timestamp()) + 3600}


def test_a_forgotten_thread_is_no_longer_marked(path: Path) -> None:
    write(path, batch("1", "2"))
    with Store.open(path, write=True) as log:
        log.append(Batch(SOURCE, Position(1, {}, True), [message("3", address="bob@elsewhere.example")]))
        log.settle(["<1@elsewhere.example>", "<3@elsewhere.example>"], datetime(2026, 9, 21, tzinfo=UTC))
        log.forget(["bob@elsewhere.example"])
        assert list(log.settled()) == ["<1@elsewhere.example>"]


def test_declined_suggestions_are_noted(path: Path) -> None:
    with Store.open(path, write=True) as log:
        log.decline("c0ffee", datetime(2026, 9, 21, tzinfo=UTC))
        log.decline("c0ffee", datetime(2026, 9, 28, tzinfo=UTC))
        log.decline("7ea", datetime(2026, 9, 28, tzinfo=UTC))
    with Store.open(path, write=False) as log:
        assert log.declined() == {"c0ffee", "7ea"}


@pytest.mark.parametrize(
    ("version", "younger"), [(1, ("settled", "declined", "link")), (2, ("declined", "link")), (3, ("link",))]
)
def test_a_store_of_an_earlier_version_is_read_and_brought_up_to_date(
    path: Path, version: int, younger: tuple[str, ...]
) -> None:
    write(path, batch("1"))
    drop = ";".join(f"DROP TABLE {table}" for table in (*younger, "forgotten"))
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            f"{drop}; PRAGMA user_version = {version};"
            "CREATE TABLE forgotten (source TEXT, key TEXT, digest BLOB, PRIMARY KEY (source, key)) WITHOUT ROWID;"
            "INSERT INTO forgotten VALUES ('', 'gone', x'')"
        )
    with Store.open(path, write=False) as log:
        assert (log.settled(), log.declined(), log.links(), log.load()["key"].to_pylist()) == ({}, set(), {}, ["1"])
    with Store.open(path, write=True) as log:
        log.settle(["<a>"], datetime(2026, 9, 21, tzinfo=UTC))
        log.decline("c0ffee", datetime(2026, 9, 21, tzinfo=UTC))
        assert (list(log.settled()), log.declined(), log.load()["key"].to_pylist()) == (["<a>"], {"c0ffee"}, ["1"])
        assert log.keys("") == {"1", "gone"}
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (database.VERSION,)


def test_a_store_without_links_is_read_and_gets_a_place_for_them(path: Path) -> None:
    write(path, batch("1"))
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("DROP TABLE link; PRAGMA user_version = 4")
    with Store.open(path, write=False) as log:
        assert log.links() == {}
    with Store.open(path, write=True) as log:
        log.link({"<a@x>": "https://outlook.example/1", "<b@x>": "https://outlook.example/2"})
        log.link({"<a@x>": "https://outlook.example/3"})
        assert log.links() == {"<a@x>": "https://outlook.example/3"}


def test_sources_that_are_not_read_to_their_end(path: Path) -> None:
    write(path, batch("1", source="a"), batch("2", source="b", complete=False))
    with Store.open(path, write=False) as log:
        assert log.unfinished() == 1
    write(path, batch("3", source="b"), batch("4", source="a", generation=2, complete=False))
    with Store.open(path, write=False) as log:
        assert log.unfinished() == 1


def test_what_could_be_read_after_all_is_taken_back(path: Path) -> None:
    write(path, batch("1", skipped=Counter(unreadable=2, truncated=1)), batch("2", skipped=Counter(unreadable=-1)))
    with Store.open(path, write=False) as log:
        assert log.skipped() == {"unreadable": 1, "truncated": 1}


def test_a_batch_that_brings_nothing_new_writes_nothing(path: Path) -> None:
    write(path, batch("a", "b", step=2))
    before = path.read_bytes()
    write(path, batch(step=2))
    assert path.read_bytes() == before


def test_a_position_alone_is_stored(path: Path) -> None:
    write(path, batch("a", step=1), batch(step=2))
    with Store.open(path, write=False) as reader:
        assert reader.position("") == Position(1, {"step": 2}, True)


# Generations


def test_the_first_generation_shows_before_it_is_complete(path: Path) -> None:
    write(path, batch("a", complete=False))
    assert keys(path) == ["a"]


def test_a_new_generation_takes_the_place_of_the_old_when_it_is_complete(path: Path) -> None:
    old = batch("a", "b", skipped=Counter(truncated=3))
    with Store.open(path, write=True) as writer:
        writer.append(old)
        writer.append(batch("c", generation=2, complete=False, skipped=Counter(unreadable=1)))
        assert keys(path) == ["a", "b"]
        assert writer.skipped() == Counter(truncated=3)
        assert writer.keys("") == {"c"}
        writer.append(batch("d", generation=2, complete=True))
        assert keys(path) == ["c", "d"]
        assert writer.skipped() == Counter(unreadable=1)
    assert batches(path) == 2


def test_a_generation_given_up_leaves_nothing(path: Path) -> None:
    write(path, batch("a"), batch("b", generation=2, complete=False), batch("c", generation=3, complete=False))
    assert keys(path) == ["a"]
    write(path, batch("d", generation=3))
    assert keys(path) == ["c", "d"]


def test_a_generation_older_than_the_one_being_read_is_refused(path: Path) -> None:
    write(path, batch("a", generation=2))
    with pytest.raises(ValueError, match="generation 1 after 2"):
        write(path, batch("b", generation=1))
    assert keys(path) == ["a"]


# Compaction


def test_compaction_leaves_one_batch_and_the_same_rows(path: Path) -> None:
    read(path, 22)
    before, many = everything(path), batches(path)
    with Store.open(path, write=True) as writer:
        writer.compact()
        writer.append(batch("later", source="other"))
    after = everything(path)
    assert (many, batches(path)) == (22, 2)
    assert after[0][:-1] == before[0]
    assert after[1:] == before[1:]


def test_large_batches_have_a_limit(path: Path) -> None:
    read(path, 22)
    before = everything(path)
    with patch.object(store, "_LARGE", 10), Store.open(path, write=True) as writer:
        writer.compact()
    assert batches(path) == -(-len(before[0]) // 10)
    assert everything(path) == before


# Forgetting


def ann_and_bob() -> Batch:
    people = {"a1": "Ann@Elsewhere.example", "b1": "bob@elsewhere.example", "a2": "ann+news@elsewhere.example"}
    new = [message(key, subject=key, address=address) for key, address in people.items()]
    return Batch("", Position(1, {}, True), new, skipped=Counter(truncated=1))


def test_forgotten_people_leave_no_row_and_others_stay(path: Path) -> None:
    with Store.open(path, write=True) as writer:
        writer.append(ann_and_bob())
        assert writer.forget(["ANN@elsewhere.example"]) == 2
        assert writer.load()["key"].to_pylist() == ["b1"]
        assert writer.skipped() == Counter(truncated=1)
        assert writer.forget(["ANN@elsewhere.example"]) == 0


def test_a_forgotten_message_does_not_come_back(path: Path) -> None:
    """Neither read again, nor in a new generation, nor under another key; a connector need not read it at all."""
    with Store.open(path, write=True) as writer:
        writer.append(ann_and_bob())
        writer.forget(["ann@elsewhere.example"])
        assert writer.keys("") == {"a1", "b1", "a2"}
        writer.append(ann_and_bob())
        assert writer.load()["key"].to_pylist() == ["b1"]
        moved = Message("elsewhere/a1", "<a1@elsewhere.example>")
        writer.append(Batch("", Position(2, {}, True), [moved, message("a2"), message("b1"), message("new")]))
        assert writer.load()["key"].to_pylist() == ["b1", "new"]
        assert "elsewhere/a1" in writer.keys("")


def test_an_older_row_of_a_forgotten_copy_does_not_show_again(path: Path) -> None:
    before, after = Message("k", subject="without her"), Message("k", people=(Person(Field.BCC, "", "ann@x.example"),))
    with Store.open(path, write=True) as writer:
        writer.append(Batch("", Position(1, {}, True), [before]))
        writer.append(Batch("", Position(1, {}, True), [after]))
        assert writer.forget(["ann@x.example"]) == 2
        assert writer.load().num_rows == 0


def test_what_is_forgotten_is_gone_from_the_files(path: Path) -> None:
    """Rows are compressed, so the bytes to look for are those of the batch itself."""
    with Store.open(path, write=True) as writer:
        writer.append(ann_and_bob())
        with sqlite3.connect(path) as connection:
            ((stream,),) = connection.execute("SELECT rows FROM batch")
        connection.close()
        people = stream[-600:-100]
        assert any(people in file.read_bytes() for file in path.parent.iterdir())
        writer.forget(["ann@elsewhere.example"])
        assert not any(people in file.read_bytes() for file in path.parent.iterdir())


def test_a_reader_in_the_way_of_erasing_is_said_so(path: Path) -> None:
    with patch.object(database, "PATIENCE", 0.1), Store.open(path, write=True) as writer:
        writer.append(ann_and_bob())
        with Store.open(path, write=False), pytest.raises(MailcareError, match="in use") as waiting:
            writer.forget(["ann@elsewhere.example"])
        assert waiting.value.code == Exit.TEMPORARY
        writer.forget([])
        assert writer.load()["key"].to_pylist() == ["b1"]


def test_a_store_that_is_a_link_is_refused_and_left_alone(path: Path, tmp_path: Path) -> None:
    write(path, batch("1"))
    elsewhere = tmp_path / "elsewhere.sqlite"
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    for act in (
        lambda: Store.open(path, write=True),
        lambda: Store.open(path, write=False),
        lambda: database.remove(path),
    ):
        with pytest.raises(MailcareError, match="the store is a symbolic link"):
            act()
    assert elsewhere.exists()
