"""Give the weekly job to this machine's scheduler, and take it away again."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from mailcare.disk import deliver
from mailcare.disk.folders import home, private_folder
from mailcare.errors import Exit, MailcareError
from mailcare.job.schedule import PRINTED, Plan, cron_lines, launchd_agent, systemd_files, windows_task, with_cron_lines

SECONDS = 60
"""A scheduler that has not answered by then will not."""


def usual() -> str:
    """The scheduler of this machine: launchd on a Mac, Windows' own, systemd where it runs, else cron."""
    if sys.platform == "darwin":
        return "launchd"
    if sys.platform == "win32":
        return "windows"
    return "systemd" if Path("/run/systemd/system").is_dir() else "cron"


def program() -> Path:
    """The program ``mailcare`` of this environment. Raises MailcareError where it was started in another way."""
    beside = shutil.which("mailcare", path=str(Path(sys.executable).parent)) or shutil.which("mailcare")
    if beside is None:
        todo = "Install mailcare with pipx or make, then run that mailcare."
        raise MailcareError("there is no program mailcare that a scheduler could start", todo=todo)
    return Path(beside).absolute()


def install(kind: str, plan: Plan) -> str:
    """Have the scheduler run mailcare by the plan, in place of an earlier plan; returns where that is now noted."""
    private_folder(plan.data_dir)
    if kind == "systemd":
        _run("systemctl", "--version")
        for name, text in systemd_files(plan).items():
            deliver.write(_units() / name, text)
        _run("systemctl", "--user", "daemon-reload")
        _run("systemctl", "--user", "enable", "--now", "mailcare.timer")
        return str(_units() / "mailcare.timer")
    if kind == "cron":
        _run("crontab", "-", given=with_cron_lines(_crontab(), cron_lines(plan)))
        return "your crontab"
    if kind == "launchd":
        _run("launchctl", "bootout", f"gui/{os.getuid()}/mailcare", may_fail=True)
        deliver.write(_agent(), launchd_agent(plan))
        _run("launchctl", "bootstrap", f"gui/{os.getuid()}", str(_agent()))
        return str(_agent())
    if kind == "windows":
        with tempfile.TemporaryDirectory() as folder:
            task = Path(folder) / "mailcare.xml"
            task.write_text(windows_task(plan), "utf-16")
            _run("schtasks", "/Create", "/F", "/TN", "mailcare", "/XML", str(task))
        return "the Task Scheduler's task mailcare"
    raise _cluster()


def remove(kind: str) -> None:
    """Take the job out of the scheduler; where there is none, nothing happens."""
    if kind == "systemd":
        _run("systemctl", "--user", "disable", "--now", "mailcare.timer", may_fail=True)
        for name in ("mailcare.service", "mailcare.timer"):
            (_units() / name).unlink(missing_ok=True)
        _run("systemctl", "--user", "daemon-reload", may_fail=True)
    elif kind == "cron":
        crontab = _crontab()
        kept = with_cron_lines(crontab, "")
        if kept != crontab:
            _run("crontab", "-", given=kept)
    elif kind == "launchd":
        _agent().unlink(missing_ok=True)
        _run("launchctl", "bootout", f"gui/{os.getuid()}/mailcare", may_fail=True)
    elif kind == "windows":
        _run("schtasks", "/Delete", "/F", "/TN", "mailcare", may_fail=True)
    else:
        raise _cluster()


def _units() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or home() / ".config") / "systemd" / "user"


def _agent() -> Path:
    return home() / "Library" / "LaunchAgents" / "mailcare.plist"


def _crontab() -> str:
    """The user's crontab; empty where there is none yet."""
    return _run("crontab", "-l", absent="no crontab")


def _cluster() -> MailcareError:
    todo = f"Use schedule print kubernetes, and kubectl. Others: {', '.join(kind for kind in PRINTED)}."
    return MailcareError("a cluster is not this machine", todo=todo, code=Exit.USAGE)


def _run(*command: str, given: str | None = None, may_fail: bool = False, absent: str = "") -> str:
    """What the command prints; nothing where it may fail and does, or where it says that something is ``absent``.

    Raises MailcareError where there is no such command, or it fails otherwise.
    """
    try:
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603 - this machine's scheduler, no shell
    except FileNotFoundError:
        todo = "Choose another scheduler: mailcare schedule install --help lists them."
        raise MailcareError(f"there is no {command[0]} on this machine", todo=todo, code=Exit.USAGE) from None
    except subprocess.TimeoutExpired:
        raise MailcareError(f"{command[0]} did not answer within {SECONDS} s", todo="Try again.") from None
    if done.returncode and not may_fail and not (absent and absent in done.stderr):
        said = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
        linger = "Where nobody is logged in, first: loginctl enable-linger."
        todo = linger if command[0] == "systemctl" else "Mend what it says; or choose another scheduler."
        raise MailcareError(f"{command[0]} refused: {said}", todo=todo)
    return "" if done.returncode else done.stdout
