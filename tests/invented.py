"""A source invented step by step, the same at every reading, and processes that read it until they are killed.

Every forty steps it has to be read anew: a generation is complete from its thirtieth step on, and goes on from there.
Some steps write a copy again, remove one, or skip something; a run may stop and go on after any of them.
"""

import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from mailcare.message import Batch, Field, Known, Message, Person, Position
from mailcare.store import Store

SOURCE = "archive.mbox"


def steps(known: Known, until: int) -> Iterator[Batch]:
    """The batches from where ``known`` stopped to step ``until``."""
    position = known.position(SOURCE)
    first = position.cursor["step"] if position else 0
    return (step(number) for number in range(first, until))


def step(number: int) -> Batch:
    generation, turn = 1 + number // 40, number % 40
    keys = [3 * turn, 3 * turn + 1, 3 * turn + 2, turn]
    return Batch(
        SOURCE,
        Position(generation, {"step": number + 1}, turn >= 30),
        [message(str(key), subject=f"step {number}") for key in keys],
        [str(2 * turn)] if turn % 4 == 3 else [],
        Counter(unreadable=1) if turn % 10 == 0 else Counter(),
    )


def message(key: str, subject: str = "", address: str = "ann@elsewhere.example") -> Message:
    return Message(key, f"<{key}@elsewhere.example>", subject=subject, people=(Person(Field.FROM, "Ann", address),))


def read(path: Path, until: int, tell: Callable[[], object] = lambda: None) -> None:
    """Read on to step ``until``, and compact now and then; ``tell`` is called after each step."""
    with Store.open(path, write=True) as store:
        for batch in steps(store, until):
            store.append(batch)
            if batch.position.cursor["step"] % 23 == 0:
                store.compact()
            tell()


def kill_often(path: Path, times: int) -> None:
    """So many times: read on, and be killed up to 8 ms after the opening or after one of the first four steps.

    Prints what each of the readers died of.
    """
    chance = random.Random(times)
    for _ in range(times):
        steps_seen, step_done = os.pipe()
        reader = os.fork()
        if reader == 0:
            read(path, sys.maxsize, partial(os.write, step_done, b"."))
            os._exit(0)
        os.close(step_done)
        for _ in range(chance.randrange(5)):
            os.read(steps_seen, 1)
        time.sleep(chance.uniform(0, 0.008))
        os.kill(reader, signal.SIGKILL)
        print(os.waitstatus_to_exitcode(os.waitpid(reader, 0)[1]))
        os.close(steps_seen)


if __name__ == "__main__":
    kill_often(Path(sys.argv[1]), int(sys.argv[2]))
