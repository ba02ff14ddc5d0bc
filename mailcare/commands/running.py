"""Reading the mail, and the weekly run: ``demo``, ``run`` and ``sync``."""

from __future__ import annotations

import time
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from mailcare.commands.common import (
    FOLDER,
    Stopped,
    Weekly,
    account_option,
    as_of_option,
    beginning,
    chosen_accounts,
    complain,
    config_option,
    for_each,
    moment_now,
    out_option,
    place_with,
    readable_accounts,
    settings_in,
    since_option,
)
from mailcare.commands.terminal import progress, told
from mailcare.errors import Exit, MailcareError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailcare.config.settings import Account, Job, Settings
    from mailcare.job.log import Log
    from mailcare.job.runs import Run
    from mailcare.mail.synced import Synced


@click.command()
@click.option(
    "--out",
    type=FOLDER,
    default=Path("mailcare-demo"),
    show_default=True,
    metavar="DIR",
    help="Where to put the demo.",
)
def demo(out: Path) -> None:
    """Try it on an invented mailbox. Writes the mailbox and its owner's report."""
    from mailcare import weekly
    from mailcare.config import settings as config
    from mailcare.demo import AS_OF, make
    from mailcare.disk.folders import private_folder

    private_folder(out)
    settings = config.load(make(out))
    for account in settings.accounts:
        page = weekly.run(account, place_with(settings, out), now=AS_OF, as_of=AS_OF).page
        click.echo(f"An invented mailbox was read; its owner's report is at {page}")


@click.command()
@config_option
@account_option
@as_of_option
@since_option
@out_option
@click.option("--due", type=Weekly(), metavar="'DAY HH:MM'", help="Only if no run was made since then; for schedulers.")
@click.option("--quiet", is_flag=True, help="Print nothing unless something goes wrong.")
@click.option(
    "--log", "form", type=click.Choice(["human", "json"]), help="Log events on standard error, without names."
)
@click.option("--dry-run", is_flag=True, help="Try the mail and say what would be done; nothing is read or written.")
def run(
    config_file: Path | None,
    account: str | None,
    as_of: datetime,
    since: datetime | None,
    out: Path | None,
    due: tuple[int, int, int] | None,
    quiet: bool,
    form: str | None,
    dry_run: bool,
) -> None:
    """Read what is new, then write each account's report. It tells of the last full week."""
    settings = settings_in(config_file)
    looks_back = click.get_current_context().get_parameter_source("as_of") is ParameterSource.COMMANDLINE
    from mailcare import access, weekly
    from mailcare.job import runs
    from mailcare.job.log import counts, log
    from mailcare.job.schedule import WeekMoment

    zone = settings.accounts[0].owner.working_time.time_zone
    if due and not runs.due(settings.place.runs, WeekMoment(*due, zone).last(moment_now())):
        return

    started, events = time.monotonic(), log(form)

    def step(chosen: Account) -> None:
        left = settings.job.minutes - (time.monotonic() - started) / 60
        if left <= 0:
            what = f"not done: the {settings.job.minutes} minutes of a run are used up"
            raise MailcareError(what, todo="The next run goes on.", code=Exit.TEMPORARY)
        with nullcontext(_unseen) if chosen.team else progress(chosen.name) as seen:
            done = weekly.run(
                replace(chosen, sync_minutes=min(chosen.sync_minutes, left)),
                place_with(settings, out),
                now=moment_now(),
                as_of=as_of,
                since=beginning(since),
                progress=seen,
                keep_all=looks_back,
            )
        page, synced = done.page, done.synced
        events.info("account done", account=chosen.name, **({} if chosen.team else counts(synced)))
        if not quiet:
            click.echo(f"{chosen.name}: {'read' if chosen.team else told(synced)}")
            if page:
                click.echo(f"{chosen.name}: the report is at {page}")
                if synced.nobodys:
                    who = " or ".join(chosen.owner.addresses)
                    click.echo(f"{chosen.name}: none of this mail is to or from {who}. Are these your addresses?")
                if synced.newest and synced.newest < as_of - timedelta(weeks=2):
                    then = f"{synced.newest + timedelta(days=1):%Y-%m-%dT%H:%MZ}"
                    when = f"the newest mail is of {synced.newest:%Y-%m-%d}"
                    click.echo(f"{chosen.name}: {when}; to look back from then: mailcare run --as-of {then}")
        if page and done.week and weekly.send(chosen, settings.place, done.week, page, moment_now()):
            events.info("summary sent", account=chosen.name)
            if not quiet:
                click.echo(f"{chosen.name}: its summary went to you by e-mail")

    def tried(chosen: Account) -> None:
        access.connect(chosen, settings.place).check()
        page = weekly.report_path(chosen, place_with(settings, out), as_of)
        would = "read what is new" if chosen.team else f"read what is new and write {page}"
        click.echo(f"{chosen.name}: the mail is reached; a run would {would}")

    def finish() -> None:
        from mailcare.team.run import due_reviews

        for page in due_reviews(settings, ended, as_of, out):
            if not quiet:
                click.echo(f"the client review is at {page}")

    chosen = readable_accounts(settings, chosen_accounts(settings, account))
    if dry_run:
        for_each(chosen, tried)
        return
    with _recorded(settings, events, whole=account is None) as ended:
        for_each(chosen, step, finish, ended)


@click.command()
@config_option
@account_option
@since_option
def sync(config_file: Path | None, account: str | None, since: datetime | None) -> None:
    """Read what is new in the mail and store its metadata."""
    settings = settings_in(config_file)
    from mailcare import weekly

    def step(chosen: Account) -> None:
        with nullcontext(_unseen) if chosen.team else progress(chosen.name) as seen:
            synced = weekly.sync(chosen, settings.place, moment_now(), beginning(since), seen)
        click.echo(f"{chosen.name}: {'read' if chosen.team else told(synced)}")

    for_each(readable_accounts(settings, chosen_accounts(settings, account)), step)


def _unseen(_: Synced) -> None:
    """How far the reading of a team's mailbox has come: a figure of its owner's, which nobody sees."""


@contextmanager
def _recorded(settings: Settings, events: Log, *, whole: bool) -> Iterator[dict[str, int]]:
    """Log how this run goes; if it is a whole one, note it in the record of runs, and tell those who watch it.

    What is yielded takes each account's code.
    """
    from mailcare.job import runs

    began, ended, code = moment_now(), dict[str, int](), Exit.DONE
    events.info("run began")
    if whole:
        _told(settings.job, None)
    try:
        yield ended
    except click.exceptions.Exit as end:
        code = Exit(end.exit_code)
        raise
    except Stopped as stopped:
        code = Exit(stopped.code)
        raise
    except Exception:
        code = Exit.ERROR
        raise
    finally:
        done = runs.Run(began, moment_now(), code, ended)
        for account, its_code in ended.items():
            if its_code:
                events.error("account not done", account=account, code=int(its_code))
        events.info("run ended", code=int(code))
        if whole:
            runs.record(settings.place.runs, done)
            _told(settings.job, done)


def _told(job: Job, run: Run | None) -> None:
    """Tell those who watch that a run begins (None), or how it ended; where nobody listens, that is said in a line."""
    from mailcare.job.watch import ping, write_metrics

    try:
        if job.healthcheck:
            ping(job.healthcheck, run.code if run else None)
        if job.metrics_file and run:
            write_metrics(job.metrics_file, run)
    except MailcareError as error:
        complain(str(error), error.code)
