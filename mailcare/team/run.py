"""The client review of a team, one step a line: read after ``mailcare/weekly.py``."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa

from mailcare import __version__, access, holdings
from mailcare.config.settings import Account, Settings
from mailcare.disk import deliver
from mailcare.errors import Exit, MailcareError
from mailcare.export import write_table
from mailcare.mail.addresses import canonical
from mailcare.owner import Team
from mailcare.tables import CLIENTS
from mailcare.team import departed, privacy
from mailcare.team.measures import instant, review
from mailcare.team.pool import pooled
from mailcare.team.published import Pinned
from mailcare.values.review import Review
from reports.client_review import render
from reports.language import language

TREND = 3
"""A review looks back on so many periods: twelve weeks."""


def reviews(settings: Settings, team: Team, as_of: datetime) -> list[Review]:
    """The reviews of the last whole periods before ``as_of`` (aware), oldest first; none where there is no mail of the
    last one or later.

    Each is made once: what was published of a period is given out again as it was. Raises MailcareError.
    """
    pinned = _published(settings, team)
    newest = privacy.last_period(as_of.astimezone(ZoneInfo(team.working_time.time_zone)).date())
    starts = [newest - privacy.PERIOD * back for back in reversed(range(TREND))]
    made = [pinned.review(start) or _made(settings, team, pinned, start) for start in starts]
    return [one for one in made if one] if made[-1] else []


def due(settings: Settings, team: Team, as_of: datetime) -> bool:
    """Whether the last whole period before ``as_of`` has no review yet."""
    day = as_of.astimezone(ZoneInfo(team.working_time.time_zone)).date()
    return _published(settings, team).review(privacy.last_period(day)) is None


def accounts(settings: Settings, team: Team) -> list[Account]:
    """The mailboxes of the team that are read: those of nobody who has left."""
    left = departed.has_left(settings.place.left)
    mine = [account for account in settings.accounts if account.team == team.name]
    return [account for account in mine if not any(map(left, account.owner.addresses))]


def pages(settings: Settings, team: Team) -> Iterator[tuple[str, list[Review]]]:
    """The pages that were made, by their names, each with the reviews that it tells, oldest first."""
    made: list[Review] = []
    for newest in _published(settings, team).reviews():
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
            for made in _published(settings, team).reviews()
            for line in made.lines
        ],
        columns=CLIENTS.names,
    )


def leave(settings: Settings, team: Team, address: str) -> list[str]:
    """Take the member with this address out of the team: their mailbox's store, logins and reports are deleted, and so
    is what the team's reviews tell in words. Returns the names of the accounts that the configuration still has."""
    gone = members(settings, team, address)
    departed.note(settings.place.left, [one for account in gone for one in account.owner.addresses])
    for account in gone:
        holdings.forget(account.name, settings.place)
    _published(settings, team).leave()
    return [account.name for account in gone]


def come_back(settings: Settings, team: Team, address: str) -> list[str]:
    """Read the mailbox of the person with this address again; returns the names of its accounts."""
    back = members(settings, team, address)
    departed.take_back(settings.place.left, [one for account in back for one in account.owner.addresses])
    return [account.name for account in back]


def members(settings: Settings, team: Team, address: str) -> list[Account]:
    """The team's accounts with this address, whether or not their owner has left."""
    mine = [account for account in settings.accounts if account.team == team.name]
    return [account for account in mine if canonical(address) in map(canonical, account.owner.addresses)]


def forget_person(settings: Settings, team: Team, address: str) -> int:
    """Take a person, by one of their addresses, out of the team's reviews; returns how many named them."""
    return _published(settings, team).forget(
        holdings.same_person([account.owner for account in settings.accounts], address)
    )


def kept(settings: Settings, team: Team) -> int:
    """How many reviews of the team are kept."""
    return sum(1 for _ in _published(settings, team).reviews())


def longest_kept(accounts: list[Account]) -> int:
    """For how many days these accounts' mail is kept at most; 0 for ever."""
    days = [account.keep_days for account in accounts]
    return max(days) if all(days) else 0


def write_review(settings: Settings, team: Team, as_of: datetime, out: Path | None = None) -> Path | None:
    """Make the team's review, if it has not been made, and write its page; None where there is no mail of that time."""
    if as_of > datetime.now(UTC):
        what, todo = "no review is made before its four weeks are over", "Leave out --as-of, or name an earlier moment."
        raise MailcareError(what, where=team.name, todo=todo, code=Exit.USAGE)
    made = reviews(settings, team, as_of)
    return _deliver(settings, team, f"{made[-1].start}.html", made, out) if made else None


def write_pages(settings: Settings, team: Team) -> None:
    """Write the pages of the team's reviews anew, those that are there, from what is kept of them."""
    for page, made in pages(settings, team):
        if settings.place.page(team.name, page).exists():
            _deliver(settings, team, page, made)


def due_reviews(settings: Settings, ended: dict[str, int], as_of: datetime, out: Path | None) -> list[Path]:
    """Write the reviews whose four weeks are over, of the teams whose mailboxes could all be read in this run."""
    whole = [
        team for team in settings.teams if all(ended.get(one.name) == Exit.DONE for one in accounts(settings, team))
    ]
    made = [write_review(settings, team, as_of, out) for team in whole if due(settings, team, as_of)]
    return [page for page in made if page]


def export_clients(settings: Settings, team: Team, folder: Path, form: str) -> Path:
    """Write the clients' lines of the team's published reviews; returns the file."""
    return write_table([clients(settings, team)], CLIENTS, folder, form)


def _deliver(settings: Settings, team: Team, name: str, made: list[Review], out: Path | None = None) -> Path:
    path = replace(settings.place, out=out).page(team.name, name)
    deliver.write(path, render(made, language=language(team.language), version=__version__))
    return path


def _published(settings: Settings, team: Team) -> Pinned:
    return Pinned(settings.place.reviews(team.name))


def _made(settings: Settings, team: Team, pinned: Pinned, start: date) -> Review | None:
    """The review of one period, made from what is stored and kept; None where there is no mail of that time at all."""
    zone = team.working_time.time_zone
    until = datetime.fromtimestamp(instant(zone, start + privacy.PERIOD), UTC)
    stored = list(_stored(settings, team))
    logs = [(account.name, account.owner, rows) for account, rows, _ in stored]
    pool = pooled(logs, team, until, departed.has_left(settings.place.left))
    at = pool.box.messages["at"]
    if not (at >= instant(zone, start)).any():
        return None
    before = pinned.review(start - privacy.PERIOD)
    made = review(pool, team, start, before, unfinished=any(unfinished for _, _, unfinished in stored))
    pinned.pin(made)
    return made


def _stored(settings: Settings, team: Team) -> Iterator[tuple[Account, pa.Table, bool]]:
    for account in accounts(settings, team):
        with access.opened(account, settings.place, write=False) as store:
            yield account, access.log_of(account, settings.place, store), bool(store.unfinished())
