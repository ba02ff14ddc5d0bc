"""The whole run, one step a line: the file to read first.

Only this module and the command line know all parts; nothing flows back. Instants are aware.
"""

import pkgutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

import connectors
from mailcare import __version__, deliver
from mailcare.clock import week_name
from mailcare.config import Account
from mailcare.config_values import suggestion
from mailcare.errors import Exit, MailcareError
from mailcare.measures import individual
from mailcare.message import Connector
from mailcare.pipeline import Tables, tables_of
from mailcare.store import Store
from reports.individual import render

Progress = Callable[[int], None]
"""Is told the number of messages of each stored batch."""


def _unseen(_: int) -> None:
    """Progress that nobody watches."""


@dataclass(slots=True)
class Synced:
    """What one reading of an account brought."""

    messages: int = 0
    removed: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    """What was read and could not be stored: reason → count."""


def run(
    account: Account,
    data_dir: Path,
    *,
    now: datetime,
    as_of: datetime,
    reports: Path,
    progress: Progress = _unseen,
) -> Path:
    """Read what is new, then write the report; returns where it is."""
    sync(account, data_dir, now, progress)
    return report(account, data_dir, as_of, reports)


def sync(account: Account, data_dir: Path, now: datetime, progress: Progress = _unseen) -> Synced:
    """Store what is new in the account's mail, batch by batch, and return what that was."""
    source, synced = connect(account), Synced()
    with Store.open(store_path(account, data_dir), write=True) as store:
        for batch in source.read(store, now):
            store.append(batch)
            synced.messages += len(batch.messages)
            synced.removed += len(batch.removed)
            synced.skipped += batch.skipped
            progress(len(batch.messages))
        store.compact()
    return synced


def report(account: Account, data_dir: Path, as_of: datetime, reports: Path) -> Path:
    """Write the report on the last full week before ``as_of`` from what is stored; returns where it is."""
    week = individual.week(measure(account, data_dir, as_of), account, as_of)
    page = render(week, version=__version__, settings=_code(account))
    path = reports / account.name / f"{week_name(week.start)}.html"
    deliver.write(path, page)
    return path


def measure(account: Account, data_dir: Path, as_of: datetime) -> Tables:
    """The account's tables, as of this moment, from what is stored."""
    with Store.open(store_path(account, data_dir), write=False) as store:
        log, skipped = store.load(), store.skipped()
    if not log.num_rows:
        raise MailcareError("there is no mail in the store", where=account.name, todo="Check the account's path.")
    return tables_of(log, account, as_of, skipped)


def connect(account: Account) -> Connector:
    """The account's connector: in ``connectors`` the module of that name, in it the class of that name, capitalised."""
    modules = [module.name for module in pkgutil.iter_modules(connectors.__path__)]
    make = _connector(account.connector) if account.connector in modules else None
    if make is None:
        raise MailcareError(
            f"no connector is called '{account.connector}'",
            where="connector",
            todo=suggestion(account.connector, [name for name in modules if _connector(name)]),
            code=Exit.USAGE,
        )
    return make(account.options)


def _connector(name: str) -> Callable[[dict[str, Any]], Connector] | None:
    return getattr(import_module(f"connectors.{name}"), name.capitalize(), None)


def _code(account: Account) -> str:
    """A short code that changes with the settings on which the figures rest."""
    return sha256(repr(replace(account, name="", connector="", options={})).encode()).hexdigest()[:8]


def store_path(account: Account, data_dir: Path) -> Path:
    """Where the account's mail metadata is kept."""
    return data_dir / f"{account.name}.sqlite"
