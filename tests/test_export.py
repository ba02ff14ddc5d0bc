"""The exported files: what a program and a spreadsheet read from them."""

import csv
import json
import math
import stat
from dataclasses import dataclass, field

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mailcare.export import write
from mailcare.tables import EXPORTED, MESSAGES, Table

ASKED = "2026-09-14T08:00:00+00:00"


@dataclass
class Measured:
    """Tables of one account: one row each, and whatever a test changes in them."""

    account: str = "work"
    changes: dict[str, dict[str, object]] = field(default_factory=dict)

    def __getattr__(self, name: str) -> pd.DataFrame:
        table = next(table for table in EXPORTED if table.name == name)
        row = {column.name: VALUES[column.kind] for column in table.columns}
        row |= {"account": self.account} | self.changes.get(name, {})
        frame = pd.DataFrame([row], columns=table.names)
        for name in kinds(table, "instant"):
            frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[s, UTC]")
        return frame


VALUES = {
    "string": "text",
    "strings": ["a@x.example", "b@x.example"],
    "instant": pd.Timestamp(ASKED),
    "hours": 0.1 + 0.2,
    "share": 0.5,
    "count": 3,
    "flag": True,
}


def rows(folder, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def kinds(table: Table, kind: str) -> list[str]:
    return [column.name for column in table.columns if column.kind == kind]


@pytest.mark.parametrize("form", ["csv", "parquet", "json"])
def test_one_file_a_table_for_its_owner_alone(tmp_path, form):
    paths = write([Measured()], tmp_path / "new" / "out", form)
    assert [path.name for path in paths] == [f"{table.name}.{form}" for table in EXPORTED]
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert stat.S_IMODE((tmp_path / "new" / "out").stat().st_mode) == 0o700


def test_all_accounts_stand_in_the_same_tables(tmp_path):
    write([Measured("home"), Measured("work")], tmp_path, "csv")
    for table in EXPORTED:
        assert [row["account"] for row in rows(tmp_path, table.name)] == ["home", "work"]


def test_csv_has_the_declared_columns_and_plain_values(tmp_path):
    write([Measured()], tmp_path, "csv")
    for table in EXPORTED:
        (row,) = rows(tmp_path, table.name)
        assert list(row) == table.names
        assert {row[name] for name in kinds(table, "instant")} <= {ASKED}
        assert {row[name] for name in kinds(table, "strings")} <= {"a@x.example b@x.example"}
        assert {row[name] for name in kinds(table, "flag")} <= {"true"}
        assert {row[name] for name in kinds(table, "count")} <= {"3"}
        assert all(float(row[name]) == 0.1 + 0.2 for name in kinds(table, "hours"))


def test_csv_leaves_empty_what_is_missing(tmp_path):
    changes = {"turns": {"latency_hours": math.nan, "by_message_id": ""}, "threads": {"since": pd.NaT}}
    changes |= {"replies": {"dropped": []}, "weekly": {"km_p75": None}}
    write([Measured(changes=changes)], tmp_path, "csv")
    missing = [("turns", "latency_hours"), ("turns", "by_message_id"), ("threads", "since"), ("replies", "dropped")]
    for name, column in [*missing, ("weekly", "km_p75")]:
        assert rows(tmp_path, name)[0][column] == "", column


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\n=1", "\u00a0=1", "＝1", "\tx"]
)
def test_csv_defuses_what_a_spreadsheet_would_take_for_a_formula(tmp_path, text):
    changes = {"messages": {"subject": text, "to": [text, "b@x.example"]}}
    write([Measured(changes=changes)], tmp_path, "csv")
    (row,) = rows(tmp_path, "messages")
    assert row["subject"] == f"'{text}"
    assert row["to"] == f"'{text} b@x.example"


@pytest.mark.parametrize("text", ["<a@x.example>", "1-2", "a=b", "'=1", 'a "b", c', "two\nlines", "Zoë – 表"])
def test_csv_leaves_other_text_as_it_is(tmp_path, text):
    write([Measured(changes={"messages": {"subject": text}})], tmp_path, "csv")
    assert rows(tmp_path, "messages")[0]["subject"] == text


def test_csv_leaves_negative_numbers_numbers(tmp_path):
    write([Measured(changes={"turns": {"latency_hours": -0.5}})], tmp_path, "csv")
    assert rows(tmp_path, "turns")[0]["latency_hours"] == "-0.5"


def test_json_has_real_lists_numbers_and_nulls(tmp_path):
    changes = {"messages": {"subject": "=1"}, "turns": {"latency_hours": math.nan}, "threads": {"since": pd.NaT}}
    write([Measured(changes=changes)], tmp_path, "json")
    (message,), (turn,), (thread,) = (
        json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8")) for name in ("messages", "turns", "threads")
    )
    assert list(message) == MESSAGES.names
    assert (message["to"], message["automated"], message["at"]) == (["a@x.example", "b@x.example"], True, ASKED)
    assert message["subject"] == "=1"
    assert (turn["latency_hours"], turn["asks"], turn["working_hours"]) == (None, 3, 0.1 + 0.2)
    assert thread["since"] is None


def test_parquet_has_real_lists_and_instants(tmp_path):
    write([Measured(changes={"threads": {"since": pd.NaT}})], tmp_path, "parquet")
    messages, threads = (pq.read_table(tmp_path / f"{name}.parquet") for name in ("messages", "threads"))
    assert messages.schema.field("to").type.equals(pa.list_(pa.field("element", pa.string())))
    assert messages.schema.field("at").type == pa.timestamp("ms", tz="UTC")
    assert messages["at"][0].as_py().isoformat() == ASKED
    assert messages["automated"].to_pylist() == [True]
    assert threads["since"].null_count == 1


@pytest.mark.parametrize("form", ["csv", "parquet", "json"])
def test_the_same_tables_give_the_same_bytes(tmp_path, form):
    first, second = (write([Measured()], tmp_path / name, form) for name in ("one", "two"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_an_account_without_mail_gives_empty_tables(tmp_path):
    class Empty(Measured):
        def __getattr__(self, name: str) -> pd.DataFrame:
            return super().__getattr__(name).iloc[:0]

    write([Empty()], tmp_path, "json")
    assert [json.loads((tmp_path / f"{table.name}.json").read_text()) for table in EXPORTED] == [[]] * 5
