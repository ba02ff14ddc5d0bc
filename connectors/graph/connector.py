"""Exchange Online by Microsoft Graph."""

import re
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.graph import removal as graph_removal
from connectors.graph.about import ABOUT
from connectors.graph.api import Api, Gone
from connectors.graph.folders import folders
from connectors.graph.http import Failing, Http
from connectors.graph.login import AppOnly, Delegated, Registration, Tokens
from connectors.graph.reading import Reading
from mailcare.errors import Exit, MailcareError
from mailcare.mail.connector import Batch, Known
from mailcare.mail.login import Dialogue, Vault
from mailcare.servers.options import Options, unusable
from mailcare.servers.patience import Patience, patient
from mailcare.servers.trust import secure

CLOUDS = {
    "global": ("https://graph.microsoft.com", "https://login.microsoftonline.com"),
    "usgov": ("https://graph.microsoft.us", "https://login.microsoftonline.us"),
    "usgov_dod": ("https://dod-graph.microsoft.us", "https://login.microsoftonline.us"),
}
"""Each cloud's addresses of Graph and of its login server (Microsoft Graph, National cloud deployments); the Chinese
one does not tell the changes of messages (message: delta)."""

_WEB = re.compile(r"https://[!#-;=?-~]{1,2000}")


class Graph:
    """The ``graph`` connector. Every folder is a source of its own; a message's key is its immutable id."""

    def __init__(self, options: dict[str, Any], vault: Vault, patience: Patience | None = None) -> None:
        given = Options(options, ABOUT.keys)
        api, login = CLOUDS[given.choice("cloud")]
        self._app = Registration(
            tenant=_name(given, "tenant"),
            client_id=_name(given, "client_id"),
            authority=_authority(given, login),
            resource=api,
        )
        self._endpoint = secure("api_endpoint", given.text("api_endpoint", api))
        self._certificate, self._ca_file = given.file("certificate_file"), given.file("ca_file")
        self._user = given.text("user", needed=bool(self._certificate))
        self._timeout = given.number("timeout")
        self._vault, self._patience = vault, patience or Patience()

    def check(self) -> None:
        """Ask for the Inbox's id. Raises MailcareError."""
        with self._opened() as (api, _):
            api.folder_id("inbox")

    def read(self, known: Known, now: datetime, since: datetime | None = None) -> Iterator[Batch]:
        """What is new since ``known``; ``now`` is the moment of reading. Raises MailcareError."""
        with self._opened() as (api, _):
            found = folders(api)
            readings = {folder.id: Reading(api, folder, known, now) for folder in found}
            hidden = any(folder.is_closed_inside for folder in found)
            vanished = [] if hidden else graph_removal.vanished(readings, known)
            for batch in self._read(readings, since):
                yield replace(batch, left=sum(reading.left for reading in readings.values()))
            yield from graph_removal.removed(api, readings, vanished, known)

    def links(self, message_ids: Collection[str]) -> dict[str, str]:
        """Where each message is opened in Outlook on the web, asked for one by one. Raises MailcareError."""
        with self._opened() as (api, _):
            found = {message_id: api.link(message_id) for message_id in message_ids}
        return {message_id: address for message_id, address in found.items() if _WEB.fullmatch(address)}

    def login(self, person: Dialogue) -> None:
        """Have the person enter a code at Microsoft's page; what that brings is kept. Raises MailcareError."""
        with self._opened() as (api, tokens):
            if not isinstance(tokens, Delegated):
                raise unusable("certificate_file", "with a certificate nobody logs in", "Run: mailcare run.")
            tokens.login(person)
            api.folder_id("inbox")
            tokens.keep()

    @contextmanager
    def _opened(self) -> Iterator[tuple[Api, Tokens]]:
        with closing(Http(ca_file=self._ca_file, timeout=self._timeout)) as once:
            http = patient(once, self._patience)
            tokens = (
                AppOnly(self._app, http, self._certificate)
                if self._certificate
                else Delegated(self._app, http, self._vault, self._patience, shared=bool(self._user))
            )
            try:
                yield Api(http, tokens, self._endpoint, self._user), tokens
            except Failing as failing:
                raise MailcareError(str(failing), todo="Run again later.", code=Exit.TEMPORARY) from None
            except Gone as gone:
                raise MailcareError(
                    f"there is no mailbox here ({gone})",
                    where=urlsplit(self._endpoint).netloc,
                    todo="Check user and api_endpoint.",
                ) from None

    def _read(self, readings: dict[str, Reading], since: datetime | None) -> Iterator[Batch]:
        """What has changed, then the back-fill, the newest page of any folder first."""
        for reading in readings.values():
            yield from reading.permitted(reading.second_try())
            yield from reading.permitted(reading.changes())
        for reading in [reading for reading in readings.values() if not reading.complete]:
            yield from reading.permitted(reading.arrivals())
            yield from reading.permitted(reading.census())
        while going := [one for one in readings.values() if not (one.complete or one.stopped or one.refusal)]:
            reading = max(going, key=lambda one: (not one.cursor.reached, one.cursor.reached))
            yield from reading.permitted(reading.back_fill(since))
        refusals = [reading.refusal for reading in readings.values() if reading.refusal]
        if refusals and len(refusals) == len(readings):
            raise refusals[0]
        yield from filter(None, [reading.noted() for reading in readings.values()])


def _name(options: Options, key: str) -> str:
    """A tenant's or an app's name, which becomes part of an address."""
    value = options.text(key)
    if not all(letter.isalnum() or letter in "-._" for letter in value):
        raise unusable(key, "neither an id nor a domain", f"Write {options.example(key)}.")
    return value


def _authority(options: Options, default: str) -> str:
    """The login server's address; msal takes none without TLS, on this machine neither."""
    address = secure("authority", options.text("authority", default))
    if address.startswith("http:"):
        raise unusable("authority", "not encrypted", "Write it with https://.")
    return address
