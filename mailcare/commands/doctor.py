"""Whether everything is well, and what to do where it is not: one finding a line."""

import os
import shutil
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mailcare import access, holdings
from mailcare.config import settings as config
from mailcare.config.settings import Account, Settings
from mailcare.disk.folders import refuse_network
from mailcare.errors import Exit, MailcareError
from mailcare.job import runs
from mailcare.mail.connector import Surveyed
from mailcare.place import Place
from mailcare.team import departed
from mailcare.team.published import Pinned

ROOM = 200_000_000
"""Bytes; with less than that on the disk a run may not come to its end."""
LATELY = timedelta(days=8)
"""A weekly job has run within this time."""
LONG_AGO = timedelta(weeks=4)
"""A mailbox in use has newer mail."""
AHEAD = timedelta(days=1)
"""Mail from further ahead than that says that the clock is wrong: the time zones differ by less."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    about: str
    told: str
    """What was found, in a sentence; what to do about it, in another."""
    well: bool = True

    def __str__(self) -> str:
        return f"{'well' if self.well else 'LOOK'}  {self.about}: {self.told}"


def findings(path: Path, now: datetime, *, servers: bool) -> Iterator[Finding]:
    """What there is to say of the installation that the configuration at ``path`` describes; ``now`` is aware.

    ``servers``: whether the mail servers are tried too. Raises nothing: what fails is a finding.
    """
    try:
        settings, problems = config.read(path)
    except MailcareError as error:
        yield _ill("configuration", error)
        return
    for account in settings.accounts:
        problems += [fault.at(account.name) for fault in access.account_faults(account, settings.place)]
    yield from (_ill("configuration", problem) for problem in problems)
    if not problems:
        names = ", ".join(account.name for account in settings.accounts)
        yield Finding("configuration", f"nothing is wrong in {path}. Accounts: {names}.")
    yield _private(settings.place)
    yield _room(settings.place.data_dir)
    yield _last_run(settings, now)
    for name in [] if problems else holdings.strays(settings):
        told = "no longer in the configuration, and something of it is kept"
        yield Finding(
            name, f"{told}. If it was renamed, call it so again; else: mailcare forget --account {name}.", False
        )
    gone = yield from _teams(settings)
    for account in settings.accounts:
        if account.name in gone:
            continue
        yield _stored(account, settings.place, now)
        if servers and not problems:
            yield _reached(account, settings.place)
        if not problems:
            yield from _found(account, settings.place)
        if servers and not problems:
            yield from _sends(account, settings.place)


def _teams(settings: Settings) -> Generator[Finding, None, set[str]]:
    """Whether what is kept of the teams can be read; returns the accounts whose owners have left theirs."""
    for team in settings.teams:
        try:
            kept = sum(1 for _ in Pinned(settings.place.reviews(team.name)).reviews())
            yield Finding(team.name, f"client reviews kept: {kept}.")
        except MailcareError as error:
            yield _ill(team.name, error)
    try:
        left = departed.has_left(settings.place.left)
    except MailcareError as error:
        yield _ill("teams", error)
        return set()
    gone = {one.name for one in settings.accounts if one.team and any(map(left, one.owner.addresses))}
    for name in sorted(gone):
        yield Finding(name, "its owner has left the team. Take it out of the configuration.", well=False)
    return gone


def _ill(about: str, error: MailcareError) -> Finding:
    return Finding(about, str(error), well=False)


def _private(place: Place) -> Finding:
    """Whether the data are for their owner alone."""
    data_dir = place.data_dir
    if not data_dir.exists():
        return Finding("files", f"{data_dir} is not there yet; the first run makes it.")
    try:
        refuse_network(place.store("any"))
        if not os.access(data_dir, os.W_OK | os.X_OK):
            return Finding("files", f"{data_dir} cannot be written. Let your user write there.", well=False)
        open_to_others = [path for path in place.everything() if path.lstat().st_mode & 0o077]
    except MailcareError as error:
        return _ill("files", error)
    except OSError as error:
        return Finding("files", f"{error.filename}: {error.strerror}. Let your user read it.", well=False)
    if open_to_others:
        todo = f"Run: chmod -R go-rwx '{data_dir}'."
        return Finding("files", f"others may read {len(open_to_others)} of your files. {todo}", well=False)
    return Finding("files", f"{data_dir} is yours alone.")


def _room(data_dir: Path) -> Finding:
    there = next(folder for folder in [data_dir, *data_dir.parents] if folder.exists())
    free = shutil.disk_usage(there).free
    told = f"{free / 1e9:,.1f} GB are free."
    return Finding("disk", told if free >= ROOM else f"{told} Make some room.", well=free >= ROOM)


def _last_run(settings: Settings, now: datetime) -> Finding:
    """What the record of runs says; a run in the future says that the clock was set back since."""
    done = runs.runs(settings.place.runs)
    if not done:
        return Finding("runs", "none so far. Run: mailcare run; then, for every week: mailcare schedule install.")
    last = done[-1]
    when = f"the last one began on {last.began:%Y-%m-%d at %H:%M} UTC"
    if last.began > now + AHEAD:
        return Finding("clock", f"{when}, which is yet to come. Set the machine's clock.", well=False)
    if last.code:
        failed = ", ".join(name for name, code in last.accounts.items() if code) or "all"
        why = f"exit code {last.code}; not done: {failed}"
        return Finding("runs", f"{when} and did not end well ({why}). Run: mailcare run.", well=False)
    if now - last.began > LATELY:
        return Finding("runs", f"{when}. For one every week: mailcare schedule install.", well=False)
    return Finding("runs", f"{when} and ended well.")


def _stored(account: Account, place: Place, now: datetime) -> Finding:
    """Whether the account's store is whole, and its newest mail not of the future."""
    about, path = f"{account.name}: store", place.store(account.name)
    if not path.exists():
        return Finding(about, "nothing is stored yet.")
    try:
        with access.opened(account, place, write=False) as store:
            received = store.load()["received_at"].drop_null().to_pylist()
            named = store.names_of(account.owner.addresses)
    except MailcareError as error:
        return _ill(about, error)
    if not received:
        return Finding(about, "whole, and no mail is in it.")
    newest = max(received).astimezone(UTC)
    told = "whole" if account.team else f"whole: {len(received):,} messages, the newest of {newest:%Y-%m-%d}"
    if newest > now + AHEAD:
        return Finding(
            about, f"{told}, and its newest message is of a day yet to come. Check the machine's clock.", well=False
        )
    if not (account.team or named):
        return Finding(
            about, f"{told}. None is to or from {' or '.join(account.owner.addresses)}: check addresses.", well=False
        )
    if not account.team and now - newest > LONG_AGO:
        return Finding(about, f"{told}. If mail has come since, mailcare does not find it where it looks.", well=False)
    return Finding(about, f"{told}.")


def _reached(account: Account, place: Place) -> Finding:
    """Whether the mail can be reached with the credentials that are there."""
    about = f"{account.name}: mail"
    try:
        access.connect(account, place).check()
    except MailcareError as error:
        return _ill(about, error.of(account.name) if error.code == Exit.LOGIN else error)
    return Finding(about, f"reached by the connector {account.connector}.")


def _found(account: Account, place: Place) -> Iterator[Finding]:
    """What was found where the mail is kept, if it was read and the connector can tell."""
    source = access.connect(account, place)
    if account.team or not isinstance(source, Surveyed) or not place.store(account.name).exists():
        return
    try:
        with access.opened(account, place, write=False) as store:
            found = source.survey(store)
    except MailcareError:
        return  # told above, of the store or of the mail
    yield from (Finding(f"{account.name}: files", one.told, one.well) for one in found)


def _sends(account: Account, place: Place) -> Iterator[Finding]:
    """Whether the e-mail summary can go out, where one is wished for."""
    about, way = f"{account.name}: e-mail", access.outgoing(account, place)
    if way is not None:
        try:
            way.check()
        except MailcareError as error:
            yield _ill(about, error.of(account.name))
        else:
            yield Finding(about, f"the summary can be sent to {way.address}.")
