"""The whole pipeline, one stage a property: each is made once, and only if something asks for it.

people → messages → threads → turns → expected → replies → states → weeks. People and messages are integer codes here;
the columns of each table are those of its stage's docstring.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from mailcare.hours.arrays import Floats, Ints
from mailcare.hours.clock import local_days
from mailcare.hours.worktime import WorkingTime
from mailcare.owner import Owner
from mailcare.pipeline.expected import Foresight, expected
from mailcare.pipeline.messages import facts, in_kept_folders, named_by_lists, without_own_mail
from mailcare.pipeline.people import people, recipients, senders_are_automated
from mailcare.pipeline.replies import replies, with_answered_asks
from mailcare.pipeline.states import closed, settled_at, states, turns_settled_at
from mailcare.pipeline.theirs import theirs
from mailcare.pipeline.threads import conversations, links, parents, threads
from mailcare.pipeline.turns import turns
from mailcare.pipeline.weeks import weeks


class _Facts(NamedTuple):
    """What ``messages.facts`` says, and what could not be used."""

    messages: pd.DataFrame
    on: pd.DataFrame
    names: pd.DataFrame
    standing: Ints
    quality: Counter[str]


class Mailbox:
    """One owner's mail as of a moment; nothing later exists."""

    def __init__(
        self,
        log: pa.Table,
        owner: Owner,
        as_of: datetime,
        skipped: Mapping[str, int] | None = None,
        settled: Mapping[str, int] | None = None,
    ) -> None:
        """``log`` is ``tables.LOG``; ``as_of`` is aware; ``skipped`` is what reading left out, by reason; ``settled``
        says when the owner settled a thread (id of a message of it → seconds since 1970)."""
        self.owner = owner
        self.moment = int(as_of.timestamp())
        """The same in seconds since 1970."""
        self._log, self._skipped, self._settled = log, Counter(skipped or {}), dict(settled or {})

    @cached_property
    def log(self) -> pa.Table:
        """The copies that count: ``messages.copy`` is a row here."""
        return in_kept_folders(without_own_mail(self._log.combine_chunks()), self.owner)

    @property
    def keys(self) -> pa.ChunkedArray:
        """What the connector calls each copy."""
        return self.log["key"]

    @cached_property
    def _who(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The people of the mailbox, and where each stands on which copy."""
        seen = recipients(self.log)
        persons, codes = people(seen, self.owner)
        seen["person"] = np.append(codes, -1)[seen["address"].cat.codes]
        seen["automated"] = np.append(senders_are_automated(seen, self.owner), False)[seen["address"].cat.codes]
        seen["list"] = named_by_lists(seen, self.log)
        return persons, seen[seen["person"] >= 0][["copy", "field", "person", "automated", "list"]]

    @property
    def people(self) -> pd.DataFrame:
        return self._who[0]

    @cached_property
    def _facts(self) -> _Facts:
        quality = Counter[str]()
        persons, seen = self._who
        return _Facts(*facts(self.log, seen, persons, self.moment, quality), quality)

    @property
    def on(self) -> pd.DataFrame:
        """Who stands in which field of which message: ``message``, ``field``, ``person``."""
        return self._facts.on

    @cached_property
    def _links(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """What each message names, and how the provider joins it to others."""
        bare = self._facts
        return links(self.log, bare.standing, bare.names), conversations(self.log, bare.messages)

    @cached_property
    def _threaded(self) -> pd.DataFrame:
        """The messages with ``thread``, ``settled_at``, and ``parent`` as the headers tell it."""
        linked, provider = self._links
        table = self._facts.messages.copy()
        table["thread"] = threads(table, self.on, linked, provider)
        table["settled_at"] = settled_at(table, self._settled)
        table["parent"] = parents(linked, provider)
        return table

    @cached_property
    def time(self) -> WorkingTime:
        """The owner's working time, less the days on which an out-of-office note went out."""
        time = self.owner.working_time
        return time if self.owner.shared else time.away_on(_out_of_office(self._facts.messages, time))

    @cached_property
    def turns(self) -> pd.DataFrame:
        """Others' turns with the owner, with ``settled_at``."""
        table = turns(
            self._threaded, self.on, self._links[0], self.people, self.time, self.moment, shared=self.owner.shared
        )
        return table.assign(settled_at=turns_settled_at(table, self._threaded))

    @cached_property
    def theirs(self) -> pd.DataFrame:
        """The owner's turns with others: the same with the parts exchanged."""
        return theirs(self.messages, self.on, self._links[0], self.people, self.time, self.moment)

    @cached_property
    def messages(self) -> pd.DataFrame:
        """The messages in order of time; where the headers name no parent, the ask that each one answers is it."""
        table = self._threaded
        return table.assign(parent=with_answered_asks(table["parent"].to_numpy(), table, self.turns))

    @cached_property
    def _expected(self) -> tuple[Floats, Foresight | None]:
        return expected(self._threaded, self.on, self.turns, self.time, self.moment)

    @cached_property
    def judged(self) -> pd.DataFrame:
        """The turns with ``p_answer``."""
        return self.turns.assign(p_answer=self._expected[0])

    @property
    def model(self) -> Foresight | None:
        """How well ``p_answer`` foresees answers; None if the rule for little history stands."""
        return self._expected[1]

    @cached_property
    def _replies(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        return replies(self.messages, self.on, self.people, self.time)

    @property
    def replies(self) -> pd.DataFrame:
        return self._replies[0]

    @property
    def concerned(self) -> pd.DataFrame:
        """Who was kept, dropped or added on each reply."""
        return self._replies[1]

    @cached_property
    def states(self) -> pd.DataFrame:
        """Where each thread stands, the model not asked: what is probably closed is among the dropped."""
        grace_days = self.owner.grace_days
        return states(self.messages, self.on, self.people, self.turns, self.time, grace_days, self.moment)

    @cached_property
    def threads(self) -> pd.DataFrame:
        """Where each thread stands."""
        return closed(self.states, self.messages, self.on, self.judged, self.time, self.moment)

    @cached_property
    def weeks(self) -> pd.DataFrame:
        return weeks(self.turns, self.replies, self.messages, self.time)

    @cached_property
    def quality(self) -> Counter[str]:
        """What could not be used: a key of ``tables.QUALITY`` → count."""
        unknown = int((self.turns["outcome"].ne("open") & self.turns["latency"].isna()).sum())
        return +(self._skipped + self._facts.quality + Counter(unknown_latency=unknown))


def _out_of_office(messages: pd.DataFrame, time: WorkingTime) -> list[date]:
    """The owner's days on which their own out-of-office note went out."""
    notes = messages[messages["sent"] & messages["auto_reply"]]
    return sorted({day.date() for day in local_days(time, notes["at"].to_numpy())})
