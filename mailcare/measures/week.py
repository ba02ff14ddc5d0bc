"""One person's week: every number of the individual's report, each made once, and only if something asks for it."""

from dataclasses import fields
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from mailcare.hours.clock import hours_per_day, midnight, monday_before
from mailcare.mail.message import Field
from mailcare.measures.answers_expected import answers_expected
from mailcare.measures.both_ways import both_ways
from mailcare.measures.circles import circles
from mailcare.measures.gone_quiet import gone_quiet
from mailcare.measures.lookup import local
from mailcare.measures.reply_all_coverage import ENOUGH_REPLIES, reply_all_coverage
from mailcare.measures.reply_latency import ENOUGH_TURNS, reply_latency
from mailcare.measures.rhythm import rhythm
from mailcare.measures.slow_slot import slowest_slot
from mailcare.measures.usual import ENOUGH_WEEKS, WEEKS, away, drift, mostly_reached, points, tile
from mailcare.measures.waiting_lists import WaitingLists, quiet_count, recovered, waiting_lists
from mailcare.measures.ways.all import ten_ways
from mailcare.measures.ways.promptness import promptness
from mailcare.measures.ways.window import Window, window
from mailcare.pipeline.mailbox import Mailbox
from mailcare.pipeline.people import OWNER
from mailcare.pipeline.turns import asks
from mailcare.values.week import (
    BothWays,
    Circle,
    Contact,
    Counts,
    Curve,
    Drift,
    GoneQuiet,
    KeepingIn,
    Model,
    Quality,
    Recovered,
    Rhythm,
    SlowSlot,
    Tile,
    Waiting,
    Way,
    Week,
    WeekPoint,
)

ONE_WEEK = timedelta(days=7)
_CHOSEN_LATER = {"suggestion", "question"}
"""What ``suggestions`` adds to a week."""


def week(box: Mailbox) -> Week:
    """The last whole ISO week before the mailbox's moment, in the owner's time zone; what waits is as of then."""
    made = Measured(box)
    return Week(**{one.name: getattr(made, one.name) for one in fields(Week) if one.name not in _CHOSEN_LATER})


class Measured:
    """The figures of the week: a property for each field of ``values.Week``, called as it is."""

    def __init__(self, box: Mailbox) -> None:
        self._box = box

    @cached_property
    def start(self) -> date:
        return monday_before(self.as_of.date()) - ONE_WEEK

    @property
    def as_of(self) -> datetime:
        return local(self._box, self._box.moment)

    @property
    def owner(self) -> Contact:
        people = self._box.people
        return Contact(self._box.owner.name or people["name"][OWNER], people["address"][OWNER])

    @property
    def time_zone(self) -> str:
        return self._box.owner.working_time.time_zone

    @property
    def working_hours(self) -> str:
        return self._box.owner.working_time.hours

    @property
    def holidays(self) -> str:
        return self._box.owner.working_time.holidays

    @cached_property
    def hours_per_day(self) -> float:
        return hours_per_day(self._box.time)

    @property
    def grace_days(self) -> float:
        return self._box.owner.grace_days["default"]

    @property
    def counts(self) -> Counts:
        return _counts(self._box, self._since, self._until)

    @cached_property
    def curve(self) -> Curve:
        return reply_latency(self._turns, self.hours_per_day)

    @property
    def answer_hours(self) -> tuple[float, ...]:
        return tuple(sorted(self._turns["working"][self._turns["outcome"] == "answered"].dropna()))

    @property
    def fresh(self) -> int:
        return self._waits.fresh

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        return self._waits.waiting

    @property
    def quiet(self) -> tuple[Waiting, ...]:
        return self._waits.quiet

    @property
    def probably_closed(self) -> int:
        return self._waits.probably_closed

    @property
    def waiting_for(self) -> tuple[Waiting, ...]:
        return self._waits.waiting_for

    @property
    def answered_tile(self) -> Tile:
        return _answered_tile(self._box, self._turns, self._earlier, self.start)

    @property
    def half_tile(self) -> Tile:
        return tile(
            self.curve.quartiles[1] if len(self._turns) >= ENOUGH_TURNS else None,
            self.curve.answered,
            self.curve.turns,
            mostly_reached(self._earlier["km_p50"][self._earlier["turns"] >= ENOUGH_TURNS]),
            ENOUGH_TURNS,
        )

    @property
    def coverage_tile(self) -> Tile:
        keeping, earlier = self.keeping, self._earlier
        return tile(
            keeping.full / keeping.replies if keeping.replies >= ENOUGH_REPLIES else None,
            keeping.full,
            keeping.replies,
            (earlier["full_replies"] / earlier["replies"]).where(earlier["replies"] >= ENOUGH_REPLIES),
            ENOUGH_REPLIES,
        )

    @property
    def quiet_tile(self) -> Tile:
        return _quiet_tile(self._box, len(self.quiet), self._first)

    @property
    def needed_weeks(self) -> int:
        return ENOUGH_WEEKS

    @cached_property
    def weeks(self) -> tuple[WeekPoint, ...]:
        return points(self._weekly[-WEEKS:], self._box.time)

    @property
    def drift(self) -> Drift | None:
        return drift(self.weeks)

    @property
    def recovered(self) -> Recovered | None:
        return recovered(self._box, self._since, self._until)

    @property
    def slow_slot(self) -> SlowSlot | None:
        turns = self._box.turns
        recent = turns[(turns["asked_at"] >= self._lately) & (turns["asked_at"] < self._until)]
        return slowest_slot(recent, self._box.time, len(self.weeks))

    @cached_property
    def keeping(self) -> KeepingIn:
        replies = self._box.replies
        at = self._box.messages["at"].to_numpy()[replies["message"]]
        this_week, lately = _within(at, self._since, self._until), _within(at, self._lately, self._until)
        return reply_all_coverage(self._box, replies[this_week], replies[lately])

    @property
    def model(self) -> Model | None:
        return answers_expected(self._box)

    @property
    def circles(self) -> tuple[Circle, ...]:
        return circles(self._box, self._lately, self._until)

    @property
    def both_ways(self) -> tuple[BothWays, ...]:
        return both_ways(self._box, self._lately, self._until, self._box.moment)

    @property
    def gone_quiet(self) -> tuple[GoneQuiet, ...]:
        return gone_quiet(self._box, self._box.moment)

    @property
    def rhythm(self) -> Rhythm:
        return rhythm(self._box, self._lately, self._until, len(self.weeks))

    @property
    def ways(self) -> tuple[Way, ...]:
        return ten_ways(self._box, self._window) if len(self._box.messages) else ()

    @property
    def promptness(self) -> Way | None:
        """The one of the ways that a suggestion may rest on, by itself."""
        return promptness(self._box, self._window) if len(self._box.messages) else None

    @cached_property
    def _window(self) -> Window:
        return window(self._box, self.start, self._box.moment)

    @property
    def quality(self) -> tuple[Quality, ...]:
        return tuple(Quality(reason, count) for reason, count in sorted(self._box.quality.items()))

    @property
    def first_report(self) -> bool:
        return bool(self._first >= self._since)

    @property
    def away(self) -> bool:
        return away(self._box.time, self.start)

    @property
    def newest(self) -> date | None:
        return _newest_before(self._box, self._since)

    @property
    def sent_since(self) -> datetime | None:
        return _sent_since(self._box, self._since, self._until)

    @cached_property
    def _since(self) -> int:
        return midnight(self._box.time, self.start)

    @cached_property
    def _until(self) -> int:
        return midnight(self._box.time, self.start + ONE_WEEK)

    @cached_property
    def _lately(self) -> int:
        """When the weeks of the trend began."""
        return midnight(self._box.time, self.weeks[0].start)

    @property
    def _first(self) -> int:
        """When the first message came."""
        messages = self._box.messages
        return int(messages["at"].min()) if len(messages) else self._box.moment

    @cached_property
    def _turns(self) -> pd.DataFrame:
        """The turns that began this week."""
        return self._box.turns[self._box.turns["monday"] == pd.Timestamp(self.start)]

    @cached_property
    def _weekly(self) -> pd.DataFrame:
        return _weeks(self._box, self.start)

    @cached_property
    def _earlier(self) -> pd.DataFrame:
        """The weeks of ``_weekly`` beside which this one stands: those in which the owner was there."""
        earlier = self._weekly[-WEEKS - 1 : -1]
        there: Any = [not away(self._box.time, one.date()) for one in earlier["monday"]]
        return earlier[np.array(there, bool)]

    @cached_property
    def _waits(self) -> WaitingLists:
        return waiting_lists(self._box)


def _newest_before(box: Mailbox, since: int) -> date | None:
    last = int(box.messages["at"].max()) if len(box.messages) else since
    return local(box, last).date() if last < since else None


def _within(at: np.ndarray, since: int, until: int) -> np.ndarray:
    return (at >= since) & (at < until)


def _weeks(box: Mailbox, monday: date) -> pd.DataFrame:
    """The weekly table from its first week, or from this one, to this one; weeks without mail count no turns."""
    this = pd.Timestamp(monday)
    known = box.weeks[box.weeks["monday"] <= this]
    every = pd.date_range(known["monday"].min() if len(known) else this, this, freq="7D")
    filled = known.set_index("monday").reindex(every).rename_axis("monday").reset_index()
    counts = ["turns", "answered", "covered", "open", "replies", "full_replies"]
    return filled.assign(**{name: filled[name].fillna(0).astype(np.int64) for name in counts})


def _answered_tile(box: Mailbox, turns: pd.DataFrame, earlier: pd.DataFrame, monday: date) -> Tile:
    """Share answered, against earlier weeks when they were as old as this one is now."""
    back = (pd.Timestamp(monday) - box.turns["monday"]).dt.total_seconds().to_numpy()
    in_time = (box.turns["outcome"] == "answered") & (box.turns["ended_at"] <= box.moment - back)
    share = in_time.groupby(box.turns["monday"]).mean().reindex(pd.DatetimeIndex(earlier["monday"]))
    answered = int((turns["outcome"] == "answered").sum())
    value = answered / len(turns) if len(turns) >= ENOUGH_TURNS else None
    usual = share.where(earlier["turns"].to_numpy() >= ENOUGH_TURNS)
    return tile(value, answered, len(turns), usual, ENOUGH_TURNS)


def _quiet_tile(box: Mailbox, quiet: int, first: int) -> Tile:
    """Conversations gone quiet, against the same count at the end of each earlier week that could have one."""
    before = box.moment - np.arange(WEEKS, 0, -1) * int(ONE_WEEK.total_seconds())
    counts = pd.Series([quiet_count(box, int(one)) for one in before if one - first >= 2 * ONE_WEEK.total_seconds()])
    known = box.moment - first >= 2 * ONE_WEEK.total_seconds()
    return tile(quiet if known else None, quiet, quiet, counts.astype(float), needed=0)


def _counts(box: Mailbox, since: int, until: int) -> Counts:
    messages = box.messages
    here = _within(messages["at"].to_numpy(), since, until)
    asking, informed = np.zeros((2, len(messages)), bool)
    asking[asks(messages, box.on, shared=box.owner.shared)] = True
    informed[box.on["message"][(box.on["person"] == OWNER) & (box.on["field"].isin([Field.TO, Field.CC]))]] = True
    sent, automated = messages["sent"].to_numpy(), messages["automated"].to_numpy(bool)
    nobody = messages["author"].to_numpy() < 0
    kinds = np.select(
        [sent, automated, nobody, asking, informed],
        ["sent", "automated", "unthreaded", "asking", "kept_informed"],
        "by_list",
    )
    found = pd.Series(kinds[here]).value_counts()
    names = ("asking", "sent", "automated", "kept_informed", "by_list", "unthreaded")
    return Counts(messages=int(here.sum()), **{name: int(found.get(name, 0)) for name in names})


def _sent_since(box: Mailbox, since: int, until: int) -> datetime | None:
    """The first sent message, where the mailbox's other mail begins more than a day before it, in this week."""
    at, sent = box.messages["at"].to_numpy(), box.messages["sent"].to_numpy()
    if not sent.any():
        return None
    first = int(at[sent].min())
    return local(box, first) if first - int(at.min()) > 86_400 and since <= first < until else None
