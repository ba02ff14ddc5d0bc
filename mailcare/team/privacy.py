"""What each reader may see: the one place that decides what a client review says and what it keeps to itself.

The rules (docs/teams.md): a figure rests on ``min_group`` or more members of the team, who were asked as well as who
wrote, and on none of them nearly alone; what is suppressed is out of all totals; never is exactly one thing suppressed;
periods do not overlap, and what was said of one is said again unchanged, whoever joins or leaves.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from enum import Enum
from typing import Any

import numpy as np
import pandas as pd

DOMINANT = 0.85
"""Who gave more than this share of something can be told from the rest of it."""
FIRST_MONDAY = date(1990, 1, 1)
"""The first period begins here, as mail does."""
PERIOD = timedelta(weeks=4)
NOBODY_KNOWS = -1
"""The member code of what a shared address wrote."""


class Shown(Enum):
    """How much of a waiting message is shown."""

    OPENLY = "contact and subject"
    AS_ONE_OF_A_GROUP = "how many of us it was written to"
    COUNTED = "in the count alone"


def last_period(today: date) -> date:
    """The Monday on which the last whole period before this day began."""
    return FIRST_MONDAY + ((today - FIRST_MONDAY) // PERIOD - 1) * PERIOD


def speaks_of_a_group(members: "pd.Series[Any]", min_group: int) -> bool:
    """Whether a figure over these messages rests on ``min_group`` people or more, and on none of them nearly alone.

    ``members`` has the code of who wrote each message, ``NOBODY_KNOWS`` where a shared address did: that may have been
    anybody, so it makes no writer, and counts for the one who wrote most.
    """
    known = members[members != NOBODY_KNOWS].value_counts()
    if len(known) < min_group:
        return False
    return bool(known.max() + len(members) - known.sum() <= DOMINANT * len(members))


def asks_a_group(asked: pd.DataFrame, min_group: int) -> bool:
    """Whether these asks were put to ``min_group`` people or more, and not nearly all of them to one alone.

    ``asked`` has a row for each ask and each member it was written to (``ask``, ``member``), every member where it was
    written to a shared address. What has no answer is a figure about those who were asked.
    """
    alone = asked["member"][~asked["ask"].duplicated(keep=False)].value_counts()
    enough = asked.empty or asked["member"].nunique() >= min_group
    return bool(enough and alone.iloc[:1].sum() <= DOMINANT * asked["ask"].nunique())


def listed(written: pd.DataFrame, asked: pd.DataFrame, sizes: Mapping[str, int], min_group: int) -> frozenset[str]:
    """The cells (clients, and everyone else) of which a review may speak.

    ``written`` has a row for each message of the team to a cell: ``cell``, ``member``, ``answers`` (whether it ended a
    wait). ``asked`` has what the cells asked, as ``asks_a_group`` takes it, with ``cell`` and ``week``: of the period,
    from 0, and below 0 what was asked before and may be waiting. ``sizes`` has every cell of the period and how much
    there is of it.
    """
    spoken = {cell for cell, rows in written.groupby("cell") if cell in sizes and _is_a_groups(rows, min_group)}
    spoken -= _not_a_groups(asked, "cell", min_group) | _not_a_groups(asked[asked["week"] >= 0], "cell", min_group)
    return _never_exactly_one(spoken, sizes)


def shown_weeks(written: pd.DataFrame, asked: pd.DataFrame, sizes: Mapping[int, int], min_group: int) -> frozenset[int]:
    """The weeks of a period of which the trend may speak; ``written`` and ``asked`` hold the listed cells alone.

    None of them, where the weeks and the cells together would tell something of one member.
    """
    asked = asked[asked["week"] >= 0]
    spoken = {week for week, rows in written.groupby("week") if week in sizes and _is_a_groups(rows, min_group)}
    shown = _never_exactly_one(spoken - _not_a_groups(asked, "week", min_group), sizes)
    answers = written[written["answers"].astype(bool)]
    return frozenset() if any(tells_of_one(part, shown) for part in (written, answers, asked)) else shown


def tells_of_one(written: pd.DataFrame, weeks: Collection[int]) -> bool:
    """Whether the sums by cell, with those by these weeks, add and subtract to a number of one member alone.

    They do where the places (a cell in a week) that are one member's alone make the sums independent in a way in which
    the other places do not: some combination of sums is then nought everywhere else.
    """
    places = written.groupby(["cell", "week"])["member"].agg(["nunique", "first"]).reset_index()
    sums = [(places["cell"] == cell).to_numpy() for cell in places["cell"].unique()]
    sums += [(places["week"] == week).to_numpy() for week in weeks]
    table = np.array(sums, float).reshape(len(sums), len(places)).T
    alone = places["first"].where(places["nunique"] == 1).to_numpy()
    whole = np.linalg.matrix_rank(table) if table.size else 0
    return any(np.linalg.matrix_rank(table[alone != one]) < whole for one in pd.unique(alone[~pd.isna(alone)]))


def _is_a_groups(rows: pd.DataFrame, min_group: int) -> bool:
    """Whether these messages are a group's, and so are the answers among them, if there are any."""
    answers = rows["member"][rows["answers"]]
    return speaks_of_a_group(rows["member"], min_group) and (answers.empty or speaks_of_a_group(answers, min_group))


def _not_a_groups(asked: pd.DataFrame, by: str, min_group: int) -> set[Any]:
    """The cells or weeks whose asks were put to fewer than a group."""
    return {one for one, rows in asked.groupby(by) if not asks_a_group(rows, min_group)}


def _never_exactly_one(spoken: set[Any], sizes: Mapping[Any, int]) -> frozenset[Any]:
    """Where exactly one is hidden, the smallest that is shown is hidden with it: a total tells neither."""
    if len(sizes) - len(spoken) == 1 and spoken:
        spoken = spoken - {min(spoken, key=lambda one: (sizes[one], str(one)))}
    return frozenset(spoken)


def shown(addressed: Collection[int], min_group: int) -> Shown:
    """How much of a waiting message a review shows, by whom of the team it was addressed to."""
    if NOBODY_KNOWS in addressed:
        return Shown.OPENLY
    return Shown.AS_ONE_OF_A_GROUP if len(set(addressed)) >= min_group else Shown.COUNTED


class Names:
    """Every address and name of the team's members, and the parts of the names: a text that holds one is withheld."""

    def __init__(self, names: Iterable[str]) -> None:
        parts = {part.casefold() for name in names for part in [name, *re.split(r"[\s.,@_-]+", name.partition("@")[0])]}
        words = sorted((part for part in parts if len(part) >= 3), key=len, reverse=True)
        self._pattern = re.compile(r"(?<!\w)(" + "|".join(map(re.escape, words)) + r")(?!\w)") if words else None

    def within(self, text: str) -> bool:
        """Whether the text holds one of them."""
        return bool(self._pattern and self._pattern.search(text.casefold()))
