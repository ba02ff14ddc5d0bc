"""The configuration, typed: what config.example.toml explains, read and checked."""

import difflib
import os
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import available_timezones

from mailcare.clock import WorkingTime, parse_hours, working_days
from mailcare.errors import Exit, MailcareError

CIRCLES = ("colleagues", "clients", "suppliers", "others")
EXCLUDED = ("drafts", "spam", "trash")
"""The folders left out by default, by their roles."""
_CONFIGURED_CIRCLES = CIRCLES[:-1]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
_DOMAIN = re.compile(r"[^@\s<>,;*]+")

T = TypeVar("T")
People = tuple[tuple[str, ...], ...]
Circles = dict[str, tuple[str, ...]]


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


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration."""

    data_dir: Path
    accounts: tuple[Account, ...]


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
    """The configuration as far as it is right, and everything that is wrong with it, in the file's order of keys.

    Raises MailcareError where the file itself cannot be read.
    """
    keys = _Keys(_toml(path), str(path))
    base = path.absolute().parent
    data_dir = keys.take("data_dir", lambda value: _path(_text(value), base), _default_data_dir())
    aliases: People = keys.take("aliases", _aliases, ())
    circles: Circles = keys.take("circles", _circles, {})
    tables: list[dict[str, Any]] = keys.take("account", _tables, [])
    if not tables and "account" not in keys.wrong:
        keys.problem("account", "no account", "Add a table [[account]] with name, connector and addresses.")
    problems, accounts = keys.finish(), list[Account]()
    for number, table in enumerate(tables, 1):
        own = _Keys(table, f"{path}: account {table.get('name', number)}")
        account = _account(own, base, aliases, circles)
        if account.name.lower() in {other.name.lower() for other in accounts}:
            own.problem("name", "another account has this name", "Give each account its own.")
        accounts.append(account)
        problems += own.problems
    return Settings(data_dir, tuple(accounts)), problems


def suggestion(word: str, known: Iterator[str] | list[str]) -> str:
    """``Did you mean …?``, or what there is to choose from."""
    choices = sorted(known)
    near = difflib.get_close_matches(word, choices, n=1)
    return f"Did you mean {near[0]}?" if near else f"There are {', '.join(choices)}."


class _Keys:
    """One table of the file: its keys are taken one by one, and what nobody took is unknown."""

    def __init__(self, table: dict[str, Any], where: str) -> None:
        self.rest, self.where = dict(table), where
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

    def finish(self) -> list[MailcareError]:
        """All problems, unknown keys among them."""
        for key in self.rest:
            self.problem(key, "unknown key", suggestion(key, self.known))
        return self.problems


def _account(keys: _Keys, base: Path, aliases: People, circles: Circles) -> Account:
    usual = WorkingTime()
    return Account(
        name=keys.demand("name", _name, "", '"work"'),
        connector=keys.demand("connector", _text, "", '"files"'),
        addresses=keys.demand("addresses", _addresses, (), '["you@example.com"]'),
        owner_name=keys.take("owner_name", _text, ""),
        shared=keys.take("shared", _flag, False),
        working_time=WorkingTime(
            time_zone=keys.take("time_zone", _time_zone, usual.time_zone),
            hours=keys.take("working_hours", _hours, usual.hours),
            holidays=keys.take("holidays", _holidays, usual.holidays),
            days_off=keys.take("days_off", _days_off, usual.days_off),
        ),
        exclude_folders=keys.take("exclude_folders", _texts, EXCLUDED),
        automated=keys.take("automated", _texts, ()),
        grace_days=keys.take("grace_days", _grace, {"default": 3.0}),
        aliases=aliases,
        circles=circles,
        options={key: _anchored(key, value, base) for key, value in keys.rest.items()},
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


def _path(text: str, base: Path) -> Path:
    return base / Path(text).expanduser()


def _anchored(key: str, value: Any, base: Path) -> Any:
    """Paths among a connector's keys: ``~`` is the home folder, relative ones count from the configuration's folder."""
    if key != "path":
        return value
    if isinstance(value, list):
        return [_anchored(key, item, base) for item in value]
    return str(_path(value, base)) if isinstance(value, str) and value else value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("not a text", 'Put it in quotes, such as "this".')
    return value.strip()


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ValueError("not a list of texts", 'Put them in brackets, such as ["this", "that"].')
    return tuple(_text(item) for item in value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false", "Write true or false, without quotes.")
    return value


def _tables(value: Any) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ValueError("not a list of accounts", "Write [[account]], in double brackets, above each account.")
    return value


def _table(value: Any, example: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("not a table", f"Write {example}.")
    return value


def _name(value: Any) -> str:
    name = _text(value)
    if not _NAME.fullmatch(name):
        raise ValueError(f"'{name}' cannot name files", "Use letters, digits, '.', '_' and '-' only.")
    return name


def _addresses(value: Any) -> tuple[str, ...]:
    addresses = tuple(_address(item) for item in _texts(value))
    if not addresses:
        raise ValueError("empty", 'Name at least one address, such as ["you@example.com"].')
    return addresses


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text):
        raise ValueError(f"'{text}' is no address", "Write it bare, such as you@example.com.")
    return text.lower()


def _time_zone(value: Any) -> str:
    name = _text(value)
    if name not in available_timezones():
        near = difflib.get_close_matches(name, available_timezones(), n=1)
        raise ValueError(f"'{name}' is no time zone", f"Write it as {near[0] if near else 'Europe/Berlin'}.")
    return name


def _hours(value: Any) -> str:
    text = _text(value)
    parse_hours(text)
    return text


def _holidays(value: Any) -> str:
    code = _text(value).upper()
    try:
        working_days(WorkingTime(holidays=code), date(2026, 1, 1), date(2026, 1, 2))
    except NotImplementedError:
        raise ValueError(
            f"no holidays are known for '{code}'",
            "Write a country's two letters, such as DE, or with its part, such as DE-BY; or leave the key out.",
        ) from None
    return code


def _days_off(value: Any) -> tuple[tuple[date, date], ...]:
    if not isinstance(value, list):
        raise ValueError("not a list of days", 'Put them in brackets, such as ["2026-08-03/2026-08-21"].')
    return tuple(_absence(item) for item in value)


def _absence(value: Any) -> tuple[date, date]:
    advice = "Write a day as 2026-08-03, or the first and the last as 2026-08-03/2026-08-21."
    if type(value) is date:
        return value, value
    first, _, last = _text(value).partition("/")
    try:
        span = date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip())
    except ValueError:
        raise ValueError(f"'{value}' is no day", advice) from None
    if span[1] < span[0]:
        raise ValueError(f"'{value}' ends before it starts", advice)
    return span


def _grace(value: Any) -> dict[str, float]:
    if not isinstance(value, dict):
        return {"default": _days(value)}
    unknown = sorted(value.keys() - {*CIRCLES, "default"})
    if unknown:
        raise ValueError(f"'{unknown[0]}' is no circle", suggestion(unknown[0], [*CIRCLES, "default"]))
    return {"default": 3.0} | {circle: _days(days) for circle, days in value.items()}


def _days(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 60:
        raise ValueError(f"{value!r} is no number of working days", "Write a number above 0 and up to 60, such as 3.")
    return float(value)


def _aliases(value: Any) -> People:
    people = _table(value, 'aliases as: [aliases], and below it "Ada" = ["ada@example.com", "ada@home.example"]')
    groups = tuple(_addresses(addresses) for addresses in people.values())
    _once(address for group in groups for address in group)
    return groups


def _circles(value: Any) -> Circles:
    table = _table(value, 'circles as: [circles], and below it colleagues = ["example.com"]')
    for name in table:
        if name not in _CONFIGURED_CIRCLES:
            raise ValueError(f"'{name}' is no circle", suggestion(name, list(_CONFIGURED_CIRCLES)))
    circles = {name: tuple(_member(item) for item in _texts(members)) for name, members in table.items()}
    _once(member for members in circles.values() for member in members)
    return circles


def _member(text: str) -> str:
    if not (_ADDRESS.fullmatch(text) or _DOMAIN.fullmatch(text)):
        raise ValueError(f"'{text}' is neither a domain nor an address", "Write example.com or ada@example.com.")
    return text.lower()


def _once(items: Iterator[str]) -> None:
    seen: set[str] = set()
    for item in items:
        if item in seen:
            raise ValueError(f"'{item}' stands there twice", "Leave it in one place.")
        seen.add(item)
