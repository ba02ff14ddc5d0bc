"""Whose mail it is: all that figures depend on, and nothing else of the configuration.

An owner is a person with a mailbox, or a team, whose circles are its clients. Pipeline and measures see the owner and
never the configuration. Addresses are trimmed and lower-cased here; the pipeline makes them canonical.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from mailcare.hours.grace import GRACE_DAYS
from mailcare.hours.worktime import WorkingTime
from mailcare.languages import SOURCE

COLLEAGUES = "colleagues"
"""The circle of those who may answer in the owner's place."""
CONFIGURED = (COLLEAGUES, "clients", "suppliers")
"""The circles that the configuration of a person's mailbox names."""
OTHERS = "others"
"""The circle of everybody in no other one."""
CIRCLES = (*CONFIGURED, OTHERS)
EXCLUDED = ("drafts", "spam", "trash")
"""The folders left out by default, by their roles."""
PROMISE_HOURS = 8.0
"""Working hours within which a team means to answer a client."""
MIN_GROUP = 5
SMALLEST_GROUP = 3
"""The lowest ``min_group`` that can be set (docs/teams.md, "A group, or nothing")."""

People = tuple[tuple[str, ...], ...]
Circles = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose mail it is."""

    addresses: tuple[str, ...]
    name: str = ""
    """As a page addresses its owner; empty: the name most often seen beside the owner's address."""
    shared: bool = False
    """A shared address, answered by a team: To or Cc makes an ask."""
    aliases: People = ()
    """Addresses that are one person, for each such person."""
    circles: Circles = field(default_factory=dict)
    """Name of a circle → its domains and addresses; everybody else is among the others."""
    working_time: WorkingTime = WorkingTime()
    grace_days: dict[str, float] = field(default_factory=lambda: {"default": GRACE_DAYS})
    """Grace period in working days by circle; ``default`` for the rest."""
    exclude_folders: tuple[str, ...] = EXCLUDED
    """Folders that are left out, by role or name."""
    automated: tuple[str, ...] = ()
    """Patterns (shell style, on the whole address) of further automated senders."""

    @property
    def fingerprint(self) -> str:
        """A short code that changes with everything on which the figures rest."""
        import json
        from hashlib import sha256

        told = json.dumps(asdict(self), sort_keys=True, default=str)
        return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Client:
    """One client of a team: whose mail it is, and how soon the team means to answer."""

    name: str
    """Also the name of the client's circle; none of ``CIRCLES``."""
    members: tuple[str, ...]
    """Domains, their sub-domains included, and addresses."""
    promise_hours: float = PROMISE_HOURS


@dataclass(frozen=True, slots=True)
class Team:
    """Some mailboxes whose owners share clients."""

    name: str
    accounts: tuple[str, ...]
    """The names of its mailboxes: its members', and those of shared addresses."""
    shared: tuple[str, ...] = ()
    """Addresses such as support@ that several members answer."""
    addresses: tuple[str, ...] = ()
    """Further addresses of members, whose mailboxes are not read."""
    working_time: WorkingTime = WorkingTime()
    grace_days: float = GRACE_DAYS
    """Working days after which a conversation that looks finished is left out of what waits."""
    promise_hours: float = PROMISE_HOURS
    """Working hours within which a first answer is promised to everyone who is no client of a promise of their own."""
    min_group: int = MIN_GROUP
    """No figure rests on fewer members than these."""
    clients: tuple[Client, ...] = ()
    language: str = SOURCE
    """Language code of the team's pages."""

    def owner(self, members: Sequence[Owner], gone: Sequence[str] = ()) -> Owner:
        """The team as the owner of its members' mail; ``gone`` are addresses of people who have left it, now
        colleagues. What the members' own settings say of aliases and colleagues is the same for all of them."""
        first = members[0] if members else Owner(())
        every = [address for member in members for address in member.addresses]
        return Owner(
            addresses=tuple(dict.fromkeys([*every, *self.shared, *self.addresses])),
            name=self.name,
            shared=True,
            aliases=first.aliases,
            circles={client.name: client.members for client in self.clients}
            | {COLLEAGUES: (*first.circles.get(COLLEAGUES, ()), *gone)},
            working_time=self.working_time,
            grace_days={"default": self.grace_days},
            exclude_folders=(),
            automated=tuple(dict.fromkeys(pattern for member in members for pattern in member.automated)),
        )
