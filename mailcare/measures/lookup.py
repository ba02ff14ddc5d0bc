"""From the pipeline's codes to what a page shows."""

from datetime import datetime
from hashlib import blake2b
from zoneinfo import ZoneInfo

from mailcare.pipeline.people import NOBODY
from mailcare.pipeline.tables_of import Mailbox
from mailcare.values import Contact

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that are not mistaken for one another."""


def contact(box: Mailbox, person: int) -> Contact:
    """The person of a code; empty for nobody."""
    if person == NOBODY:
        return Contact("", "")
    return Contact(box.people["name"][person], box.people["address"][person])


def local(box: Mailbox, seconds: int) -> datetime:
    """The instant in the owner's time zone."""
    return datetime.fromtimestamp(int(seconds), ZoneInfo(box.time.time_zone))


def code(thread_id: str) -> str:
    """A thread's short name: four letters or digits that depend on nothing but its id."""
    number = int.from_bytes(blake2b(thread_id.encode("utf-8", "surrogatepass"), digest_size=8).digest())
    letters = ""
    for _ in range(4):
        number, place = divmod(number, len(_LETTERS))
        letters += _LETTERS[place]
    return letters
