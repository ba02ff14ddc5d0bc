"""A connection to an SMTP server that is cut when it lasts too long, whatever the server keeps sending."""

import contextlib
import smtplib
import socket
import threading
from typing import Any


class Deadline:
    """So many seconds from the moment the connection stands until it ends, its TLS handshake included."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._timer: threading.Timer | None = None
        self._connection: socket.socket | None = None
        self.passed = False
        """Whether the connection was cut."""

    def start(self, connection: socket.socket) -> None:
        """The connection stands."""
        self._connection = connection.dup()  # wrapping in TLS takes the socket away, not the connection
        self._timer = threading.Timer(self._seconds, self._cut, (self._connection,))
        self._timer.daemon = True
        self._timer.start()

    def stop(self) -> None:
        """The connection has ended."""
        if self._timer and self._connection:
            self._timer.cancel()
            self._connection.close()

    def _cut(self, connection: socket.socket) -> None:
        self.passed = True
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


class Watched(smtplib.SMTP):
    """smtplib's client, from its greeting on under a deadline."""

    def __init__(self, deadline: Deadline, *arguments: Any, **options: Any) -> None:
        self._deadline = deadline
        super().__init__(*arguments, **options)

    def _get_socket(self, *place: Any) -> socket.socket:
        connected: socket.socket = super()._get_socket(*place)  # type: ignore[misc]  # smtplib's
        self._deadline.start(connected)
        return connected


class Encrypted(smtplib.SMTP_SSL, Watched):
    """The same with TLS from the first octet on."""

    def __init__(self, deadline: Deadline, *arguments: Any, **options: Any) -> None:
        self._deadline = deadline
        smtplib.SMTP_SSL.__init__(self, *arguments, **options)
