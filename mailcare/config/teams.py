"""The teams of the configuration: whose mailboxes are one pool, who their clients are, what was promised to them."""

from collections.abc import Mapping, Sequence
from typing import Any

from mailcare.config import values
from mailcare.config.keys import Keys, working_time
from mailcare.errors import MailcareError, suggestion
from mailcare.hours.grace import GRACE_DAYS
from mailcare.languages import SOURCE
from mailcare.mail.addresses import a_label, canonical
from mailcare.owner import CIRCLES, MIN_GROUP, PROMISE_HOURS, SMALLEST_GROUP, Client, Team

NONE: tuple[str, ...] = ()


def teams(
    tables: Sequence[dict[str, Any]], where: str, subjects: Mapping[str, bool]
) -> tuple[list[Team], list[MailcareError]]:
    """The teams of these tables of the file, as far as they are right, and everything that is wrong with them.

    ``subjects``: the names of the accounts → whether their subjects are kept.
    """
    accounts = list(subjects)
    found, problems, taken = list[Team](), list[MailcareError](), dict[str, str]()
    for number, table in enumerate(tables, 1):
        keys = Keys(table, f"{where}: team {table.get('name', number)}")
        team, wrong = _team(keys)
        if not team.accounts and "accounts" not in keys.wrong:
            keys.problem("accounts", "empty", "Name the accounts whose mail is the team's.")
        if len({subjects[account] for account in team.accounts if account in subjects}) > 1:
            todo = "Set subjects alike for all of them: a subject that is kept in one place only matches none."
            keys.problem("accounts", "some keep subjects, and some do not", todo)
        for account in team.accounts:
            if account not in accounts:
                keys.problem("accounts", f"no account is called '{account}'", suggestion(account, accounts or ["none"]))
            elif account in taken:
                keys.problem(
                    "accounts", f"'{account}' is in the team {taken[account]} already", "Leave it in one team."
                )
            taken[account] = team.name
        if team.name and team.name.lower() in {name.lower() for name in (*accounts, *(other.name for other in found))}:
            keys.problem("name", "another team or an account has this name", "Give each its own.")
        found.append(team)
        problems += keys.finish() + wrong
    return found, problems


def _team(keys: Keys) -> tuple[Team, list[MailcareError]]:
    promise = keys.take("promise_hours", _hours, PROMISE_HOURS)
    name = keys.demand("name", values.name, "", '"northshore"')
    clients, wrong = _clients(keys, keys.take("client", values.tables, []), promise)
    team = Team(
        name=name,
        accounts=keys.demand("accounts", values.texts, (), '["ann", "bob", "support"]'),
        shared=keys.take("shared", values.addresses, ()),
        language=keys.take("language", values.language, SOURCE),
        addresses=keys.take("addresses", values.addresses, ()),
        working_time=working_time(keys),
        grace_days=keys.take("grace_days", values.grace_period, GRACE_DAYS),
        promise_hours=promise,
        min_group=keys.take("min_group", _group, MIN_GROUP),
        clients=tuple(clients),
    )
    return team, wrong


def _clients(keys: Keys, tables: Sequence[dict[str, Any]], promise: float) -> tuple[list[Client], list[MailcareError]]:
    found, problems, taken = list[Client](), list[MailcareError](), dict[str, str]()
    for number, table in enumerate(tables, 1):
        own = Keys(table, f"{keys.where}: client {table.get('name', number)}")
        client = Client(
            name=own.demand("name", values.text, "", '"Alder Valley Trust"'),
            members=(*own.take("domains", _domains, NONE), *own.take("addresses", values.addresses, NONE)),
            promise_hours=own.take("promise_hours", _hours, promise),
        )
        if not client.members and not own.wrong:
            own.problem("domains", "neither domains nor addresses", 'Add domains = ["alder.example"].')
        if client.name.lower() in {other.name.lower() for other in found}:
            own.problem("name", "another client has this name", "Give each client its own.")
        if client.name in CIRCLES:
            own.problem("name", f"'{client.name}' is the name of a circle", "Choose another name for the client.")
        for member in client.members:
            compared = canonical(member) or a_label(member.rstrip("."))
            if compared in taken:
                own.problem("domains", f"'{member}' is {taken[compared]}'s already", "Leave it with one client.")
            taken[compared] = client.name
        found.append(client)
        problems += own.finish()
    return found, problems


def _domains(value: Any) -> tuple[str, ...]:
    return tuple(values.domain(item) for item in values.texts(value))


def _hours(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 400:
        raise ValueError(f"{value!r} is no number of working hours", "Write a number above 0 and up to 400, such as 8.")
    return float(value)


def _group(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} is no number of people", f"Write a whole number, {SMALLEST_GROUP} or more.")
    if value < SMALLEST_GROUP:
        raise ValueError(
            f"a group of {value} is too small to speak of without speaking of one person",
            f"Write {SMALLEST_GROUP} or more; {MIN_GROUP} is the default.",
        )
    return value
