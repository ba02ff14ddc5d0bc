"""The configuration, typed: what config.example.toml explains, read and checked."""

import difflib
import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from mailcare import config_values as values
from mailcare.clock import WorkingTime
from mailcare.config_values import Circles, People
from mailcare.errors import Exit, MailcareError, suggestion
from mailcare.languages import SOURCE

CIRCLES = (*values.CONFIGURED, "others")
EXCLUDED = ("drafts", "spam", "trash")
"""The folders left out by default, by their roles."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Account:
    """One mailbox and its owner. Addresses are trimmed and lower-cased; the pipeline makes them canonical."""

    name: str
    connector: str
    addresses: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)
    """The connector's own keys."""
    owner_name: str = ""
    """As the report addresses its owner; empty: the name most often seen beside the owner's address."""
    language: str = SOURCE
    """Of the report: one of ``languages.languages()``."""
    shared: bool = False
    """A shared address, answered by a team: To or Cc makes an ask."""
    working_time: WorkingTime = WorkingTime()
    exclude_folders: tuple[str, ...] = EXCLUDED
    automated: tuple[str, ...] = ()
    """Patterns (shell style, on the whole address) of further automated senders."""
    aliases: People = ()
    """Addresses that are one person, for each such person."""
    circles: Circles = field(default_factory=dict)
    """colleagues, clients, suppliers → domains or addresses."""
    grace_days: dict[str, float] = field(default_factory=lambda: {"default": 3.0})
    """Grace period in working days by circle; ``default`` for the rest."""
    encrypted: bool = False
    """The store is encrypted at rest."""
    sync_minutes: float = 60
    """How long one run may read, in minutes; older mail is left for the next runs."""
    links: str = "auto"
    """How a listed message is opened: one of ``config_values.LINKS``."""
    email: dict[str, Any] = field(default_factory=dict)
    """The keys of the e-mail summary (``mailcare.smtp``); empty: none is sent."""


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

    data_dir: Path
    accounts: tuple[Account, ...]
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
    keys = _Keys(_toml(path), str(path))
    base = path.absolute().parent
    data_dir = keys.take("data_dir", lambda value: values.path(values.text(value), base), _default_data_dir())
    aliases: People = keys.take("aliases", values.aliases, ())
    circles: Circles = keys.take("circles", values.circles, {})
    encrypted: bool = keys.take("encrypt", values.flag, False)
    tables: list[dict[str, Any]] = keys.take("account", values.tables, [])
    if not tables and "account" not in keys.wrong:
        keys.problem("account", "no account", "Add a table [[account]] with name, connector and addresses.")
    table: dict[str, Any] = keys.take("job", values.job, {})
    own = _Keys(table, f"{path}: job")
    job = _job(own, base)
    problems, accounts = [*keys.finish(), *own.finish()], list[Account]()
    for number, table in enumerate(tables, 1):
        own = _Keys(table, f"{path}: account {table.get('name', number)}")
        account = replace(_account(own, base, aliases, circles), encrypted=encrypted)
        if account.name and account.name.lower() in {other.name.lower() for other in accounts}:
            own.problem("name", "another account has this name", "Give each account its own.")
        accounts.append(account)
        problems += own.problems
    return Settings(data_dir, tuple(accounts), job), problems


class _Keys:
    """One table of the file: its keys are taken one by one, and what nobody took is unknown."""

    def __init__(self, table: dict[str, Any], where: str) -> None:
        self.given, self.rest, self.where = frozenset(table), dict(table), where
        self.known: list[str] = []
        self.wrong: set[str] = set()
        self.problems: list[MailcareError] = []

    def take(self, key: str, parse: Callable[[Any], T], default: T) -> T:
        """The key's value; the default where the key is missing, or wrong (which is noted)."""
        self.known.append(key)
        if key not in self.rest:
            return default
        try:
            return parse(self.rest.pop(key))
        except ValueError as error:
            what, todo = (*error.args, "")[:2]
            self.problem(key, what, todo)
            return default

    def demand(self, key: str, parse: Callable[[Any], T], default: T, example: str) -> T:
        """The same of a key that must be there."""
        if key not in self.rest:
            self.problem(key, "missing", f"Add {key} = {example}.")
        return self.take(key, parse, default)

    def problem(self, key: str, what: str, todo: str) -> None:
        self.wrong.add(key)
        self.problems.append(MailcareError(what, where=f"{self.where}: {key}", todo=todo, code=Exit.USAGE))

    def connectors_own(self) -> dict[str, Any]:
        """The keys that nobody took, less those that are a slip of the pen for a missing one (which is noted)."""
        own = {}
        for key, value in self.rest.items():
            missing = [known for known in self.known if known not in self.given]
            near = difflib.get_close_matches(key, missing, n=1, cutoff=0.8)
            if near:
                self.problem(key, "unknown key", f"Did you mean {near[0]}?")
            else:
                own[key] = value
        return own

    def finish(self) -> list[MailcareError]:
        """All problems, unknown keys among them."""
        for key in self.rest:
            self.problem(key, "unknown key", suggestion(key, self.known))
        return self.problems


def _job(keys: _Keys, base: Path) -> Job:
    return Job(
        minutes=keys.take("minutes", values.minutes, 180),
        healthcheck=keys.take("healthcheck", values.web_address, ""),
        metrics_file=keys.take("metrics_file", lambda value: values.path(values.text(value), base), None),
    )


def _account(keys: _Keys, base: Path, aliases: People, circles: Circles) -> Account:
    usual = WorkingTime()
    return Account(
        name=keys.demand("name", values.name, "", '"work"'),
        connector=keys.demand("connector", values.text, "", '"files"'),
        addresses=keys.demand("addresses", values.addresses, (), '["you@example.com"]'),
        owner_name=keys.take("owner_name", values.text, ""),
        language=keys.take("language", values.language, SOURCE),
        shared=keys.take("shared", values.flag, False),
        working_time=WorkingTime(
            time_zone=keys.take("time_zone", values.time_zone, usual.time_zone),
            hours=keys.take("working_hours", values.hours, usual.hours),
            holidays=keys.take("holidays", values.holidays, usual.holidays),
            days_off=keys.take("days_off", values.days_off, usual.days_off),
        ),
        exclude_folders=keys.take("exclude_folders", values.texts, EXCLUDED),
        automated=keys.take("automated", values.texts, ()),
        grace_days=keys.take("grace_days", values.grace, {"default": 3.0}),
        sync_minutes=keys.take("sync_minutes", values.minutes, 60),
        links=keys.take("links", values.links, "auto"),
        email=keys.take("email", lambda value: values.email(value, base), {}),
        aliases=aliases,
        circles=circles,
        options={key: values.anchored(key, value, base) for key, value in keys.connectors_own().items()},
    )


def _toml(path: Path) -> dict[str, Any]:
    def unusable(what: str, todo: str) -> MailcareError:
        return MailcareError(what, where=str(path), todo=todo, code=Exit.USAGE)

    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        raise unusable(
            "there is no such file", "Make one after config.example.toml, or name yours with --config."
        ) from None
    except IsADirectoryError:
        raise unusable("this is a folder", "Name the file in it with --config.") from None
    except OSError as error:
        raise unusable(error.strerror or "it cannot be read", "Check who may read it.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise unusable(f"this is not TOML: {error}", "Correct that line.") from None


def _folder(variable: str, below_home: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / below_home)


def _default_data_dir() -> Path:
    return _folder("XDG_DATA_HOME", ".local/share") / "mailcare"
