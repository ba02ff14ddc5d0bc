"""Mail on an IMAP server (RFC 3501, RFC 9051). Folders are examined, never selected: nothing is changed there.

Every folder is a source.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from connectors.imap.about import ABOUT
from connectors.imap.answers import Refused
from connectors.imap.folders import Folder, folders, is_inbox, listed, namespaces
from connectors.imap.reading import Reading, farewell, survey
from connectors.imap.session import Server, Session
from mailcare.errors import Exit, MailcareError
from mailcare.mail.connector import Batch, Known, Position
from mailcare.mail.login import Dialogue, Vault
from mailcare.mail.message import Role
from mailcare.servers.credentials import elsewhere, secret
from mailcare.servers.options import Options, unusable
from mailcare.servers.patience import Patience, patient
from mailcare.servers.trust import LOOPBACK

_PORTS = {"tls": 993, "starttls": 143, "none": 143}
_ZONES = timedelta(days=1)
"""A server's SINCE knows only dates, in its own time zone."""
_NO_SENT = {"sent": "no_sent_folder"}


class Imap:
    """The ``imap`` connector."""

    def __init__(self, options: dict[str, Any], vault: Vault, patience: Patience | None = None) -> None:
        given = Options(options, ABOUT.keys)
        self._server = _server(given)
        self._kind = "password" if self._server.auth == "password" else "token"
        self._secret = {kind: secret(kind, given, vault) for kind in ("password", "token")}[self._kind]
        self._elsewhere = elsewhere(self._kind, given)
        self._vault, self._patience = vault, patience or Patience()

    def login(self, person: Dialogue) -> None:
        """Ask for the password or token, try it, and keep it in the vault. Raises MailcareError."""
        told = self._secret() if self._elsewhere else person.ask(f"{self._kind.capitalize()} for {self._server.user}: ")
        with self._session(lambda: told) as session:
            session.open()
        if self._elsewhere:
            person.tell(f"{self._server.host} accepts the {self._kind} that the configuration leads to.")
        else:
            self._vault.put(self._kind, told)
            person.tell(f"{self._server.host} accepts the {self._kind}. It is kept for the next runs.")

    def check(self) -> None:
        """Log in and have the folders listed. Raises MailcareError."""
        with self._session(self._secret) as session:
            self._folders(session)

    def read(self, known: Known, now: datetime, since: datetime | None = None) -> Iterator[Batch]:
        """What is new since ``known``: new mail of all folders, then what is gone, then older mail, newest first."""
        with self._session(self._secret) as session:
            found = self._folders(session)
            sources = known.sources()
            unknown = any(known.position(folder.path) is None for folder in found)
            fresh = unknown and not any(map(known.keys, sources))
            day = (since - _ZONES).date() if since else None
            notes = {} if any(Role.SENT in folder.roles for folder in found) else _NO_SENT
            surveyed = [
                survey(session, folder, known, day, notes if folder is found[0] else {}, fresh=fresh)
                for folder in found
            ]
            readings = [reading for reading in surveyed if reading]
            unlisted = set(sources) - {folder.path for folder in found}
            ends = {source: farewell(session, source, known) for source in sources if source in unlisted}
            for batch in self._batches(session, readings, ends, now):
                if batch:
                    yield batch

    @contextmanager
    def _session(self, secret: Callable[[], str]) -> Iterator[Session]:
        with Session(self._server, secret) as session:
            yield patient(session, self._patience, self._server.host)

    def _folders(self, session: Session) -> list[Folder]:
        try:
            everything = session.ask(listed)
        except Refused:
            everything = []
        try:
            spaces = session.ask(namespaces)
        except Refused:
            spaces = []
        found = folders(everything, spaces)
        if not found or not is_inbox(found[0].name):
            raise self._failed("the server does not list its folders")
        return found

    def _batches(
        self, session: Session, readings: list[Reading], ends: dict[str, Position | None], now: datetime
    ) -> Iterator[Batch | None]:
        """What is new comes before what is gone, so that a moved message is always there; then every folder has a
        position, and what is older is read. ``ends``: the positions of folders that are listed no more.

        A folder at whose messages the server fails is left, and told at the end; at a second one the reading ends.
        """

        failing = self._failed("the server fails at one message after the other")

        def left() -> int:
            return sum(reading.left for reading in readings)

        def read(reading: Reading, queue: list[int], *, end: bool) -> Iterator[Batch | None]:
            yield reading.batch(reading.fetch(session, queue, now), [], left(), end=end)
            if sum(one.hopeless for one in readings) > 1:
                raise failing

        for reading in readings:
            while reading.new:
                yield from read(reading, reading.new, end=False)
        everywhere = not any(reading.abandoned for reading in readings)
        for reading in readings:
            removed = reading.gone if everywhere else []
            reading.gone = [] if everywhere else reading.gone
            yield reading.batch([], removed, left(), end=True)
        for source, position in ends.items():
            if everywhere and position:
                yield Batch(source, position, left=left())
        while any(reading.old for reading in readings):
            for reading in readings:
                if reading.old:
                    yield from read(reading, reading.old, end=True)
        for reading in readings:
            if reading.again:
                yield from read(reading, reading.again, end=True)
        if any(reading.hopeless for reading in readings):
            raise failing

    def _failed(self, what: str) -> MailcareError:
        return MailcareError(
            what, where=self._server.host, todo="Run again later: what was read is kept.", code=Exit.TEMPORARY
        )


def _server(given: Options) -> Server:
    security = given.choice("security")
    host = given.text("host")
    if security == "none" and host not in LOOPBACK:
        raise unusable("security", "without encryption only this machine may be read", 'Set security = "tls".')
    return Server(
        host,
        given.number("port", _PORTS[security]),
        security,
        given.file("ca_file"),
        given.number("timeout"),
        given.text("user"),
        given.choice("auth"),
    )
