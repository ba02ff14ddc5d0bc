"""What is made from what is stored: ``report``, ``open`` and ``export``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailcare.commands.common import (
    FOLDER,
    account_option,
    as_of_option,
    chosen_accounts,
    config_option,
    for_each,
    out_option,
    own_accounts,
    place_with,
    settings_in,
)
from mailcare.commands.completion import team_names
from mailcare.commands.teams import chosen_teams

if TYPE_CHECKING:
    import pandas as pd

    from mailcare.config.settings import Account
    from mailcare.pipeline.exported import Tables


@click.command()
@config_option
@account_option
@as_of_option
@out_option
@click.option("--pdf", is_flag=True, help="Print it into a PDF beside it, too, by an installed Chromium.")
def report(config_file: Path | None, account: str | None, as_of: datetime, out: Path | None, pdf: bool) -> None:
    """Write each account's report from what is stored. It tells of the last full week."""
    settings = settings_in(config_file)
    from mailcare import weekly
    from mailcare.commands.browser import print_pdf

    def step(chosen: Account) -> None:
        page = weekly.report(chosen, place_with(settings, out), as_of)
        click.echo(f"{chosen.name}: the report is at {page}")
        if pdf:
            click.echo(f"{chosen.name}: its PDF is at {print_pdf(page)}")

    for_each(own_accounts(settings, account), step)


@click.command(name="open")
@config_option
@account_option
@out_option
def open_report(config_file: Path | None, account: str | None, out: Path | None) -> None:
    """Show the last reports and reviews in the browser. Where there is no display, say where they are."""
    settings = settings_in(config_file)
    from mailcare import weekly
    from mailcare.commands.browser import show
    from mailcare.place import REVIEW_PAGE

    place = place_with(settings, out)
    for team in () if account else settings.teams:
        reviews = sorted(place.page(team.name).glob(REVIEW_PAGE))
        if not reviews:
            click.echo(f"{team.name}: there is no client review yet")
        elif not show(reviews[-1]):
            click.echo(f"{team.name}: the last client review is at {reviews[-1]}")

    def step(chosen: Account) -> None:
        page = weekly.last_report(chosen, place)
        if not show(page):
            click.echo(f"{chosen.name}: the last report is at {page}")

    chosen = chosen_accounts(settings, account)
    for_each([one for one in chosen if account or not one.team], step)


@click.command()
@click.argument("folder", type=FOLDER, metavar="DIR")
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "parquet", "json"]),
    default="csv",
    show_default=True,
    help="One file a table.",
)
@config_option
@account_option
@click.option(
    "--team",
    metavar="NAME",
    help="The clients' lines of this team's published reviews instead.",
    shell_complete=team_names,
)
@as_of_option
def export(
    folder: Path, form: str, config_file: Path | None, account: str | None, team: str | None, as_of: datetime
) -> None:
    """Write the tables behind the reports to DIR. All accounts stand in the same tables."""
    settings = settings_in(config_file)
    if team:
        from mailcare.team.run import export_clients

        (chosen_team,) = chosen_teams(settings, team)
        click.echo(export_clients(settings, chosen_team, folder, form))
        return
    from mailcare import weekly
    from mailcare.export import write, write_table
    from mailcare.tables import WAYS

    measured: list[Tables] = []
    ways: list[pd.DataFrame] = []

    def step(chosen: Account) -> None:
        measured.append(weekly.tables(chosen, settings.place, as_of))
        ways.append(weekly.ways_of(measured[-1]))

    def finish() -> None:
        for path in [*write(measured, folder, form), write_table(ways, WAYS, folder, form)]:
            click.echo(path)

    for_each(own_accounts(settings, account), step, finish)
