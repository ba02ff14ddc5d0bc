"""How an account's mail, store and secrets are reached, as its configuration says. Each is loaded once it is wanted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING

from mailcare.errors import Exit, MailcareError, suggestion
from mailcare.mail import links
from mailcare.mail.discovery import about, connectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pyarrow as pa

    from mailcare.config.settings import Account
    from mailcare.disk.vault import Vault
    from mailcare.mail.connector import Connector
    from mailcare.place import Place
    from mailcare.sending.smtp import Outgoing
    from mailcare.store.store import Store


def connect(account: Account, place: Place) -> Connector:
    """The account's connector: the class of that name, capitalised, in ``connectors/NAME/connector.py``."""
    name, known = account.connector, connectors()
    if name not in known:
        what, todo = f"no connector is called '{name}'", suggestion(name, known)
        raise MailcareError(what, where="connector", todo=todo, code=Exit.USAGE)
    module = import_module(f"connectors.{name}.connector")
    connector: Connector = getattr(module, name.capitalize())(account.options, vault_of(account, place))
    return connector


def link(account: Account, told: Mapping[str, str]) -> links.Link:
    """How the account's messages are opened; ``told``: Message-ID → the address that the server told."""
    connector = about(account.connector)
    usual = connector.link if connector else links.told
    return links.link(account.links, usual, links.Clues(account.owner.addresses[0], account.options, told))


def opened(account: Account, place: Place, *, write: bool) -> Store:
    """The account's store, to be used in a ``with``; encrypted where the account's is."""
    from mailcare.store import encryption
    from mailcare.store.store import Store

    path = place.store(account.name)
    key = encryption.key_of(vault_of(account, place), path) if account.encrypted else ""
    return Store.open(path, write=write, key=key)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that is stored of an account, as of one moment of its store."""

    log: pa.Table
    """``tables.LOG``; without subjects if the account keeps none."""
    skipped: Counter[str]
    """What reading left out: reason → count."""
    settled: dict[str, int]
    """Which threads the owner settled, and when: id of a message → seconds since 1970."""
    declined: frozenset[str]
    """Codes of the suggestions that the owner does not want again."""
    links: dict[str, str]
    """Message-ID → the address at which the server says that the message is opened."""


def snapshot(account: Account, place: Place) -> Snapshot:
    """What is stored of the account, read once. Raises MailcareError if there is no mail."""
    with opened(account, place, write=False) as store:
        kept = Snapshot(
            log=log_of(account, place, store),
            skipped=store.skipped() + Counter(unfinished=store.unfinished()),
            settled=store.settled(),
            declined=frozenset(store.declined()),
            links=store.links(),
        )
    if not kept.log.num_rows:
        todo = "Run: mailcare run; if it finds none, check where the account looks for it."
        raise MailcareError("no mail is stored", todo=todo)
    return kept


def outgoing(account: Account, place: Place) -> Outgoing | None:
    """The account's way out for its e-mail summary; None where none is wished for."""
    if not account.email:
        return None
    from mailcare.disk.vault import Vault
    from mailcare.sending.smtp import Outgoing

    try:
        return Outgoing(account.email, account.owner.addresses, Vault(place.secrets(f"{account.name}@email")))
    except MailcareError as fault:
        raise fault.at("email") from None


def account_faults(account: Account, place: Place) -> Iterator[MailcareError]:
    """Everything that is wrong with the account's connector and its keys, and what is with those of its e-mail."""
    yield from connector_faults(account, place)
    try:
        outgoing(account, place)
    except MailcareError as fault:
        yield fault


def connector_faults(account: Account, place: Place) -> Iterator[MailcareError]:
    """Everything that is wrong with the connector's own keys; nothing if reading the configuration found no connector
    of that name."""
    if not account.connector:
        return
    options, told = dict(account.options), set[str]()
    while True:
        try:
            connect(replace(account, options=options), place)
        except MailcareError as fault:
            if fault.where not in told and f"Did you mean {fault.where}?" not in told:
                yield fault
            if fault.where not in options:
                return
            del options[fault.where]
            told |= {fault.where, fault.todo}
        else:
            return


def vault_of(account: Account, place: Place) -> Vault:
    """The account's secrets."""
    from mailcare.disk.vault import Vault

    return Vault(place.secrets(account.name))


def veil_for(account: Account, place: Place) -> Callable[[str], str] | None:
    """The rule that veils the account's subjects, by a key that a team's mailboxes share; None where they are kept."""
    if account.subjects:
        return None
    from mailcare.disk.vault import Vault
    from mailcare.store.keeping import veil_of

    return veil_of(Vault(place.secrets(f"{account.team}@team")) if account.team else vault_of(account, place))


def log_of(account: Account, place: Place, store: Store) -> pa.Table:
    """``tables.LOG`` of the store, without subjects where the account keeps none: they may still be there."""
    from mailcare.store.rows import resubjected

    rule = veil_for(account, place)
    return resubjected(store.load(), rule) if rule else store.load()
