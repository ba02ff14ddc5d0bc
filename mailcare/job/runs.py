"""The record of the runs: when each began and ended, and with what code; names of accounts and counts, nothing else.

``path`` is the file (``place.Place.runs``).
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from mailcare.disk import deliver
from mailcare.errors import Exit

KEPT = 200
"""So many of the latest runs are kept."""
UNDONE = {Exit.LOCKED, Exit.TEMPORARY, Exit.INTERRUPTED, Exit.TERMINATED}
"""After these codes the same run is worth another try as it is; the other failures need a person first."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of ``mailcare run``."""

    began: datetime
    """Aware, UTC."""
    ended: datetime
    code: int
    """The exit code."""
    accounts: dict[str, int]
    """The exit code of each account."""


def record(path: Path, run: Run) -> None:
    """Add a run to the record, written whole or not at all."""
    _write(path, [*runs(path), run][-KEPT:])


def forget(path: Path, account: str) -> None:
    """Take the account's name out of the record; where no other is left, the record itself."""
    kept = [replace(run, accounts=_without(run.accounts, account)) for run in runs(path)]
    if any(run.accounts for run in kept):
        _write(path, kept)
    else:
        path.unlink(missing_ok=True)


def runs(path: Path) -> list[Run]:
    """The recorded runs, oldest first; a line that is damaged is passed over."""
    return list(_read(path))


def due(path: Path, moment: datetime) -> bool:
    """Whether a run is due that should have begun at ``moment`` (aware): none since then has come to its end."""
    return not any(run.began >= moment and run.code not in UNDONE for run in runs(path))


def _without(accounts: dict[str, int], name: str) -> dict[str, int]:
    return {account: code for account, code in accounts.items() if account != name}


def _write(path: Path, kept: list[Run]) -> None:
    lines = [json.dumps(asdict(one) | {"began": one.began.isoformat(), "ended": one.ended.isoformat()}) for one in kept]
    deliver.write(path, "".join(f"{line}\n" for line in lines))


def _read(path: Path) -> Iterator[Run]:
    for line in path.read_text("utf-8", "replace").splitlines() if path.is_file() else ():
        try:
            known = json.loads(line)
            began, ended = (datetime.fromisoformat(known[name]) for name in ("began", "ended"))
            if began.tzinfo and ended.tzinfo:
                yield Run(began, ended, int(known["code"]), dict(known["accounts"]))
        except (ValueError, KeyError, TypeError):
            continue
