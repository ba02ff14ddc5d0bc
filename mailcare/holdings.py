"""What mailcare keeps about each account and team, and how to make it forget."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path

import pyarrow.compute as pc

from mailcare import access
from mailcare.config.settings import Account, Settings
from mailcare.disk.folders import failure
from mailcare.disk.vault import Vault
from mailcare.errors import Exit, MailcareError
from mailcare.job import runs
from mailcare.mail.addresses import canonical
from mailcare.owner import Owner
from mailcare.place import Kept, Place
from mailcare.store import database
from mailcare.values.week import Contact
from reports import shelf
from reports.language import language


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


def holding(account: Account, place: Place) -> Holding:
    """What is kept about the account. Raises MailcareError if its store cannot be read."""
    messages, since = 0, None
    if place.store(account.name).is_file():
        with access.opened(account, place, write=False) as store:
            log = store.load()
        messages = log.num_rows
        first = pc.min(pc.coalesce(log["received_at"], log["sent_at"])).as_py()
        since = first.date() if first else None
    return Holding(
        account.name,
        messages,
        since,
        sum(part.stat().st_size for part in place.kept(account.name, Kept.STORE)),
        account.keep_days,
        account.subjects,
        len(shelf.written(place.page(account.name))),
        tuple(access.vault_of(account, place).names()),
    )


def strays(settings: Settings) -> list[str]:
    """Accounts and teams of which something is kept, and which the configuration no longer names."""
    named = {one.name for one in settings.accounts} | {one.name for one in settings.teams}
    return sorted(settings.place.names() - named)


def forget_person(account: Account, place: Place, address: str) -> tuple[int, list[Path]]:
    """Erase the messages on which the address stands, or another one of the same person (``aliases``), and the reports
    that name them; returns the number of stored rows erased, and the reports.

    Raises MailcareError.
    """
    same = same_person([account.owner], address)
    if not place.store(account.name).is_file():
        return 0, _forget_pages_of(account, place, same)
    with access.opened(account, place, write=True) as store:
        gone = _forget_pages_of(account, place, same | store.names_of(same))
        return store.forget(same), gone


def refuse_own(accounts: Sequence[Account], address: str) -> None:
    """Raises MailcareError if the person is the owner of an account: every message may name them, in any account."""
    same = set(map(_compared, same_person([account.owner for account in accounts], address)))
    for account in accounts:
        if same & set(map(_compared, account.owner.addresses)):
            todo = f"To erase the account: mailcare forget --account {account.name}."
            raise MailcareError("this is the owner's own address", where=account.name, todo=todo, code=Exit.USAGE)


def same_person(owners: Iterable[Owner], address: str) -> set[str]:
    """The address, and the others of the same person (``aliases``), in whatever spelling it is given."""
    known = _compared(address)
    groups = [group for owner in owners for group in owner.aliases if known in map(_compared, group)]
    return {address.lower(), *(one for group in groups for one in group)}


def forget(name: str, place: Place) -> None:
    """Remove everything that is kept of an account or team: ``place.Kept``, and its name in the record of runs.

    The configuration and pages elsewhere (``--out``) are the user's. Raises MailcareError.
    """
    database.remove(place.store(name))
    _removed(place.kept(name, *(kind for kind in Kept if kind not in (Kept.STORE, Kept.SECRETS))))
    place.tidy(name)
    runs.forget(place.runs, name)
    for file in place.kept(name, Kept.SECRETS):  # last: a keyring may be out of reach
        if file.suffix == ".json":
            Vault(file).clear()
        else:  # a part of one that a power cut left
            _removed([file])


def _forget_pages_of(account: Account, place: Place, names: Collection[str]) -> list[Path]:
    """Remove the account's pages that hold one of the names, also from their list; returns them."""
    gone = _removed(_naming(place.kept(account.name, Kept.PAGES), names))
    if gone:
        owner = Contact(account.owner.name, account.owner.addresses[0])
        shelf.list_reports(owner, place.page(account.name), language(account.language))
    return gone


def _compared(address: str) -> str:
    return canonical(address) or address.lower()


def _naming(pages: list[Path], names: Collection[str]) -> Iterator[Path]:
    """The pages in which one of the names stands, in any case. A PDF goes by its page; one without a page goes too."""
    spelled = {*names, *(canonical(name) for name in names)} - {""}
    forms = {form for name in spelled for form in (name, escape(name), escape(name, quote=False))}
    wanted = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(forms)))})(?!\w)", re.IGNORECASE)
    plain = [page for page in pages if page.suffix != ".pdf"]
    kept = {page.stem for page in plain if not wanted.search(page.read_text("utf-8", "replace"))}
    return (page for page in pages if page.stem not in kept)


def _removed(files: Iterable[Path]) -> list[Path]:
    gone = list(files)
    for file in gone:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise failure(error.errno, file) from error
    return gone
