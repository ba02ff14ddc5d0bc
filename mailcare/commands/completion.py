"""Completion in the shell: the command that prints it, and the names that it offers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailcare.errors import MailcareError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mailcare.config.settings import Account, Settings
    from mailcare.owner import Team


def account_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The configuration's accounts that begin so; none where it cannot be read."""
    return _names(ctx, lambda settings: settings.accounts, incomplete)


def team_names(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """The configuration's teams that begin so; none where it cannot be read."""
    return _names(ctx, lambda settings: settings.teams, incomplete)


def _names(ctx: click.Context, named: Callable[[Settings], Iterable[Account | Team]], incomplete: str) -> list[str]:
    """What the configuration says, as far as it is right: nobody asked for its problems while typing."""
    from mailcare.config import settings as config

    file: Path | None = ctx.params.get("config_file")
    try:
        settings, _ = config.read(file.expanduser() if file else config.default_path())
    except MailcareError:
        return []
    return [one.name for one in named(settings) if one.name and one.name.startswith(incomplete)]


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what completes mailcare's words in your SHELL. Commands, options, and the names of accounts and teams.

    \b
    bash: mailcare completion bash > ~/.local/share/bash-completion/completions/mailcare
    zsh:  mailcare completion zsh > ~/.zfunc/_mailcare
          (in ~/.zshrc: fpath+=~/.zfunc; autoload -Uz compinit && compinit)
    fish: mailcare completion fish > ~/.config/fish/completions/mailcare.fish
    """
    from click.shell_completion import get_completion_class

    offered = get_completion_class(shell)
    assert offered is not None
    click.echo(offered(ctx.find_root().command, {}, "mailcare", "_MAILCARE_COMPLETE").source())
