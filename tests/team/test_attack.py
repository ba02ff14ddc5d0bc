"""Twelve reviews of a team through the command line, while people join and leave: what all of them together tell.

The attack is that of ``tests.test_suppression``, on what was really published. Every figure that it uses is first held
to a plain count of the invented mail, so that it is known whose messages each is the sum of.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from mailcare.cli import cli
from mailcare.team.privacy import NOBODY_KNOWS, PERIOD
from mailcare.team.published import Pinned
from mailcare.values.review import Review
from tests.team.test_privacy import KINDS, PERIODS, SEVERAL, WEEKS, Row, found_out
from tests.team_notation import HOME, SUPPORT

FIRST = date(2025, 10, 20)
CLIENTS = ("alder", "birch", "cedar", "oak", "elsewhere")
MEMBERS = ("Xaverine", "Yolantha", "Zebulon", "Quirinus", "Wilhelmo", "Vasilisa", "Ursulina")


@dataclass(frozen=True)
class Ask:
    """A message of a client's person that nobody else writes, and what became of it."""

    number: int
    period: int
    week: int
    cell: str
    to: tuple[int, ...]
    shared: bool
    by: int | None
    """Who answered."""
    at: datetime

    @property
    def boxes(self) -> set[int]:
        return {*self.to, *([NOBODY_KNOWS] if self.shared else [])}

    @property
    def answered_in(self) -> set[int]:
        return {self.by, NOBODY_KNOWS} if self.shared else {self.by}


@dataclass(frozen=True)
class World:
    asks: tuple[Ask, ...]
    there: tuple[frozenset[int], ...]
    """By period, who is in the team."""


def world(seed: int) -> World:
    chance = np.random.default_rng(seed)
    joined = chance.integers(-6, 6, len(MEMBERS))
    left = joined + chance.integers(4, 16, len(MEMBERS))
    joined[:3], left[0] = 0, PERIODS
    busy = chance.gamma(0.8, 0.9, (len(MEMBERS), len(CLIENTS)))
    there = [frozenset(np.flatnonzero((joined <= one) & (one < left)).tolist()) for one in range(PERIODS)]
    asks: list[Ask] = []
    for period, week in np.ndindex(PERIODS, WEEKS):
        for member, cell in np.ndindex(busy.shape):
            for _ in range(chance.poisson(busy[member, cell]) if member in there[period] else 0):
                day = datetime.combine(FIRST + PERIOD * period + timedelta(weeks=week), time(9), UTC)
                others = sorted(there[period])
                to = {member, int(chance.choice(others)) if chance.random() < 0.3 else member}
                by = member if chance.random() < 0.8 else int(chance.choice(others))
                asks.append(
                    Ask(
                        number=len(asks),
                        period=period,
                        week=week,
                        cell=CLIENTS[cell],
                        to=tuple(sorted(to)),
                        shared=bool(chance.random() < 0.15),
                        by=by if chance.random() < 0.75 else None,
                        at=day + timedelta(days=int(chance.integers(0, 4)), minutes=int(chance.integers(0, 200))),
                    )
                )
    return World(tuple(asks), tuple(there))


def address(box: int) -> str:
    return SUPPORT if box == NOBODY_KNOWS else f"{MEMBERS[box].lower()}@{HOME}"


def written(sender: str, to: list[str], at: datetime, own: str, parent: str = "") -> str:
    heads = [
        f"From: {sender}",
        f"To: {', '.join(to)}",
        f"Date: {format_datetime(at)}",
        f"Message-ID: <{own}@x.example>",
    ]
    heads += [f"In-Reply-To: <{parent}@x.example>"] if parent else []
    return f"From x@x.example {at:%a %b %d %H:%M:%S %Y}\n" + "\n".join(heads) + "\n\n\n"


def mailbox(box: int, asks: list[Ask]) -> Iterator[str]:
    """What lies in a mailbox: the asks to it, and the answers that it sent or, shared, was in copy of."""
    for one in asks:
        client, own = f"p{one.number}@{one.cell}.example", f"a{one.number}"
        if box in one.boxes:
            yield written(client, [address(to) for to in sorted(one.boxes)], one.at, own)
        if one.by is not None and box in one.answered_in:
            to = [client, *([SUPPORT] if one.shared else [])]
            yield written(address(one.by), to, one.at + timedelta(hours=2), f"r{one.number}", own)


def configuration(members: frozenset[int]) -> str:
    boxes = (*sorted(members), NOBODY_KNOWS)
    lines = ['data_dir = "data"']
    for box in boxes:
        lines += ["[[account]]", f'name = "box{box}"', 'connector = "files"', f'path = "box{box}.mbox"']
        lines += [f'addresses = ["{address(box)}"]', "shared = true" if box == NOBODY_KNOWS else ""]
        lines += [f'owner_name = "{MEMBERS[box]}"' if box != NOBODY_KNOWS else ""]
    lines += ["[[team]]", 'name = "northshore"', f"accounts = {json.dumps([f'box{box}' for box in boxes])}"]
    lines += [f'shared = ["{SUPPORT}"]', "min_group = 3"]
    for name in CLIENTS[:-1]:
        lines += ["[[team.client]]", f'name = "{name.title()}"', f'domains = ["{name}.example"]']
    return "\n".join(lines)


def mailcare(home: Path, *arguments: str) -> str:
    done = CliRunner().invoke(cli, [*arguments, "--config", str(home / "config.toml")], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output + done.stderr


def lived(home: Path, life: World) -> str:
    """Twelve periods, one weekly run after each: who joins is configured, who leaves leaves. Returns what was said."""
    said = ""
    for period, members in enumerate(life.there):
        for gone in sorted(life.there[period - 1] - members) if period else []:
            said += mailcare(home, "team", "leave", address(gone))
            (home / f"box{gone}.mbox").unlink()
        (home / "config.toml").write_text(configuration(members))
        until = [one for one in life.asks if one.period <= period]
        for box in (*members, NOBODY_KNOWS):
            (home / f"box{box}.mbox").write_text("".join(mailbox(box, until)))
        end = datetime.combine(FIRST + PERIOD * (period + 1), time(6), UTC)
        said += mailcare(home, "run", "--as-of", end.isoformat())
    return said


def whose(asks: list[Ask], kind: str) -> frozenset[Any]:
    """Whose messages a figure of this kind over these asks is the sum of."""
    if kind == "asks":
        alone = {one: one.to[0] if len(one.to) == 1 and not one.shared else SEVERAL for one in asks}
        return frozenset((one.period, one.week, one.cell, who) for one, who in alone.items())
    return frozenset((one.period, one.week, one.cell, one.by) for one in asks if one.by is not None)


def published(life: World, review: Review) -> Iterator[tuple[str, int, list[Ask]]]:
    """The figures of a review: of which kind, how much, and over which asks."""
    period = (review.start - FIRST) // PERIOD
    cells = {line.client.lower() or CLIENTS[-1]: line for line in review.lines}
    told = [one for one in life.asks if one.period == period and one.cell in cells]
    for cell, line in cells.items():
        mine = [one for one in told if one.cell == cell]
        yield "asks", line.turns, mine
        yield "answers", line.answered, mine
    if review.total:
        yield "asks", review.total.turns, told
        yield "answers", review.total.answered, told
        yield "messages", review.from_us, told
    for number, week in enumerate(review.weeks):
        mine = [one for one in told if one.week == number]
        if week.shown:
            yield "asks", week.promise.of, mine
            yield "answers", week.promise.kept, mine


@pytest.mark.parametrize("seed", [2])
def test_twelve_reviews_tell_nothing_of_one_member(tmp_path: Path, seed: int) -> None:
    life = world(seed)
    said = lived(tmp_path, life)
    made = list(Pinned(tmp_path / "data/teams/northshore").reviews())
    assert [one.start for one in made] == [FIRST + PERIOD * number for number in range(PERIODS)]
    assert any(after - before for before, after in zip(life.there, life.there[1:], strict=False))
    assert any(before - after for before, after in zip(life.there, life.there[1:], strict=False))
    figures = [figure for review in made for figure in published(life, review)]
    for kind, figure, asks in figures:
        assert figure == (len(asks) if kind == "asks" else sum(one.by is not None for one in asks))
    for kind in KINDS:
        rows: set[Row] = {whose(asks, kind) for of, figure, asks in figures if of == kind and figure}
        assert len({period for row in rows for period, *_ in row}) >= PERIODS / 2
        assert found_out(rows) == set()
    pages = [path.read_text() for path in (tmp_path / "data/reports").rglob("*.html")]
    pinned = [path.read_text() for path in (tmp_path / "data/teams").rglob("*.json")]
    assert not re.search("|".join(MEMBERS), said.replace(HOME, "") + "".join([*pages, *pinned]), re.IGNORECASE)


def test_without_suppression_somebodys_is_found() -> None:
    """The same attack on the same invented mail, were every client and every week told."""
    life = world(2)
    for kind in ("asks", "answers"):
        parts = [
            [one for one in life.asks if (one.period, getattr(one, by)) == (period, value)]
            for period in range(PERIODS)
            for by, values in (("cell", CLIENTS), ("week", range(WEEKS)))
            for value in values
        ]
        assert found_out({whose(part, kind) for part in parts if part}) != set()
