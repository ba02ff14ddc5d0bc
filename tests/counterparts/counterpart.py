"""What stands at the other end of a connector in the tests: a mailbox that can be changed, and a wire to listen at."""

from collections.abc import Callable
from typing import Protocol

from mailcare.mail.connector import Connector
from mailcare.servers.patience import Patience
from tests.counterparts.letters import Letter, Place


def impatient() -> Patience:
    """Gives up at the third try and never really waits."""
    return Patience(tries=2, sleep=lambda _: None)


class Counterpart(Protocol):
    """A mailbox of ``letters.OWNER`` at a real server (or in files), empty at first."""

    secrets: tuple[str, ...]
    """Credentials: nobody may ever see them."""
    loses: frozenset[str]
    """The fields of ``Message`` that this provider cannot give as the headers have them."""
    loses_in_sent: frozenset[str]
    """Further such fields of sent messages."""

    def put(self, letter: Letter) -> None:
        """Deliver the letter."""

    def remove(self, letter: Letter) -> None:
        """Delete it for good."""

    def move(self, letter: Letter, place: Place) -> None:
        """Put it elsewhere, as a person does in a mail program."""

    def connector(self) -> Connector:
        """A fresh connector to this mailbox, ``impatient`` where it waits."""

    def expire(self) -> None:
        """Make the server forget what a connector's cursor rests on: UIDVALIDITY, history, sync state, delta link."""

    def cut(self, after: int | None) -> None:
        """From now on every connection dies once the server has sent so many more octets in all; None: heal."""

    def wire(self) -> bytes:
        """All that went over the wire so far, both ways, in plain text (decrypted, decompressed)."""

    def asked_for_bodies(self) -> list[str]:
        """The requests so far that could have returned a body, a preview, an attachment or the whole message."""

    def close(self) -> None:
        """End it."""


Start = Callable[[], Counterpart]
"""Starts one; raises ``Missing`` where the machine lacks what it needs."""


class Missing(Exception):
    """What is not on this machine, and the command that brings it."""
