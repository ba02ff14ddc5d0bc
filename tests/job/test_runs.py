"""The record of the runs, and whether one is due."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailcare.errors import Exit
from mailcare.job.runs import KEPT, Run, due, record, runs

MOMENT = datetime(2026, 11, 23, 6, tzinfo=UTC)


def _run(began: datetime, code: int = 0) -> Run:
    return Run(began, began + timedelta(minutes=3), code, {"work": code})


def test_what_is_recorded_is_read_again_for_its_owner_alone(tmp_path: Path) -> None:
    first, second = _run(MOMENT), _run(MOMENT + timedelta(days=7), Exit.PARTLY)
    record(tmp_path / "data/runs.jsonl", first)
    record(tmp_path / "data/runs.jsonl", second)
    assert runs(tmp_path / "data/runs.jsonl") == [first, second]
    assert (tmp_path / "data" / "runs.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_run_is_due_until_one_since_then_has_ended(tmp_path: Path) -> None:
    assert due(tmp_path / "runs.jsonl", MOMENT)
    record(tmp_path / "runs.jsonl", _run(MOMENT - timedelta(seconds=1)))
    assert due(tmp_path / "runs.jsonl", MOMENT)
    record(tmp_path / "runs.jsonl", _run(MOMENT))
    assert not due(tmp_path / "runs.jsonl", MOMENT)
    assert due(tmp_path / "runs.jsonl", MOMENT + timedelta(days=7))


@pytest.mark.parametrize("code", [Exit.LOCKED, Exit.TEMPORARY, Exit.INTERRUPTED, Exit.TERMINATED])
def test_after_a_failure_that_passes_it_is_still_due(tmp_path: Path, code: Exit) -> None:
    record(tmp_path / "runs.jsonl", _run(MOMENT, code))
    assert due(tmp_path / "runs.jsonl", MOMENT)


@pytest.mark.parametrize("code", [Exit.ERROR, Exit.USAGE, Exit.PARTLY, Exit.LOGIN])
def test_what_needs_a_person_is_not_tried_every_hour(tmp_path: Path, code: Exit) -> None:
    record(tmp_path / "runs.jsonl", _run(MOMENT, code))
    assert not due(tmp_path / "runs.jsonl", MOMENT)


NO_ZONE = b'{"began": "2026-01-01T00:00:00", "ended": "2026-01-01T00:00:00", "code": 0, "accounts": {}}\n'


def test_a_damaged_line_is_passed_over_and_old_ones_go(tmp_path: Path) -> None:
    (tmp_path / "runs.jsonl").write_bytes(b'{"began": 3}\n\xff\nnothing\n[]\n' + NO_ZONE)
    for week in range(KEPT + 5):
        record(tmp_path / "runs.jsonl", _run(MOMENT + timedelta(weeks=week)))
    kept = runs(tmp_path / "runs.jsonl")
    assert len(kept) == KEPT
    assert kept[-1] == _run(MOMENT + timedelta(weeks=KEPT + 4))
