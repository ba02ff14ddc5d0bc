"""The weekly job in the hands of a scheduler: ``schedule``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailcare.commands.common import Weekly, config_option

if TYPE_CHECKING:
    from mailcare.job.schedule import Plan


@click.group()
def schedule() -> None:
    """The weekly job, given to this machine's scheduler."""


_SCHEDULERS = click.Choice(["systemd", "cron", "launchd", "windows", "kubernetes"])


at_option = click.option(
    "--at", "moment", type=Weekly(), default="Mon 07:00", show_default=True, help="When, in the owner's time zone."
)


@schedule.command(name="print")
@click.argument("kind", type=_SCHEDULERS, required=False)
@at_option
@config_option
def schedule_print(kind: str | None, moment: tuple[int, int, int], config_file: Path | None) -> None:
    """Show what the scheduler KIND, by default this machine's usual one, would be given."""
    from mailcare.job import schedulers
    from mailcare.job.schedule import PRINTED

    click.echo(PRINTED[kind or schedulers.usual()](_plan(config_file, moment)), nl=False)


@schedule.command()
@click.argument("kind", type=_SCHEDULERS, required=False)
@at_option
@config_option
def install(kind: str | None, moment: tuple[int, int, int], config_file: Path | None) -> None:
    """Have the scheduler KIND, by default this machine's usual one, run mailcare every week."""
    from mailcare.job import schedulers

    plan = _plan(config_file, moment)
    place = schedulers.install(kind or schedulers.usual(), plan)
    click.echo(f"mailcare will run every week, {plan.moment} ({plan.moment.zone}). That is noted in {place}")


@schedule.command()
@click.argument("kind", type=_SCHEDULERS, required=False)
def remove(kind: str | None) -> None:
    """Take the job out of the scheduler KIND, by default this machine's usual one."""
    from mailcare.job import schedulers

    chosen = kind or schedulers.usual()
    schedulers.remove(chosen)
    click.echo(f"{chosen} runs mailcare no more")


def _plan(config_file: Path | None, moment: tuple[int, int, int]) -> Plan:
    from mailcare.config import settings as config
    from mailcare.job import schedulers
    from mailcare.job.schedule import Plan, WeekMoment

    path = (config_file or config.default_path()).absolute()
    settings = config.load(path)
    zone = settings.accounts[0].owner.working_time.time_zone
    return Plan(schedulers.program(), path, settings.place.data_dir, WeekMoment(*moment, zone))
