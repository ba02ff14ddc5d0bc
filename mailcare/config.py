"""The configuration, typed: what config.example.toml explains, read and checked."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mailcare.clock import WorkingTime

CIRCLES = ("colleagues", "clients", "suppliers", "others")


@dataclass(frozen=True, slots=True)
class Account:
    """One mailbox and its owner. Addresses are canonical (``people.canonical``)."""

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
    exclude_folders: tuple[str, ...] = ("drafts", "spam", "trash")
    automated: tuple[str, ...] = ()
    """Patterns (shell style, on the whole address) of further automated senders."""
    aliases: tuple[tuple[str, ...], ...] = ()
    """Addresses that are one person, for each such person."""
    circles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """colleagues, clients, suppliers → domains or addresses."""
    grace_days: dict[str, float] = field(default_factory=lambda: {"default": 3.0})
    """Grace period in working days by circle; ``default`` for the rest."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration."""

    data_dir: Path
    accounts: tuple[Account, ...]
