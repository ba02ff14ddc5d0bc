"""A connection to an IMAP server, which is opened again once it broke (RFC 3501, RFC 9051)."""

import contextlib
import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self, TypeVar

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

from connectors.imap.answers import GARBLED, TOO_LATE, Broken, Busy, Closed, Lost, Refused, meaning
from connectors.imap.deadline import Client, Deadline
from connectors.imap.folders import examined, uid_validity
from connectors.imap.login import log_in
from mailcare.errors import Exit, MailcareError
from mailcare.servers.later import Due, Later
from mailcare.servers.trust import untrusted

Answer = TypeVar("Answer")

_NO_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
_NO_TLS = {"WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}
"""What OpenSSL says of an answer in plain text."""
_GOODBYE = 5.0
"""Seconds in which the server may answer LOGOUT."""
_IN_ALL = 10
"""So many times the seconds for a part of an answer may go by until its end."""

logging.getLogger("imapclient").setLevel(logging.CRITICAL)  # its log holds header fields and user names


@dataclass(frozen=True, slots=True)
class Server:
    """Where the mail is, and how to get there."""

    host: str
    port: int
    security: str
    """``tls``, ``starttls`` or ``none``."""
    ca_file: Path | None
    timeout: int
    """Seconds to wait for a connection, and for each part of an answer."""
    user: str
    auth: str
    """``password``, ``xoauth2`` or ``oauthbearer``."""


class Session:
    """The way to one server. ``secret`` is asked for at every login. Raises MailcareError, and Later for what may pass
    by.
    """

    def __init__(self, server: Server, secret: Callable[[], str]) -> None:
        self._server, self._secret = server, secret
        self._tls = _context(server)
        self._client: IMAPClient | None = None
        self._folder = ""
        self._reached = self._turned_away = False
        self._due = Due()
        self._deadline = Deadline(_IN_ALL * server.timeout)
        self.in_a_row = 0
        """Messages at which the server has failed since it last gave one."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._client and kind in (None, GeneratorExit):
            with contextlib.suppress(OSError, IMAPClientError, *GARBLED):
                self._client.socket().settimeout(_GOODBYE)
                self._client.logout()
        self._deadline.stop()
        self._drop()

    def ask(self, command: Callable[[IMAPClient], Answer], folder: str = "", validity: int = 0) -> Answer:
        """The answer to a command, in a folder if one is named.

        The folder's name is that of the server. Raises Refused, and Closed where the folder cannot be opened or no
        longer has this UIDVALIDITY. A command that opens a folder itself must not name one.
        """
        return self._run(command, self._settled(folder, validity))

    def ask_once(self, command: Callable[[IMAPClient], Answer], folder: str = "", validity: int = 0) -> Answer:
        """As ``ask``, but raises Broken if the connection breaks over this command."""
        client = self._settled(folder, validity)
        try:
            return self._run(command, client)
        except Lost as lost:
            self._due.keep(lost)
            raise Broken from None

    def recover(self, folder: str, validity: int) -> None:
        """Come back to the folder after the connection broke; then the server is well. What broke it is raised first,
        to be waited for.
        """
        self._due.tell()
        self.ask(IMAPClient.noop, folder, validity)

    def failed(self) -> None:
        """The server has failed at a message."""
        self.in_a_row += 1

    def gave(self) -> None:
        """The server has given a message, or is to be believed anew."""
        self.in_a_row = 0

    def open(self) -> None:
        """Connect and log in, at the first try. Raises MailcareError."""
        try:
            self._connect()
        except Later as later:
            raise self._told(str(later)) from None

    def _settled(self, folder: str = "", validity: int = 0) -> IMAPClient:
        """The connection, in that folder."""
        client = self._client or self._connect()
        if folder != self._folder:
            self._folder = ""
            if folder:
                self._examine(client, folder, validity)
        return client

    def _examine(self, client: IMAPClient, folder: str, validity: int) -> None:
        try:
            status = self._run(examined, client, folder)
        except Refused:
            raise Closed from None
        if uid_validity(status) != validity:
            raise Closed
        self._folder = folder

    def _connect(self) -> IMAPClient:
        self._run(self._opened)
        secret = self._secret()
        client = self._client
        try:
            self._run(log_in, client, self._server.user, self._server.auth, secret)
        except Refused as refused:
            self._drop()
            raise self._rejected(str(refused)) from None
        except MailcareError as error:
            self._drop()
            raise error.at(self._server.host) from None
        except Busy as busy:
            self._drop()
            if busy.vague and self._turned_away:
                raise self._told("the server takes no login for now") from None
            self._turned_away = busy.vague
            raise
        self._reached, self._turned_away = True, False
        return client

    def _opened(self) -> None:
        server = self._server
        try:
            self._client = Client(
                self._deadline,
                server.host,
                server.port,
                ssl=server.security == "tls",
                ssl_context=self._tls,
                timeout=server.timeout,
            )
            self._client._imap.debug = 0
            self._client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._client.folder_encode = self._client.normalise_times = False
            if server.security == "starttls":
                if not self._client.has_capability("STARTTLS"):
                    raise self._told("the server offers no STARTTLS", 'Set security = "tls".', Exit.USAGE)
                self._client.starttls(self._tls)
        except OSError as error:
            if hopeless := self._hopeless(error):
                self._drop()
                raise hopeless from None
            raise
        except IMAPClientError as error:
            raise IMAPClientAbortError(*error.args) from None

    def _run(self, command: Callable[..., Answer], *arguments: object) -> Answer:
        """The command's answer; what goes wrong is raised as Lost, Busy or Refused, without the library's words."""
        try:
            return command(*arguments)
        except (OSError, IMAPClientError, *GARBLED) as error:
            told = Lost(TOO_LATE) if self._deadline.passed else meaning(error)
        finally:
            self._deadline.stop()
        if isinstance(told, Lost):
            self._drop()
        raise told

    def _drop(self) -> None:
        client, self._client, self._folder = self._client, None, ""
        if client:
            with contextlib.suppress(OSError, *GARBLED):
                client.shutdown()

    def _told(self, what: str, todo: str = "Run again later.", code: Exit = Exit.TEMPORARY) -> MailcareError:
        return MailcareError(what, where=self._server.host, todo=todo, code=code)

    def _rejected(self, code: str) -> MailcareError:
        if code == "PRIVACYREQUIRED":
            return self._told("the server wants encryption", 'Set security = "tls" or "starttls".', Exit.USAGE)
        what = "password" if self._server.auth == "password" else "token"
        more = " Some providers want a password of its own for each program." if what == "password" else ""
        return self._told(
            f"the server does not accept the user name or the {what}{f' ({code})' if code else ''}",
            f"Check `user`, then log in again: mailcare login NAME.{more}",
            Exit.LOGIN,
        )

    def _hopeless(self, error: OSError) -> MailcareError | None:
        """What another try would not mend: at the first connection a wrong host or port, at any one a wrong TLS."""
        port = self._server.port
        if isinstance(error, ssl.SSLCertVerificationError):
            return untrusted(error, self._server.host)
        if isinstance(error, ssl.SSLError) and error.reason in _NO_TLS:
            return self._told(
                f"no TLS at port {port}", 'Set security = "starttls", or the port that speaks TLS.', Exit.USAGE
            )
        if self._reached:
            return None
        if isinstance(error, socket.gaierror) and error.errno in _NO_NAME:
            return self._told("there is no such host", "Check `host` and your network.")
        if isinstance(error, ConnectionRefusedError):
            return self._told(f"nothing answers at port {port}", "Check `host` and `port`, or run again later.")
        return None


def _context(server: Server) -> ssl.SSLContext | None:
    """The TLS settings: certificates are verified, by the system's authorities or those of ``ca_file``."""
    if server.security == "none":
        return None
    try:
        return ssl.create_default_context(cafile=server.ca_file)
    except (OSError, ValueError):
        raise MailcareError(
            "this file holds no certificates", where="ca_file", todo="Name a file in PEM format.", code=Exit.USAGE
        ) from None
