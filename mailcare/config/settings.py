"""The configuration, typed: what config.example.toml explains, read and checked."""

import os
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mailcare.config import values
from mailcare.config.keys import Keys, working_time
from mailcare.config.teams import teams
from mailcare.disk.folders import home
from mailcare.errors import Exit, MailcareError
from mailcare.hours.grace import GRACE_DAYS
from mailcare.languages import SOURCE
from mailcare.owner import EXCLUDED, Circles, Owner, People, Team
from mailcare.place import Place

KEEP_DAYS = 400
"""A year, and the five weeks within which somebody goes quiet."""


@dataclass(frozen=True, slots=True)
class Account:
    """One mailbox: whose it is, how its mail is reached, and what is made of it."""

    name: str
    connector: str
    owner: Owner
    options: dict[str, Any] = field(default_factory=dict)
    """The connector's own keys."""
    language: str = SOURCE
    """Language code of the report; one of ``languages.languages()``."""
    encrypted: bool = False
    """The store is encrypted at rest."""
    sync_minutes: float = 60
    """How long one run may read, in minutes; older mail is left for the next runs."""
    team: str = ""
    """The team whose pool it belongs to; such a mailbox is read here, and nothing is told of it alone."""
    keep_days: int = KEEP_DAYS
    """For so many days what is stored of a message is kept; 0 for ever."""
    subjects: bool = True
    """Subjects are kept; otherwise digests of them, for which nobody sees what they said."""
    links: str = "auto"
    """How a listed message is opened: one of ``values.LINKS``."""
    email: dict[str, Any] = field(default_factory=dict)
    """The keys of the e-mail summary (``mailcare.sending.smtp``); empty: none is sent."""


@dataclass(frozen=True, slots=True)
class Job:
    """How a run behaves as a job."""

    minutes: int = 180
    """How long a run may take in all; accounts that it did not come to wait for the next one."""
    healthcheck: str = ""
    """An address to be called when a run begins and ends."""
    metrics_file: Path | None = None
    """A file for Prometheus."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration."""

    place: Place
    accounts: tuple[Account, ...]
    teams: tuple[Team, ...] = ()
    job: Job = Job()


def default_path() -> Path:
    """Where the configuration is looked for: ``mailcare/config.toml`` in the user's configuration folder."""
    return _folder("XDG_CONFIG_HOME", ".config") / "mailcare" / "config.toml"


def load(path: Path) -> Settings:
    """The configuration of this file. Raises the first problem, with how many more there are."""
    settings, problems = read(path)
    if not problems:
        return settings
    first, more = problems[0], len(problems) - 1
    if more:
        first.todo += f" ({more} more: mailcare config check)"
    raise first


def read(path: Path) -> tuple[Settings, list[MailcareError]]:
    """The configuration as far as it is right, and everything that is wrong with it.

    Raises MailcareError where the file itself cannot be read.
    """
    keys = Keys(_toml(path), str(path))
    base = path.absolute().parent
    data_dir = keys.take("data_dir", lambda value: values.path(values.text(value), base), None) or _default_data_dir()
    aliases: People = keys.take("aliases", values.aliases, ())
    circles: Circles = keys.take("circles", values.circles, {})
    encrypted: bool = keys.take("encrypt", values.flag, False)
    keep_days: int = keys.take("keep_days", values.kept_days, KEEP_DAYS)
    subjects: bool = keys.take("subjects", values.flag, True)
    tables: list[dict[str, Any]] = keys.take("account", values.tables, [])
    team_tables: list[dict[str, Any]] = keys.take("team", values.tables, [])
    if not tables and "account" not in keys.wrong:
        keys.problem("account", "no account", "Add a table [[account]] with name, connector and addresses.")
    table: dict[str, Any] = keys.take("job", values.job, {})
    own = Keys(table, f"{path}: job")
    job = _job(own, base)
    usual = Account(
        *("", "", Owner((), aliases=aliases, circles=circles)),
        encrypted=encrypted,
        keep_days=keep_days,
        subjects=subjects,
    )
    problems, accounts = [*keys.finish(), *own.finish()], list[Account]()
    for number, table in enumerate(tables, 1):
        own = Keys(table, f"{path}: account {table.get('name', number)}")
        account = _account(own, base, usual)
        if account.name and account.name.lower() in {other.name.lower() for other in accounts}:
            own.problem("name", "another account has this name", "Give each account its own.")
        accounts.append(account)
        problems += own.problems
    found, wrong = teams(team_tables, str(path), {account.name: account.subjects for account in accounts})
    team_of = {account: team.name for team in found for account in team.accounts}
    accounts = [replace(account, team=team_of.get(account.name, "")) for account in accounts]
    return Settings(Place(data_dir), tuple(accounts), tuple(found), job), problems + wrong


def _job(keys: Keys, base: Path) -> Job:
    return Job(
        minutes=keys.take("minutes", values.minutes, 180),
        healthcheck=keys.take("healthcheck", values.web_address, ""),
        metrics_file=keys.take("metrics_file", lambda value: values.path(values.text(value), base), None),
    )


def _account(keys: Keys, base: Path, usual: Account) -> Account:
    """``usual``: what the keys outside the accounts say."""
    connector = keys.demand("connector", values.connector, "", '"files"')
    return replace(
        usual,
        name=keys.demand("name", values.name, "", '"work"'),
        connector=connector,
        owner=_owner(keys, usual.owner),
        language=keys.take("language", values.language, SOURCE),
        sync_minutes=keys.take("sync_minutes", values.minutes, 60),
        keep_days=keys.take("keep_days", values.kept_days, usual.keep_days),
        subjects=keys.take("subjects", values.flag, usual.subjects),
        links=keys.take("links", values.links, "auto"),
        email=keys.take("email", lambda value: values.email(value, base), {}),
        options=keys.connectors_own(values.option_of(connector, base)),
    )


def _owner(keys: Keys, usual: Owner) -> Owner:
    """``usual``: the aliases and circles that all accounts share."""
    return replace(
        usual,
        addresses=keys.demand("addresses", values.addresses, (), '["you@example.com"]'),
        name=keys.take("owner_name", values.text, ""),
        shared=keys.take("shared", values.flag, False),
        working_time=working_time(keys),
        exclude_folders=keys.take("exclude_folders", values.texts, EXCLUDED),
        automated=keys.take("automated", values.texts, ()),
        grace_days=keys.take("grace_days", values.grace, {"default": GRACE_DAYS}),
    )


def _toml(path: Path) -> dict[str, Any]:
    def unusable(what: str, todo: str) -> MailcareError:
        return MailcareError(what, where=str(path), todo=todo, code=Exit.USAGE)

    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        raise unusable("there is no such file", "Make one: mailcare init. Or name yours with --config.") from None
    except IsADirectoryError:
        raise unusable("this is a folder", "Name the file in it with --config.") from None
    except OSError as error:
        raise unusable(error.strerror or "it cannot be read", "Check who may read it.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise unusable(f"this is not TOML: {error}", "Correct that line.") from None


def _folder(variable: str, below_home: str) -> Path:
    return Path(os.environ.get(variable) or home() / below_home)


def _default_data_dir() -> Path:
    return _folder("XDG_DATA_HOME", ".local/share") / "mailcare"
