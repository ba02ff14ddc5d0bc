"""The whole run, one step a line: the file to read first.

Read → one snapshot → tables → values → page, links, e-mail. Only this module and the command line know all parts;
nothing flows back. Instants are aware.
"""

import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pandas as pd

from mailcare import __version__
from mailcare.access import Snapshot, connect, link, opened, outgoing, snapshot, veil_for
from mailcare.config.settings import Account
from mailcare.errors import Exit, MailcareError
from mailcare.hours.clock import week_name
from mailcare.mail.connector import Linked, Surveyed
from mailcare.mail.links import Link
from mailcare.mail.login import Dialogue, Login
from mailcare.mail.synced import Progress, Synced, unseen
from mailcare.measures import suggestions, week
from mailcare.measures.lookup import threads_called
from mailcare.measures.waiting_lists import WaitingLists, waiting_lists
from mailcare.measures.ways.all import figures_of
from mailcare.pipeline.exported import Tables
from mailcare.pipeline.mailbox import Mailbox
from mailcare.place import Place
from mailcare.store.keeping import let_go, newest, resubjected
from mailcare.values.week import Contact, Suggestion, Waiting, Week
from reports import email_summary, shelf
from reports.individual import LISTED, render
from reports.language import language


@dataclass(frozen=True, slots=True)
class Done:
    """What a run brought."""

    synced: Synced
    page: Path | None = None
    """The report; None for a team's mailbox."""
    week: Week | None = None
    """What the report says."""


def run(
    account: Account,
    place: Place,
    *,
    now: datetime,
    as_of: datetime,
    since: datetime | None = None,
    progress: Progress = unseen,
    keep_all: bool = False,
) -> Done:
    """Read what is new, let go of what is too old (unless ``keep_all``), then write the report."""
    synced = sync(account, place, now, since, progress, keep_all=keep_all)
    if account.team:
        return Done(synced)
    kept = stored(account, place)
    told = week_of(kept, account, as_of)
    page = publish(told, kept, account, place)
    links = asked_links(told, account, place)
    if links is not None and links != kept.links:
        page = publish(told, replace(kept, links=links), account, place)
    return Done(synced, page, told)


def sync(
    account: Account,
    place: Place,
    now: datetime,
    since: datetime | None = None,
    progress: Progress = unseen,
    keep_all: bool = True,
) -> Synced:
    """Store what is new in the account's mail, batch by batch, and return what that was.

    The back-fill goes as far back as ``since``, and on for ``account.sync_minutes`` at most; the next run goes on.
    Unless it is to ``keep_all``, what is older than ``account.keep_days`` is let go of. Without ``account.subjects``
    every subject is veiled, those stored before too.
    """
    source, synced, start = connect(account, place), Synced(), time.monotonic()
    with opened(account, place, write=True) as store:
        rule = veil_for(account, place)
        if rule:
            store.resubject(rule)
        for batch in source.read(store, now, since):
            store.append(resubjected(batch, rule) if rule else batch)
            synced.messages += len(batch.messages)
            synced.removed += len(batch.removed)
            synced.skipped += batch.skipped
            synced.left, synced.seconds = batch.left, time.monotonic() - start
            pace = synced.seconds / max(synced.messages, 1)
            synced.seconds_left = max(batch.left * pace, batch.seconds)
            progress(synced)
            if synced.seconds > 60 * account.sync_minutes:
                break
        synced.let_go = 0 if keep_all else let_go(store, account.keep_days, now)
        synced.newest = newest(store.moments(), now)
        synced.nobodys = synced.messages > 0 and not store.names_of(account.owner.addresses)
        synced.found = source.survey(store) if isinstance(source, Surveyed) else []
        store.compact()
    return synced


def stored(account: Account, place: Place) -> Snapshot:
    """What is stored of the account. Raises MailcareError for a team's mailbox: of it alone nothing is told."""
    refuse_team(account)
    return snapshot(account, place)


def mailbox(kept: Snapshot, account: Account, as_of: datetime) -> Mailbox:
    """The account's mail as of a moment."""
    return Mailbox(kept.log, account.owner, as_of, kept.skipped, kept.settled)


def week_of(kept: Snapshot, account: Account, as_of: datetime) -> Week:
    """Every number of the report on the last full week before ``as_of``."""
    return suggestions.chosen(week.week(mailbox(kept, account, as_of)), kept.declined)


def publish(told: Week, kept: Snapshot, account: Account, place: Place) -> Path:
    """Write the report on a week, each listed message linked to the owner's mail program; returns where it is."""
    words = language(account.language)
    linked = _linked(told, link(account, kept.links))
    path = report_path(account, place, told.as_of)
    shelf.put(render(linked, language=words, version=__version__, settings=account.owner.fingerprint), path)
    shelf.list_reports(Contact(account.owner.name, account.owner.addresses[0]), path.parent, words)
    return path


def asked_links(told: Week, account: Account, place: Place) -> dict[str, str] | None:
    """Where the messages that the report lists are opened, if the server alone knows that: it is asked, and the answers
    are kept for later reports. None if it need not be asked."""
    source = connect(account, place)
    if account.links != "auto" or not isinstance(source, Linked):
        return None
    parts = told.waiting, told.quiet, told.waiting_for
    found = source.links([one.message_id for part in parts for one in part[:LISTED]])
    with opened(account, place, write=True) as store:
        store.link(found)
    return found


def report(account: Account, place: Place, as_of: datetime) -> Path:
    """Write the report on the last full week before ``as_of`` from what is stored; returns where it is."""
    kept = stored(account, place)
    return publish(week_of(kept, account, as_of), kept, account, place)


def send(account: Account, place: Place, told: Week, page: Path, now: datetime) -> bool:
    """Mail the owner a summary of the week that the report at ``page`` tells of, if they wish for one; returns whether
    it went out now.

    It goes out once a week at most, wherever the page lies, and only for the last full week before ``now``.
    """
    way = outgoing(account, place)
    if way is None or page.name != shelf.name_of(account.owner.working_time, now):
        return False
    sent = place.mailed(account.name, page.stem)
    if sent.exists():
        return False
    letter = email_summary.render(told, language=language(account.language), page=_below_home(page.absolute()))
    return way.send(letter, now, sent)


def login(account: Account, place: Place, person: Dialogue) -> None:
    """Have a person log in to the account's server; what that brings is kept in the account's vault."""
    connector, email = connect(account, place), outgoing(account, place)
    email_too = email is not None and email.asks
    if not isinstance(connector, Login) and not email_too:
        what = f"the connector {account.connector} needs no login"
        raise MailcareError(what, todo="Run: mailcare run.", code=Exit.USAGE)
    if isinstance(connector, Login):
        connector.login(person)
    if email is not None and email_too:
        email.login(person)


def report_path(account: Account, place: Place, as_of: datetime) -> Path:
    """Where the report on the last full week before ``as_of`` lies."""
    return place.page(account.name, shelf.name_of(account.owner.working_time, as_of))


def last_report(account: Account, place: Place) -> Path:
    """Where the account's report on the latest week lies. Raises MailcareError if there is none."""
    refuse_team(account)
    folder = place.page(account.name)
    pages = shelf.written(folder)
    if not pages:
        raise MailcareError("there is no report yet", where=str(folder), todo="Run: mailcare run.")
    return folder / pages[max(pages)]


def tables(account: Account, place: Place, as_of: datetime) -> Tables:
    """The account's tables for readers, as of this moment, from what is stored."""
    return Tables(mailbox(stored(account, place), account, as_of), account.name)


def ways_of(measured: Tables) -> pd.DataFrame:
    """The ten ways of caring of the last full week: ``tables.WAYS``."""
    figures = week.Measured(measured.mailbox)
    return figures_of(figures.ways).assign(account=measured.account, week=week_name(figures.start))


def waiting(account: Account, place: Place, as_of: datetime) -> WaitingLists:
    """Whose turn it is in the account's conversations at ``as_of``, from what is stored."""
    return waiting_lists(mailbox(stored(account, place), account, as_of))


def settle(account: Account, place: Place, codes: Collection[str], as_of: datetime, *, undo: bool) -> set[str]:
    """Take the conversations of these codes out of the lists from ``as_of`` on, or put them back; returns the codes
    that the account has."""
    found = threads_called(mailbox(stored(account, place), account, as_of), codes, settled=undo)
    ids = [one for marks in found.values() for one in marks]
    with opened(account, place, write=True) as store:
        if undo:
            store.unsettle(ids)
        else:
            store.settle(ids, as_of)
    return set(found)


def suggestion(account: Account, place: Place, as_of: datetime) -> Suggestion | None:
    """The one small thing to try of the last full week before ``as_of``, from what is stored; None if there is none."""
    kept = stored(account, place)
    return suggestions.suggested(week.Measured(mailbox(kept, account, as_of)), kept.declined)


def decline(account: Account, place: Place, suggested: Suggestion, as_of: datetime) -> None:
    """Never suggest this again."""
    with opened(account, place, write=True) as store:
        store.decline(suggested.code, as_of)


def refuse_team(account: Account) -> None:
    """Raises MailcareError for a team's mailbox: of it alone nothing is told."""
    if account.team:
        raise MailcareError(
            f"this mailbox is read for the team {account.team} alone",
            todo="What is told of it by itself is made where its owner runs mailcare.",
            code=Exit.USAGE,
        )


def _linked(told: Week, to: Link) -> Week:
    """The week with a link at every message that waits."""

    def led(rows: tuple[Waiting, ...]) -> tuple[Waiting, ...]:
        return tuple(replace(one, link=to(one.message_id, one.key)) for one in rows)

    return replace(told, waiting=led(told.waiting), quiet=led(told.quiet), waiting_for=led(told.waiting_for))


def _below_home(path: Path) -> str:
    with suppress(RuntimeError, ValueError):  # no home folder, or the path is not in it
        return f"~/{path.relative_to(Path.home())}"
    return str(path)
