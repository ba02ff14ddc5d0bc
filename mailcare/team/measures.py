"""Four weeks of a team: every number of the client review (docs/teams.md, "What is counted")."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from mailcare.hours.clock import hours_per_day, iso_weeks
from mailcare.mail.message import Field
from mailcare.measures.lookup import contact, local, subject_of
from mailcare.measures.reply_latency import ENOUGH_TURNS, reply_latency
from mailcare.measures.waiting_lists import QUIET_DAYS, WAITING_DAYS, oldest_open
from mailcare.owner import OTHERS, Team
from mailcare.pipeline.messages import DAY
from mailcare.pipeline.people import OWNER
from mailcare.pipeline.states import HORIZON_DAYS
from mailcare.team import lines, privacy
from mailcare.team.pool import SHARED, Pool
from mailcare.values.review import Conversation, Line, PromiseWeek, Review

WEEKS = 4
QUARTERS = 4
"""Durations are told to the quarter of an hour, rounded up: nobody finds one message by its time."""


def review(pool: Pool, team: Team, start: date, before: Review | None, *, unfinished: bool = False) -> Review:
    """The four weeks from ``start`` (a Monday, in the team's time zone); the pool is as of their end.

    ``before`` is the review of the four weeks before, as it was published.
    """
    box = pool.box
    since, until = (instant(box.time.time_zone, day) for day in (start, start + privacy.PERIOD))
    told = Review(
        team=team.name,
        start=start,
        as_of=local(box, until),
        time_zone=team.working_time.time_zone,
        working_hours=team.working_time.hours,
        holidays=team.working_time.holidays,
        hours_per_day=hours_per_day(box.time),
        promise_hours=team.promise_hours,
        one_promise=True,
        shared=team.shared,
        min_group=team.min_group,
        enough_turns=ENOUGH_TURNS,
        members=len(pool.members),
        unfinished=unfinished,
    )
    if not told.enough_members:
        return told
    cells = [client.name for client in team.clients] + [OTHERS]
    turns = _turns(pool, team, cells, start)
    written = _written(pool, cells, since, until, start)
    waits = oldest_open(box, until)
    waits = waits[waits["circle"].isin(cells) & ~waits["closing"]]
    asked = _asked(pool, cells, until, start)
    sizes = Counter([*turns["circle"], *written["cell"], *waits["circle"]])
    spoken = privacy.listed(written, asked, sizes, team.min_group)
    order = sorted(spoken, key=lambda cell: (cell == OTHERS, cell.casefold()))
    mine = {"turns": turns, "written": written, "waits": waits, "asked": asked}
    made = tuple(_line(pool, team, cell, mine, since, until, before) for cell in order)
    mine = {name: rows[rows["cell" if "cell" in rows else "circle"].isin(spoken)] for name, rows in mine.items()}
    read = _read(pool, spoken, mine["written"], since, until)
    rows = _conversations(pool, team, mine["waits"])
    day = told.hours_per_day
    waiting = [one for one in rows if WAITING_DAYS * day <= one.working_hours <= QUIET_DAYS * day]
    quiet = [one for one in reversed(rows) if one.working_hours > QUIET_DAYS * day]
    return replace(
        told,
        one_promise={line.promise_hours for line in made} <= {team.promise_hours},
        lines=made,
        total=lines.total(made, mine["turns"], mine["written"], team.promise_hours, day) if made else None,
        curve=reply_latency(mine["turns"], day),
        weeks=_weeks(mine, start, team.min_group) if made else (),
        waiting=tuple(one for one in waiting if one.contact or one.addressed),
        waiting_counted=sum(not (one.contact or one.addressed) for one in waiting),
        quiet=tuple(one for one in quiet if one.contact or one.addressed),
        quiet_counted=sum(not (one.contact or one.addressed) for one in quiet),
        quiet_clients=_quiet_clients(pool, team, before, since, until),
        unlisted=len(sizes) - len(spoken),
        from_clients=read["asking"],
        from_us=read["written"],
        automated=read["automated"],
    )


def instant(time_zone: str, day: date) -> int:
    """Midnight at the beginning of the day, in seconds since 1970."""
    zoned = pd.Timestamp(day).tz_localize(time_zone, ambiguous=True, nonexistent="shift_forward")
    return int(zoned.timestamp())


def _turns(pool: Pool, team: Team, cells: list[str], start: date) -> pd.DataFrame:
    """The turns that clients and others began in the period, with ``week`` (0 to 3) and ``promised`` (hours); hours to
    the quarter."""
    turns = pool.box.turns
    promised = {client.name: client.promise_hours for client in team.clients}
    mine = turns.assign(
        week=(turns["monday"] - pd.Timestamp(start)).dt.days // 7,
        promised=turns["circle"].map(promised).fillna(team.promise_hours).astype(float),
        working=np.maximum(np.ceil(turns["working"] * QUARTERS - 1e-9), 0.0) / QUARTERS,
    )
    return mine[mine["week"].between(0, WEEKS - 1) & mine["circle"].isin(cells)]


def _written(pool: Pool, cells: list[str], since: int, until: int, start: date) -> pd.DataFrame:
    """What the team wrote to each cell: ``message``, ``thread``, ``cell``, ``member``, ``week``, ``answers``."""
    box = pool.box
    at = box.messages["at"].to_numpy()
    wrote = pool.writers[(at[pool.writers["message"]] >= since) & (at[pool.writers["message"]] < until)]
    reached = box.on[box.on["field"].isin([Field.TO, Field.CC, Field.BCC]) & (box.on["person"] != OWNER)]
    cell = box.people["circle"].to_numpy(object)[reached["person"]]
    to = pd.DataFrame({"message": reached["message"].to_numpy(), "cell": cell}).drop_duplicates()
    rows = wrote.merge(to[to["cell"].isin(cells)], on="message")
    return rows.assign(
        thread=box.messages["thread"].to_numpy()[rows["message"]],
        week=(iso_weeks(box.time, at[rows["message"]]) - pd.Timestamp(start)).days // 7,
        answers=rows["message"].isin(box.turns["by"][box.turns["circle"].isin(cells)]),
    )


def _asked(pool: Pool, cells: list[str], until: int, start: date) -> pd.DataFrame:
    """To whom of the team it was written, for every turn that may be waiting at the end of the period: ``ask``,
    ``cell``, ``member`` (each of them, where it went to a shared address), ``week`` (below 0 before the period)."""
    turns = pool.box.turns
    turns = turns[turns["circle"].isin(cells) & (turns["asked_at"] >= until - HORIZON_DAYS * DAY)]
    week = (turns["monday"] - pd.Timestamp(start)).dt.days // 7
    rows = pd.DataFrame({"message": turns["ask"], "ask": turns.index, "cell": turns["circle"], "week": week})
    rows = rows.merge(pool.addressed, on="message")
    to_all = (
        rows[rows["member"] == SHARED]
        .drop(columns="member")
        .merge(pd.Series(sorted(pool.members), name="member"), how="cross")
    )
    return pd.concat([rows[~rows["ask"].isin(to_all["ask"])], to_all], ignore_index=True)


def _line(
    pool: Pool,
    team: Team,
    cell: str,
    mine: dict[str, pd.DataFrame],
    since: int,
    until: int,
    before: Review | None,
) -> Line:
    name = "" if cell == OTHERS else cell
    hours = next((client.promise_hours for client in team.clients if client.name == name), team.promise_hours)
    turns, waits = (mine[one][mine[one]["circle"] == cell] for one in ("turns", "waits"))
    written = mine["written"][mine["written"]["cell"] == cell]
    earlier = next((line for line in before.lines if line.client == name), None) if before else None
    return lines.line(
        name,
        hours,
        turns,
        waits["age"],
        lines.people_of(pool, cell, since, until, team.min_group),
        lines.handed_over(written),
        hours_per_day(pool.box.time),
        earlier,
    )


def _weeks(mine: dict[str, pd.DataFrame], start: date, min_group: int) -> tuple[PromiseWeek, ...]:
    turns, written = mine["turns"], mine["written"]
    sizes = {week: int((turns["week"] == week).sum() + (written["week"] == week).sum()) for week in range(WEEKS)}
    shown = privacy.shown_weeks(written, mine["asked"], {week: size for week, size in sizes.items() if size}, min_group)
    return tuple(
        PromiseWeek(
            start + timedelta(weeks=week),
            week in shown or not sizes[week],
            lines.promise(turns[turns["week"] == week]) if week in shown else lines.promise(turns[:0]),
        )
        for week in range(WEEKS)
    )


def _conversations(pool: Pool, team: Team, waits: pd.DataFrame) -> list[Conversation]:
    """The conversations that wait, longest first, with as much of each as may be shown."""
    names = privacy.Names(pool.names)
    addressed = pool.addressed.groupby("message")["member"].agg(set).to_dict()
    rows: Any = waits.sort_values(["age", "asked_at"], ascending=[False, True]).itertuples()
    return [_conversation(pool, team, row, addressed.get(row.ask, set()), names) for row in rows]


def _conversation(pool: Pool, team: Team, row: Any, addressed: set[int], names: privacy.Names) -> Conversation:
    box, how = pool.box, privacy.shown(addressed, team.min_group)
    who, subject = contact(box, row.asker), subject_of(box, row.ask)
    openly = how is privacy.Shown.OPENLY
    return Conversation(
        client="" if row.circle == OTHERS else row.circle,
        contact=replace(who, name="" if names.within(who.name) else who.name) if openly else None,
        subject=subject if openly and subject and not names.within(subject) else "",
        addressed=len(addressed - {SHARED}) if how is privacy.Shown.AS_ONE_OF_A_GROUP else 0,
        since=local(box, row.asked_at),
        working_hours=float(row.age),
        chased_at=local(box, row.chased_at) if row.chased_at >= 0 else None,
    )


def _quiet_clients(pool: Pool, team: Team, before: Review | None, since: int, until: int) -> tuple[str, ...]:
    """The clients that were listed four weeks ago, with no message either way since."""
    known = {line.client for line in before.lines} if before else set[str]()
    messages = pool.box.messages
    here = messages.index[messages["at"].between(since, until - 1)]
    on = pool.box.on[pool.box.on["message"].isin(here)]
    met = set(pool.box.people["circle"].to_numpy(object)[on["person"]])
    silent = {client.name for client in team.clients} - met
    return tuple(sorted(silent & known, key=str.casefold))


def _read(pool: Pool, spoken: frozenset[str], written: pd.DataFrame, since: int, until: int) -> dict[str, int]:
    """What was read from and to those listed: messages asking or informing, written by the team, automatic."""
    messages = pool.box.messages
    author = messages["author"].to_numpy()
    circle = np.append(pool.box.people["circle"].to_numpy(object), "")[author]
    theirs = messages["at"].between(since, until - 1).to_numpy() & np.isin(circle.astype(str), sorted(spoken))
    automated = messages["automated"].to_numpy(bool)
    return {
        "asking": int((theirs & ~automated).sum()),
        "written": written["message"].nunique(),
        "automated": int((theirs & automated).sum()),
    }
