"""One table of the configuration file, key by key: what was given, what is missing, what nobody knows."""

import difflib
from collections.abc import Callable
from typing import Any, TypeVar

from mailcare.config import values
from mailcare.errors import Exit, MailcareError, suggestion
from mailcare.hours.worktime import WorkingTime

T = TypeVar("T")


class Keys:
    """One table of the file: its keys are taken one by one, and what nobody took is unknown."""

    def __init__(self, table: dict[str, Any], where: str) -> None:
        self.given, self.rest, self.where = frozenset(table), dict(table), where
        self.known: list[str] = []
        self.wrong: set[str] = set()
        self.problems: list[MailcareError] = []

    def take(self, key: str, parse: Callable[[Any], T], default: T) -> T:
        """The key's value; the default where the key is missing, or wrong (which is noted)."""
        self.known.append(key)
        if key not in self.rest:
            return default
        try:
            return parse(self.rest.pop(key))
        except ValueError as error:
            what, todo = (*error.args, "")[:2]
            self.problem(key, what, todo)
            return default

    def demand(self, key: str, parse: Callable[[Any], T], default: T, example: str) -> T:
        """The same of a key that must be there."""
        if key not in self.rest:
            self.problem(key, "missing", f"Add {key} = {example}.")
        return self.take(key, parse, default)

    def problem(self, key: str, what: str, todo: str) -> None:
        self.wrong.add(key)
        self.problems.append(MailcareError(what, where=f"{self.where}: {key}", todo=todo, code=Exit.USAGE))

    def connectors_own(self, parse: Callable[[str, Any], Any]) -> dict[str, Any]:
        """The keys that nobody took, less those that are wrong, or a slip of the pen for a missing one (which is
        noted)."""
        own = {}
        for key, value in self.rest.items():
            missing = [known for known in self.known if known not in self.given]
            near = difflib.get_close_matches(key, missing, n=1, cutoff=0.8)
            if near:
                self.problem(key, "unknown key", f"Did you mean {near[0]}?")
                continue
            try:
                own[key] = parse(key, value)
            except ValueError as error:
                self.problem(key, *error.args)
        return own

    def finish(self) -> list[MailcareError]:
        """All problems, unknown keys among them."""
        for key in self.rest:
            self.problem(key, "unknown key", suggestion(key, self.known))
        return self.problems


def working_time(keys: Keys) -> WorkingTime:
    """When an owner, or a team, works: the keys of an account and of a team that say it."""
    usual, off = WorkingTime(), keys.take("days_off", values.days_off, values.Absences())
    return WorkingTime(
        time_zone=keys.take("time_zone", values.time_zone, usual.time_zone),
        hours=keys.take("working_hours", values.hours, usual.hours),
        holidays=keys.take("holidays", values.holidays, usual.holidays),
        days_off=off.days,
        hours_off=off.hours,
        journeys=keys.take("travel", values.travel, usual.journeys),
    )
