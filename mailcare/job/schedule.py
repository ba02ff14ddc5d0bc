"""The weekly job, in the words of each scheduler: systemd, cron, launchd, Windows, Kubernetes.

systemd and Kubernetes know time zones and start the run at its moment. The others know the machine's zone at best, and
cron sleeps through its moment: there an hourly look asks mailcare itself whether a run is due (``mailcare run --due``).
"""

import plistlib
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from mailcare.hours.worktime import WEEKDAYS

BEGIN, END = "# mailcare: begin\n", "# mailcare: end\n"
"""Around mailcare's own lines in a crontab."""


@dataclass(frozen=True, slots=True)
class WeekMoment:
    """A moment of the week, in a time zone."""

    weekday: int
    """0 is Monday."""
    hour: int
    minute: int
    zone: str

    def __str__(self) -> str:
        return f"{WEEKDAYS[self.weekday]} {self.hour:02}:{self.minute:02}"

    @property
    def calendar(self) -> str:
        """As systemd.time(7) writes it: ``Mon *-*-* 07:00:00 Europe/Berlin``."""
        return f"{WEEKDAYS[self.weekday]} *-*-* {self.hour:02}:{self.minute:02}:00 {self.zone}"

    @property
    def cron(self) -> str:
        """As crontab(5) writes it: ``0 7 * * 1``; 0 is Sunday there."""
        return f"{self.minute} {self.hour} * * {(self.weekday + 1) % 7}"

    def last(self, now: datetime) -> datetime:
        """The latest such moment that is not after ``now`` (aware), in its zone."""
        today = now.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        moment = today.replace(hour=self.hour, minute=self.minute, second=0, microsecond=0)
        moment -= timedelta(days=(today.weekday() - self.weekday) % 7)
        if moment > today:
            moment -= timedelta(days=7)
        return moment.replace(tzinfo=ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run, and when."""

    program: Path
    """The program ``mailcare``."""
    config: Path
    data_dir: Path
    moment: WeekMoment


def systemd_files(plan: Plan) -> dict[str, str]:
    """The unit and its timer for the user's own systemd, by file name."""
    command = " ".join(_systemd_word(word) for word in (plan.program, "run", "--quiet", "--config", plan.config))
    return {
        "mailcare.service": _template("mailcare.service.j2", command=command, data_dir=_systemd_word(plan.data_dir)),
        "mailcare.timer": _template("mailcare.timer.j2", calendar=plan.moment.calendar),
    }


def _systemd_word(word: object) -> str:
    """Quoted for a unit file, where a percent sign and a dollar sign would mean something else."""
    text = str(word).replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{text}"' if any(letter in text for letter in " \"';\\") else text


def cron_lines(plan: Plan) -> str:
    """mailcare's lines for a crontab, where a percent sign would end the command."""
    command = " ".join(shlex.quote(word) for word in _look(plan)).replace("%", "\\%")
    return f"{BEGIN}{plan.moment.minute} * * * * {command}\n{END}"


def with_cron_lines(crontab: str, lines: str) -> str:
    """The crontab with these lines in place of those that mailcare had in it."""
    before, begin, rest = crontab.partition(BEGIN)
    after = rest.partition(END)[2] if begin else ""
    kept = before + after
    return kept + ("\n" if lines and kept and not kept.endswith("\n") else "") + lines


def launchd_agent(plan: Plan) -> str:
    """A launch agent (property list)."""
    agent = {
        "Label": "mailcare",
        "ProgramArguments": list(_look(plan)),
        "StartCalendarInterval": {"Minute": plan.moment.minute},
        "ProcessType": "Background",
        "LowPriorityIO": True,
        "Umask": 0o077,
    }
    return plistlib.dumps(agent, sort_keys=False).decode()


def windows_task(plan: Plan) -> str:
    """A task for the Task Scheduler (XML)."""
    program, *arguments = _look(plan)
    quoted = " ".join(f'"{word}"' if " " in word else word for word in arguments)
    start = f"2026-01-05T{plan.moment.hour:02}:{plan.moment.minute:02}:00"
    return _template("task.xml.j2", program=escape(program), arguments=escape(quoted), start=start)


def kubernetes_manifest(plan: Plan) -> str:
    """A CronJob (Kubernetes 1.27 or later) with its volume; the configuration is a Secret."""
    return _template("cronjob.yaml.j2", schedule=plan.moment.cron, zone=plan.moment.zone)


PRINTED: dict[str, Callable[[Plan], str]] = {
    "systemd": lambda plan: "\n".join(f"# {name}\n{text}" for name, text in systemd_files(plan).items()),
    "cron": cron_lines,
    "launchd": launchd_agent,
    "windows": windows_task,
    "kubernetes": kubernetes_manifest,
}
"""What each scheduler is given, as text."""


def _look(plan: Plan) -> tuple[str, ...]:
    """The hourly look whether a run is due."""
    return (str(plan.program), "run", "--quiet", "--due", str(plan.moment), "--config", str(plan.config))


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("mailcare", "schedules"),
        autoescape=False,  # noqa: S701 - units and manifests; what goes into XML is escaped where it is made
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )


def _template(name: str, **values: object) -> str:
    return _environment().get_template(name).render(values)
