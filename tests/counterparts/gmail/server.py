"""Gmail's counterpart: the emulator, or a mailbox in memory, behind a front as strict as Google."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from connectors.gmail.connector import Gmail
from mailcare.mail.connector import Connector
from mailcare.servers.patience import Patience
from tests.counterparts.counterpart import impatient
from tests.counterparts.gmail.emulator import Emulator
from tests.counterparts.gmail.front import Backend, Front, encoded
from tests.counterparts.letters import OWNER, Letter, Place
from tests.counterparts.vaults import MemoryVault

LABELS = {
    "inbox": ["INBOX", "UNREAD"],
    "archive": [],
    "sent": ["SENT"],
    "drafts": ["DRAFT"],
    "spam": ["SPAM"],
    "trash": ["TRASH"],
}


class GmailServer:
    """A mailbox of ``letters.OWNER``."""

    loses: frozenset[str] = frozenset()
    loses_in_sent: frozenset[str] = frozenset()

    def __init__(self, backend: Callable[[], Backend] = Emulator) -> None:
        self.front = Front(backend(), OWNER)
        self.ids: dict[Letter, str] = {}
        self._folder = tempfile.TemporaryDirectory()
        self.refresh_token = self.front.oauth.new_refresh()
        self.client_file = Path(self._folder.name) / "client.json"
        id, secret = self.front.oauth.client
        address = self.front.address
        uris = {"auth_uri": f"{address}/o/oauth2/auth", "token_uri": f"{address}/token"}
        self.client_file.write_text(json.dumps({"installed": {"client_id": id, "client_secret": secret, **uris}}))

    @property
    def secrets(self) -> tuple[str, ...]:
        return (*self.front.oauth.ever, self.front.oauth.client[1])

    @property
    def folder(self) -> Path:
        """A place for files."""
        return Path(self._folder.name)

    def put(self, letter: Letter) -> None:
        milliseconds = str(int(letter.arrived.timestamp() * 1000))
        body = {"raw": encoded(letter.raw), "labelIds": LABELS[letter.place], "internalDate": milliseconds}
        self.ids[letter] = id = self.ask("POST", "messages", body)["id"]
        self.front.raws[id] = letter.raw

    def remove(self, letter: Letter) -> None:
        self.ask("DELETE", f"messages/{self.ids.pop(letter)}")

    def move(self, letter: Letter, place: Place) -> None:
        old, new = {label for labels in LABELS.values() for label in labels} - set(LABELS[place]), LABELS[place]
        self.label(letter, new, sorted(old))

    def label(self, letter: Letter, add: list[str], remove: list[str]) -> None:
        """Change the labels of a message."""
        self.ask("POST", f"messages/{self.ids[letter]}/modify", {"addLabelIds": add, "removeLabelIds": remove})

    def new_label(self, name: str) -> str:
        """A label of the user's; returns its id."""
        return str(self.ask("POST", "labels", {"name": name})["id"])

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Change the mailbox past the front, as another program would."""
        status, answer = self.front.backend.request(method, path, body=body)
        assert status in (200, 204), answer
        return answer

    def connector(self, patience: Patience | None = None, **options: Any) -> Connector:
        vault = MemoryVault(
            token=json.dumps({"refresh_token": self.refresh_token, "scopes": [*self.front.oauth.given]})
        )
        given = {"client_file": str(self.client_file), "api_endpoint": self.front.address, **options}
        return Gmail(given, vault, patience or impatient())

    def expire(self) -> None:
        body = {
            "raw": encoded(b"From: a@b.example\r\nTo: c@d.example\r\n\r\n"),
            "labelIds": [],
            "internalDate": "1600000000000",
        }
        self.ask("DELETE", f"messages/{self.ask('POST', 'messages', body)['id']}")
        self.front.oldest = int(self.front.backend.history())

    def cut(self, after: int | None) -> None:
        self.front.budget = after

    def wire(self) -> bytes:
        return bytes(self.front.wire)

    def asked_for_bodies(self) -> list[str]:
        return self.front.bodies

    def close(self) -> None:
        self.front.close()
        self._folder.cleanup()
