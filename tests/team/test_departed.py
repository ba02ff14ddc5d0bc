"""Who left a team stays out of it, whatever is renamed, damaged or forgotten; and what is no longer configured goes."""

import json
from pathlib import Path

import pytest

from mailcare.errors import Exit
from mailcare.team.departed import has_left
from tests.team.test_published import AS_OF, HOME, files, home, mailcare  # noqa: F401 - home is a fixture

MOIRA = f"moira@{HOME}"


@pytest.fixture
def published(home: Path) -> Path:  # noqa: F811
    """The team after its first review."""
    for command in (("sync",), ("review", "--as-of", AS_OF)):
        assert mailcare(home, *command).exit_code == 0
    return home


def rename(team: Path, name: str = "southshore") -> None:
    config = team / "config.toml"
    config.write_text(config.read_text().replace("northshore", name))


def stored(team: Path) -> bool:
    return (team / "data/box2.sqlite").exists()


@pytest.mark.parametrize("then", ["rename", "forget"])
def test_who_has_left_is_not_read_again_after(published: Path, then: str) -> None:
    mailcare(published, "team", "leave", MOIRA)
    if then == "rename":
        rename(published)
    else:
        assert mailcare(published, "forget", "--all", "--yes").exit_code == 0
    mailcare(published, "run")
    assert not stored(published)
    assert (published / "data/box1.sqlite").exists()


def test_who_comes_back_is_read_again(published: Path) -> None:
    mailcare(published, "team", "leave", MOIRA)
    done = mailcare(published, "team", "leave", "Moira+x@" + HOME, "--undo")
    assert done.output == "northshore: the mailbox is read again by the next run, as box2\n"
    mailcare(published, "run")
    assert stored(published)


def test_asked_for_by_name_the_mailbox_is_said_to_be_left_alone(published: Path) -> None:
    mailcare(published, "team", "leave", MOIRA)
    done = mailcare(published, "run", "--account", "box2")
    assert done.exit_code == Exit.USAGE
    assert "box2: not read, as its owner has left the team. Take it out of the configuration." in done.stderr


def test_the_leaving_is_noted_before_anything_is_deleted(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mailcare.holdings.forget", fail)
    mailcare(published, "team", "leave", MOIRA)
    assert stored(published)
    assert has_left(published / "data/left.json")(MOIRA)


def test_the_doctor_tells_of_them_and_leaves_their_mail_alone(published: Path) -> None:
    mailcare(published, "team", "leave", MOIRA)
    told = mailcare(published, "doctor").output
    assert "LOOK  box2: its owner has left the team. Take it out of the configuration." in told
    assert "box2: mail" not in told
    assert "box1: mail: reached" in told
    assert "northshore: client reviews kept: 1." in told


def test_a_damaged_note_of_the_leaving_stops_the_run_before_anybody_is_read(published: Path) -> None:
    mailcare(published, "team", "leave", MOIRA)
    (published / "data/left.json").write_text("{")
    done = mailcare(published, "run")
    assert "who has left a team cannot be read. Bring the file back from a backup." in done.stderr
    assert not stored(published)
    assert "LOOK  teams: " in mailcare(published, "doctor", "--offline").output


def test_a_damaged_review_is_told_and_the_others_lose_their_words(published: Path) -> None:
    kept = published / "data/teams/northshore"
    whole = json.loads((kept / "2026-08-24.json").read_text())
    (kept / "2026-09-21.json").write_text(json.dumps(whole | {"start": "2026-09-21"}))
    (kept / "2026-08-24.json").write_text("{")
    done = mailcare(published, "forget", "--person", "ben@alder.example", "--yes")
    assert "2026-08-24.json: a review that was made cannot be read" in done.stderr
    assert "ben@alder.example" not in (kept / "2026-09-21.json").read_text()
    assert "LOOK  northshore: " in mailcare(published, "doctor", "--offline").output


def test_a_team_that_was_renamed_is_told_of_and_goes_by_name(published: Path) -> None:
    rename(published)
    assert "northshore: kept, and no longer in the configuration" in mailcare(published, "data").output
    assert "LOOK  northshore: " in mailcare(published, "doctor", "--offline").output
    done = mailcare(published, "forget", "--person", "ben@alder.example", "--yes")
    assert "northshore: not looked at" in done.stderr
    assert mailcare(published, "forget", "--account", "northshore", "--yes").exit_code == 0
    assert [path for path in files(published) if b"ben@alder.example" in path.read_bytes()] == []
    assert "northshore" not in mailcare(published, "data").output


def test_forgetting_all_takes_a_renamed_team_too(published: Path) -> None:
    rename(published)
    assert mailcare(published, "forget", "--all", "--yes").exit_code == 0
    assert [path.name for path in files(published) if path.stat().st_size] == []


def test_how_much_is_stored_of_one_member_is_not_told(published: Path) -> None:
    told = mailcare(published, "data").output
    assert "box1: read for its team; keeps 400 days; reports: 0; secrets: none\n" in told
    assert "messages stored" not in told
    told = mailcare(published, "forget", "--person", "ben@alder.example", "--yes").output
    assert "box1: entries erased; reports that named them, deleted: 0\n" in told


def test_no_review_is_made_before_its_weeks_are_over(published: Path) -> None:
    done = mailcare(published, "review", "--as-of", "2099-10-19T06:00+00:00")
    assert done.exit_code == Exit.USAGE
    assert "northshore: no review is made before its four weeks are over" in done.stderr
    assert [path.name for path in (published / "data/teams/northshore").iterdir()] == ["2026-08-24.json"]


def test_a_page_that_was_deleted_does_not_come_back(published: Path) -> None:
    page = published / "data/reports/northshore/2026-08-24.html"
    page.unlink()
    mailcare(published, "forget", "--person", "ben@alder.example", "--yes")
    assert not page.exists()


def test_open_shows_the_teams_last_review(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailcare.commands.browser.show", lambda _: False)
    page = published / "data/reports/northshore/2026-08-24.html"
    done = mailcare(published, "open")
    assert (done.exit_code, done.output) == (0, f"northshore: the last client review is at {page}\n")
    page.unlink()
    assert mailcare(published, "open").output == "northshore: there is no client review yet\n"
