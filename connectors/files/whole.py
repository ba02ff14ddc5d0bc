"""Files of many messages that are read whole, and anew when they have changed: all but mbox, which grows at its end."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from connectors.files.formats import letters, mbox
from mailcare.mail.connector import Batch, Known, Position
from mailcare.mail.message import Message


def state(paths: list[Path]) -> list[list[int]]:
    """By what it is seen whether the files have changed. Raises OSError."""
    return [[path.stat().st_size, path.stat().st_mtime_ns] for path in paths]


def read(paths: list[Path], source: str, items: Iterator[Message | str], known: Known) -> Iterator[Batch]:
    """What ``items`` tells of the files, unless they are as they were; a reading that was cut goes on from there.

    Raises OSError.
    """
    now = state(paths)
    position = known.position(source)
    same = (
        position is not None and position.cursor.get("files") == now and position.cursor.get("edition") == mbox.EDITION
    )
    if position and same and position.complete:
        return
    cursor: dict[str, Any] = (
        position.cursor if position and same else {"files": now, "edition": mbox.EDITION, "done": 0}
    )
    generation = (position.generation + (not same)) if position else 1
    done: int = cursor["done"]
    odd, found = cursor.get("odd", 0), cursor.get("found", False)
    messages: list[Message] = []
    skipped: Counter[str] = Counter()

    def batch(complete: bool) -> Batch:
        told = cursor | {"done": done, "odd": odd, "found": found}
        return Batch(source, Position(generation, told, complete), messages, skipped=+skipped)

    for item in islice(items, done, None):
        if len(messages) + skipped.total() >= mbox.BATCH:
            yield batch(False)
            messages, skipped = [], Counter()
        done += 1
        if isinstance(item, Message):
            messages.append(item)
            found = True
        elif item == letters.ODD:
            skipped[item] += not odd
            odd = 1
        else:
            skipped[item] += 1
    if not (found or skipped):
        skipped[letters.NO_MESSAGE] += 1
    if not found:
        cursor["why"] = skipped.most_common(1)[0][0]
    yield batch(True)
