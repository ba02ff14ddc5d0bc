"""The whole run's own rules: how far back it reads, how long, and whom it lets log in."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailcare import weekly
from mailcare.config.settings import Account
from mailcare.errors import MailcareError
from mailcare.mail.connector import Batch, Known, Position
from mailcare.mail.login import Dialogue
from mailcare.mail.synced import Synced
from mailcare.owner import Owner
from mailcare.place import Place
from mailcare.store.store import Store
from tests.invented import message

NOW = datetime(2026, 9, 21, 6, tzinfo=UTC)
ACCOUNT = Account("work", "invented", Owner(("me@home.example",)), sync_minutes=10)


class Invented:
    """Twenty messages, newest first, one a batch; each takes a minute of the clock."""

    def __init__(self, clock: list[float]) -> None:
        self.clock, self.since, self.person, self.by_quota = clock, None, None, 0.0

    def read(self, known: Known, now: datetime, since: datetime | None = None) -> Iterator[Batch]:
        self.since = since
        left = [number for number in range(20) if str(number) not in known.keys("")]
        for number in left:
            self.clock[0] += 60
            yield Batch(
                "", Position(1, {}, number == 19), [message(str(number))], left=19 - number, seconds=self.by_quota
            )


class WithLogin(Invented):
    def login(self, person: Dialogue) -> None:
        self.person = person


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(weekly.time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> WithLogin:
    connector = WithLogin(clock)
    monkeypatch.setattr(weekly, "connect", lambda account, place: connector)
    return connector


def test_a_run_reads_for_its_minutes_and_the_next_one_goes_on(source: WithLogin, tmp_path: Path) -> None:
    told: list[tuple[int, int, float]] = []

    def progress(so_far: Synced) -> None:
        told.append((so_far.messages, so_far.left, so_far.seconds))

    runs = [weekly.sync(ACCOUNT, Place(tmp_path), NOW, progress=progress) for _ in range(2)]
    assert [(run.messages, run.left) for run in runs] == [(11, 9), (9, 0)]
    assert told[:2] == [(1, 19, 60.0), (2, 18, 120.0)]
    assert told[11] == (1, 8, 60.0)
    with Store.open(tmp_path / "work.sqlite", write=False) as store:
        assert store.load().num_rows == 20


def test_the_measures_know_that_older_mail_is_still_to_be_read(source: WithLogin, tmp_path: Path) -> None:
    weekly.sync(ACCOUNT, Place(tmp_path), NOW)
    assert weekly.tables(ACCOUNT, Place(tmp_path), NOW).mailbox.quality["unfinished"] == 1
    weekly.sync(ACCOUNT, Place(tmp_path), NOW)
    assert "unfinished" not in weekly.tables(ACCOUNT, Place(tmp_path), NOW).mailbox.quality


@pytest.mark.parametrize(("by_quota", "to_go"), [(0.0, 19 * 60.0), (2000.0, 2000.0)])
def test_what_is_left_takes_its_time_at_the_pace_so_far_or_by_the_quota(
    source: WithLogin, tmp_path: Path, by_quota: float, to_go: float
) -> None:
    source.by_quota = by_quota
    told: list[float] = []
    weekly.sync(ACCOUNT, Place(tmp_path), NOW, progress=lambda so_far: told.append(so_far.seconds_left))
    assert told[0] == to_go


def test_since_is_passed_on(source: WithLogin, tmp_path: Path) -> None:
    since = datetime(2026, 8, 1, tzinfo=UTC)
    weekly.sync(ACCOUNT, Place(tmp_path), NOW, since)
    assert source.since == since


def test_login_is_the_connectors_own(source: WithLogin, tmp_path: Path) -> None:
    person = object()
    weekly.login(ACCOUNT, Place(tmp_path), person)  # type: ignore[arg-type]
    assert source.person is person


def test_files_need_no_login(tmp_path: Path) -> None:
    account = Account("work", "files", Owner(("me@home.example",)), {"path": str(tmp_path)})
    with pytest.raises(MailcareError, match="needs no login"):
        weekly.login(account, Place(tmp_path), object())  # type: ignore[arg-type]
