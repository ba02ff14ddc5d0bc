"""What holds for every week of figures, tried on small invented mailboxes."""

from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from mailcare.measures import week as individual
from mailcare.values.week import Week
from tests.conversation import log, tables
from tests.pipeline.test_properties import AS_OF, changed, mailboxes

quickly = settings(max_examples=10, deadline=None)


def figures(table: pa.Table, **account: Any) -> Week:
    return individual.week(tables(table, AS_OF, **account).mailbox)


@quickly
@given(mailboxes(), st.randoms(use_true_random=False))
def test_the_order_of_reading_changes_no_figure(conversation: str, random: Any) -> None:
    table = log(conversation)
    order = list(range(len(table)))
    random.shuffle(order)
    assert figures(table.take(order)) == figures(table)


@quickly
@given(mailboxes())
def test_every_message_twice_changes_no_figure(conversation: str) -> None:
    table = log(conversation)
    doubled = pa.concat_tables([table, changed(table, folders=["Archive"], roles=[])])
    assert figures(doubled) == figures(table)


@quickly
@given(mailboxes())
def test_another_name_of_the_source_changes_no_figure(conversation: str) -> None:
    table = log(conversation)
    renamed = pa.Table.from_pylist([row | {"source": "other.mbox"} for row in table.to_pylist()], schema=table.schema)
    assert figures(renamed) == figures(table)


@quickly
@given(mailboxes())
def test_figures_are_parts_of_what_they_rest_on(conversation: str) -> None:
    said = figures(log(conversation))
    for way in said.ways:
        for figure in way.figures:
            assert figure.of >= 0
            assert figure.low is None or figure.high is None or figure.low <= figure.high
        shares = {"active_listening", "engagement", "inclusivity", "follow_through", "empathy", "accountability"}
        if way.name in shares:
            assert 0 <= way.figure.count <= way.figure.of
    assert sum(map(sum, said.rhythm.cells)) == said.rhythm.sent >= said.rhythm.outside
