"""The whole run, one step a line: the file to read first.

Only this module and the command line know all parts; nothing flows back. Instants are aware.
"""

import time
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pandas as pd

from mailcare import __version__
from mailcare.access import connect, log_of, opened, outgoing, veil_for
from mailcare.config.settings import Account
from mailcare.disk import deliver
from mailcare.errors import Exit, MailcareError
from mailcare.hours.clock import local_days, monday_before, week_name
from mailcare.mail.login import Dialogue, Login
from mailcare.mail.message import Linked, Surveyed
from mailcare.mail.synced import Progress, Synced, unseen
from mailcare.measures import suggestions
from mailcare.measures import week as individual
from mailcare.measures.dropped_threads import Dropped, dropped_threads
from mailcare.measures.lookup import threads_called
from mailcare.measures.ways.all import figures_of
from mailcare.pipeline import Tables, tables_of
from mailcare.store.keeping import let_go, newest, resubjected
from mailcare.values.week import Contact, Suggestion, Week
from reports import email_summary, index
from reports.individual import LISTED, render
from reports.language import language


def run(
    account: Account,
    data_dir: Path,
    *,
    now: datetime,
    as_of: datetime,
    reports: Path,
    since: datetime | None = None,
    progress: Progress = unseen,
    keep_all: bool = False,
) -> tuple[Path | None, Synced]:
    """Read what is new, let go of what is too old (unless ``keep_all``), then write the report; returns where it is
    (None of a team's mailbox), and what was read."""
    synced = sync(account, data_dir, now, since, progress, keep_all=keep_all)
    if account.team:
        return None, synced
    page = report(account, data_dir, as_of, reports)
    if relinked(account, data_dir, as_of):
        report(account, data_dir, as_of, reports)
    return page, synced


def sync(
    account: Account,
    data_dir: Path,
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
    source, synced, start = connect(account, data_dir), Synced(), time.monotonic()
    with opened(account, data_dir, write=True) as store:
        rule = veil_for(account, data_dir)
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
        synced.nobodys = synced.messages > 0 and not store.names_of(account.addresses)
        synced.found = source.survey(store) if isinstance(source, Surveyed) else []
        store.compact()
    return synced


def relinked(account: Account, data_dir: Path, as_of: datetime) -> bool:
    """Where the server alone knows how its messages are opened, ask it for those that the report lists; returns whether
    any is opened at another address than was known."""
    source = connect(account, data_dir)
    if account.links != "auto" or not isinstance(source, Linked):
        return False
    box = measure(account, data_dir, as_of).mailbox
    listed = dropped_threads(box, int(as_of.timestamp()), account.grace_days, link=lambda message_id, _: message_id)
    parts = listed.waiting, listed.quiet, listed.waiting_for
    found = source.links([one.link for part in parts for one in part[:LISTED]])
    with opened(account, data_dir, write=True) as store:
        before = store.links()
        store.link(found)
    return found != before


def login(account: Account, data_dir: Path, person: Dialogue) -> None:
    """Have a person log in to the account's server; what that brings is kept in the account's vault."""
    connector, email = connect(account, data_dir), outgoing(account, data_dir)
    email_too = email is not None and email.asks
    if not isinstance(connector, Login) and not email_too:
        what = f"the connector {account.connector} needs no login"
        raise MailcareError(what, todo="Run: mailcare run.", code=Exit.USAGE)
    if isinstance(connector, Login):
        connector.login(person)
    if email is not None and email_too:
        email.login(person)


def report(account: Account, data_dir: Path, as_of: datetime, reports: Path) -> Path:
    """Write the report on the last full week before ``as_of`` from what is stored; returns where it is."""
    week = week_of(account, data_dir, as_of)
    page = render(week, language=language(account.language), version=__version__, settings=_code(account))
    path = report_path(account, as_of, reports)
    if not path.is_file() or path.read_text("utf-8", "replace") != page:
        path.with_suffix(".pdf").unlink(missing_ok=True)
    deliver.write(path, page)
    list_reports(account, path.parent)
    return path


def list_reports(account: Account, folder: Path) -> None:
    """Write the page that lists the account's reports in a folder."""
    owner = Contact(account.owner_name, account.addresses[0])
    deliver.write(folder / "index.html", index.render(owner, written(folder), language=language(account.language)))


def written(folder: Path) -> dict[date, str]:
    """The reports in a folder: Monday of the week → name of the file."""
    found = {}
    for page in folder.glob("????-W??.html"):
        with suppress(ValueError):
            found[date.fromisoformat(f"{page.stem}-1")] = page.name
    return found


def last_report(account: Account, reports: Path) -> Path:
    """Where the account's report on the latest week lies. Raises MailcareError where there is none."""
    refuse_team(account)
    folder = reports / account.name
    pages = written(folder)
    if not pages:
        raise MailcareError("there is no report yet", where=str(folder), todo="Run: mailcare run.")
    return folder / pages[max(pages)]


def send(account: Account, data_dir: Path, as_of: datetime, page: Path, now: datetime) -> bool:
    """Mail the owner a summary of the report at ``page``, made as of ``as_of``, if they wish for one; returns whether
    it went out now.

    It goes out once a week at most, wherever the page lies, and only for the last full week before ``now``.
    """
    way = outgoing(account, data_dir)
    if way is None or page != report_path(account, now, page.parent.parent):
        return False
    sent = data_dir / "mailed" / account.name / page.stem
    if sent.exists():
        return False
    week = week_of(account, data_dir, as_of)
    told = email_summary.render(week, language=language(account.language), page=_below_home(page.absolute()))
    return way.send(told, now, sent)


def _below_home(path: Path) -> str:
    with suppress(RuntimeError, ValueError):  # no home folder, or the path is not in it
        return f"~/{path.relative_to(Path.home())}"
    return str(path)


def report_path(account: Account, as_of: datetime, reports: Path) -> Path:
    """Where the report on the last full week before ``as_of`` lies."""
    monday = monday_before(local_days(account.working_time, [as_of])[0].date()) - timedelta(weeks=1)
    return reports / account.name / f"{week_name(monday)}.html"


def measure(account: Account, data_dir: Path, as_of: datetime) -> Tables:
    """The account's tables, as of this moment, from what is stored. Raises MailcareError for a team's mailbox: of it
    alone nothing is told."""
    refuse_team(account)
    with opened(account, data_dir, write=False) as store:
        log, skipped, settled = log_of(account, data_dir, store), store.skipped(), store.settled()
        skipped += Counter(unfinished=store.unfinished())
    if not log.num_rows:
        todo = "Run: mailcare run; if it finds none, check where the account looks for it."
        raise MailcareError("no mail is stored", todo=todo)
    return tables_of(log, account, as_of, skipped, settled)


def refuse_team(account: Account) -> None:
    """Raises MailcareError for a team's mailbox: of it alone nothing is told."""
    if account.team:
        raise MailcareError(
            f"this mailbox is read for the team {account.team} alone",
            todo="What is told of it by itself is made where its owner runs mailcare.",
            code=Exit.USAGE,
        )


def week_of(account: Account, data_dir: Path, as_of: datetime) -> Week:
    """Every number of the report on the last full week before ``as_of``, from what is stored."""
    with opened(account, data_dir, write=False) as store:
        declined, links = store.declined(), store.links()
    return suggestions.chosen(individual.week(measure(account, data_dir, as_of), account, as_of, links), declined)


def ways_of(account: Account, tables: Tables, as_of: datetime) -> pd.DataFrame:
    """The ten ways of caring of that week: ``tables.WAYS``."""
    week = individual.week(tables, account, as_of)
    return figures_of(week.ways).assign(account=account.name, week=week_name(week.start))


def decline(account: Account, data_dir: Path, suggestion: Suggestion, as_of: datetime) -> None:
    """Never suggest this again."""
    with opened(account, data_dir, write=True) as store:
        store.decline(suggestion.code, as_of)


def waiting(account: Account, data_dir: Path, as_of: datetime) -> Dropped:
    """Whose turn it is in the account's conversations at ``as_of``, from what is stored."""
    return dropped_threads(measure(account, data_dir, as_of).mailbox, int(as_of.timestamp()), account.grace_days)


def settle(account: Account, data_dir: Path, codes: Collection[str], as_of: datetime, *, undo: bool) -> set[str]:
    """Take the conversations of these codes out of the lists from ``as_of`` on, or put them back; returns the codes
    that the account has."""
    found = threads_called(measure(account, data_dir, as_of).mailbox, codes, settled=undo)
    ids = [one for marks in found.values() for one in marks]
    with opened(account, data_dir, write=True) as store:
        if undo:
            store.unsettle(ids)
        else:
            store.settle(ids, as_of)
    return set(found)


def _code(account: Account) -> str:
    """A short code that changes with the settings on which the figures rest."""
    without = replace(
        account,
        name="",
        connector="",
        options={},
        encrypted=False,
        language="",
        sync_minutes=0,
        email={},
        links="",
        subjects=True,
    )
    return sha256(repr(without).encode()).hexdigest()[:8]
