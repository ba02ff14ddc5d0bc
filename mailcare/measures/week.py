"""One person's week: every number of the individual's report."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from types import MappingProxyType

import numpy as np
import pandas as pd

from mailcare.config.settings import Account
from mailcare.hours.clock import hours_per_day, midnight, monday_before
from mailcare.mail.links import Clues, Link, link, told
from mailcare.mail.message import Field
from mailcare.mail.registry import about
from mailcare.measures import definitions
from mailcare.measures.answers_expected import answers_expected
from mailcare.measures.both_ways import both_ways
from mailcare.measures.circles import circles
from mailcare.measures.dropped_threads import dropped_threads, quiet_count, recovered
from mailcare.measures.gone_quiet import gone_quiet
from mailcare.measures.lookup import local
from mailcare.measures.reply_all_coverage import reply_all_coverage
from mailcare.measures.reply_latency import reply_latency
from mailcare.measures.rhythm import rhythm
from mailcare.measures.slow_slot import slowest_slot
from mailcare.measures.usual import ENOUGH_REPLIES, ENOUGH_TURNS, WEEKS, away, drift, mostly_reached, points, tile
from mailcare.measures.ways.all import ten_ways
from mailcare.measures.ways.window import window
from mailcare.pipeline.people import OWNER
from mailcare.pipeline.tables_of import Mailbox, Tables
from mailcare.pipeline.turns import asks
from mailcare.values.week import Contact, Counts, Quality, Tile, Week

ONE_WEEK = timedelta(days=7)


def _link(account: Account, links: Mapping[str, str]) -> Link:
    """How the account's messages are opened; ``links`` as for ``week``."""
    connector = about(account.connector)
    usual = connector.link if connector else told
    return link(account.links, usual, Clues(account.addresses[0], account.options, links))


def week(tables: Tables, account: Account, as_of: datetime, links: Mapping[str, str] = MappingProxyType({})) -> Week:
    """The last whole ISO week before ``as_of`` (aware), in the owner's time zone; what waits is as of ``as_of``.

    ``links``: Message-ID → the address at which the server says that the message is opened.
    """
    box, moment = tables.mailbox, int(as_of.timestamp())
    monday = monday_before(local(box, moment).date()) - ONE_WEEK
    since, until = (midnight(box.time, day) for day in (monday, monday + ONE_WEEK))
    turns = box.turns[box.turns["monday"] == pd.Timestamp(monday)]
    sent_at = box.messages["at"].to_numpy()[box.replies["message"]]
    replies = box.replies[_within(sent_at, since, until)]
    table = _weeks(box, monday)
    trend = points(table[-WEEKS:], box.time)
    day = hours_per_day(box.time)
    dropped = dropped_threads(box, moment, account.grace_days, _link(account, links))
    curve = reply_latency(turns, day)
    lately = midnight(box.time, trend[0].start)
    keeping = reply_all_coverage(box, replies, box.replies[_within(sent_at, lately, until)])
    recent = box.turns[(box.turns["asked_at"] >= lately) & (box.turns["asked_at"] < until)]
    earlier = table[-WEEKS - 1 : -1]
    earlier = earlier[np.array([not away(box.time, one.date()) for one in earlier["monday"]], bool)]
    first = box.messages["at"].min() if len(box.messages) else moment
    return Week(
        owner=Contact(account.owner_name or box.people["name"][OWNER], box.people["address"][OWNER]),
        start=monday,
        as_of=local(box, moment),
        time_zone=account.working_time.time_zone,
        working_hours=account.working_time.hours,
        holidays=account.working_time.holidays,
        hours_per_day=day,
        grace_days=account.grace_days["default"],
        counts=_counts(box, since, until, shared=account.shared),
        curve=curve,
        answer_hours=tuple(sorted(turns["working"][turns["outcome"] == "answered"].dropna())),
        fresh=dropped.fresh,
        waiting=dropped.waiting,
        quiet=dropped.quiet,
        probably_closed=dropped.probably_closed,
        waiting_for=dropped.waiting_for,
        answered_tile=_answered_tile(box, turns, earlier, monday, moment),
        half_tile=tile(
            curve.quartiles[1] if len(turns) >= ENOUGH_TURNS else None,
            curve.answered,
            curve.turns,
            mostly_reached(earlier["km_p50"][earlier["turns"] >= ENOUGH_TURNS]),
        ),
        coverage_tile=tile(
            keeping.full / keeping.replies if keeping.replies >= ENOUGH_REPLIES else None,
            keeping.full,
            keeping.replies,
            (earlier["full_replies"] / earlier["replies"]).where(earlier["replies"] >= ENOUGH_REPLIES),
        ),
        quiet_tile=_quiet_tile(box, len(dropped.quiet), first, moment, account.grace_days),
        weeks=trend,
        drift=drift(trend),
        recovered=recovered(box, since, until, account.grace_days),
        slow_slot=slowest_slot(recent, box.time, len(trend)),
        keeping=keeping,
        model=answers_expected(box),
        circles=circles(box, lately, until),
        both_ways=both_ways(box, lately, until, moment),
        gone_quiet=gone_quiet(box, moment),
        rhythm=rhythm(box, lately, until, len(trend)),
        ways=ten_ways(box, window(box, monday, moment), account.grace_days) if len(box.messages) else (),
        quality=tuple(Quality(reason, count) for reason, count in sorted(box.quality.items())),
        first_report=bool(first >= since),
        away=away(box.time, monday),
        newest=_newest_before(box, since),
        sent_since=_sent_since(box, since, until),
        definitions=definitions(),
    )


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


def _answered_tile(box: Mailbox, turns: pd.DataFrame, earlier: pd.DataFrame, monday: date, moment: int) -> Tile:
    """Share answered, against earlier weeks when they were as old as this one is now."""
    back = (pd.Timestamp(monday) - box.turns["monday"]).dt.total_seconds().to_numpy()
    in_time = (box.turns["outcome"] == "answered") & (box.turns["ended_at"] <= moment - back)
    share = in_time.groupby(box.turns["monday"]).mean().reindex(pd.DatetimeIndex(earlier["monday"]))
    answered = int((turns["outcome"] == "answered").sum())
    value = answered / len(turns) if len(turns) >= ENOUGH_TURNS else None
    return tile(value, answered, len(turns), share.where(earlier["turns"].to_numpy() >= ENOUGH_TURNS))


def _quiet_tile(box: Mailbox, quiet: int, first: int, moment: int, grace_days: dict[str, float]) -> Tile:
    """Conversations gone quiet, against the same count at the end of each earlier week that could have one."""
    before = moment - np.arange(WEEKS, 0, -1) * int(ONE_WEEK.total_seconds())
    counts = pd.Series(
        [quiet_count(box, int(one), grace_days) for one in before if one - first >= 2 * ONE_WEEK.total_seconds()]
    )
    known = moment - first >= 2 * ONE_WEEK.total_seconds()
    return tile(quiet if known else None, quiet, quiet, counts.astype(float))


def _counts(box: Mailbox, since: int, until: int, *, shared: bool) -> Counts:
    messages = box.messages
    here = _within(messages["at"].to_numpy(), since, until)
    asking, informed = np.zeros((2, len(messages)), bool)
    asking[asks(messages, box.on, shared=shared)] = True
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
