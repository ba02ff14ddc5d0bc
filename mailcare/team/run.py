"""The client review of a team, one step a line: read after ``mailcare/weekly.py``."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa

from mailcare import access, holdings
from mailcare.config.settings import Account, Settings
from mailcare.config.teams import Team
from mailcare.mail.addresses import canonical
from mailcare.tables import CLIENTS
from mailcare.team import departed, privacy
from mailcare.team.measures import instant, review
from mailcare.team.pool import pooled
from mailcare.team.published import Pinned
from mailcare.values.review import Review

TREND = 3
"""A review looks back on so many periods: twelve weeks."""


def reviews(settings: Settings, team: Team, as_of: datetime) -> list[Review]:
    """The reviews of the last whole periods before ``as_of`` (aware), oldest first; none where there is no mail of the
    last one or later.

    Each is made once: what was published of a period is given out again as it was. Raises MailcareError.
    """
    pinned = Pinned(settings.data_dir, team.name)
    newest = privacy.last_period(as_of.astimezone(ZoneInfo(team.working_time.time_zone)).date())
    starts = [newest - privacy.PERIOD * back for back in reversed(range(TREND))]
    made = [pinned.review(start) or _made(settings, team, pinned, start) for start in starts]
    return [one for one in made if one] if made[-1] else []


def due(settings: Settings, team: Team, as_of: datetime) -> bool:
    """Whether the last whole period before ``as_of`` has no review yet."""
    day = as_of.astimezone(ZoneInfo(team.working_time.time_zone)).date()
    return Pinned(settings.data_dir, team.name).review(privacy.last_period(day)) is None


def accounts(settings: Settings, team: Team) -> list[Account]:
    """The mailboxes of the team that are read: those of nobody who has left."""
    left = departed.has_left(settings.data_dir)
    mine = [account for account in settings.accounts if account.team == team.name]
    return [account for account in mine if not any(map(left, account.addresses))]


def pages(settings: Settings, team: Team) -> Iterator[tuple[str, list[Review]]]:
    """The pages that were made, by their names, each with the reviews that it tells, oldest first."""
    made: list[Review] = []
    for newest in Pinned(settings.data_dir, team.name).reviews():
        made.append(newest)
        yield f"{newest.start}.html", [one for one in made if newest.start - one.start < privacy.PERIOD * TREND]


def clients(settings: Settings, team: Team) -> pd.DataFrame:
    """``tables.CLIENTS``: every line of every review that was published, as it was."""
    return pd.DataFrame(
        [
            (
                *(made.team, made.start.isoformat(), line.client, line.promise_hours, line.turns, line.answered),
                *(line.promise.kept, line.promise.of, line.promise.share, line.promise.low, line.promise.high),
                *(*line.quartiles, line.waiting, line.quiet, line.chasers, line.handed_over),
                *((line.people.kept, line.people.dropped) if line.people else (None, None)),
                line.standing,
            )
            for made in Pinned(settings.data_dir, team.name).reviews()
            for line in made.lines
        ],
        columns=CLIENTS.names,
    )


def leave(settings: Settings, team: Team, address: str) -> list[str]:
    """Take the member with this address out of the team: their mailbox's store, logins and reports are deleted, and so
    is what the team's reviews tell in words. Returns the names of the accounts that the configuration still has."""
    gone = members(settings, team, address)
    departed.note(settings.data_dir, [one for account in gone for one in account.addresses])
    for account in gone:
        holdings.forget_account(account.name, settings.data_dir)
    Pinned(settings.data_dir, team.name).leave()
    return [account.name for account in gone]


def come_back(settings: Settings, team: Team, address: str) -> list[str]:
    """Read the mailbox of the person with this address again; returns the names of its accounts."""
    back = members(settings, team, address)
    departed.take_back(settings.data_dir, [one for account in back for one in account.addresses])
    return [account.name for account in back]


def members(settings: Settings, team: Team, address: str) -> list[Account]:
    """The team's accounts with this address, whether or not their owner has left."""
    mine = [account for account in settings.accounts if account.team == team.name]
    return [account for account in mine if canonical(address) in map(canonical, account.addresses)]


def forget_person(settings: Settings, team: Team, address: str) -> int:
    """Take a person, by one of their addresses, out of the team's reviews; returns how many named them."""
    return Pinned(settings.data_dir, team.name).forget(holdings.same_person(settings.accounts, address))


def kept(settings: Settings, team: Team) -> int:
    """How many reviews of the team are kept."""
    return sum(1 for _ in Pinned(settings.data_dir, team.name).reviews())


def forget(data_dir: Path, team: str) -> None:
    """Remove everything that is kept of the team itself: its reviews, their pages, and the key of its subjects."""
    Pinned(data_dir, team).clear()
    holdings.forget_pages(team, data_dir)
    access.team_vault(team, data_dir).clear()


def _made(settings: Settings, team: Team, pinned: Pinned, start: date) -> Review | None:
    """The review of one period, made from what is stored and kept; None where there is no mail of that time at all."""
    zone = team.working_time.time_zone
    until = datetime.fromtimestamp(instant(zone, start + privacy.PERIOD), UTC)
    stored = list(_stored(settings, team))
    pool = pooled([(account, rows) for account, rows, _ in stored], team, until, departed.has_left(settings.data_dir))
    at = pool.box.messages["at"]
    if not (at >= instant(zone, start)).any():
        return None
    before = pinned.review(start - privacy.PERIOD)
    made = review(pool, team, start, before, unfinished=any(unfinished for _, _, unfinished in stored))
    pinned.pin(made)
    return made


def _stored(settings: Settings, team: Team) -> Iterator[tuple[Account, pa.Table, bool]]:
    for account in accounts(settings, team):
        with access.opened(account, settings.data_dir, write=False) as store:
            yield account, access.log_of(account, settings.data_dir, store), bool(store.unfinished())
