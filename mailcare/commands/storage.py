"""What is stored, and how it goes: ``data`` and ``forget``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from mailcare.commands.common import account_option, chosen_accounts, config_option, for_each, settings_in
from mailcare.commands.completion import account_names
from mailcare.errors import Exit, MailcareError

if TYPE_CHECKING:
    from mailcare.config.settings import Account


class Stored(NamedTuple):
    """An account or a team, also one that the configuration no longer has."""

    name: str


@click.command()
@config_option
@account_option
def data(config_file: Path | None, account: str | None) -> None:
    """Say what is stored about each account. How many messages, since when, how large, for how long; logins by name."""
    settings = settings_in(config_file)
    from mailcare.commands.terminal import held
    from mailcare.holdings import holding, strays
    from mailcare.team import run as reviews

    def step(chosen: Account) -> None:
        click.echo(held(holding(chosen, settings.place), told=not chosen.team))

    def finish() -> None:
        for team in [] if account else settings.teams:
            click.echo(f"{team.name}: client reviews kept: {reviews.kept(settings, team)}")
        for name in [] if account else strays(settings):
            click.echo(f"{name}: kept, and no longer in the configuration; mailcare forget --account {name} removes it")

    for_each(chosen_accounts(settings, account), step, finish)


@click.command()
@click.option("--person", metavar="ADDRESS", help="Every message on which this address stands, in all accounts.")
@click.option(
    "--account",
    metavar="NAME",
    help="All that is stored of this account, its reports and logins.",
    shell_complete=account_names,
)
@click.option("--all", "everything", is_flag=True, help="The same of every account.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@config_option
def forget(person: str | None, account: str | None, everything: bool, yes: bool, config_file: Path | None) -> None:
    """Erase what is stored of a person, of an account, or all. Your mail itself is never changed."""
    if sum((person is not None, account is not None, everything)) != 1:
        raise click.UsageError("Name one of --person, --account and --all")
    settings = settings_in(config_file)
    from mailcare import holdings
    from mailcare.config import values as config_values
    from mailcare.team import run as reviews

    strays = holdings.strays(settings)
    if person is not None:
        try:
            (address,) = config_values.addresses([person])
        except ValueError as error:
            raise MailcareError(error.args[0], where="--person", todo=error.args[1], code=Exit.USAGE) from None

        holdings.refuse_own(settings.accounts, address)
        if not yes:
            _confirm(f"Erase every message on which {address} stands, for good?")
        for team in settings.teams:
            try:
                named = reviews.forget_person(settings, team, address)
            finally:
                reviews.write_pages(settings, team)
            click.echo(f"{team.name}: client reviews that named them, written anew without them: {named}")

        def step(chosen: Account) -> None:
            erased, pages = holdings.forget_person(chosen, settings.place, address)
            entries = "entries erased" if chosen.team else f"entries erased: {erased}"
            click.echo(f"{chosen.name}: {entries}; reports that named them, deleted: {len(pages)}")

        for name in strays:
            todo = f"mailcare forget --account {name} removes all that is kept of it"
            click.echo(f"{name}: not looked at, as the configuration no longer names it; {todo}", err=True)
        for_each(list(settings.accounts), step)
        return
    of_accounts = [*(one.name for one in settings.accounts), *strays]
    teams = [team.name for team in settings.teams] if everything else []
    if account is not None:
        of_accounts = [account] if account in strays else [one.name for one in chosen_accounts(settings, account)]
    if not yes:
        _confirm(f"Erase what is stored of {', '.join([*of_accounts, *teams])}, with its reports and logins?")

    def erase(one: Stored) -> None:
        holdings.forget(one.name, settings.place)
        click.echo(f"{one.name}: nothing is stored any more")

    for_each([Stored(name) for name in (*of_accounts, *teams)], erase)


def _confirm(question: str) -> None:
    """Raises MailcareError unless the person at the terminal agrees."""
    if not sys.stdin.isatty():
        raise MailcareError("there is no terminal to ask", todo="Add --yes to go on without.", code=Exit.USAGE)
    if not click.confirm(question, err=True):
        raise MailcareError("nothing was erased", code=Exit.INTERRUPTED)
