"""What the doctor finds: each line of what it says is provoked once, and the healthy case says nothing else."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailcare.commands.doctor import Finding, findings
from mailcare.config.settings import load
from mailcare.job import runs
from mailcare.job.runs import Run
from mailcare.weekly import sync

NOW = datetime(2026, 9, 21, 6, tzinfo=UTC)
MAIL = (
    "From - Mon Sep 14 00:00:00 2026\nMessage-ID: <1@x>\nDate: {date}\nFrom: ada@client.example\nTo: me@example.com\n\n"
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(
        'data_dir = "data"\n[[account]]\nname = "work"\nconnector = "files"\npath = "all.mbox"\n'
        'addresses = ["me@example.com"]\n'
    )
    (tmp_path / "all.mbox").write_text(MAIL.format(date="14 Sep 2026 08:00:00 +0000"))
    return path


def look(config: Path) -> dict[str, Finding]:
    return {finding.about: finding for finding in findings(config, NOW, servers=True)}


def ill(config: Path) -> dict[str, str]:
    return {about: finding.told for about, finding in look(config).items() if not finding.well}


def read(config: Path, now: datetime = NOW) -> None:
    settings = load(config)
    sync(settings.accounts[0], settings.place, now)
    runs.record(settings.place.runs, Run(now, now + timedelta(minutes=1), 0, {"work": 0}))


def test_before_the_first_run_nothing_is_wrong_and_the_next_step_is_told(config: Path) -> None:
    assert ill(config) == {}
    assert "mailcare schedule install" in look(config)["runs"].told


def test_after_a_run_everything_is_well(config: Path) -> None:
    read(config)
    assert ill(config) == {}
    assert look(config)["work: store"].told == "whole: 1 messages, the newest of 2026-09-14."
    assert look(config)["runs"].told == "the last one began on 2026-09-21 at 06:00 UTC and ended well."


def test_what_was_found_where_the_mail_is_kept_is_told(config: Path) -> None:
    box = config.parent / "box"
    box.mkdir()
    (config.parent / "all.mbox").rename(box / "all.mbox")
    (box / "photo").write_bytes(b"\x89PNG\r\n\x1a\n\0")
    config.write_text(config.read_text().replace('"all.mbox"', '"box"'))
    read(config)
    counts = "files that held messages: 1; files that held none: 1; the largest of these: photo (9 bytes)."
    assert look(config)["work: files"].told == counts
    assert ill(config) == {}
    (box / "elsewhere").symlink_to("/usr")
    read(config)
    assert "elsewhere" in ill(config)["work: files"]


def test_a_configuration_that_is_wrong_is_told_and_the_rest_still_looked_at(config: Path) -> None:
    read(config)
    config.write_text(config.read_text() + 'workinghours = "x"\n')
    assert "workinghours" in ill(config)["configuration"]
    assert look(config)["work: store"].well


def test_no_configuration_is_one_finding(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path / "none.toml", NOW, servers=True)
    assert "there is no such file" in finding.told
    assert not finding.well


def test_files_that_others_may_read_are_counted_with_the_command_that_mends_it(config: Path) -> None:
    read(config)
    data = config.parent / "data"
    (data / "work.sqlite").chmod(0o640)
    assert ill(config) == {"files": f"others may read 1 of your files. Run: chmod -R go-rwx '{data}'."}
    assert os.system(f"chmod -R go-rwx '{data}'") == 0
    assert ill(config) == {}


def test_a_folder_that_cannot_be_written_is_told(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read(config)
    data = config.parent / "data"
    monkeypatch.setattr(os, "access", lambda path, _: path != data)
    assert ill(config) == {"files": f"{data} cannot be written. Let your user write there."}


def test_a_run_that_failed_is_told_with_what_it_left_undone(config: Path) -> None:
    read(config)
    runs.record(config.parent / "data/runs.jsonl", Run(NOW, NOW, 3, {"work": 0, "home": 5}))
    assert "exit code 3; not done: home" in ill(config)["runs"]


def test_a_job_that_no_longer_runs_is_noticed(config: Path) -> None:
    read(config, NOW - timedelta(days=9))
    assert "mailcare schedule install" in ill(config)["runs"]


def test_a_run_or_mail_of_the_future_says_that_the_clock_is_wrong(config: Path) -> None:
    later = NOW + timedelta(days=30)
    (config.parent / "all.mbox").write_text(MAIL.format(date="20 Oct 2026 08:00:00 +0000"))
    read(config, later)
    found = ill(config)
    assert "Set the machine's clock" in found["clock"]
    assert "Check the machine's clock" in found["work: store"]


def test_mail_that_ended_long_ago_is_told(config: Path) -> None:
    read(config)
    later = {one.about: one for one in findings(config, NOW + timedelta(weeks=5), servers=False)}
    assert "If mail has come since, mailcare does not find it where it looks." in later["work: store"].told
    assert not later["work: store"].well


def test_a_damaged_store_is_told(config: Path) -> None:
    read(config)
    path = config.parent / "data" / "work.sqlite"
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = bytes(len(content) - len(content) // 2)
    path.write_bytes(content)
    assert "work: store" in ill(config)


def test_mail_that_cannot_be_reached_is_told_only_where_it_was_tried(config: Path) -> None:
    (config.parent / "all.mbox").unlink()
    assert "there is no such file" in ill(config)["work: mail"]
    assert all(finding.well for finding in findings(config, NOW, servers=False))


def test_what_files_hold_is_told_without_trying_a_server(config: Path) -> None:
    """An account of files needs no server: what its files held is said with ``--offline``, too."""
    settings = load(config)
    sync(settings.accounts[0], settings.place, NOW)
    told = [one.told for one in findings(config, NOW, servers=False) if one.about == "work: files"]
    assert told
    assert told[0].startswith("files that held messages: 1")
