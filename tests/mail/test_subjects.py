"""Veiled subjects: they say which subjects, and which base subjects, are the same, and every figure stays."""

import re
from functools import partial

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from mailcare.mail.subjects import base, prefix, shown, veil
from mailcare.pipeline.exported import Tables
from mailcare.store.rows import resubjected
from tests.conversation import log, tables, told

KEY, OTHER = b"k" * 32, b"o" * 32
VEIL = partial(veil, key=KEY)
MADE = re.compile(r"<[0-9a-f]{16}@without-id\.mailcare>")

parts = st.sampled_from(
    ["Re: ", "AW:", "re[2]: ", "Fwd: ", "回复：", "[list] ", "[a]", " (fwd)", "[Fwd: ", "]", "Budget", "x", " "]
)
subjects = st.lists(parts, max_size=6).map("".join) | st.text(max_size=12)


@given(subjects, subjects)
def test_a_veiled_subject_has_the_prefix_and_equals_what_the_subject_equals(one: str, other: str) -> None:
    assert prefix(VEIL(one)) == prefix(one)
    assert (base(VEIL(one)) == "") == (base(one) == "")
    assert (base(VEIL(one)) == base(VEIL(other))) == (base(one) == base(other))
    assert (VEIL(one) == VEIL(other)) == (one == other)


@given(subjects)
def test_it_is_veiled_once_and_not_shown(subject: str) -> None:
    assert VEIL(VEIL(subject)) == VEIL(subject)
    assert veil(VEIL(subject), OTHER) == VEIL(subject)
    assert shown(subject) == subject
    assert shown(VEIL(subject)) == (None if subject.strip() else subject)


def test_a_veil_says_no_more_than_the_prefix_and_depends_on_the_key() -> None:
    assert re.fullmatch(r"\[[0-9a-f]{32}\] Re: [0-9a-f]{32}", VEIL("AW: Budget"))
    assert re.fullmatch(r"\[[0-9a-f]{32}\] [0-9a-f]{32}", VEIL("Budget"))
    assert re.fullmatch(r"\[[0-9a-f]{32}\] Fwd: ", VEIL("Fwd:"))
    plain, whole = VEIL("budget").strip("[").split("] ")
    assert plain != whole, "a subject without a prefix is not told by its two digests"
    assert not {*VEIL("Budget").split()} & {*veil("Budget", OTHER).split()}


CONVERSATION = """
    Mon 09:00    ann -> me, cc bob           "Budget"              [a1]
    Mon 11:00    me -> ann                   "Re: Budget"          [no-id]
    Tue 09:00    ann -> me, bob              "[team] AW: budget"   [no-id]
    Tue 09:00    ann -> me, bob              "[team] AW: budget"   [no-id, folder:Archive]
    Tue 15:00    me -> bob                   "Fwd: Budget"         [f1]
    Wed 09:00    kim -> me                   "Lunch"               [k1]
    Wed 09:00    kim -> me                   "[team] Lunch"        [k1, folder:Archive, bulk]
    Wed 09:30    lee -> me                   ""                    [l1]
    Wed 10:00    lee -> me                   "Re:"                 [l2]
    Thu 09:00    bob -> me, cc ann           "Re: Fwd: Budget"     [b1 < f1]
    Thu 10:00    cy -> me                    "Re: Lunch"           [c1]
    Thu 12:00    me -> kim, lee              "Re: Lunch"           [r1]
"""


def figures(made: Tables) -> dict[str, pd.DataFrame]:
    """Every table without the subjects; ids that are made of what a message says are named alike."""
    frames = {name: getattr(made, name) for name in ("messages", "turns", "replies", "threads", "weekly")}
    return {
        name: frame.drop(columns="subject", errors="ignore").astype(str).replace(MADE, "made", regex=True)
        for name, frame in frames.items()
    }


def test_every_figure_is_that_of_the_subjects_themselves() -> None:
    plain, veiled = (figures(tables(table)) for table in (log(CONVERSATION), resubjected(log(CONVERSATION), VEIL)))
    assert plain.keys() == veiled.keys()
    for name, frame in plain.items():
        pd.testing.assert_frame_equal(frame, veiled[name], obj=name)
    assert (plain["messages"]["message_id"] == "made").sum() == 2
    assert len(plain["threads"]) < len(plain["messages"]) - 2, "subjects alone join some of them"


@told()
def test_no_veil_is_exported(made: Tables) -> None:
    """
    Mon 09:00    ann -> me    "[0123456789abcdef0123456789abcdef] Re: 0123456789abcdef0123456789abcdef"
    Mon 10:00    bob -> me    "Budget"
    Mon 11:00    cy -> me     ""
    """
    assert made.messages["subject"].tolist() == ["", "Budget", ""]
    assert made.threads["subject"].tolist() == ["", "Budget", ""]
