"""A team through the command line: what is published, what never is, and what is left when somebody leaves."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mailcare.cli import cli
from mailcare.errors import Exit, MailcareError
from mailcare.store.store import Store
from mailcare.team.departed import has_left
from mailcare.team.published import Pinned
from tests.conversation import instant
from tests.team_notation import HOME, SUPPORT, exchanges

CANARIES = ("Kimberly Canary", "Leander Canary", "Moira Canary", "Natasha Canary")
MEMBERS = tuple(name.split()[0].lower() for name in CANARIES)
AS_OF = "2026-09-21T06:00+00:00"
LATER = "2026-10-19T06:00+00:00"


def message(line: str, number: int) -> str:
    """One line of the notation, as a message of an mbox; members are written with their names."""
    match = re.fullmatch(r'(\S+ \d\d:\d\d)\s+(\S+) -> ([^"\[]*?)\s*(?:"(.*)")?\s*(?:\[(.*)\])?', line)
    assert match, line
    when, sender, to, subject, bracket = match.groups()
    own, _, parent = (bracket or str(number)).partition(" < ")
    date = instant(when).strftime("%a, %d %b %Y %H:%M:%S +0000")
    lists = {"To": [], "Cc": []}
    for part in to.split(","):
        words = part.split()
        lists["Cc" if words[0] == "cc" else "To"].append(spelled(words[-1]))
    heads = [f"From: {spelled(sender)}", *(f"{name}: {', '.join(who)}" for name, who in lists.items() if who)]
    heads += [f"Date: {date}", f"Message-ID: <{own}@x.example>", f"Subject: {subject or ''}"]
    heads += [f"In-Reply-To: <{parent}@x.example>"] if parent else []
    return f"From x@x.example {instant(when):%a %b %d %H:%M:%S %Y}\n" + "\n".join(heads) + "\n\n\n"


def spelled(word: str) -> str:
    if word in MEMBERS:
        return f'"{CANARIES[MEMBERS.index(word)]}" <{word}@{HOME}>'
    return f"<{SUPPORT}>" if word == "support" else f"<{word}>"


MAIL = "\n".join(
    [
        *(exchanges("alder", day, hours, MEMBERS) for day, hours in (("Mon-3", 1), ("Tue-2", 3), ("Mon", 2))),
        *(exchanges("birch", day, 1, MEMBERS[:1]) for day in ("Mon-1", "Tue")),
        *(exchanges("oak", day, 1, MEMBERS[:2]) for day in ("Mon-1", "Wed")),
        'Tue 09:00  bea@alder.example -> support  "Question for Kimberly"  [q1]',
        'Tue 10:00  ben@alder.example -> support  "Delivery slots"  [q2]',
        'Tue 11:00  bea@alder.example -> kimberly, leander  "Secret lunch"  [q3]',
        'Tue 12:00  bob@alder.example -> kimberly, leander, moira  "Secret dinner"  [q4]',
    ]
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    lines = [line.strip() for line in MAIL.splitlines()]
    config = ['data_dir = "data"']
    for box in (*MEMBERS, "support"):
        own = [message(line, n) for n, line in enumerate(lines) if re.search(rf"\b{box}\b(?!\w*\.example)", line)]
        (tmp_path / f"{box}.mbox").write_text("".join(own))
        number = (*MEMBERS, "support").index(box)
        config += ["[[account]]", f'name = "box{number}"', 'connector = "files"', f'path = "{box}.mbox"']
        config += [f'addresses = ["{box}@{HOME}"]', "shared = true" if box == "support" else ""]
    config += ["[[team]]", 'name = "northshore"', 'accounts = ["box0", "box1", "box2", "box3", "box4"]']
    config += [f'shared = ["{SUPPORT}"]', "min_group = 3"]
    for name in ("alder", "birch", "oak"):
        config += ["[[team.client]]", f'name = "{name.title()}"', f'domains = ["{name}.example"]']
    (tmp_path / "config.toml").write_text("\n".join(config))
    return tmp_path


def mailcare(home: Path, *arguments: str) -> Result:
    """The command, its errors told as ``main`` tells them."""
    done = CliRunner().invoke(cli, [*arguments, "--config", str(home / "config.toml")])
    if isinstance(done.exception, MailcareError):
        done.exit_code = done.exception.code
        done.stderr_bytes = (done.stderr_bytes or b"") + f"{done.exception}\n".encode()
    return done


def everything_written(home: Path) -> dict[str, str]:
    """What is for readers: the pages, what is pinned, exports, the record of runs – not the stores."""
    kept = [path for folder in (home / "data", home / "out") for path in folder.rglob("*") if path.is_file()]
    return {str(path): path.read_text("utf-8") for path in kept if "sqlite" not in path.name}


def test_no_name_and_no_address_of_a_member_is_in_anything_for_readers(home: Path) -> None:
    said = ""
    for command in (
        ("run",),
        ("review", "--as-of", AS_OF),
        ("export", str(home / "out"), "--format", "csv", "--team", "northshore"),
        ("export", str(home / "out"), "--format", "json", "--team", "northshore"),
        ("team", "notice"),
        ("doctor", "--offline"),
        ("report",),
        ("waiting",),
        ("try",),
        ("open",),
        ("run", "--dry-run"),
        ("run", "--log", "json"),
        ("review", "--team", "southshore"),
    ):
        done = mailcare(home, *command)
        said += done.output + done.stderr
    written = everything_written(home)
    assert any(path.endswith("2026-08-24.html") for path in written)
    assert any(path.endswith("clients.csv") for path in written)
    told = said + "".join(written.values())
    assert "Delivery slots" in told
    for canary in ("canary", *MEMBERS, *(f"{one}@{HOME}" for one in MEMBERS), "secret"):
        assert canary not in told.casefold(), canary


def test_only_the_client_of_whom_a_group_can_speak_is_listed(home: Path) -> None:
    mailcare(home, "sync")
    assert mailcare(home, "review", "--as-of", AS_OF).exit_code == 0
    mailcare(home, "export", str(home / "out"), "--format", "csv", "--team", "northshore")
    rows = (home / "out" / "clients.csv").read_text().splitlines()
    assert [row.split(",")[1:6] for row in rows[1:]] == [["2026-08-24", "Alder", "8.0", "16", "12"]]
    page = (home / "data/reports/northshore/2026-08-24.html").read_text()
    assert "Birch" not in page
    assert "Oak" not in page
    assert "A message to three of us" in page


def test_of_one_mailbox_of_a_team_nothing_is_told(home: Path) -> None:
    mailcare(home, "run")
    for command in (
        ("report",),
        ("waiting",),
        ("export", str(home / "out"), "--format", "csv"),
        ("report", "--account", "box0"),
    ):
        done = mailcare(home, *command)
        assert done.exit_code == Exit.USAGE
        assert "made where its owner runs mailcare" in done.stderr
    assert not list((home / "data").rglob("box*.html"))
    assert "messages" not in mailcare(home, "sync").output
    logged = mailcare(home, "run", "--log", "json")
    assert "account done" in logged.output + logged.stderr
    assert '"messages"' not in logged.output + logged.stderr


def test_a_review_is_made_once_whoever_leaves(home: Path) -> None:
    mailcare(home, "sync")
    mailcare(home, "review", "--as-of", AS_OF)
    kept = json.loads((home / "data/teams/northshore/2026-08-24.json").read_text())
    done = mailcare(home, "team", "leave", f"moira@{HOME}")
    assert done.exit_code == 0
    assert "box2" in done.output
    assert not list((home / "data").glob("box2.sqlite*"))
    mailcare(home, "review", "--as-of", AS_OF)
    again = json.loads((home / "data/teams/northshore/2026-08-24.json").read_text())
    for one in (*kept["waiting"], *kept["quiet"]):
        one |= {"contact": None, "subject": ""}
    assert again == kept
    assert "Delivery slots" not in "".join(everything_written(home).values())


def test_a_run_makes_the_review_when_four_weeks_are_over_and_every_mailbox_was_read(home: Path) -> None:
    page = home / "data/reports/northshore/2026-08-24.html"
    held = home / "moira.mbox"
    held.rename(home / "elsewhere.mbox")
    assert mailcare(home, "run", "--as-of", AS_OF).exit_code == Exit.PARTLY
    assert not page.exists()
    (home / "elsewhere.mbox").rename(held)
    assert str(page) in mailcare(home, "run", "--as-of", AS_OF).output
    assert "client review" not in mailcare(home, "run", "--as-of", AS_OF).output


def test_who_has_left_is_not_read_again_and_only_a_digest_remembers_them(home: Path) -> None:
    mailcare(home, "sync")
    mailcare(home, "team", "leave", f"Moira@{HOME}")
    done = mailcare(home, "run")
    assert "box2" not in done.output
    assert not list((home / "data").glob("box2.sqlite*"))
    assert "moira" not in (home / "data/left.json").read_text()
    assert has_left(home / "data/left.json")(f"moira@{HOME}")


def test_who_has_left_is_no_outsider_and_stays_unnamed(home: Path) -> None:
    """Natasha writes to the shared address, and a client names her, before and after she leaves."""
    more = [
        'Wed 09:00  natasha -> support  "Where is my desk"  [n1]',
        'Wed 10:00  bea@alder.example -> support  "Greetings to Natasha"  [n2]',
    ]
    with (home / "support.mbox").open("a") as box:
        box.write("".join(message(line, 900 + number) for number, line in enumerate(more)))
    mailcare(home, "sync")
    mailcare(home, "team", "leave", f"natasha@{HOME}")
    assert mailcare(home, "review", "--as-of", AS_OF).exit_code == 0
    told = "".join(text for path, text in everything_written(home).items() if "left.json" not in path)
    assert "Delivery slots" in told
    assert "desk" not in told
    assert "natasha" not in told.casefold()


def test_a_stranger_cannot_leave(home: Path) -> None:
    done = mailcare(home, "team", "leave", "ada@elsewhere.example")
    assert done.exit_code == Exit.USAGE
    assert "ada" not in done.stderr


def test_the_next_period_compares_with_what_was_published(home: Path) -> None:
    mailcare(home, "sync")
    mailcare(home, "review", "--as-of", AS_OF)
    path = home / "data/teams/northshore/2026-08-24.json"
    before = path.read_bytes()
    assert mailcare(home, "review", "--as-of", LATER).exit_code == Exit.ERROR  # no mail since
    assert path.read_bytes() == before


def test_a_review_from_before_it_said_whether_its_numbers_are_enough_is_the_same(home: Path) -> None:
    mailcare(home, "sync")
    mailcare(home, "review", "--as-of", AS_OF)
    path = home / "data/teams/northshore/2026-08-24.json"
    pinned, start = Pinned(path.parent), date(2026, 8, 24)
    made = pinned.review(start)
    assert made
    assert {part.promise.enough for part in (*made.lines, *made.weeks)} == {False, True}
    kept = json.loads(path.read_text())
    del kept["enough_turns"]
    for part in [*kept["lines"], *kept["weeks"], kept["total"]]:
        del part["promise"]["enough"]
    path.write_text(json.dumps(kept))
    assert pinned.review(start) == made


def files(home: Path) -> list[Path]:
    return [path for path in (home / "data").rglob("*") if path.is_file()]


def test_a_clients_person_is_forgotten_in_the_reviews_too(home: Path) -> None:
    for command in (("sync",), ("review", "--as-of", AS_OF)):
        assert mailcare(home, *command).exit_code == 0
    named = [path.suffix for path in files(home) if b"ben@alder.example" in path.read_bytes()]
    assert {".json", ".html"} <= set(named)
    before = (home / "data/teams/northshore/2026-08-24.json").read_text()
    done = mailcare(home, "forget", "--person", "Ben@alder.example", "--yes")
    assert "northshore: client reviews that named them, written anew without them: 1" in done.output
    assert [path for path in files(home) if b"ben@alder.example" in path.read_bytes()] == []
    assert [path for path in files(home) if b"Delivery slots" in path.read_bytes()] == []
    after = (home / "data/teams/northshore/2026-08-24.json").read_text()
    assert json.loads(after)["lines"] == json.loads(before)["lines"]
    again = mailcare(home, "forget", "--person", "ben@alder.example", "--yes")
    assert "written anew without them: 0" in again.output


def test_forgetting_everything_leaves_nothing_of_the_team(home: Path) -> None:
    (home / "config.toml").write_text("subjects = false\n" + (home / "config.toml").read_text())
    mailcare(home, "sync")
    mailcare(home, "review", "--as-of", AS_OF)
    assert "northshore: client reviews kept: 1" in mailcare(home, "data").output
    assert "northshore@team" not in mailcare(home, "data").output
    assert (home / "data/secrets/northshore@team.json").is_file()
    assert mailcare(home, "forget", "--all", "--yes").exit_code == 0
    assert [path.name for path in files(home) if path.stat().st_size] == []


def test_without_subjects_the_figures_are_the_same(home: Path) -> None:
    """A message that lies in two mailboxes has one veiled subject, by the key of the team."""
    path = home / "data/teams/northshore/2026-08-24.json"
    mailcare(home, "sync")
    mailcare(home, "review", "--as-of", AS_OF)
    told = json.loads(path.read_text())
    mailcare(home, "forget", "--all", "--yes")
    (home / "config.toml").write_text("subjects = false\n" + (home / "config.toml").read_text())
    mailcare(home, "sync")
    mailcare(home, "review", "--as-of", AS_OF)
    veiled = json.loads(path.read_text())
    assert [one.pop("subject") for one in veiled["waiting"]] == [""] * len(veiled["waiting"])
    assert "Delivery slots" in [one.pop("subject") for one in told["waiting"]]
    assert veiled == told
    subjects = []
    for box in ("box0", "box1"):
        with Store.open(home / f"data/{box}.sqlite", write=False) as store:
            rows = store.load().to_pylist()
        subjects.append({row["message_id"]: row["subject"] for row in rows if row["subject"]})
    assert subjects[0].keys() & subjects[1].keys() == {"<q3@x.example>", "<q4@x.example>"}
    assert all(subjects[0][one] == subjects[1][one] for one in ("<q3@x.example>", "<q4@x.example>"))
    assert not any(b"Secret" in one.read_bytes() for one in files(home))


def test_the_notice_says_what_is_configured(home: Path) -> None:
    told = mailcare(home, "team", "notice").output
    for part in ("northshore", "four mailboxes", SUPPORT, "Alder, Birch, Oak and everyone else", "three or more"):
        assert part in " ".join(told.split())


def test_without_a_team_there_is_nothing_to_review(home: Path) -> None:
    config = home / "config.toml"
    config.write_text(config.read_text().partition("[[team]]")[0])
    done = mailcare(home, "review")
    assert (done.exit_code, "the configuration has no team" in done.stderr) == (Exit.USAGE, True)
