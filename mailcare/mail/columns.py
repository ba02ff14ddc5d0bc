"""A message's fields as Arrow columns: all of it follows from ``Message``, where each field is declared once.

A field's type decides on its column: ``str`` is a string, ``int`` an int64, a number with names (``Mark``) a uint8, a
``datetime`` whole seconds in UTC, a tuple a list. A tuple of people becomes one list for each part of a person
(``people_field``, ``people_name``, ``people_address``); these run in parallel.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from enum import IntEnum, IntFlag
from itertools import accumulate
from types import NoneType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import pyarrow as pa

from mailcare.mail.message import Message

EDITION = len(fields(Message))
"""Edition of the rows that this program writes: how many fields ``Message`` has. Fields are added and never removed,
so that a larger number is a newer edition."""

_INSTANT = pa.timestamp("s", tz="UTC")
_TYPES: dict[type, pa.DataType] = {
    IntEnum: pa.uint8(),
    IntFlag: pa.uint8(),
    int: pa.int64(),
    str: pa.string(),
    bytes: pa.binary(),
    datetime: _INSTANT,
}
"""Python type → Arrow type. The first that fits counts."""


class _Column(NamedTuple):
    name: str
    field: str
    part: str
    """Attribute of the field's members that the column holds, or empty for the members themselves."""
    type: pa.DataType


def columns(messages: Sequence[Message]) -> dict[str, pa.Array]:
    """The messages as columns, in the order of the fields."""
    values = {one.name: [getattr(message, one.name) for message in messages] for one in fields(Message)}
    return {column.name: _array(values[column.field], column) for column in _COLUMNS}


def _columns_of(field: str, kind: Any) -> Iterator[_Column]:
    if get_origin(kind) is not tuple:
        yield _Column(field, field, "", _type(kind))
        return
    member = get_args(kind)[0]
    if not issubclass(member, tuple):
        yield _Column(field, field, "", pa.list_(_type(member)))
        return
    for part, of_part in get_type_hints(member).items():
        yield _Column(f"{field}_{part}", field, part, pa.list_(_type(of_part)))


def _type(kind: Any) -> pa.DataType:
    given = next(one for one in get_args(kind) or (kind,) if one is not NoneType)
    for python, arrow in _TYPES.items():
        if issubclass(given, python):
            return arrow
    raise TypeError(f"no kind of column holds {kind}")


def _array(values: list[Any], column: _Column) -> pa.Array:
    """Lists are made flat, as Arrow keeps them (twenty times faster)."""
    if not pa.types.is_list(column.type):
        return _flat(values, column.type)
    members = [getattr(one, column.part) if column.part else one for group in values for one in group]
    ends = pa.array([0, *accumulate(map(len, values))], pa.int32())
    return pa.ListArray.from_arrays(ends, _flat(members, column.type.value_type))


def _flat(values: list[Any], kind: pa.DataType) -> pa.Array:
    """Instants are made from whole seconds (ten times faster than from the datetimes themselves)."""
    if kind != _INSTANT:
        return pa.array(values, kind)
    seconds = [None if moment is None else int(moment.timestamp() // 1) for moment in values]
    return pa.array(seconds, pa.int64()).cast(_INSTANT)


_COLUMNS = [column for field, kind in get_type_hints(Message).items() for column in _columns_of(field, kind)]
SCHEMA = pa.schema([(column.name, column.type) for column in _COLUMNS])
"""The columns of a message."""
DEFAULTS: dict[str, pa.Scalar] = {name: column[0] for name, column in columns([Message(key="")]).items()}
"""Column → its value in rows that were written before the column existed."""
