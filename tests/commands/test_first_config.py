"""A first configuration: what is found nearby, what is asked, what is written, and what is never overwritten."""

import os
import pty
import select
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailcare.commands.first_config import Answers, colleagues_of, first_configuration, written, zone_here
from mailcare.commands.terminal import Terminal
from mailcare.config import settings as config
from mailcare.errors import MailcareError

NOW = datetime(2026, 9, 21, 6, tzinfo=UTC)
HEAD = "Date: {day} Sep 2026 08:00:00 +0000\nFrom: {sender}\nTo: {to}\nSubject: x\nMessage-ID: <{n}@x>\n\n"


class Scripted:
    """Answers by what the question contains; every other question gets its default."""

    def __init__(self, answers: dict[str, str], number: int = 0, agrees: bool = True) -> None:
        self.answers, self.number, self.agrees = answers, number, agrees
        self.heard: list[str] = []

    def tell(self, text: str) -> None:
        self.heard.append(text)

    def asked(self, question: str, default: str = "") -> str:
        self.heard.append(question)
        return next((answer for part, answer in self.answers.items() if part in question), default)

    def chosen(self, question: str, choices: list[str]) -> int:
        self.heard += choices
        return self.number

    def agreed(self, question: str, *, likely: bool = True) -> bool:
        self.heard.append(f"{question} [{'y' if likely else 'n'}]")
        return self.agrees


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a Maildir whose Sent folder knows two addresses of its owner."""
    for folder in ("", ".Sent"):
        for part in ("cur", "new", "tmp"):
            (tmp_path / "home" / "Maildir" / folder / part).mkdir(parents=True)
    inbox, sent = tmp_path / "home/Maildir/cur", tmp_path / "home/Maildir/.Sent/cur"
    (inbox / "1:2,S").write_text(HEAD.format(day=14, sender="ada@client.example", to="me@example.com", n=0))
    for number in range(8):
        sender = ("me@example.com", "Me <old@example.com>")[number % 2]
        (sent / f"{number}:2,S").write_text(HEAD.format(day=15, sender=sender, to="ada@client.example", n=number + 1))
    return tmp_path / "home"


def made(home: Path, person: Scripted) -> Path:
    path = home / ".config/mailcare/config.toml"
    first_configuration(path, person, Terminal(browser=False), home, {}, NOW)
    return path


def test_what_is_written_is_a_configuration_that_works(home: Path) -> None:
    person = Scripted({"address": "Me@Example.com", "holidays": "DE-BY"})
    path = made(home, person)
    settings = config.load(path)
    (account,) = settings.accounts
    assert account.owner.addresses == ("me@example.com", "old@example.com")
    assert account.options == {"path": str(home / "Maildir")}
    assert account.owner.working_time.holidays == "DE-BY"
    assert account.owner.circles["colleagues"] == ("example.com",)
    assert path.stat().st_mode & 0o777 == 0o600
    assert "Mail in Sent is from old@example.com too. Is that you? [y]" in person.heard


def proposed(home: Path, mail: list[tuple[str, str, str]]) -> list[str]:
    """The questions about addresses after mail in a folder, from and to somebody."""
    for number, (folder, sender, to) in enumerate(mail):
        text = HEAD.format(day=16, sender=sender, to=to, n=f"more{number}")
        place = home / "Maildir" / folder
        for part in ("cur", "new", "tmp"):
            (place / part).mkdir(parents=True, exist_ok=True)
        (place / "cur" / f"more{number}:2,S").write_text(text)
    person = Scripted({"address": "me@example.com"}, agrees=False)
    made(home, person)
    return [line for line in person.heard if "Is that you?" in line]


def test_the_owners_name_in_to_leads_to_further_addresses(home: Path) -> None:
    """The most frequent first, whatever the name's case, accents and order."""
    questions = proposed(
        home,
        [
            (".Sent", "Zoë Example <me@example.com>", "ada@client.example"),
            ("", "ada@client.example", '"EXAMPLE, Zoe" <once@alias.example>'),
            *[("", "ada@client.example", "zoë example <often@alias.example>")] * 2,
        ],
    )
    assert questions == [
        "Mail in Sent is from old@example.com too. Is that you? [y]",
        "Mail with your name goes to often@alias.example too. Is that you? [n]",
        "Mail with your name goes to once@alias.example too. Is that you? [n]",
    ]


def test_without_mail_of_the_owners_others_say_the_name(home: Path) -> None:
    mail = [("", "ada@client.example", f"Zoe Example <{address}@example.com>") for address in ("me", "z.example")]
    assert "Mail with your name goes to z.example@example.com too. Is that you? [n]" in proposed(home, mail)


def test_the_owners_name_in_sent_is_proposed_after_one_message(home: Path) -> None:
    own = (".Sent", "Zoe Example <me@example.com>", "ada@client.example")
    sent = (".Sent", "Zoe Example <rare@example.com>", "ada@client.example")
    assert "Mail in Sent is from rare@example.com too. Is that you? [y]" in proposed(home, [own, sent])


@pytest.mark.parametrize(
    ("name", "folder"),
    [("Max Example", ""), ("Example", ""), ("", ""), ("Zoe Example", ".Junk"), ("zoe.example@example.com", "")],
)
def test_another_name_or_a_family_name_alone_leads_to_no_address(home: Path, name: str, folder: str) -> None:
    own = (".Sent", "Zoe Example <me@example.com>", "ada@client.example")
    to = (folder, "ada@client.example", f'"{name}" <colleague@example.com>')
    assert not any("colleague" in question for question in proposed(home, [own, to]))


def test_the_same_single_name_is_not_enough(home: Path) -> None:
    own = (".Sent", "Zoe <me@example.com>", "ada@client.example")
    to = ("", "ada@client.example", "Zoe <other@example.com>")
    assert not any("other@" in question for question in proposed(home, [own, to]))


def test_an_address_for_each_shop_is_not_asked_for_without_end(home: Path) -> None:
    own = (".Sent", "Zoe Example <me@example.com>", "ada@client.example")
    shops = [("", "ada@client.example", f"Zoe Example <shop{number}@example.com>") for number in range(30)]
    assert len(proposed(home, [own, *shops])) == 10


def test_an_address_that_is_not_the_owners_is_left_out(home: Path) -> None:
    path = made(home, Scripted({"address": "me@example.com"}, agrees=False))
    assert config.load(path).accounts[0].owner.addresses == ("me@example.com",)


def test_a_configuration_that_is_there_is_never_overwritten(home: Path) -> None:
    path = home / ".config/mailcare/config.toml"
    path.parent.mkdir(parents=True)
    for kind in ("file", "dangling link"):
        if kind == "file":
            path.write_text("mine")
        else:
            path.unlink()
            path.symlink_to(home / "elsewhere")
        person = Scripted({"address": "me@example.com"})
        with pytest.raises(MailcareError, match="there is a configuration already"):
            made(home, person)
        assert person.heard == []
    assert not (home / "elsewhere").exists()


@pytest.mark.parametrize("agrees", [True, False])
def test_mail_that_cannot_be_reached_is_told_and_the_person_decides(home: Path, agrees: bool) -> None:
    """A folder that holds no mail."""
    (home / "empty").mkdir()
    person = Scripted({"address": "me@example.com", "file or folder": str(home / "empty")}, number=5, agrees=agrees)
    if agrees:
        assert config.load(made(home, person)).accounts[0].options == {"path": str(home / "empty")}
    else:
        with pytest.raises(MailcareError, match="nothing was written"):
            made(home, person)
        assert not (home / ".config").exists()
    assert any(str(home / "empty") in line for line in person.heard)
    assert not any("Next: mailcare run" in line for line in person.heard)
    assert agrees == person.heard[-1].endswith("Set right there what was told; then: mailcare doctor.")


def test_what_is_no_address_is_told(home: Path) -> None:
    person = Scripted({"address": "me"})
    with pytest.raises(MailcareError, match="'me' is no address"):
        made(home, person)
    assert person.heard.count("Your mail address") == 3


@pytest.mark.parametrize(
    ("question", "answer", "told"),
    [
        ("time zone", "Mars/X", "'Mars/X' is no time zone"),
        ("When you work", "foo", "foo"),
        ("holidays", "ZZ", "no holidays are known for 'ZZ'"),
        ("file or folder", "/no/where", "there is no /no/where. Name a file or folder that is there."),
        ("domains", "firm example.com@", "'example.com@' is neither a domain nor an address"),
        ("time zone", "Z\udcfcrich", "not in UTF-8"),
    ],
)
def test_what_the_configuration_cannot_hold_is_asked_for_again(
    home: Path, question: str, answer: str, told: str
) -> None:
    class Corrected(Scripted):
        def asked(self, asked: str, default: str = "") -> str:
            if question in asked and not any(told in line for line in self.heard):
                return answer
            return super().asked(asked, default)

    person = Corrected({"address": "me@example.com", "file or folder": str(home / "Maildir")}, number=5)
    assert config.load(made(home, person)).accounts[0].name == "work"
    assert any(told in line for line in person.heard)


def test_nobody_is_a_colleague_where_that_is_said(home: Path) -> None:
    path = made(home, Scripted({"address": "me@example.com", "domains": "-"}))
    assert config.load(path).accounts[0].owner.circles["colleagues"] == ()


def test_answers_with_quotes_and_backslashes_stay_what_they_are(tmp_path: Path) -> None:
    awkward = 'C:\\mail\\"old"\n\x7f.mbox'
    (tmp_path / "config.toml").write_text(
        written(Answers("files", {"path": [awkward]}, ["me@example.com"], "UTC", "Mon-Fri 09:00-17:00"))
    )
    assert config.load(tmp_path / "config.toml").accounts[0].options["path"] == [str(tmp_path / awkward)]


def test_the_time_zone_is_the_machines_own(tmp_path: Path) -> None:
    (tmp_path / "zoneinfo/Europe").mkdir(parents=True)
    (tmp_path / "zoneinfo/Europe/Berlin").write_text("")
    (tmp_path / "localtime").symlink_to(tmp_path / "zoneinfo/Europe/Berlin")
    assert zone_here({}, tmp_path / "localtime") == "Europe/Berlin"
    assert zone_here({"TZ": ":America/New_York"}, tmp_path / "localtime") == "America/New_York"
    assert zone_here({"TZ": "nonsense"}, tmp_path / "nothing") == "UTC"


def test_a_providers_domain_makes_nobody_a_colleague() -> None:
    assert colleagues_of(["me@gmail.com", "me@firm.example", "me@gmx.de", "other@firm.example"]) == ["firm.example"]


def test_at_a_terminal_with_nothing_but_return_and_two_answers(home: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "mailcare", "init"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=os.environ
        | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "XDG_DATA_HOME": str(home / "d")},
    )
    os.close(theirs)
    os.write(ours, b"me@example.com\n1\n" + b"\n" * 8)
    seen = b""
    while select.select([ours], [], [], 60)[0]:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        if not part:
            break
        seen += part
    assert process.wait(60) == 0, seen.decode()
    assert b"Next: mailcare run" in seen
    assert config.load(home / ".config/mailcare/config.toml").accounts[0].owner.addresses[1] == "old@example.com"
