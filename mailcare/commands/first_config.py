"""A first configuration: a few questions, mail found nearby, and a try before anything is written."""

import json
import os
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import available_timezones

from mailcare import access
from mailcare.config import settings as config
from mailcare.config import values as config_values
from mailcare.config.settings import Account
from mailcare.disk import deliver
from mailcare.errors import Exit, MailcareError
from mailcare.mail.addresses import canonical
from mailcare.mail.login import Dialogue, Login
from mailcare.mail.message import Connector, Field, Known, Role
from mailcare.place import Place
from mailcare.store.store import Store

BATCHES = 40
"""So many batches of mail are looked at for the owner's other addresses."""
OFTEN = 3
"""An address that sent so many messages from Sent is proposed as one of the owner's."""
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

    def agreed(self, question: str) -> bool:
        """Yes or no."""


@dataclass(frozen=True, slots=True)
class Nearby:
    """Mail that lies on this machine."""

    path: Path
    what: str


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


def nearby(home: Path) -> list[Nearby]:
    """Mail in the usual places below ``home``: Thunderbird's profiles, Maildirs, Google Takeout's downloads."""
    return list(_nearby(home))


def _nearby(home: Path) -> Iterator[Nearby]:
    profiles = [
        home / ".thunderbird",
        home / "snap/thunderbird/common/.thunderbird",
        home / ".var/app/org.mozilla.Thunderbird/.thunderbird",
        home / "Library/Thunderbird/Profiles",
    ]
    for profile in profiles:
        for folder in sorted(profile.glob("*/Mail/*")) + sorted(profile.glob("*/ImapMail/*")):
            if folder.is_dir() and any(folder.iterdir()):
                yield Nearby(folder, "Thunderbird")
    for name in ("Maildir", "Mail", "mail", ".maildir", ".mail"):
        for folder in (home / name, *sorted((home / name).glob("[!.]*"))):
            if all((folder / part).is_dir() for part in ("cur", "new", "tmp")):
                yield Nearby(folder, "a Maildir")
    for folder in (home / "Downloads", home / "Takeout", home):
        for file in sorted(folder.glob("*.mbox")) + sorted(folder.glob("Takeout/Mail/*.mbox")):
            yield Nearby(file, "an mbox, such as Google Takeout's")


def zone_here(environ: Mapping[str, str] = os.environ, localtime: Path = Path("/etc/localtime")) -> str:
    """The machine's time zone by its name; UTC where it has none."""
    named = [environ.get("TZ", "").lstrip(":"), str(localtime.resolve()).partition("zoneinfo/")[2]]
    return next((name for name in named if name in available_timezones()), "UTC")


def colleagues_of(addresses: list[str]) -> list[str]:
    """The domains of the owner's addresses that are not a provider's of private ones."""
    domains = dict.fromkeys(address.rpartition("@")[2] for address in addresses)
    return [domain for domain in domains if not PRIVATE.fullmatch(domain)]


def others_of_owner(connector: Connector, known: Known, addresses: list[str], now: datetime) -> list[str]:
    """Further addresses from which messages in Sent were sent, the most frequent first; ``known`` knows nothing yet."""
    senders: Counter[str] = Counter()
    for batch in islice(connector.read(known, now), BATCHES):
        for message in batch.messages:
            if Role.SENT in message.roles:
                senders.update(canonical(one.address) for one in message.people if one.field == Field.FROM)
    told = {canonical(address) for address in addresses} | {""}
    return [address for address, count in senders.most_common() if count >= OFTEN and address not in told]


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


def first_configuration(path: Path, person: Person, at_login: Dialogue, home: Path, now: datetime) -> None:
    """Ask, try the account, propose further addresses, and write the configuration to ``path`` for its owner alone.

    What cannot be reached is told, and the configuration is written all the same where the person wishes it. Raises
    MailcareError.
    """
    refuse(path)
    answers, well = asked(person, home), True
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
            for address in others:
                if person.agreed(f"Mail in Sent is from {address} too. Is that you?"):
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


CONNECTORS = ("imap", "gmail", "graph", "exchange")
"""The connectors that reach a server, in the order in which they are offered."""
_CHOICES = (
    "an IMAP server",
    "Gmail or Google Workspace",
    "Exchange Online or Outlook.com (Microsoft 365)",
    "an Exchange Server of your organisation's own",
    "files on this machine: an mbox, a Maildir, a folder of messages",
)


def asked(person: Person, home: Path) -> Answers:
    """The first account, by a few questions. Raises MailcareError where the address is none."""
    found = nearby(home)
    address = _sound(person, "Your mail address", lambda answer: config_values.addresses([answer])).lower()
    choices = [f"{one.path} ({one.what})" for one in found]
    number = person.chosen("Where is your mail?", [*choices, *_CHOICES])
    if number < len(found):
        connector, options = "files", {"path": str(found[number].path)}
    elif number - len(found) < len(CONNECTORS):
        connector = CONNECTORS[number - len(found)]
        options = _options(connector, person, address)
    else:
        connector, options = "files", {"path": _absolute(_sound(person, "The file or folder", _there))}
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


def _there(answer: str) -> None:
    path = Path(config_values.text(answer)).expanduser()
    if not path.exists():
        raise ValueError(f"there is no {path}", "Name a file or folder that is there.")


def _listed(answer: str) -> list[str]:
    return [] if answer == "-" else answer.replace(",", " ").split()


def _absolute(path: str) -> str:
    return str(Path(path).expanduser().absolute())


def _options(connector: str, person: Person, address: str) -> dict[str, Any]:
    """The connector's own keys."""
    domain = address.rpartition("@")[2]
    if connector == "imap":
        return {
            "host": person.asked("The IMAP server", f"imap.{domain}"),
            "user": person.asked("Your name there", address),
        }
    person.tell("docs/connect.md says, step by step, how to come to what is asked now.")
    if connector == "gmail":
        client = person.asked("The client's JSON file from Google's console", "client_secret.json")
        return {"client_file": _absolute(client)}
    if connector == "graph":
        return {
            "tenant": person.asked("The tenant", domain),
            "client_id": person.asked("The application's (client) id"),
        }
    return {
        "server": person.asked("The Exchange server", f"mail.{domain}"),
        "mailbox": address,
        "user": person.asked("Your name there", address),
    }
