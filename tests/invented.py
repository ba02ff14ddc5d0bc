"""A source invented step by step, the same at every reading, and processes that read it until they are killed.

Each step writes copies, one of them again, and skips something; some remove one. At step 40 the source has to be read
anew, which is complete at step 70. A run may stop and go on after any step.
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

from mailcare.mail.connector import Batch, Known, Position
from mailcare.mail.message import Field, Message, Person
from mailcare.store.store import Store

SOURCE = "archive.mbox"


def steps(known: Known, until: int) -> Iterator[Batch]:
    """The batches from where ``known`` stopped to step ``until``."""
    position = known.position(SOURCE)
    first = position.cursor["step"] if position else 0
    return (step(number) for number in range(first, until))


def step(number: int) -> Batch:
    keys = [3 * number, 3 * number + 1, 3 * number + 2, number]
    return Batch(
        SOURCE,
        Position(1 if number < 40 else 2, {"step": number + 1}, not 40 <= number < 70),
        [message(str(key), subject=f"step {number}") for key in keys],
        [str(2 * number)] if number % 4 == 3 else [],
        Counter(unreadable=1),
    )


def message(key: str, subject: str = "", address: str = "ann@elsewhere.example") -> Message:
    return Message(key, f"<{key}@elsewhere.example>", subject=subject, people=(Person(Field.FROM, "Ann", address),))


def read(path: Path, until: int, tell: Callable[[], object] = lambda: None, statements: int = 0) -> None:
    """Read on to step ``until``, and compact now and then; ``tell`` is called after each step.

    Kills itself where it is about to do so many SQL ``statements``, 0 for never.
    """
    with Store.open(path, write=True) as store:
        if statements:
            store._database.set_trace_callback(partial(_die_at_the_last, iter(range(statements, 0, -1))))
        for batch in steps(store, until):
            store.append(batch)
            if batch.position.cursor["step"] % 23 == 0:
                store.compact()
            tell()


def _die_at_the_last(countdown: Iterator[int], _: str) -> None:
    if next(countdown) == 1:
        os.kill(os.getpid(), signal.SIGKILL)


def kill_often(path: Path, times: int) -> None:
    """So many times: read on and be killed, by turns before one of the next statements, whichever that is, and up to
    8 ms after the opening or one of the first four steps. Prints what each of the readers died of.
    """
    chance = random.Random(times)
    for turn in range(times):
        before_statement = chance.randrange(1, 40) if turn % 2 else 0
        steps_seen, step_done = os.pipe()
        reader = os.fork()
        if reader == 0:
            read(path, sys.maxsize, partial(os.write, step_done, b"."), before_statement)
            os._exit(0)
        os.close(step_done)
        if not before_statement:
            for _ in range(chance.randrange(5)):
                os.read(steps_seen, 1)
            time.sleep(chance.uniform(0, 0.008))
            os.kill(reader, signal.SIGKILL)
        print(os.waitstatus_to_exitcode(os.waitpid(reader, 0)[1]))
        os.close(steps_seen)


if __name__ == "__main__":
    kill_often(Path(sys.argv[1]), int(sys.argv[2]))
