"""The command line: commands and exit codes. Imports nothing heavy before a command needs it."""

from __future__ import annotations

import signal
import sys

import click

from mailcare import __version__
from mailcare.commands import lists, pages, running, scheduling, setup, storage
from mailcare.commands.common import Stopped, as_of_option, complain, config_option, debugging, out_option
from mailcare.commands.completion import completion
from mailcare.commands.output import Output
from mailcare.commands.teams import register
from mailcare.commands.terminal import explain
from mailcare.errors import MEANINGS, Exit


@click.group(
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=f"Exit codes: {'; '.join(f'{code:d} {meaning}' for code, meaning in MEANINGS.items())}.",
)
@click.version_option(__version__, message="mailcare %(version)s")
def cli() -> None:
    """Care, measured: how people hear back from you, from mail metadata alone."""


for command in (
    *(running.demo, running.run, running.sync, setup.login, pages.report, pages.open_report, pages.export),
    *(lists.waiting, lists.settle, lists.try_, storage.data, storage.forget, setup.init, setup.doctor),
    *(scheduling.schedule, setup.config_group, completion),
):
    cli.add_command(command)
register(cli, config_option, as_of_option, out_option)


def main() -> None:
    """Run the command line and exit: every error is one line on standard error."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    sys.stdout, sys.stderr = output, _ = Output(sys.stdout), Output(sys.stderr)
    try:
        code = cli(prog_name="mailcare", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = Exit.USAGE
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "mailcare"
        told = " ".join(error.format_message().split()).removesuffix(".")
        code = complain(f"{told}. See {command} --help.", Exit.USAGE)
    except click.Abort:
        code = complain("stopped, as there was no answer. Nothing was done.", Exit.INTERRUPTED)
    except Stopped as stopped:
        code = complain("stopped. What was stored so far is kept; run again to go on.", Exit(stopped.code))
    except Exception as error:
        if debugging():
            raise
        explained = explain(error)
        code = complain(str(explained), explained.code)
    output.flush()
    if output.fault and not code:
        code = complain(f"not all could be told: {output.fault.strerror} (standard output). All is done.", Exit.ERROR)
    sys.exit(code)


def _stop(number: int, _: object) -> None:
    raise Stopped(128 + number)
