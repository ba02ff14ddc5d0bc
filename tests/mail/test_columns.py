"""A message's fields as columns: in their order, of their kinds, and nothing said twice."""

from datetime import datetime

import pytest

from mailcare.mail import columns
from mailcare.mail.message import Field, Mark, Message, Person, Role
from mailcare.tables import LOG


def test_each_field_is_a_column_and_people_are_three() -> None:
    kinds = {field.name: str(field.type) for field in LOG}
    first = {
        "source": "dictionary<values=string, indices=int32, ordered=0>",
        "key": "string",
        "removed": "bool",
        "message_id": "string",
        "in_reply_to": "list<item: string>",
        "references": "list<item: string>",
        "conversation": "string",
        "conversation_index": "binary",
        "sent_at": "timestamp[s, tz=UTC]",
        "received_at": "timestamp[s, tz=UTC]",
        "people_field": "list<item: uint8>",
        "people_name": "list<item: string>",
        "people_address": "list<item: string>",
        "subject": "string",
        "folders": "list<item: string>",
        "roles": "list<item: string>",
        "marks": "uint8",
        "list_id": "string",
        "size": "int64",
        "faults": "list<item: string>",
    }
    assert {name: kinds[name] for name in first} == first
    assert [name for name in LOG.names if name in first] == list(first)


def test_messages_become_columns() -> None:
    people = (Person(Field.FROM, "Ann", "ann@x.example"), Person(Field.CC, "", "bob@x.example"))
    made = columns.columns([Message("a", people=people, marks=Mark.BULK | Mark.LIST_POST), Message("b", size=7)])
    assert made["key"].to_pylist() == ["a", "b"]
    assert made["people_field"].to_pylist() == [[0, 4], []]
    assert made["people_address"].to_pylist() == [["ann@x.example", "bob@x.example"], []]
    assert (made["marks"].to_pylist(), made["size"].to_pylist()) == ([12, 0], [0, 7])


@pytest.mark.parametrize(
    ("kind", "column"),
    [(str, "string"), (Role, "string"), (Mark, "uint8"), (int, "int64"), (datetime | None, "timestamp[s, tz=UTC]")],
)
def test_the_type_of_a_field_decides(kind: type, column: str) -> None:
    assert str(columns._type(kind)) == column


def test_a_type_without_a_column_is_refused() -> None:
    with pytest.raises(TypeError, match="no kind of column holds <class 'float'>"):
        columns._type(float)
