"""From the pipeline's codes to what a page shows."""

from collections.abc import Collection
from datetime import datetime
from hashlib import blake2b

import numpy as np

from mailcare.hours.clock import local_time
from mailcare.mail.subjects import shown
from mailcare.pipeline.mailbox import Mailbox
from mailcare.pipeline.people import NOBODY
from mailcare.pipeline.states import NEVER
from mailcare.values.week import Contact

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that are not mistaken for one another."""

NEWEST = 40
"""So many messages at most are named as evidence."""


def contact(box: Mailbox, person: int) -> Contact:
    """The person of a code; empty for nobody."""
    if person == NOBODY:
        return Contact("", "")
    return Contact(box.people["name"][person], box.people["address"][person])


def key(box: Mailbox, message: int) -> str:
    """What the connector calls the copy that stands for the message."""
    return str(box.keys[int(box.messages["copy"][message])].as_py())


def subject_of(box: Mailbox, message: int) -> str | None:
    """The message's subject; None where it was not kept."""
    return shown(box.messages["subject"][message])


def local(box: Mailbox, seconds: int) -> datetime:
    """The instant in the time zone in which the owner was then."""
    return local_time(box.time, seconds)


def threads_called(box: Mailbox, codes: Collection[str], *, settled: bool) -> dict[str, list[str]]:
    """What marks the threads of each code, of those that the owner has settled, or that are still on some list.

    A thread is marked by the id of its newest message, which stays as long as the thread can wait. Where it is settled
    every id is named, as it may have been marked by any.
    """
    ids, thread = box.messages["id"].to_numpy(object), box.messages["thread"]
    first, marking = box.states["first"].to_numpy(), settled | ~thread.duplicated(keep="last").to_numpy()
    marked = box.messages["settled_at"].to_numpy()[first] < NEVER
    wanted = marked if settled else (box.states["state"] != "settled").to_numpy()
    found: dict[str, list[str]] = {}
    for number in np.flatnonzero(wanted):
        if (name := code(ids[first[number]])) in codes:
            found.setdefault(name, []).extend(ids[marking & (thread == number).to_numpy()])
    return found


def code(thread_id: str) -> str:
    """A thread's short name: four letters or digits that depend on nothing but its id."""
    number = int.from_bytes(blake2b(thread_id.encode("utf-8", "surrogatepass"), digest_size=8).digest())
    letters = ""
    for _ in range(4):
        number, place = divmod(number, len(_LETTERS))
        letters += _LETTERS[place]
    return letters
