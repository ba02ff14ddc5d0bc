"""What mailcare keeps about each account, and how to make it forget."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path

import pyarrow.compute as pc

from mailcare import access, weekly
from mailcare.config.settings import Account, Settings
from mailcare.disk.folders import failure
from mailcare.disk.vault import Vault
from mailcare.errors import Exit, MailcareError
from mailcare.job import runs
from mailcare.mail.addresses import canonical
from mailcare.store import database

_ENDING = ".sqlite"


@dataclass(frozen=True, slots=True)
class Holding:
    """What is kept about one account."""

    account: str
    messages: int
    since: date | None
    """The day (UTC) of the oldest message."""
    octets: int
    """Of the store's files."""
    keep_days: int
    """For so long a message is kept; 0 for ever."""
    subjects: bool
    """Whether subjects are kept."""
    reports: int
    secrets: tuple[str, ...]
    """By name."""


def holding(account: Account, data_dir: Path) -> Holding:
    """What is kept about the account. Raises MailcareError where its store cannot be read."""
    path, messages, since = access.store_path(account, data_dir), 0, None
    if path.is_file():
        with access.opened(account, data_dir, write=False) as store:
            log = store.load()
        messages = log.num_rows
        first = pc.min(pc.coalesce(log["received_at"], log["sent_at"])).as_py()
        since = first.date() if first else None
    return Holding(
        account.name,
        messages,
        since,
        sum(part.stat().st_size for part in database.parts(path)),
        account.keep_days,
        account.subjects,
        len(weekly.written(data_dir / "reports" / account.name)),
        tuple(access.vault_of(account, data_dir).names()),
    )


def strays(settings: Settings) -> list[str]:
    """Accounts and teams of which something is kept, and which the configuration no longer names."""
    folder = settings.data_dir
    found = {path.name.removesuffix(_ENDING) for path in folder.glob(f"*{_ENDING}")}
    found |= {path.stem.partition("@")[0] for path in (folder / "secrets").glob("*.json")}
    found |= {path.parent.name for path in (folder / "reports").glob("*/[0-9]*.html")}
    found |= {path.name for path in (folder / "teams").glob("*/")}
    return sorted(found - {one.name for one in settings.accounts} - {one.name for one in settings.teams})


def forget_person(account: Account, data_dir: Path, address: str) -> tuple[int, list[Path]]:
    """Erase the messages on which the address stands, or another one of the same person (``aliases``), and the reports
    that name them; returns the number of stored rows erased, and the reports.

    Raises MailcareError.
    """
    same = same_person([account], address)
    if not access.store_path(account, data_dir).is_file():
        return 0, _forget_pages_of(account, data_dir, same)
    with access.opened(account, data_dir, write=True) as store:
        gone = _forget_pages_of(account, data_dir, same | store.names_of(same))
        return store.forget(same), gone


def refuse_own(accounts: Sequence[Account], address: str) -> None:
    """Raises MailcareError where the person is the owner of an account: every message may name them, in any account."""
    same = set(map(_compared, same_person(accounts, address)))
    for account in accounts:
        if same & set(map(_compared, account.addresses)):
            todo = f"To erase the account: mailcare forget --account {account.name}."
            raise MailcareError("this is the owner's own address", where=account.name, todo=todo, code=Exit.USAGE)


def _forget_pages_of(account: Account, data_dir: Path, names: Collection[str]) -> list[Path]:
    """Remove the account's pages that hold one of the names, also from their list; returns them."""
    gone = _removed(_naming(_reports(data_dir, account.name), names))
    if gone:
        weekly.list_reports(account, data_dir / "reports" / account.name)
    return gone


def same_person(accounts: Iterable[Account], address: str) -> set[str]:
    """The address, and the others of the same person (``aliases``), in whatever spelling it is given."""
    known = _compared(address)
    groups = [group for account in accounts for group in account.aliases if known in map(_compared, group)]
    return {address.lower(), *(one for group in groups for one in group)}


def _compared(address: str) -> str:
    return canonical(address) or address.lower()


def forget_pages(team: str, data_dir: Path) -> None:
    """Remove the pages of a team's reviews; those elsewhere (``--out``) are the user's."""
    folder = data_dir / "reports" / team
    _removed([*folder.glob("????-??-??.html"), *folder.glob(".????-??-??.html-*")])
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def forget_account(name: str, data_dir: Path) -> None:
    """Remove the account's store, its reports, its secrets and its name in the record of runs.

    The configuration and reports elsewhere (``--out``) are the user's. Raises MailcareError.
    """
    database.remove(data_dir / f"{name}{_ENDING}")
    reports, mailed = data_dir / "reports" / name, data_dir / "mailed" / name
    _removed([*_reports(data_dir, name), *reports.glob("index.html"), *mailed.glob("[0-9]*-W[0-9][0-9]*")])
    for folder in (reports, mailed):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    for vault in (name, f"{name}@email"):
        Vault(vault, data_dir / "secrets").clear()
    runs.forget(data_dir, name)


def _reports(data_dir: Path, name: str) -> list[Path]:
    """The account's pages, on paper too, and parts of one that a power cut left."""
    folder = data_dir / "reports" / name
    forms = ("[0-9]*-W[0-9][0-9].html", "[0-9]*-W[0-9][0-9].pdf", ".[0-9]*-W[0-9][0-9].html-*")
    return sorted(path for form in forms for path in folder.glob(form))


def _naming(pages: list[Path], names: Collection[str]) -> Iterator[Path]:
    """The pages in which one of the names stands, in any case. A PDF goes by its page; one without a page goes too."""
    spelled = {*names, *(canonical(name) for name in names)} - {""}
    forms = {form for name in spelled for form in (name, escape(name), escape(name, quote=False))}
    wanted = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(forms)))})(?!\w)", re.IGNORECASE)
    plain = [page for page in pages if page.suffix != ".pdf"]
    kept = {page.stem for page in plain if not wanted.search(page.read_text("utf-8", "replace"))}
    return (page for page in pages if page.stem not in kept)


def _removed(pages: "Iterator[Path] | list[Path]") -> list[Path]:
    gone = list(pages)
    for page in gone:
        try:
            page.unlink()
        except OSError as error:
            raise failure(error.errno, page) from error
    return gone
