"""The weekly job in the words of five schedulers, each read by that scheduler's own rules."""

import plistlib
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from mailcare.job.schedule import (
    Plan,
    WeekMoment,
    cron_lines,
    kubernetes_manifest,
    launchd_agent,
    systemd_files,
    windows_task,
    with_cron_lines,
)

MONDAY = WeekMoment(0, 7, 0, "Europe/Berlin")
AWKWARD = Plan(
    Path("/opt/mail care/bin/mailcare"), Path("/home/a%b/$c/con 'fig'.toml"), Path("/home/a%b/my data"), MONDAY
)
WORDS = ["/opt/mail care/bin/mailcare", "run", "--quiet"]
LOOK = [*WORDS, "--due", "Mon 07:00", "--config", "/home/a%b/$c/con 'fig'.toml"]
needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine (Debian: systemd)"
)


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-11-23T06:00:00+00:00", "2026-11-23T07:00:00+01:00"),
        ("2026-11-23T05:59:59+00:00", "2026-11-16T07:00:00+01:00"),
        ("2026-11-29T23:00:00+00:00", "2026-11-23T07:00:00+01:00"),
        ("2026-03-30T05:00:00+00:00", "2026-03-30T07:00:00+02:00"),
        ("2026-03-30T04:59:00+00:00", "2026-03-23T07:00:00+01:00"),
    ],
)
def test_the_last_moment_is_one_of_the_owners_clock(now: str, last: str) -> None:
    assert MONDAY.last(datetime.fromisoformat(now)) == datetime.fromisoformat(last)


def test_a_moment_elsewhere_is_another_instant() -> None:
    tokyo = WeekMoment(0, 7, 0, "Asia/Tokyo").last(datetime(2026, 11, 22, 23, 0, tzinfo=UTC))
    assert tokyo == datetime(2026, 11, 23, 7, 0, tzinfo=ZoneInfo("Asia/Tokyo"))


def test_the_unit_quotes_what_systemd_would_read_otherwise() -> None:
    unit = systemd_files(AWKWARD)["mailcare.service"]
    command = next(line for line in unit.splitlines() if line.startswith("ExecStart="))
    assert command == ('ExecStart="/opt/mail care/bin/mailcare" run --quiet --config "/home/a%%b/$$c/con \'fig\'.toml"')
    assert 'ReadWritePaths="/home/a%%b/my data"\n' in unit


@needs_systemd
def test_systemd_itself_finds_nothing_wrong_and_little_exposed(tmp_path: Path) -> None:
    plan = Plan(Path("/bin/true"), Path("/etc/config.toml"), tmp_path, MONDAY)
    for name, text in systemd_files(plan).items():
        (tmp_path / name).write_text(text)
    names = ["./mailcare.service", "./mailcare.timer"]
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", names[0]],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    exposure = re.search(r"Overall exposure level for mailcare\.service: ([0-9.]+)", told)
    assert exposure
    assert float(exposure[1]) < 3.0


@needs_systemd
def test_systemd_reads_the_moment_in_its_zone() -> None:
    told = subprocess.run(
        ["systemd-analyze", "calendar", "--base-time=2026-11-22 12:00:00 UTC", MONDAY.calendar],
        capture_output=True,
        text=True,
        check=True,
        env={"TZ": "UTC", "PATH": "/usr/bin:/bin"},
    ).stdout
    assert "Mon 2026-11-23 06:00:00 UTC" in told


def test_cron_is_given_a_command_that_a_shell_takes_apart_as_it_was_meant() -> None:
    begin, line, end = cron_lines(AWKWARD).splitlines()
    minute, *rest, command = line.split(" ", 5)
    assert (begin, minute, rest, end) == ("# mailcare: begin", "0", ["*"] * 4, "# mailcare: end")
    assert re.search(r"(?<!\\)%", command) is None
    assert shlex.split(command.replace("\\%", "%")) == LOOK


@pytest.mark.skipif(shutil.which("crontab") is None, reason="crontab is not on this machine (Debian: cron)")
@pytest.mark.parametrize(("change", "code"), [(str, 0), (lambda line: line.replace("0", "77", 1), 1)])
def test_cron_itself_finds_nothing_wrong_with_its_lines(change: Callable[[str], str], code: int) -> None:
    """With a minute that no hour has, it does."""
    lines = change(cron_lines(AWKWARD))
    checked = subprocess.run(["crontab", "-n", "-"], input=lines, capture_output=True, text=True, check=False)
    assert checked.returncode == code, checked.stderr


@pytest.mark.parametrize("crontab", ["", "5 4 * * * sync\n", "MAILTO=me\n5 4 * * * sync"])
def test_a_crontab_keeps_what_others_wrote_in_it(crontab: str) -> None:
    first, second = (
        "# mailcare: begin\n1 * * * * a\n# mailcare: end\n",
        "# mailcare: begin\n2 * * * * b\n# mailcare: end\n",
    )
    once = with_cron_lines(crontab, first)
    assert once.endswith(first)
    assert once.startswith(crontab)
    assert with_cron_lines(once + "7 7 * * * later\n", second).count("mailcare") == 2
    assert with_cron_lines(with_cron_lines(once, second), "").rstrip("\n") == crontab.rstrip("\n")


def test_a_mac_is_given_a_property_list() -> None:
    agent = plistlib.loads(launchd_agent(AWKWARD).encode())
    assert agent["ProgramArguments"] == LOOK
    assert agent["StartCalendarInterval"] == {"Minute": 0}


def test_windows_is_given_a_task_that_its_schema_allows() -> None:
    task = ElementTree.fromstring(windows_task(AWKWARD).split("?>", 1)[1])
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    assert task.findtext(".//t:Command", namespaces=space) == "/opt/mail care/bin/mailcare"
    arguments = task.findtext(".//t:Arguments", namespaces=space)
    assert arguments == 'run --quiet --due "Mon 07:00" --config "/home/a%b/$c/con \'fig\'.toml"'
    assert task.findtext(".//t:StartWhenAvailable", namespaces=space) == "true"


@pytest.mark.parametrize(("weekday", "digit"), [(0, "1"), (5, "6"), (6, "0")])
def test_a_cluster_is_told_the_weekday_as_cron_counts_it(weekday: int, digit: str) -> None:
    plan = Plan(Path("/m"), Path("/c"), Path("/d"), WeekMoment(weekday, 7, 5, "Europe/Berlin"))
    assert f'schedule: "5 7 * * {digit}"\n  timeZone: "Europe/Berlin"' in kubernetes_manifest(plan)
