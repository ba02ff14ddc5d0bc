"""What waits, and what to do about it: ``waiting``, ``settle`` and ``try``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailcare.commands.common import account_option, as_of_option, config_option, for_each, own_accounts, settings_in
from mailcare.errors import Exit, MailcareError

if TYPE_CHECKING:
    from mailcare.config.settings import Account


@click.command()
@config_option
@account_option
@as_of_option
def waiting(config_file: Path | None, account: str | None, as_of: datetime) -> None:
    """List the conversations that wait, with their codes. On you, gone quiet on your turn, and on others."""
    settings = settings_in(config_file)
    from mailcare import weekly
    from reports.lines import waiting_lines

    def step(chosen: Account) -> None:
        dropped = weekly.waiting(chosen, settings.place, as_of)
        for line in waiting_lines(dropped.waiting, dropped.quiet, dropped.waiting_for):
            click.echo(f"{chosen.name}: {line}")

    for_each(own_accounts(settings, account), step)


@click.command()
@click.argument("codes", nargs=-1, required=True, metavar="CODE...")
@click.option("--undo", is_flag=True, help="Put the conversations back on the lists.")
@config_option
@account_option
@as_of_option
def settle(codes: tuple[str, ...], undo: bool, config_file: Path | None, account: str | None, as_of: datetime) -> None:
    """Take what is sorted out off the lists, by its CODE. The code stands beside the conversation.

    It stays off until somebody writes in it again.
    """
    settings = settings_in(config_file)
    from mailcare import weekly

    wanted, found = {code.lower() for code in codes}, set[str]()

    def step(chosen: Account) -> None:
        found.update(weekly.settle(chosen, settings.place, wanted, as_of, undo=undo))

    def finish() -> None:
        if missing := sorted(wanted - found):
            raise MailcareError(
                f"no conversation {'was settled' if undo else 'waits'} under the code {', '.join(missing)}",
                todo="mailcare waiting lists the codes. Those of a report that looks back need its --as-of.",
                code=Exit.USAGE,
            )
        click.echo(f"{'back on the lists' if undo else 'settled'}: {', '.join(sorted(found))}")

    for_each(own_accounts(settings, account), step, finish)


@click.command(name="try")
@click.option("--decline", is_flag=True, help="Leave it out of the reports from now on.")
@config_option
@account_option
@as_of_option
def try_(decline: bool, config_file: Path | None, account: str | None, as_of: datetime) -> None:
    """Say the one small thing to try. It is that of the report on the last full week."""
    settings = settings_in(config_file)
    from mailcare import weekly
    from reports.lines import suggestion_line

    def step(chosen: Account) -> None:
        suggestion = weekly.suggestion(chosen, settings.place, as_of)
        if suggestion and decline:
            weekly.decline(chosen, settings.place, suggestion, as_of)
        click.echo(f"{chosen.name}: {'declined: ' if suggestion and decline else ''}{suggestion_line(suggestion)}")

    for_each(own_accounts(settings, account), step)
