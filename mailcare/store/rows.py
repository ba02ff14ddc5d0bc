"""Messages as Arrow columns: one batch becomes one compressed stream of rows, and streams become a table again."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from mailcare.mail.addresses import canonical
from mailcare.mail.columns import DEFAULTS, EDITION, columns
from mailcare.mail.connector import Batch
from mailcare.mail.message import Message
from mailcare.tables import LOG

ROWS = LOG.remove(LOG.get_field_index("source"))
"""What a stream holds: ``tables.LOG`` without the source, which is the same for all of its rows."""
KEYS = pa.schema([ROWS.field("key"), ROWS.field("removed")])
"""The columns that tell which copies are there."""
FOLDERS = pa.schema([*KEYS, ROWS.field("folders")])
"""Those, and the copies' folders."""
AGES = pa.schema([*KEYS, *map(ROWS.field, ("message_id", "sent_at", "received_at"))])
"""Those, and what tells how old the copies are."""
SUBJECTS = pa.schema([ROWS.field("subject")])
_EDITION = b"edition"
"""Key of the edition in a stream's metadata."""


class Unreadable(Exception):
    """A stream does not hold what ``pack`` writes."""


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise Unreadable from error


def rows_of(batch: Batch) -> pa.Table:
    """The batch as a table of ``ROWS``: first the removed copies, so that one that is read as well is there."""
    removed = copies([Message(key) for key in batch.removed], removed=True)
    return pa.concat_tables([removed, copies(batch.messages)])


def copies(messages: Sequence[Message], *, removed: bool = False) -> pa.Table:
    """The messages as a table of ``ROWS``."""
    return pa.table(columns(messages) | {"removed": pa.repeat(removed, len(messages))}, schema=ROWS)


def pack(table: pa.Table) -> bytes:
    """The table as an Arrow IPC stream, compressed by zstd, that says its edition."""
    said = table.combine_chunks().replace_schema_metadata({_EDITION: str(EDITION)})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, said.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write_table(said)
    return bytes(sink.getvalue())


@_explained()
def unpack(stream: bytes, wanted: pa.Schema = ROWS) -> pa.Table:
    """These columns of the table that ``pack`` made a stream of. Only they are decompressed, and one that the stream's
    edition lacks is filled with the field's default. Raises ``Unreadable``."""
    written = _schema(stream).names
    fields = [written.index(name) for name in wanted.names if name in written]
    with pa.ipc.open_stream(stream, options=pa.ipc.IpcReadOptions(included_fields=fields)) as reader:
        table = reader.read_all()
    return table if table.schema == wanted else _filled(table, wanted)


@_explained()
def edition_of(stream: bytes) -> int:
    """The edition of the stream's rows; 0 if it was written before rows said theirs. Raises ``Unreadable``."""
    return int((_schema(stream).metadata or {}).get(_EDITION, 0))


def _filled(table: pa.Table, wanted: pa.Schema) -> pa.Table:
    for name in wanted.names:
        if name not in table.column_names:
            table = table.append_column(name, pa.repeat(DEFAULTS[name], table.num_rows))
    return table.select(wanted.names).cast(wanted)


def _schema(stream: bytes) -> pa.Schema:
    """What the stream says of its columns: in its first message, which begins with a mark and its own length."""
    return _read_schema(stream[: 8 + int.from_bytes(stream[4:8], "little")])


@lru_cache
def _read_schema(message: bytes) -> pa.Schema:
    """Kept, because reading the same one for each stream would take as long as reading a small stream itself."""
    return pa.ipc.read_schema(pa.py_buffer(message))


def latest(table: pa.Table) -> pa.Table:
    """The last row of each key, in the order of the table, without copies that were removed."""
    numbers = pa.array(range(table.num_rows), pa.int64())
    last = pa.table({"key": table["key"], "row": numbers}).group_by("key").aggregate([("row", "max")])["row_max"]
    counts = pc.invert(table["removed"])
    if len(last) < table.num_rows:
        counts = pc.and_(counts, pc.is_in(numbers, value_set=last))
    return table if pc.all(counts).as_py() else table.filter(counts)


def ages(table: pa.Table) -> pa.ChunkedArray:
    """When each copy arrived, else when it was sent."""
    return pc.coalesce(table["received_at"], table["sent_at"])


def older(table: pa.Table, moment: datetime) -> pa.Table:
    """The rows from before a moment (aware); none without any time."""
    return table.filter(pc.less(ages(table), pa.scalar(moment, table.schema.field("sent_at").type)))


def resubjected(table: pa.Table, rule: Callable[[str], str]) -> pa.Table:
    """The table with the rule applied to each subject."""
    coded = table["subject"].combine_chunks().dictionary_encode()
    made = pa.array(map(rule, coded.dictionary.to_pylist()), pa.string()).take(coded.indices)
    return table.set_column(table.schema.get_field_index("subject"), ROWS.field("subject"), made)


def naming(table: pa.Table, addresses: Iterable[str]) -> pa.Table:
    """The rows that name one of the addresses, in whatever spelling."""
    lists = table["people_address"].combine_chunks()
    return table.take(pc.unique(pc.list_parent_indices(lists).filter(_spelled(lists.flatten(), addresses))))


def names_of(table: pa.Table, addresses: Iterable[str]) -> set[str]:
    """The addresses as they are spelled in the table, and the names beside them."""
    written = table["people_address"].combine_chunks().flatten()
    found = _spelled(written, addresses)
    names = table["people_name"].combine_chunks().flatten().filter(found)
    return {*names.unique().to_pylist(), *written.filter(found).unique().to_pylist()} - {""}


def _spelled(written: pa.Array, addresses: Iterable[str]) -> pa.Array:
    """Which of the written addresses are one of these."""
    wanted = {canonical(address) or address.lower() for address in addresses}
    spellings = [one for one in pc.unique(written).to_pylist() if (canonical(one) or one.lower()) in wanted]
    return pc.is_in(written, value_set=pa.array(spellings, pa.string()))
