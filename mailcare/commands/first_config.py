"""A first configuration: a few questions, mail found nearby, and a try before anything is written."""

import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol
from zoneinfo import available_timezones

from mailcare import access
from mailcare.config import settings as config
from mailcare.config import values as config_values
from mailcare.config.settings import Account
from mailcare.disk import deliver
from mailcare.errors import Exit, MailcareError
from mailcare.mail.about import About, Closed, Nearby
from mailcare.mail.addresses import canonical
from mailcare.mail.connector import Connector, Known
from mailcare.mail.discovery import about, connectors
from mailcare.mail.login import Dialogue, Login
from mailcare.mail.message import Field, Role
from mailcare.mail.names import full_name
from mailcare.place import Place
from mailcare.store.store import Store

BATCHES = 40
"""So many batches of mail are looked at for the owner's other addresses."""
OFTEN = 3
"""An address that sent so many messages from Sent is proposed as one of the owner's."""
MOST = 10
"""Addresses that are proposed at most."""
TRIES = 3
"""So often a question is asked."""
PRIVATE = re.compile(
    r"(gmail|googlemail|outlook|hotmail|live|yahoo|icloud|me|aol|gmx|web|mail|posteo|proton(mail)?|fastmail)\.\w+"
)
"""Providers of private addresses: whoever else has one there is no colleague."""


class Person(Protocol):
    """Who answers the questions."""

    def tell(self, text: str) -> None:
        """Show a line."""

    def asked(self, question: str, default: str = "") -> str:
        """The answer in words; the default where it is empty."""

    def chosen(self, question: str, choices: list[str]) -> int:
        """The number of one of the choices, from 0."""

    def agreed(self, question: str, *, likely: bool = True) -> bool:
        """Yes or no; what is likely if nothing is said."""


@dataclass(slots=True)
class Answers:
    """What the configuration is to say of the first account."""

    connector: str
    options: dict[str, Any]
    addresses: list[str]
    time_zone: str
    working_hours: str
    holidays: str = ""
    colleagues: list[str] = field(default_factory=list)


def zone_here(environ: Mapping[str, str] = os.environ, localtime: Path = Path("/etc/localtime")) -> str:
    """The machine's time zone by its name; UTC where it has none."""
    named = [environ.get("TZ", "").lstrip(":"), str(localtime.resolve()).partition("zoneinfo/")[2]]
    return next((name for name in named if name in available_timezones()), "UTC")


def colleagues_of(addresses: list[str]) -> list[str]:
    """The domains of the owner's addresses that are not a provider's of private ones."""
    domains = dict.fromkeys(address.rpartition("@")[2] for address in addresses)
    return [domain for domain in domains if not PRIVATE.fullmatch(domain)]


class _Seen(NamedTuple):
    """Somebody in a message."""

    where: Field
    sent: bool
    """The message lies in Sent."""
    address: str
    name: tuple[str, ...]
    """As it is compared; empty if it is no full name."""


class Other(NamedTuple):
    """An address that may be the owner's too."""

    address: str
    sends: bool
    """Mail in Sent is from it; if not, mail with the owner's name goes to it."""


def others_of_owner(connector: Connector, known: Known, addresses: list[str], now: datetime) -> list[Other]:
    """Further addresses that may be the owner's, the most frequent first: from which messages in Sent were sent, often
    or with the owner's name; then to which messages went with that name. ``known`` knows nothing yet.
    """
    seen = Counter(
        _Seen(one.field, Role.SENT in message.roles, canonical(one.address), full_name(one.name))
        for batch in islice(connector.read(known, now), BATCHES)
        for message in batch.messages
        if Role.SPAM not in message.roles
        for one in message.people
        if one.field in (Field.FROM, Field.TO)
    )
    told = {canonical(address) for address in addresses} | {""}
    owner = _names(seen, Field.FROM, told - {""}) or _names(seen, Field.TO, told - {""})
    senders, named, receivers = Counter[str](), Counter[str](), Counter[str]()
    for (where, sent, address, name), count in seen.items():
        if address in told:
            continue
        if where == Field.TO:
            receivers[address] += count * (name in owner)
        elif sent:
            senders[address] += count
            named[address] += count * (name in owner)
    sending = [one for one, count in senders.most_common() if count >= OFTEN or named[one]]
    receiving = [one for one, count in receivers.most_common() if count and one not in sending]
    return [*(Other(one, sends=True) for one in sending), *(Other(one, sends=False) for one in receiving)][:MOST]


def _names(seen: Iterable[_Seen], where: Field, addresses: set[str]) -> set[tuple[str, ...]]:
    """The full names that go with these addresses."""
    return {one.name for one in seen if one.where == where and one.address in addresses and one.name}


def written(answers: Answers, data_dir: str = "~/.local/share/mailcare") -> str:
    """The configuration file."""
    keys = {
        "name": "work" if answers.colleagues else "home",
        "connector": answers.connector,
        **answers.options,
        "addresses": answers.addresses,
        "time_zone": answers.time_zone,
        "working_hours": answers.working_hours,
        **({"holidays": answers.holidays} if answers.holidays else {}),
    }
    lines = [f"{key} = {_toml(value)}" for key, value in keys.items()]
    return "\n".join(
        [
            "# mailcare's configuration; config.example.toml explains every key.",
            f"data_dir = {_toml(data_dir)}",
            "",
            "[[account]]",
            *lines,
            "",
            "# Whom you write with: domains (their subdomains too) or addresses. Everybody else is among the others.",
            "[circles]",
            f"colleagues = {_toml(answers.colleagues)}",
            "clients = []",
            "suppliers = []",
            "",
        ]
    )


def _toml(value: Any) -> str:
    """A text, a number, a truth value or a list of them; JSON's are TOML's."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def refuse(path: Path) -> None:
    """Raises MailcareError where there is a configuration already: it is never overwritten."""
    if path.exists() or path.is_symlink():
        todo = "Change it, or name another place: mailcare init --config FILE."
        raise MailcareError("there is a configuration already", where=str(path), todo=todo)


def first_configuration(
    path: Path, person: Person, at_login: Dialogue, home: Path, environ: Mapping[str, str], now: datetime
) -> None:
    """Ask, try the account, propose further addresses, and write the configuration to ``path`` for its owner alone.

    What cannot be reached is told, and the configuration is written all the same where the person wishes it. Raises
    MailcareError.
    """
    refuse(path)
    answers, well = asked(person, home, environ), True
    with tempfile.TemporaryDirectory() as folder:
        try:
            account, place = _draft(Path(folder) / path.name, answers)
            connector = access.connect(account, place)
            if isinstance(connector, Login):
                connector.login(at_login)
            else:
                connector.check()
            person.tell("Your mail can be read.")
            with Store.open(Place(Path(folder)).store("draft"), write=True) as nothing:
                others = others_of_owner(connector, nothing, answers.addresses, now)
            for address, sends in others:
                why = f"Mail in Sent is from {address} too." if sends else f"Mail with your name goes to {address} too."
                if person.agreed(f"{why} Is that you?", likely=sends):
                    answers.addresses.append(address)
        except MailcareError as error:
            well = False
            person.tell(str(error))
            if not person.agreed("Write the configuration all the same?"):
                raise MailcareError("nothing was written", todo="Run mailcare init again.") from error
    refuse(path)
    deliver.write(path, written(answers))
    tried = "Next: mailcare run; then, for every week: mailcare schedule install."
    person.tell(
        f"The configuration is {path}. {tried if well else 'Set right there what was told; then: mailcare doctor.'}"
    )


def _draft(path: Path, answers: Answers) -> tuple[Account, Place]:
    """The account as the configuration will say it, and its data folder. Raises MailcareError."""
    path.write_text(written(answers), "utf-8")
    settings = config.load(path)
    return settings.accounts[0], settings.place


def asked(person: Person, home: Path, environ: Mapping[str, str]) -> Answers:
    """The first account, by a few questions. Raises MailcareError where the address is none."""
    kinds = _kinds()
    address = _sound(person, "Your mail address", lambda answer: config_values.addresses([answer])).lower()
    looked = [(name, one) for name, said in kinds for one in said.nearby(home, environ)]
    found = [(name, one) for name, one in looked if isinstance(one, Nearby)]
    for _, one in looked:
        if isinstance(one, Closed):
            person.tell(f"{one.what}. {one.todo}")
    choices = [*(one.title for _, one in found), *(said.title for _, said in kinds)]
    number = person.chosen("Where is your mail?", choices)
    if number < len(found):
        connector, options = found[number][0], found[number][1].options
    else:
        connector, said = kinds[number - len(found)]
        options = _options(said, person, address)
    addresses = [address]
    return Answers(
        connector,
        options,
        addresses,
        time_zone=_sound(person, "Your time zone", config_values.time_zone, zone_here()),
        working_hours=_sound(person, "When you work", config_values.hours, "Mon-Fri 09:00-17:00"),
        holidays=_sound(
            person,
            "Public holidays of which country, such as DE or DE-BY (empty: none)",
            lambda answer: answer and config_values.holidays(answer),
        ),
        colleagues=_listed(
            _sound(
                person,
                "Your colleagues' domains, with spaces between several (- for none)",
                lambda answer: config_values.circles({"colleagues": _listed(answer)}),
                " ".join(colleagues_of(addresses)),
            )
        ),
    )


def _kinds() -> list[tuple[str, About]]:
    """Every connector's name and what it says of itself, in the order in which they are offered."""
    kinds = [(name, said) for name in connectors() if (said := about(name))]
    return sorted(kinds, key=lambda kind: kind[1].order)


def _options(said: About, person: Person, address: str) -> dict[str, Any]:
    """The connector's own keys, as the person answers its questions."""
    if said.steps:
        person.tell("docs/connect.md says, step by step, how to come to what is asked now.")
    answers, domain = {}, address.rpartition("@")[2]
    for question in said.questions:
        default = question.default.format(address=address, domain=domain)
        check = _there if question.there else _anything
        answer = _sound(person, question.text, check, default) if question.text else default
        answers[question.key] = _absolute(answer) if question.key in said.paths else answer
    return answers


def _sound(person: Person, question: str, check: Callable[[str], object], default: str = "") -> str:
    """The answer, asked for again where the configuration cannot hold it. Raises MailcareError in the end."""
    for tries_left in reversed(range(TRIES)):
        answer = person.asked(question, default)
        try:
            answer.encode()
            check(answer)
        except UnicodeEncodeError:
            fault = MailcareError("that is not in UTF-8, in which the configuration is written", code=Exit.USAGE)
        except ValueError as error:
            what, todo = (*error.args, "")[:2]
            fault = MailcareError(what, todo=todo, code=Exit.USAGE)
        else:
            return answer
        if tries_left:
            person.tell(str(fault))
    raise fault


def _anything(_: str) -> None:
    """Every answer will do; the connector tells what is wrong with it."""


def _there(answer: str) -> None:
    path = Path(config_values.text(answer)).expanduser()
    if not path.exists():
        raise ValueError(f"there is no {path}", "Name a file or folder that is there.")


def _listed(answer: str) -> list[str]:
    return [] if answer == "-" else answer.replace(",", " ").split()


def _absolute(path: str) -> str:
    return str(Path(path).expanduser().absolute())
