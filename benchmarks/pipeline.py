"""What the pipeline costs, against reading the same mail, in the same run.

    python -m benchmarks.pipeline MBOX ADDRESS

Stores the mailbox in a temporary folder, then prints seconds of CPU for each step, each as a share of the reading, and
the peak memory of the whole process.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from connectors.files.connector import Files
from mailcare.measures.week import week
from mailcare.owner import Owner
from mailcare.pipeline.exported import Tables
from mailcare.pipeline.mailbox import Mailbox
from mailcare.store.store import Store
from tests.counterparts.vaults import MemoryVault

Result = TypeVar("Result")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("mbox", type=Path)
    arguments.add_argument("address")
    given = arguments.parse_args()
    now = datetime.now(UTC)
    owner = Owner((given.address,), exclude_folders=())
    spent: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "mail.sqlite", write=True) as store:
        timed(
            spent,
            "read and store",
            lambda: [store.append(one) for one in Files({"path": str(given.mbox)}, MemoryVault()).read(store, now)],
        )
        timed(spent, "compact", store.compact)
        log = timed(spent, "load", store.load)
    box = Mailbox(log, owner, now)
    tables = Tables(box, "benchmark")
    timed(spent, "pipeline", lambda: [box.threads, box.replies, box.weeks, box.theirs, box.quality])
    timed(spent, "values of the report", lambda: week(box))
    timed(
        spent, "exported tables", lambda: [tables.messages, tables.turns, tables.replies, tables.threads, tables.weekly]
    )
    print(f"{len(box.messages):,} messages, {len(box.turns):,} turns")
    for step, seconds in spent.items():
        print(f"{step:22} {seconds:6.2f} s of CPU  {seconds / spent['read and store']:6.1%} of the reading")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def timed(spent: dict[str, float], step: str, work: Callable[[], Result]) -> Result:
    """The work's result; its seconds of CPU are noted under the step's name."""
    before = time.process_time()
    result = work()
    spent[step] = time.process_time() - before
    return result


if __name__ == "__main__":
    main()
