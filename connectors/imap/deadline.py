"""A connection that is cut when the answer to a command takes too long, whatever the server keeps sending."""

import contextlib
import imaplib
import socket
import threading

from imapclient import IMAPClient
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS


class Deadline:
    """So many seconds for each command, from its first octet to the end of the answer."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timer: threading.Timer | None = None
        self.passed = False
        """Whether the command that is under way took longer."""

    def start(self, connection: imaplib.IMAP4) -> None:
        """A command begins."""
        self.stop()
        self._timer = threading.Timer(self._seconds, self._cut, (connection,))
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        """No command is under way."""
        self.passed = False
        if self._timer:
            self._timer.cancel()

    def _cut(self, connection: imaplib.IMAP4) -> None:
        self.passed = True
        with contextlib.suppress(OSError, AttributeError):
            socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


class Client(IMAPClient):
    """The library's client, from its greeting on under a deadline."""

    def __init__(self, deadline: Deadline, *arguments: object, **options: object) -> None:
        self._deadline = deadline
        super().__init__(*arguments, **options)

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 - IMAPClient's name
        seconds = self._timeout.connect
        if self.ssl:
            return _Encrypted(self._deadline, self.host, self.port, self.ssl_context, seconds)
        return _Plain(self._deadline, self.host, self.port, seconds)


class _Watched(imaplib.IMAP4):
    def __init__(self, deadline: Deadline, *arguments: object) -> None:
        self._deadline = deadline
        super().__init__(*arguments)  # type: ignore[arg-type]  # the other base's

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        connected: socket.socket = super()._create_socket(timeout)  # type: ignore[misc]  # the other base's
        self._deadline.start(self)
        return connected

    def _new_tag(self) -> bytes:
        self._deadline.start(self)
        tag: bytes = super()._new_tag()  # type: ignore[misc]  # the other base's
        return tag


class _Plain(_Watched, IMAP4WithTimeout):
    pass


class _Encrypted(_Watched, IMAP4_TLS):
    pass
