"""What can go wrong between the graph connector and the server, and a clock on which waiting takes no time."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from mailcare.servers.patience import Patience
from tests.counterparts.graph.mailbox import Json
from tests.counterparts.graph.server import Cut, GraphServer
from tests.counterparts.graph.service import Refusal


class Time:
    """A clock that only waiting moves."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def now(self) -> float:
        return sum(self.waits)

    def patience(self, **limits: Any) -> Patience:
        return Patience(clock=self.now, sleep=self.waits.append, **limits)


class Budgeted(Patience):
    """Notes how long it waited without progress."""

    def __init__(self, time: Time, budget: float) -> None:
        self._time, self._since, self.longest = time, time.now(), 0.0
        super().__init__(budget=budget, clock=time.now, sleep=self._sleep)

    def progress(self) -> None:
        self._since = self._time.now()
        super().progress()

    def _sleep(self, seconds: float) -> None:
        self._time.waits.append(seconds)
        self.longest = max(self.longest, self._time.now() - self._since)


def _busy(server: GraphServer) -> None:
    raise Refusal(429, "ApplicationThrottled", **{"Retry-After": "7"})


def _busy_until(server: GraphServer) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=5), usegmt=True)
    raise Refusal(503, "ServiceUnavailable", **{"Retry-After": soon})


def _failing(server: GraphServer) -> None:
    raise Refusal(500, "ErrorInternalServerError")


def _slow(server: GraphServer) -> None:
    raise Refusal(504, "UnknownError")


def _cut(server: GraphServer) -> None:
    raise Cut


def _cut_inside(server: GraphServer) -> None:
    raise Cut("inside")


def _expired(server: GraphServer) -> None:
    server.login.expire()
    raise Refusal(401, "InvalidAuthenticationToken")


def _forgotten(server: GraphServer) -> None:
    server.expire()


FAULTS: dict[str, Callable[[GraphServer], None]] = {
    "busy": _busy,
    "busy until": _busy_until,
    "failing": _failing,
    "slow": _slow,
    "cut": _cut,
    "cut inside": _cut_inside,
    "expired": _expired,
    "forgotten": _forgotten,
}


def storm(chance: random.Random, injected: set[str]) -> Callable[[GraphServer, str], None]:
    """A fault at every third request; tokens live for twelve requests, links for thirty at least."""
    requests, since = 0, {"expired": 0, "forgotten": 0}

    def fault(server: GraphServer, _: str) -> None:
        nonlocal requests
        requests += 1
        if chance.random() > 0.35:
            return
        name = chance.choice(list(FAULTS))
        if requests - since.get(name, -100) < {"expired": 12, "forgotten": 30}.get(name, 0):
            return
        since[name] = requests
        injected.add(name)
        FAULTS[name](server)

    return fault


def strange(chance: random.Random, injected: set[str]) -> Callable[[Json, Callable[[], str]], Json]:
    """Pages that tell things twice, in another order, or nothing yet."""

    def changed(page: Json, again: Callable[[], str]) -> Json:
        kind = chance.choice(["", "", "twice", "shuffled", "empty"])
        injected.add(kind)
        if kind == "twice":
            page["value"] = page["value"] * 2
        if kind == "shuffled":
            chance.shuffle(page["value"])
        return {"value": [], "@odata.nextLink": again()} if kind == "empty" else page

    return changed
