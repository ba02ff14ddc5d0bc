"""The tables behind the reports as files: CSV, Parquet or JSON, one file a table, all accounts together."""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from mailcare.disk.deliver import write as deliver
from mailcare.pipeline.exported import Tables
from mailcare.tables import EXPORTED, Table, check

_FORMULA = re.compile(r"[\t\r]|\s*[=+\-@＝＋－＠]")
_ARROW = {
    "string": pa.string(),
    "strings": pa.list_(pa.string()),
    "instant": pa.timestamp("ms", tz="UTC"),
    "hours": pa.float64(),
    "share": pa.float64(),
    "number": pa.float64(),
    "count": pa.int64(),
    "flag": pa.bool_(),
}
"""The Arrow type of each kind of column."""


def write(measured: Sequence[Tables], folder: Path, form: str) -> list[Path]:
    """Write every exported table to ``folder``, as ``csv``, ``parquet`` or ``json``; returns the files.

    Instants are in UTC. In CSV and JSON they are ISO 8601 to the second; in CSV a list is joined by a space, what is
    missing is empty, and a text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    return [
        write_table([getattr(tables, table.name) for tables in measured], table, folder, form) for table in EXPORTED
    ]


def write_table(frames: Sequence[pd.DataFrame], table: Table, folder: Path, form: str) -> Path:
    """Write the frames, one below the other, as one such table to ``folder``; returns the file."""
    path = folder / f"{table.name}.{form}"
    deliver(path, FORMATS[form](arrow(check(pd.concat(frames, ignore_index=True), table), table)))
    return path


def arrow(frame: pd.DataFrame, table: Table) -> pa.Table:
    """The frame as Arrow columns of the kinds that the table declares; not-a-number and not-a-time become null."""
    schema = pa.schema([(column.name, _ARROW[column.kind]) for column in table.columns])
    return pa.Table.from_pandas(frame, schema, preserve_index=False).replace_schema_metadata()


def _csv(table: pa.Table) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(table.column_names)
    writer.writerows(zip(*([_cell(value) for value in column] for column in _plain(table)), strict=True))
    return text.getvalue()


def _json(table: pa.Table) -> str:
    rows = zip(*_plain(table), strict=True)
    records = (json.dumps(dict(zip(table.column_names, row, strict=True)), ensure_ascii=False) for row in rows)
    return "[" + ",".join(f"\n{record}" for record in records) + "\n]\n"


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())


FORMATS: dict[str, Callable[[pa.Table], str | bytes]] = {"csv": _csv, "parquet": _parquet, "json": _json}


def _plain(table: pa.Table) -> list[list[Any]]:
    """The columns as Python values, instants as ISO 8601."""
    columns = (column.to_pylist() for column in table.columns)
    return [
        [_instant(v) for v in c] if pa.types.is_timestamp(f.type) else c
        for c, f in zip(columns, table.schema, strict=True)
    ]


def _instant(value: Any) -> str | None:
    return value.isoformat(timespec="seconds") if value is not None else None


def _cell(value: Any) -> Any:
    """The value as CSV holds it: only text can be a formula, so numbers stay numbers."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        value = " ".join(value)
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value
