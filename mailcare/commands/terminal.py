"""What the command line shows a person and asks of one: progress, what a reading brought, errors in one line."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailcare.errors import Exit, MailcareError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailcare.holdings import Holding
    from mailcare.mail.synced import Progress, Synced

_FEW = 100
"""So few messages say nothing of the speed."""


class Terminal:
    """The person at the terminal, as ``login.Dialogue``."""

    def __init__(self, browser: bool) -> None:
        self.browser = browser

    def tell(self, text: str) -> None:
        """Show a line."""
        click.echo(text, err=True)

    def ask(self, prompt: str) -> str:
        """The answer. Raises MailcareError where there is none, or nobody to give one."""
        if not sys.stdin.isatty():
            todo = "Run it in a terminal, or name a command or a file for the secret in the configuration."
            raise MailcareError("there is no terminal to ask for a secret", todo=todo, code=Exit.LOGIN)
        try:
            return str(click.prompt(prompt, hide_input=True, err=True, prompt_suffix=""))
        except click.Abort:
            raise MailcareError("nothing was entered, and nothing is kept", code=Exit.LOGIN) from None


class Interview:
    """The person at the terminal, as ``first_config.Person``."""

    def tell(self, text: str) -> None:
        """Show a line."""
        click.echo(text)

    def asked(self, question: str, default: str = "") -> str:
        """The answer, trimmed."""
        return str(click.prompt(question, default=default, show_default=bool(default))).strip()

    def chosen(self, question: str, choices: list[str]) -> int:
        """The number of one of the choices, from 0."""
        for number, choice in enumerate(choices, 1):
            click.echo(f"  {number}  {choice}")
        while True:
            answer = str(click.prompt(question)).strip()
            if answer in map(str, range(1, len(choices) + 1)):
                return int(answer) - 1
            click.echo(f"Type a number from 1 to {len(choices)}.")

    def agreed(self, question: str, *, likely: bool = True) -> bool:
        """Yes or no; what is likely if nothing is said."""
        return click.confirm(question, default=likely)


def told(synced: Synced) -> str:
    """What a reading brought, in a line; what was found where it looked, in a line each."""
    from mailcare.tables import QUALITY

    rate = f" ({_rate(synced):,.0f} a second)" if synced.messages > _FEW else ""
    removed = f"; gone from the source: {synced.removed}" if synced.removed else ""
    let_go = f"; older than the days that are kept (keep_days), and let go: {synced.let_go:,}" if synced.let_go else ""
    skipped = "".join(f"; {QUALITY.get(why, why)}: {count}" for why, count in sorted(synced.skipped.items()))
    left = f"; older mail that the next runs will read: {synced.left:,}" if synced.left else ""
    found = "".join(f"\n  {sighting.told}" for sighting in synced.found)
    return f"messages read and stored: {synced.messages:,}{rate}{removed}{let_go}{skipped}{left}{found}"


def held(holding: Holding, *, told: bool) -> str:
    """What is kept about an account, in a line; how much it is, where it may be ``told``."""
    since = f" since {holding.since}" if holding.since else ""
    amount = f"messages stored: {holding.messages:,}{since}, {holding.octets / 1000:,.0f} kB"
    amount = amount if told else "read for its team"
    rule = f"keeps {holding.keep_days} days" if holding.keep_days else "keeps everything"
    rule += "" if holding.subjects else ", no subjects"
    kept = ", ".join(holding.secrets) or "none"
    return f"{holding.account}: {amount}; {rule}; reports: {holding.reports}; secrets: {kept}"


@contextmanager
def progress(name: str) -> Iterator[Progress]:
    """A line on the terminal that counts messages; nothing where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress as Line
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Line(*columns, console=Console(stderr=True), transient=True) as line:
        task = line.add_task(f"{name}: looking for mail")

        def show(synced: Synced) -> None:
            counts = f"{name}: {synced.messages:,} of {synced.messages + synced.left:,} messages"
            pace = f"{_rate(synced):,.0f} a second"
            left = f", {timedelta(seconds=round(synced.seconds_left))} to go" if synced.left else ""
            line.update(task, description=f"{counts}, {pace}{left}")

        yield show


def _rate(synced: Synced) -> float:
    """Messages per second."""
    return synced.messages / max(synced.seconds, 0.001)


def explain(error: Exception) -> MailcareError:
    """Any error as the user sees it.

    An error that nobody foresaw is told by its type and place alone: its text may hold what stands in the mail.
    """
    if isinstance(error, MailcareError):
        return error
    if isinstance(error, OSError):
        from mailcare.disk.folders import failure

        name = error.filename
        return failure(error.errno, Path(os.fsdecode(name) if isinstance(name, str | bytes) else "."))
    return MailcareError(
        f"unexpected {type(error).__name__} at {_place(error)}",
        todo="This is a defect of mailcare; MAILCARE_DEBUG=1 shows its details.",
    )


def _place(error: Exception) -> str:
    """File and line of mailcare's own code where the error arose."""
    import traceback

    home = Path(__file__).parents[2]
    packages = [home / name for name in ("mailcare", "connectors", "reports")]
    frames = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    own = [(path, line) for path, line in frames if any(path.is_relative_to(package) for package in packages)]
    path, line = own[-1]
    return f"{path.relative_to(home)}:{line}"
