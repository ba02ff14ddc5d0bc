"""How an account's mail, store and secrets are reached, as its configuration says. Each is loaded once it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from mailcare.errors import Exit, MailcareError, suggestion
from mailcare.mail.registry import connectors

if TYPE_CHECKING:
    import pyarrow as pa

    from mailcare.config.settings import Account
    from mailcare.disk.vault import Vault
    from mailcare.mail.connector import Connector
    from mailcare.sending.smtp import Outgoing
    from mailcare.store.store import Store


def connect(account: Account, data_dir: Path) -> Connector:
    """The account's connector: the class of that name, capitalised, in ``connectors/NAME/connector.py``."""
    name, known = account.connector, connectors()
    if name not in known:
        what, todo = f"no connector is called '{name}'", suggestion(name, known)
        raise MailcareError(what, where="connector", todo=todo, code=Exit.USAGE)
    module = import_module(f"connectors.{name}.connector")
    connector: Connector = getattr(module, name.capitalize())(account.options, vault_of(account, data_dir))
    return connector


def opened(account: Account, data_dir: Path, *, write: bool) -> Store:
    """The account's store, to be used in a ``with``; encrypted where the account's is."""
    from mailcare.store import encryption
    from mailcare.store.store import Store

    path = store_path(account, data_dir)
    key = encryption.key_of(vault_of(account, data_dir), path) if account.encrypted else ""
    return Store.open(path, write=write, key=key)


def outgoing(account: Account, data_dir: Path) -> Outgoing | None:
    """The account's way out for its e-mail summary; None where none is wished for."""
    if not account.email:
        return None
    from mailcare.disk.vault import Vault
    from mailcare.sending.smtp import Outgoing

    try:
        return Outgoing(account.email, account.addresses, Vault(f"{account.name}@email", data_dir / "secrets"))
    except MailcareError as fault:
        raise fault.at("email") from None


def account_faults(account: Account, data_dir: Path) -> Iterator[MailcareError]:
    """Everything that is wrong with the account's connector and its keys, and what is with those of its e-mail."""
    yield from connector_faults(account, data_dir)
    try:
        outgoing(account, data_dir)
    except MailcareError as fault:
        yield fault


def connector_faults(account: Account, data_dir: Path) -> Iterator[MailcareError]:
    """Everything that is wrong with the account's connector and its keys."""
    options, told = dict(account.options), set[str]()
    while True:
        try:
            connect(replace(account, options=options), data_dir)
        except MailcareError as fault:
            if fault.where not in told and f"Did you mean {fault.where}?" not in told:
                yield fault
            if fault.where not in options:
                return
            del options[fault.where]
            told |= {fault.where, fault.todo}
        else:
            return


def store_path(account: Account, data_dir: Path) -> Path:
    """Where the account's mail metadata is kept."""
    return data_dir / f"{account.name}.sqlite"


def vault_of(account: Account, data_dir: Path) -> Vault:
    """Where the account's secrets are kept."""
    from mailcare.disk.vault import Vault

    return Vault(account.name, data_dir / "secrets")


def team_vault(team: str, data_dir: Path) -> Vault:
    """Where a team's own secrets are kept."""
    from mailcare.disk.vault import Vault

    return Vault(f"{team}@team", data_dir / "secrets")


def veil_for(account: Account, data_dir: Path) -> Callable[[str], str] | None:
    """The rule that veils the account's subjects, by a key that a team's mailboxes share; None where they are kept."""
    if account.subjects:
        return None
    from mailcare.store.keeping import veil_of

    return veil_of(team_vault(account.team, data_dir) if account.team else vault_of(account, data_dir))


def log_of(account: Account, data_dir: Path, store: Store) -> pa.Table:
    """``tables.LOG`` of the store, without subjects where the account keeps none: they may still be there."""
    from mailcare.store.rows import resubjected

    rule = veil_for(account, data_dir)
    return resubjected(store.load(), rule) if rule else store.load()
