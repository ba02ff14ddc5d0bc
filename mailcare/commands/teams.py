"""The commands for teams: ``mailcare review`` and ``mailcare team``; made part of the command line by ``register``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailcare.commands.completion import team_names
from mailcare.errors import Exit, MailcareError, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailcare.config.settings import Settings
    from mailcare.owner import Team

    Option = Callable[[Callable[..., object]], Callable[..., object]]

team_option = click.option("--team", "name", metavar="NAME", help="This team only.", shell_complete=team_names)


def register(cli: click.Group, config_option: Option, as_of_option: Option, out_option: Option) -> None:
    """Add the commands to the command line; the options are those that it has for all of its commands."""

    @cli.command()
    @config_option
    @team_option
    @as_of_option
    @out_option
    def review(config_file: Path | None, name: str | None, as_of: datetime, out: Path | None) -> None:
        """Write each team's client review, from what is stored. It tells of the last four whole weeks."""
        settings = _settings(config_file)
        from mailcare.team import run as reviews

        for team in chosen_teams(settings, name):
            page = reviews.write_review(settings, team, as_of, out)
            if page is None:
                raise MailcareError(
                    "there is no mail of the last four whole weeks", where=team.name, todo="Run: mailcare run."
                )
            click.echo(f"{team.name}: the client review is at {page}")

    @cli.group(name="team")
    def team_group() -> None:
        """The teams: who leaves one, and what to tell its people."""

    @team_group.command()
    @click.argument("address")
    @click.option("--undo", is_flag=True, help="Read it again: its owner has come back, and said so.")
    @team_option
    @config_option
    def leave(address: str, undo: bool, name: str | None, config_file: Path | None) -> None:
        """Take the mailbox with ADDRESS out of its team, and delete everything that is kept of it here."""
        settings = _settings(config_file)
        from mailcare.team import run as reviews

        teams = [team for team in chosen_teams(settings, name) if reviews.members(settings, team, address)]
        if not teams:
            what = "no mailbox of a team has that address"
            raise MailcareError(what, todo="Give it as it stands in the configuration.", code=Exit.USAGE)
        for team in teams if undo else ():
            back = ", ".join(reviews.come_back(settings, team, address))
            click.echo(f"{team.name}: the mailbox is read again by the next run, as {back}")
        for team in () if undo else teams:
            try:
                gone = ", ".join(reviews.leave(settings, team, address))
            finally:
                reviews.write_pages(settings, team)
            click.echo(
                f"{team.name}: the mailbox is deleted here and will not be read again. Now take it out of the "
                f"configuration: the table [[account]] called {gone}, and that name among the team's accounts."
            )

    @team_group.command()
    @team_option
    @config_option
    def notice(name: str | None, config_file: Path | None) -> None:
        """Print one page for the people concerned: what is read, what is shown to whom, how to leave."""
        settings = _settings(config_file)
        from mailcare.team.run import longest_kept
        from reports.language import language
        from reports.notice import notice

        for team in chosen_teams(settings, name):
            accounts = [account for account in settings.accounts if account.team == team.name]
            click.echo(
                notice(
                    team=team.name,
                    mailboxes=sum(not account.owner.shared for account in accounts),
                    shared=team.shared,
                    clients=[client.name for client in team.clients],
                    min_group=team.min_group,
                    promise_hours=team.promise_hours,
                    encrypted=all(account.encrypted for account in accounts),
                    keep_days=longest_kept(accounts),
                    subjects=any(account.subjects for account in accounts),
                    language=language(team.language),
                ),
                nl=False,
            )


def chosen_teams(settings: Settings, name: str | None) -> list[Team]:
    """The team of this name, or all of them. Raises MailcareError where there is none."""
    chosen = [team for team in settings.teams if name in (None, team.name)]
    if not chosen:
        known = [team.name for team in settings.teams]
        todo = suggestion(name or "", known) if known else "docs/teams.md tells how to describe one."
        what = f"no team is called '{name}'" if name else "the configuration has no team"
        raise MailcareError(what, todo=todo, code=Exit.USAGE)
    return chosen


def _settings(config_file: Path | None) -> Settings:
    from mailcare.config import settings as config

    return config.load(config_file or config.default_path())
