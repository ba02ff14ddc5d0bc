"""The store on an invented mailbox of the size of a busy list: append, load, compact; seconds and bytes per message."""

import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from time import perf_counter

from mailcare.mail.connector import Batch, Position
from mailcare.mail.message import Field, Message, Person
from mailcare.store.store import Store

MESSAGES, BATCH = 106_000, 2_000


def conversations(count: int) -> Iterator[Message]:
    """Messages of 1,500 people in threads of about four, with four people on each and ids as mailers make them."""
    chance = random.Random(7)
    people = [(f"Person {number}", f"person.{number}@example{number % 90}.org") for number in range(1_500)]
    thread: list[str] = []
    for number in range(count):
        if not thread or chance.random() < 0.25:
            thread, group, subject = [], chance.sample(people, 4), f"Question {chance.randrange(10**6)} about a device"
        message_id = f"<{chance.getrandbits(64):x}.{number}@example.org>"
        chance.shuffle(group)
        fields = (Field.FROM, Field.TO, Field.CC, Field.CC)
        yield Message(
            key=f"{chance.getrandbits(128):032x}",
            message_id=message_id,
            in_reply_to=tuple(thread[-1:]),
            references=tuple(thread[-10:]),
            sent_at=datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=number),
            received_at=datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=number, seconds=20),
            people=tuple(Person(field, *person) for field, person in zip(fields, group, strict=True)),
            subject=f"Re: {subject}" if thread else subject,
            list_id="list@example.org",
        )
        thread.append(message_id)


def main() -> None:
    messages = list(conversations(MESSAGES))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mail.sqlite"
        stream = iter(messages)
        with Store.open(path, write=True) as store:
            begin = perf_counter()
            for start in range(0, MESSAGES, BATCH):
                last = start + BATCH >= MESSAGES
                store.append(Batch("", Position(1, {"offset": start}, last), list(islice(stream, BATCH))))
            print(f"append in batches of {BATCH}: {perf_counter() - begin:.2f} s for {MESSAGES} messages")
        print(f"bytes/message: {path.stat().st_size / MESSAGES:.0f}")
        for state in ("as appended", "compacted"):
            begin = perf_counter()
            with Store.open(path, write=False) as store:
                opened = perf_counter()
                rows = store.load().num_rows
            print(f"{state}: open {opened - begin:.2f} s, load {perf_counter() - opened:.2f} s, {rows} rows")
            with Store.open(path, write=True) as store:
                begin = perf_counter()
                store.keys("")
                print(f"keys {perf_counter() - begin:.2f} s")
                begin = perf_counter()
                store.compact()
                print(f"compact {perf_counter() - begin:.2f} s")


if __name__ == "__main__":
    main()
