"""What the commands share: options, the accounts they are for, and one way through them."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import click

from mailcare.commands.completion import account_names
from mailcare.commands.terminal import explain
from mailcare.errors import Exit, MailcareError, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mailcare.config.settings import Account, Settings
    from mailcare.place import Place


class HasName(Protocol):
    """An account, or what is left of one."""

    @property
    def name(self) -> str: ...


Named = TypeVar("Named", bound=HasName)


class Moment(click.ParamType[datetime]):
    """A date and time with its offset from UTC, in ISO 8601."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The aware datetime that the text names."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value) if value[10:11] in {"T", " "} else None
        except ValueError:
            moment = None
        if moment is None:
            self.fail(f"'{value}' is no date and time. Write it as 2026-09-21T06:00+02:00.", param, ctx)
        from mailcare.mail.message import YEARS

        if moment.year not in YEARS:
            self.fail(f"'{value}' lies outside the years {YEARS[0]} to {YEARS[-1]}.", param, ctx)
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
        from mailcare.hours.worktime import WEEKDAYS

        day, _, time = str(value).partition(" ")
        try:
            moment = datetime.strptime(time.strip(), "%H:%M")
            return WEEKDAYS.index(day.title()), moment.hour, moment.minute
        except ValueError:
            self.fail(f"'{value}' is no weekday and time. Write it as 'Mon 07:00'.", param, ctx)


def moment_now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


FOLDER = click.Path(path_type=Path, file_okay=False)


config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, readable=False),
    metavar="FILE",
    help="The configuration; otherwise config.toml in ~/.config/mailcare.",
)


account_option = click.option("--account", metavar="NAME", help="This account only.", shell_complete=account_names)


as_of_option = click.option(
    "--as-of",
    type=Moment(),
    default=moment_now,
    metavar="ISO",
    help="The moment from which to look back, such as 2026-09-21T06:00+02:00; otherwise now.",
)


since_option = click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Read mail from this day on for now, such as 2026-06-01; a later run goes on with what is older.",
)


out_option = click.option("--out", type=FOLDER, metavar="DIR", help="Where to put the reports.")


class Stopped(SystemExit):
    """A signal asks to end."""

    code: int


def debugging() -> bool:
    return os.environ.get("MAILCARE_DEBUG") == "1"


def complain(text: str, code: Exit) -> Exit:
    click.echo(f"mailcare: {text}", err=True)
    return code


def settings_in(config_file: Path | None) -> Settings:
    from mailcare.config import settings as config

    return config.load(config_file or config.default_path())


def place_with(settings: Settings, out: Path | None) -> Place:
    """Where everything lies, the pages in ``out`` if it is given."""
    return replace(settings.place, out=out)


def chosen_accounts(settings: Settings, name: str | None) -> list[Account]:
    chosen = [account for account in settings.accounts if name in (None, account.name)]
    if not chosen:
        raise MailcareError(
            f"no account is called '{name}'",
            todo=suggestion(name or "", [account.name for account in settings.accounts]),
            code=Exit.USAGE,
        )
    return chosen


def own_accounts(settings: Settings, name: str | None) -> list[Account]:
    """The chosen accounts, less those of teams where none was named: of a team's mailbox alone nothing is told."""
    chosen = chosen_accounts(settings, name)
    own = [account for account in chosen if not account.team]
    return own if own and name is None else chosen


def readable_accounts(settings: Settings, chosen: list[Account]) -> list[Account]:
    """The accounts less those of people who have left their team. Raises MailcareError where none is left of them."""
    from mailcare.team import run as review

    there = {team.name: [one.name for one in review.accounts(settings, team)] for team in settings.teams}
    readable = [one for one in chosen if not one.team or one.name in there[one.team]]
    if not readable:
        todo = "Take it out of the configuration."
        what = "not read, as its owner has left the team"
        raise MailcareError(what, where=", ".join(one.name for one in chosen), todo=todo, code=Exit.USAGE)
    return readable


def for_each(
    accounts: Sequence[Named],
    step: Callable[[Named], None],
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
            if debugging():
                raise
            failures.append(explain(error).of(account.name))
            ended[account.name] = failures[-1].code
    if len(failures) < len(accounts):
        finish()
    for failure in failures:
        complain(str(failure), failure.code)
    if failures:
        codes = {failure.code for failure in failures} if len(failures) == len(accounts) else {Exit.PARTLY}
        raise click.exceptions.Exit(codes.pop() if len(codes) == 1 else Exit.ERROR)


def beginning(day: datetime | None) -> datetime | None:
    """The beginning of the day, here; one before all mail is the beginning of mail."""
    from mailcare.mail.message import YEARS

    return max(day, datetime(YEARS[0], 1, 1)).astimezone() if day else None
