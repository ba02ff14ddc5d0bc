"""Beginning, and looking whether all is well: ``init``, ``login``, ``doctor`` and ``config``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailcare.commands.common import Stopped, chosen_accounts, config_option, moment_now, settings_in
from mailcare.commands.completion import account_names
from mailcare.commands.terminal import Terminal
from mailcare.errors import Exit, MailcareError

if TYPE_CHECKING:
    pass


@click.command()
@config_option
def init(config_file: Path | None) -> None:
    """Make a first configuration, by a few questions. Your mail is tried before anything is written."""
    from mailcare.commands.first_config import first_configuration
    from mailcare.commands.terminal import Interview
    from mailcare.config import settings as config
    from mailcare.disk.folders import home

    path = (config_file or config.default_path()).absolute()
    try:
        first_configuration(path, Interview(), Terminal(browser=True), home(), os.environ, moment_now())
    except click.Abort:
        raise MailcareError("stopped; nothing was written", code=Exit.INTERRUPTED) from None


@click.command()
@click.argument("name", metavar="NAME", shell_complete=account_names)
@click.option("--browser/--no-browser", default=True, help="Open a browser where one is needed, or tell the address.")
@config_option
def login(name: str, browser: bool, config_file: Path | None) -> None:
    """Log in to the account NAME, once. The keyring keeps what that brings, or a file for you alone."""
    settings = settings_in(config_file)
    from mailcare import weekly

    (chosen,) = chosen_accounts(settings, name)
    try:
        weekly.login(chosen, settings.place, Terminal(browser))
    except MailcareError as error:
        raise error.of(chosen.name) from error
    except Stopped as stopped:
        raise MailcareError("stopped; nothing of the login is kept", code=Exit(stopped.code)) from None
    click.echo(f"{chosen.name}: logged in. Next: mailcare run --account {chosen.name}")


@click.command()
@config_option
@click.option("--offline", is_flag=True, help="Do not try the mail servers.")
def doctor(config_file: Path | None, offline: bool) -> None:
    """Look whether everything is well. Configuration, files, clock, last runs, stores, teams, mail servers."""
    from mailcare.commands.doctor import findings
    from mailcare.config import settings as config

    found = list(findings(config_file or config.default_path(), moment_now(), servers=not offline))
    for finding in found:
        click.echo(str(finding))
    if not all(finding.well for finding in found):
        raise click.exceptions.Exit(Exit.ERROR)


@click.group(name="config")
def config_group() -> None:
    """The configuration."""


@config_group.command()
@config_option
def check(config_file: Path | None) -> None:
    """Say everything that is wrong with the configuration, one thing a line."""
    from mailcare import access
    from mailcare.config import settings as config

    path = config_file or config.default_path()
    settings, problems = config.read(path)
    for account in settings.accounts:
        faults = access.account_faults(account, settings.place)
        problems += [fault.at(f"{path}: account {account.name}") for fault in faults]
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        raise click.exceptions.Exit(Exit.USAGE)
    click.echo(f"{path}: nothing is wrong. Accounts: {', '.join(account.name for account in settings.accounts)}")
