"""The files connector's counterparts: an mbox, and a Maildir."""

import tempfile
from pathlib import Path

from connectors.files.connector import Files
from mailcare.mail.connector import Connector
from tests.counterparts.letters import Letter, Place
from tests.counterparts.vaults import MemoryVault

FOLDERS = {"inbox": "", "archive": ".Archive", "sent": ".Sent", "drafts": ".Drafts", "spam": ".Junk", "trash": ".Trash"}


class MaildirFiles:
    """A Maildir++ as mail servers keep it."""

    secrets: tuple[str, ...] = ()
    loses: frozenset[str] = frozenset()
    loses_in_sent: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._root = Path(self._folder.name) / "Maildir"
        for folder in FOLDERS.values():
            for part in ("cur", "new", "tmp"):
                (self._root / folder / part).mkdir(parents=True)
        self._files: dict[Letter, Path] = {}

    def put(self, letter: Letter) -> None:
        place = self._root / FOLDERS[letter.place]
        path = place / "cur" / f"{int(letter.arrived.timestamp())}.{len(self._files)}.host:2,S"
        received = f"Received: from a by b; {letter.arrived:%a, %d %b %Y %H:%M:%S +0000}\r\n".encode()
        path.write_bytes(received + letter.raw)
        self._files[letter] = path

    def remove(self, letter: Letter) -> None:
        self._files.pop(letter).unlink()

    def move(self, letter: Letter, place: Place) -> None:
        path = self._files[letter]
        self._files[letter] = path.rename(self._root / FOLDERS[place] / "cur" / path.name)

    def connector(self) -> Connector:
        return Files({"path": str(self._root)}, MemoryVault())

    def expire(self) -> None:
        """Files have no cursor that a server could forget."""

    def cut(self, after: int | None) -> None:
        """There is no wire."""

    def wire(self) -> bytes:
        return b""

    def asked_for_bodies(self) -> list[str]:
        return []

    def close(self) -> None:
        self._folder.cleanup()
