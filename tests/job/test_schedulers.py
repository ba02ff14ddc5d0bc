"""The job given to the machine's scheduler and taken away again, with stand-ins for the schedulers' own commands."""

import os
from pathlib import Path

import pytest

from mailcare.errors import MailcareError
from mailcare.job import schedulers
from mailcare.job.schedule import Plan, WeekMoment

CRONTAB = """#!/bin/sh
case "$1" in
  -l) [ -f "{home}/crontab" ] || { echo "no crontab for you" >&2; exit 1; }; {broken} cat "{home}/crontab" ;;
  -) cat > "{home}/crontab" ;;
esac
"""
SYSTEMCTL = """#!/bin/sh
echo "$@" >> "{home}/systemctl.log"
{broken}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return tmp_path


def _stand_in(home: Path, name: str, script: str, broken: str = "") -> None:
    path = home / "bin" / name
    path.write_text(script.replace("{home}", str(home)).replace("{broken}", broken))
    path.chmod(0o755)


def _plan(home: Path) -> Plan:
    return Plan(Path("/opt/mailcare"), home / "config.toml", home / "data", WeekMoment(0, 7, 0, "UTC"))


def test_cron_keeps_what_was_there_however_often_the_job_is_installed(home: Path) -> None:
    _stand_in(home, "crontab", CRONTAB)
    schedulers.install("cron", _plan(home))
    mine = (home / "crontab").read_text()
    (home / "crontab").write_text("1 2 * * * backup\n" + mine)
    schedulers.install("cron", _plan(home))
    assert (home / "crontab").read_text() == "1 2 * * * backup\n" + mine
    schedulers.remove("cron")
    schedulers.remove("cron")
    assert (home / "crontab").read_text() == "1 2 * * * backup\n"


def test_a_crontab_that_cannot_be_read_is_not_overwritten(home: Path) -> None:
    (home / "crontab").write_text("1 2 * * * backup\n")
    _stand_in(home, "crontab", CRONTAB, broken='echo "you may not" >&2; exit 1;')
    with pytest.raises(MailcareError, match="crontab refused: you may not"):
        schedulers.install("cron", _plan(home))
    assert (home / "crontab").read_text() == "1 2 * * * backup\n"


def test_systemd_is_given_files_for_the_owner_alone_and_told_of_them(home: Path) -> None:
    _stand_in(home, "systemctl", SYSTEMCTL)
    place = Path(schedulers.install("systemd", _plan(home)))
    assert place == home / ".config/systemd/user/mailcare.timer"
    assert place.with_name("mailcare.service").stat().st_mode & 0o777 == 0o600
    assert (
        home / "systemctl.log"
    ).read_text() == "--version\n--user daemon-reload\n--user enable --now mailcare.timer\n"
    assert (home / "data").is_dir(), "a unit that may write there alone does not start where it is missing"
    schedulers.remove("systemd")
    assert not list(place.parent.glob("mailcare*"))


def test_a_scheduler_that_refuses_is_told_in_its_own_words(home: Path) -> None:
    _stand_in(home, "systemctl", SYSTEMCTL, broken='echo "Failed to connect to bus" >&2; exit 1')
    with pytest.raises(MailcareError, match="systemctl refused: Failed to connect to bus") as told:
        schedulers.install("systemd", _plan(home))
    assert "loginctl enable-linger" in str(told.value)


@pytest.mark.parametrize(("kind", "command"), [("launchd", "launchctl"), ("windows", "schtasks")])
def test_another_machines_scheduler_is_not_there(home: Path, kind: str, command: str) -> None:
    with pytest.raises(MailcareError, match=f"there is no {command} on this machine"):
        schedulers.install(kind, _plan(home))
    assert not (home / "Library").exists()


def test_a_cluster_takes_its_manifest_from_print(home: Path) -> None:
    for refused in (lambda: schedulers.install("kubernetes", _plan(home)), lambda: schedulers.remove("kubernetes")):
        with pytest.raises(MailcareError, match="schedule print kubernetes"):
            refused()
