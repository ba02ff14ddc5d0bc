"""Headers of many messages, however the server may fail at a few of them."""

from dataclasses import dataclass, field

from connectors.files import letters
from connectors.imap.answers import Lost, Refused
from connectors.imap.folders import Fetched, fetched, still_there
from connectors.imap.session import Session

PIECE = 1 << 16
"""Octets of a header that are asked for at first: so the answer about a whole chunk stays small."""
HOPELESS = 20
"""When the server fails at so many messages in a row, it is not for the messages."""


@dataclass(slots=True)
class Chunk:
    """Messages of one folder that are fetched together."""

    session: Session
    folder: str
    """As the server names it."""
    validity: int
    found: dict[int, Fetched] = field(default_factory=dict)
    failed: list[int] = field(default_factory=list)
    """UIDs of the messages at which the server fails, again and again."""

    @property
    def hopeless(self) -> bool:
        return self.session.in_a_row >= HOPELESS

    def fetch(self, uids: list[int], again: bool = True) -> None:
        """Ask for these; where that fails, a second time and then for each half. What is gone meanwhile is left out.

        Stops where it is hopeless. Raises Closed, and MailcareError.
        """
        if self.hopeless:
            return
        try:
            self.session.ask_once(lambda client: self._ask(client, uids), self.folder, self.validity)
        except Lost as lost:
            self.session.recover(lost, self.folder, self.validity)
            if again:
                self.fetch(uids, again=False)
                return
        except Refused:
            pass
        else:
            self.session.in_a_row = 0
            return
        if len(uids) == 1:
            self.failed += uids
            self.session.in_a_row += 1
            return
        middle = len(uids) // 2
        self.fetch(uids[:middle], again=False)
        self.fetch(uids[middle:], again=False)

    def _ask(self, client: object, uids: list[int]) -> None:
        found = fetched(client, uids, PIECE)
        for uid, message in found.items():
            if len(message.header) == PIECE:
                found |= fetched(client, [uid], letters.LONGEST_BLOCK)
        silent = [uid for uid in uids if uid not in found]
        self.failed += sorted(still_there(client, silent)) if silent else []
        self.found |= found
