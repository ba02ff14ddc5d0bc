"""The command line: commands and exit codes. Imports nothing heavy before a command needs it."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailcare import __version__
from mailcare.errors import Exit, MailcareError, suggestion
from mailcare.terminal import Terminal, explain, progress, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mailcare.config import Account, Job, Settings
    from mailcare.log import Log
    from mailcare.pipeline import Tables
    from mailcare.runs import Run
    from mailcare.schedule import Plan


class Moment(click.ParamType[datetime]):
    """A date and time with its offset from UTC, in ISO 8601."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The aware datetime that the text names."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"'{value}' is no date and time. Write it as 2026-09-21T06:00+02:00.", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"'{value}' does not say in which zone. Add an offset, such as +02:00, or Z for UTC.", param, ctx)
        return moment


class Weekly(click.ParamType[tuple[int, int, int]]):
    """A weekday and a time of day: weekday (0 is Monday), hour, minute."""

    name = "weekday time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int, int]:
        """What the text says."""
        if isinstance(value, tuple):
            return value
        from mailcare.clock import WEEKDAYS

        day, _, time = str(value).partition(" ")
        try:
            moment = datetime.strptime(time.strip(), "%H:%M")
            return WEEKDAYS.index(day.title()), moment.hour, moment.minute
        except ValueError:
            self.fail(f"'{value}' is no weekday and time. Write it as 'Mon 07:00'.", param, ctx)


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


_FOLDER = click.Path(path_type=Path, file_okay=False)
config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="The configuration; otherwise config.toml in ~/.config/mailcare.",
)
account_option = click.option("--account", metavar="NAME", help="This account only.")
as_of_option = click.option(
    "--as-of",
    type=Moment(),
    default=_now,
    metavar="ISO",
    help="The moment from which to look back, such as 2026-09-21T06:00+02:00; otherwise now.",
)
since_option = click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Read mail from this day on for now, such as 2026-06-01; a later run goes on with what is older.",
)
out_option = click.option("--out", type=_FOLDER, metavar="DIR", help="Where to put the reports.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="mailcare %(version)s")
def cli() -> None:
    """Care, measured: how people hear back from you, from mail metadata alone.

    Exit codes: 0 done; 1 error; 2 usage or configuration; 3 some of the accounts failed, the rest is done; 4 another
    run holds the lock; 5 a login is needed; 75 a temporary failure; 130 and 143 stopped by a signal.
    """


@cli.command()
@click.option("--out", type=_FOLDER, default=Path("mailcare-demo"), metavar="DIR", help="Where to put the demo.")
def demo(out: Path) -> None:
    """Try it on an invented mailbox: writes the mailbox and its owner's report."""
    from mailcare import config, weekly
    from mailcare.demo import AS_OF, make
    from mailcare.disk import private_folder

    private_folder(out)
    settings = config.load(make(out))
    for account in settings.accounts:
        page, _ = weekly.run(account, settings.data_dir, now=AS_OF, as_of=AS_OF, reports=out)
        click.echo(f"An invented mailbox was read; its owner's report is at {page}")


@cli.command()
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
    """Read what is new, then write each account's report on the last full week."""
    settings = _settings(config_file)
    from mailcare import runs, weekly
    from mailcare.log import counts, log
    from mailcare.schedule import WeekMoment

    zone = settings.accounts[0].working_time.time_zone
    if due and not runs.due(settings.data_dir, WeekMoment(*due, zone).last(_now())):
        return

    started, events = time.monotonic(), log(form)

    def step(chosen: Account) -> None:
        left = settings.job.minutes - (time.monotonic() - started) / 60
        if left <= 0:
            what = f"not done: the {settings.job.minutes} minutes of a run are used up"
            raise MailcareError(what, todo="The next run goes on.", code=Exit.TEMPORARY)
        with progress(chosen.name) as seen:
            page, synced = weekly.run(
                replace(chosen, sync_minutes=min(chosen.sync_minutes, left)),
                settings.data_dir,
                now=_now(),
                as_of=as_of,
                reports=_reports(settings, out),
                since=_start(since),
                progress=seen,
            )
        events.info("account done", account=chosen.name, **counts(synced))
        if not quiet:
            click.echo(f"{chosen.name}: {told(synced)}")
            click.echo(f"{chosen.name}: the report is at {page}")
        if weekly.send(chosen, settings.data_dir, as_of, page, _now()):
            events.info("summary sent", account=chosen.name)
            if not quiet:
                click.echo(f"{chosen.name}: its summary went to you by e-mail")

    def tried(chosen: Account) -> None:
        weekly.connect(chosen, settings.data_dir).check()
        page = weekly.report_path(chosen, as_of, _reports(settings, out))
        click.echo(f"{chosen.name}: the mail is reached; a run would read what is new and write {page}")

    chosen = _chosen(settings, account)
    if dry_run:
        _each(chosen, tried)
        return
    with _recorded(settings, events, whole=account is None) as ended:
        _each(chosen, step, ended=ended)


@cli.command()
@config_option
@account_option
@since_option
def sync(config_file: Path | None, account: str | None, since: datetime | None) -> None:
    """Read what is new in the mail and store its metadata."""
    settings = _settings(config_file)
    from mailcare import weekly

    def step(chosen: Account) -> None:
        with progress(chosen.name) as seen:
            synced = weekly.sync(chosen, settings.data_dir, _now(), _start(since), seen)
        click.echo(f"{chosen.name}: {told(synced)}")

    _each(_chosen(settings, account), step)


@cli.command()
@click.argument("name", metavar="NAME")
@click.option("--browser/--no-browser", default=True, help="Open a browser where one is needed, or tell the address.")
@config_option
def login(name: str, browser: bool, config_file: Path | None) -> None:
    """Log in to the account NAME, once; the keyring keeps what that brings, or a file for you alone."""
    settings = _settings(config_file)
    from mailcare import weekly

    (chosen,) = _chosen(settings, name)
    try:
        weekly.login(chosen, settings.data_dir, Terminal(browser))
    except MailcareError as error:
        raise error.of(chosen.name) from error
    except _Stopped as stopped:
        raise MailcareError("stopped; nothing of the login is kept", code=Exit(stopped.code)) from None
    click.echo(f"{chosen.name}: logged in. Next: mailcare run --account {chosen.name}")


@cli.command()
@config_option
@account_option
@as_of_option
@out_option
@click.option("--pdf", is_flag=True, help="Print it into a PDF beside it, too, by an installed Chromium.")
def report(config_file: Path | None, account: str | None, as_of: datetime, out: Path | None, pdf: bool) -> None:
    """Write each account's report on the last full week from what is stored."""
    settings = _settings(config_file)
    from mailcare import weekly
    from mailcare.browser import print_pdf

    def step(chosen: Account) -> None:
        page = weekly.report(chosen, settings.data_dir, as_of, _reports(settings, out))
        click.echo(f"{chosen.name}: the report is at {page}")
        if pdf:
            click.echo(f"{chosen.name}: its PDF is at {print_pdf(page)}")

    _each(_chosen(settings, account), step)


@cli.command(name="open")
@config_option
@account_option
@out_option
def open_report(config_file: Path | None, account: str | None, out: Path | None) -> None:
    """Show each account's last report in the browser, or where there is no display say where it is."""
    settings = _settings(config_file)
    from mailcare import weekly
    from mailcare.browser import show

    def step(chosen: Account) -> None:
        page = weekly.last_report(chosen, _reports(settings, out))
        if not show(page):
            click.echo(f"{chosen.name}: the last report is at {page}")

    _each(_chosen(settings, account), step)


@cli.command()
@click.argument("folder", type=_FOLDER, metavar="DIR")
@click.option(
    "--format", "form", type=click.Choice(["csv", "parquet", "json"]), required=True, help="One file a table."
)
@config_option
@account_option
@as_of_option
def export(folder: Path, form: str, config_file: Path | None, account: str | None, as_of: datetime) -> None:
    """Write the tables behind the reports to DIR, all accounts together."""
    settings = _settings(config_file)
    from mailcare import weekly
    from mailcare.export import write

    measured: list[Tables] = []

    def step(chosen: Account) -> None:
        measured.append(weekly.measure(chosen, settings.data_dir, as_of))

    def finish() -> None:
        for path in write(measured, folder, form):
            click.echo(path)

    _each(_chosen(settings, account), step, finish)


@cli.command()
@config_option
@account_option
@as_of_option
def waiting(config_file: Path | None, account: str | None, as_of: datetime) -> None:
    """List the conversations that wait, with their codes: on you, gone quiet, on others."""
    settings = _settings(config_file)
    from mailcare import weekly
    from reports.lines import waiting_lines

    def step(chosen: Account) -> None:
        dropped = weekly.waiting(chosen, settings.data_dir, as_of)
        for line in waiting_lines(dropped.waiting, dropped.quiet, dropped.waiting_for):
            click.echo(f"{chosen.name}: {line}")

    _each(_chosen(settings, account), step)


@cli.command()
@click.argument("codes", nargs=-1, required=True, metavar="CODE...")
@click.option("--undo", is_flag=True, help="Put the conversations back on the lists.")
@config_option
@account_option
@as_of_option
def settle(codes: tuple[str, ...], undo: bool, config_file: Path | None, account: str | None, as_of: datetime) -> None:
    """Take conversations that are sorted out off the lists, by the CODE that stands beside them.

    They stay off until somebody writes in them again.
    """
    settings = _settings(config_file)
    from mailcare import weekly

    wanted, found = {code.lower() for code in codes}, set[str]()

    def step(chosen: Account) -> None:
        found.update(weekly.settle(chosen, settings.data_dir, wanted, as_of, undo=undo))

    def finish() -> None:
        if missing := sorted(wanted - found):
            raise MailcareError(
                f"no conversation {'was settled' if undo else 'waits'} under the code {', '.join(missing)}",
                todo="mailcare waiting lists the codes.",
                code=Exit.USAGE,
            )
        click.echo(f"{'back on the lists' if undo else 'settled'}: {', '.join(sorted(found))}")

    _each(_chosen(settings, account), step, finish)


@cli.command(name="try")
@click.option("--decline", is_flag=True, help="Leave it out of the reports from now on.")
@config_option
@account_option
@as_of_option
def try_(decline: bool, config_file: Path | None, account: str | None, as_of: datetime) -> None:
    """Say the one small thing to try that the report on the last full week suggests."""
    settings = _settings(config_file)
    from mailcare import weekly
    from reports.lines import suggestion_line

    def step(chosen: Account) -> None:
        suggestion = weekly.week_of(chosen, settings.data_dir, as_of).suggestion
        if suggestion and decline:
            weekly.decline(chosen, settings.data_dir, suggestion, as_of)
        click.echo(f"{chosen.name}: {'declined: ' if suggestion and decline else ''}{suggestion_line(suggestion)}")

    _each(_chosen(settings, account), step)


@cli.command()
@config_option
def init(config_file: Path | None) -> None:
    """Make a first configuration: a few questions, and a try before anything is written."""
    from mailcare import config
    from mailcare.init import first_configuration
    from mailcare.terminal import Interview

    path = (config_file or config.default_path()).absolute()
    try:
        first_configuration(path, Interview(), Terminal(browser=True), Path.home(), _now())
    except click.Abort:
        raise MailcareError("stopped; nothing was written", code=Exit.INTERRUPTED) from None


@cli.command()
@config_option
@click.option("--offline", is_flag=True, help="Do not try the mail servers.")
def doctor(config_file: Path | None, offline: bool) -> None:
    """Look whether everything is well: configuration, files, clock, last runs, stores, mail servers."""
    from mailcare import config
    from mailcare.doctor import findings

    found = list(findings(config_file or config.default_path(), _now(), servers=not offline))
    for finding in found:
        click.echo(str(finding))
    if not all(finding.well for finding in found):
        raise click.exceptions.Exit(Exit.ERROR)


@cli.group()
def schedule() -> None:
    """The weekly job, given to this machine's scheduler."""


_SCHEDULERS = click.Choice(["systemd", "cron", "launchd", "windows", "kubernetes"])
at_option = click.option(
    "--at", "moment", type=Weekly(), default="Mon 07:00", show_default=True, help="When, in the owner's time zone."
)


@schedule.command(name="print")
@click.argument("kind", type=_SCHEDULERS)
@at_option
@config_option
def schedule_print(kind: str, moment: tuple[int, int, int], config_file: Path | None) -> None:
    """Show what the scheduler KIND would be given."""
    from mailcare.schedule import PRINTED

    click.echo(PRINTED[kind](_plan(config_file, moment)), nl=False)


@schedule.command()
@click.argument("kind", type=_SCHEDULERS, required=False)
@at_option
@config_option
def install(kind: str | None, moment: tuple[int, int, int], config_file: Path | None) -> None:
    """Have the scheduler KIND, by default this machine's usual one, run mailcare every week."""
    from mailcare import schedulers

    plan = _plan(config_file, moment)
    place = schedulers.install(kind or schedulers.usual(), plan)
    click.echo(f"mailcare will run every week, {plan.moment} ({plan.moment.zone}). That is noted in {place}")


@schedule.command()
@click.argument("kind", type=_SCHEDULERS, required=False)
def remove(kind: str | None) -> None:
    """Take the job out of the scheduler KIND, by default this machine's usual one."""
    from mailcare import schedulers

    chosen = kind or schedulers.usual()
    schedulers.remove(chosen)
    click.echo(f"{chosen} runs mailcare no more")


def _plan(config_file: Path | None, moment: tuple[int, int, int]) -> Plan:
    from mailcare import config, schedulers
    from mailcare.schedule import Plan, WeekMoment

    path = (config_file or config.default_path()).absolute()
    settings = config.load(path)
    zone = settings.accounts[0].working_time.time_zone
    return Plan(schedulers.program(), path, settings.data_dir, WeekMoment(*moment, zone))


@cli.group(name="config")
def config_group() -> None:
    """The configuration."""


@config_group.command()
@config_option
def check(config_file: Path | None) -> None:
    """Say everything that is wrong with the configuration, one thing a line."""
    from mailcare import config, weekly

    path = config_file or config.default_path()
    settings, problems = config.read(path)
    for account in settings.accounts:
        if account.connector:
            faults = weekly.account_faults(account, settings.data_dir)
            problems += [fault.at(f"{path}: account {account.name}") for fault in faults]
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        raise click.exceptions.Exit(Exit.USAGE)
    click.echo(f"{path}: nothing is wrong. Accounts: {', '.join(account.name for account in settings.accounts)}")


def main() -> None:
    """Run the command line and exit: every error is one line on standard error."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    try:
        code = cli(prog_name="mailcare", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = Exit.USAGE
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "mailcare"
        told = " ".join(error.format_message().split()).removesuffix(".")
        code = _complain(f"{told}. See {command} --help.", Exit.USAGE)
    except _Stopped as stopped:
        code = _complain("stopped. What was stored so far is kept; run again to go on.", Exit(stopped.code))
    except Exception as error:
        if _debugging():
            raise
        explained = explain(error)
        code = _complain(str(explained), explained.code)
    sys.exit(code)


class _Stopped(SystemExit):
    """A signal asks to end."""

    code: int


def _stop(number: int, _: object) -> None:
    raise _Stopped(128 + number)


def _debugging() -> bool:
    return os.environ.get("MAILCARE_DEBUG") == "1"


def _complain(text: str, code: Exit) -> Exit:
    click.echo(f"mailcare: {text}", err=True)
    return code


def _settings(config_file: Path | None) -> Settings:
    from mailcare import config

    return config.load(config_file or config.default_path())


def _reports(settings: Settings, out: Path | None) -> Path:
    return out or settings.data_dir / "reports"


def _chosen(settings: Settings, name: str | None) -> list[Account]:
    chosen = [account for account in settings.accounts if name in (None, account.name)]
    if not chosen:
        raise MailcareError(
            f"no account is called '{name}'",
            todo=suggestion(name or "", [account.name for account in settings.accounts]),
            code=Exit.USAGE,
        )
    return chosen


@contextmanager
def _recorded(settings: Settings, events: Log, *, whole: bool) -> Iterator[dict[str, int]]:
    """Log how this run goes; if it is a whole one, note it in the record of runs, and tell those who watch it.

    What is yielded takes each account's code.
    """
    from mailcare import runs

    began, ended, code = _now(), dict[str, int](), Exit.DONE
    events.info("run began")
    if whole:
        _told(settings.job, None)
    try:
        yield ended
    except click.exceptions.Exit as end:
        code = Exit(end.exit_code)
        raise
    except _Stopped as stopped:
        code = Exit(stopped.code)
        raise
    except Exception:
        code = Exit.ERROR
        raise
    finally:
        done = runs.Run(began, _now(), code, ended)
        for account, its_code in ended.items():
            if its_code:
                events.error("account not done", account=account, code=int(its_code))
        events.info("run ended", code=int(code))
        if whole:
            runs.record(settings.data_dir, done)
            _told(settings.job, done)


def _told(job: Job, run: Run | None) -> None:
    """Tell those who watch that a run begins (None), or how it ended; where nobody listens, that is said in a line."""
    from mailcare.watch import ping, write_metrics

    try:
        if job.healthcheck:
            ping(job.healthcheck, run.code if run else None)
        if job.metrics_file and run:
            write_metrics(job.metrics_file, run)
    except MailcareError as error:
        _complain(str(error), error.code)


def _each(
    accounts: list[Account],
    step: Callable[[Account], None],
    finish: Callable[[], None] = lambda: None,
    ended: dict[str, int] | None = None,
) -> None:
    """Take the step for every account, whatever happens to the others, then finish with those that went well; each
    account's exit code is put into ``ended``."""
    failures = []
    ended = {} if ended is None else ended
    for account in accounts:
        try:
            step(account)
            ended[account.name] = Exit.DONE
        except Exception as error:
            if _debugging():
                raise
            failures.append(explain(error).of(account.name))
            ended[account.name] = failures[-1].code
    if len(failures) < len(accounts):
        finish()
    for failure in failures:
        _complain(str(failure), failure.code)
    if failures:
        codes = {failure.code for failure in failures} if len(failures) == len(accounts) else {Exit.PARTLY}
        raise click.exceptions.Exit(codes.pop() if len(codes) == 1 else Exit.ERROR)


def _start(day: datetime | None) -> datetime | None:
    """The beginning of the day, here."""
    return day.astimezone() if day else None
