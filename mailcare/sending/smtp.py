"""The way of mailcare's e-mail to its reader (RFC 5321): one server, encrypted and verified, and no letter twice."""

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from mailcare.disk import deliver
from mailcare.errors import Exit, MailcareError
from mailcare.mail.about import Choice, File, Number, Text
from mailcare.mail.login import Dialogue, Vault
from mailcare.sending.deadline import Deadline, Encrypted, Watched
from mailcare.sending.letter import Words, certificate, letter
from mailcare.servers import bearer
from mailcare.servers.credentials import elsewhere, keys, secret
from mailcare.servers.options import Options, unusable
from mailcare.servers.trust import LOOPBACK, untrusted

PORTS = {"starttls": 587, "tls": 465, "none": 25}
SECONDS = 30
"""Wait so long for a connection, and for each answer."""
IN_ALL = 4
"""So many times as long may all of a connection last, whatever the server keeps sending."""
_AGAIN = "The report is written; the next run sends the summary."
_BY_PASSWORD = {"CRAM-MD5", "PLAIN", "LOGIN"}
KEYS = (
    Text("host", "the mail server's name", example="mail.example.com"),
    Choice(
        "security",
        "how the connection is encrypted",
        choices={"starttls": "", "tls": "", "none": "only this machine itself may be spoken to so"},
    ),
    Number("port", "the server's port", most=65535, example=587),
    Text("user", "the login name", "", example="me@example.com"),
    Choice("auth", "how to log in", choices=dict.fromkeys(("password", *bearer.MECHANISMS), "")),
    *keys("password"),
    *keys("token"),
    File("ca_file", "certificates (PEM) to trust", example="ca.pem"),
    File("certificate_file", "the reader's S/MIME certificate, for which the summary is encrypted", example="me.pem"),
    Number("timeout", "seconds for each answer", SECONDS, most=600),
    Text("to", "one of the account's own addresses", "", example="me@example.com"),
)
"""The keys of ``[account.email]``."""
_TAKEN, _NEGATIVE, _PERMANENT = 250, 400, 500
"""The reply to a message that was taken; from the second on replies refuse, from the third on for good. Any other is a
reply of which only a part came."""


class Outgoing:
    """One account's way out. Raises ``MailcareError`` (``Exit.USAGE``) for keys that cannot be right."""

    def __init__(self, given: dict[str, Any], addresses: Collection[str], vault: Vault) -> None:
        options = Options(given, KEYS)
        self.address = _own(options, addresses)
        self._host = options.text("host")
        self._security = options.choice("security")
        if self._security == "none" and self._host not in LOOPBACK:
            raise unusable("security", "only this machine itself may be spoken to unencrypted", 'Write "starttls".')
        self._port = options.number("port", PORTS[self._security])
        self._timeout = options.number("timeout")
        self._tls = _context(options.file("ca_file"))
        self._certificate = options.file("certificate_file")
        self._auth = options.choice("auth")
        self._kind = "password" if self._auth == "password" else "token"
        self._user = options.text("user", needed=self._kind == "token")
        self._vault = vault
        self._secret = {kind: secret(kind, options, vault) for kind in ("password", "token")}[self._kind]
        self.asks = bool(self._user) and not elsewhere(self._kind, options)
        """Whether a person has to tell the password or token, once."""

    def login(self, person: Dialogue) -> None:
        """Ask for the password or token, try it at the server, and keep it in the vault."""
        told = person.ask(f"{self._kind.capitalize()} of {self._user} for sending by {self._host}: ")
        with self._connected(lambda: told):
            self._vault.put(self._kind, told)

    def check(self) -> None:
        """Connect and log in, and send nothing."""
        with self._connected(self._secret):
            pass

    def send(self, words: Words, now: datetime, sent: Path) -> bool:
        """Send the owner these words, dated ``now`` (aware), unless there is a file at ``sent``; returns whether they
        went out.

        That file is made at the last moment at which they surely have not been sent, and taken back where the server
        refuses them: so they go out once at most, and are worth another try as long as the file is not there. Raises
        MailcareError.
        """
        if sent.exists():
            return False
        sealed_for = certificate(self._certificate, now) if self._certificate else None
        content = letter(words, self.address, now, sealed_for).as_bytes()
        with self._connected(self._secret) as client:
            _accepted(client.mail(self.address), 250)
            _accepted(client.rcpt(self.address), 250, 251)
            _accepted(client.docmd("DATA"), 354)
            client.send(re.sub(rb"(?m)^\.", b"..", content))
            if not deliver.mark(sent):
                client.close()
                return False
            self._end(client, sent)
            return True

    def _end(self, client: smtplib.SMTP, sent: Path) -> None:
        try:
            client.send(b".\r\n")
            code, _ = client.getreply()
        except (OSError, smtplib.SMTPException):
            code = 0
        if code >= _NEGATIVE:
            sent.unlink()
            raise _refused(code)
        if code != _TAKEN:
            raise MailcareError(
                "the connection ended before the server said whether it took the summary",
                where=self._host,
                todo="Look into your mail; it is not sent a second time. The report is written.",
            )

    @contextlib.contextmanager
    def _connected(self, secret: Callable[[], str]) -> Iterator[smtplib.SMTP]:
        """A connection that is encrypted and logged in; what goes wrong in it is told."""
        client: smtplib.SMTP | None = None
        deadline = Deadline(IN_ALL * self._timeout)
        try:
            client = self._opened(deadline)
            if self._user:
                self._log_in(client, secret())
            client.ehlo_or_helo_if_needed()
            yield client
            with contextlib.suppress(OSError, smtplib.SMTPException):
                client.quit()
        except MailcareError as error:
            raise error if error.where else error.at(self._host) from None
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            raise (self._too_long() if deadline.passed else self._told(error)) from None
        finally:
            deadline.stop()
            if client:
                client.close()

    def _log_in(self, client: smtplib.SMTP, secret: str) -> None:
        client.ehlo_or_helo_if_needed()
        offered = set(client.esmtp_features.get("auth", "").upper().split())
        if self._auth == "password":
            if offered and not offered & _BY_PASSWORD:
                todo = 'Set auth = "xoauth2" or "oauthbearer", with token_command.'
                raise MailcareError("the server takes no password for sending", todo=todo, code=Exit.USAGE)
            client.login(self._user, secret)
            return
        if self._auth.upper() not in offered:
            raise bearer.not_offered(self._auth)
        answers = bearer.answers(self._auth, self._user, secret)
        client.auth(self._auth, answers, initial_response_ok=False)  # type: ignore[arg-type] # a token is too long for it

    def _opened(self, deadline: Deadline) -> smtplib.SMTP:
        place: dict[str, Any] = {"local_hostname": "localhost", "timeout": self._timeout}
        if self._security == "tls":
            return Encrypted(deadline, self._host, self._port, context=self._tls, **place)
        client = Watched(deadline, self._host, self._port, **place)
        if self._security == "starttls":
            try:
                client.starttls(context=self._tls)
            except BaseException:
                client.close()
                raise
        return client

    def _too_long(self) -> MailcareError:
        what = f"the server for sending was not done within {IN_ALL * self._timeout} seconds"
        return MailcareError(what, where=self._host, todo=_AGAIN, code=Exit.TEMPORARY)

    def _told(self, error: Exception) -> MailcareError:
        """What went wrong, without the server's own words: they may name people."""

        def told(what: str, todo: str, code: Exit) -> MailcareError:
            return MailcareError(what, where=self._host, todo=todo, code=code)

        match error:
            case ssl.SSLCertVerificationError():
                return untrusted(error, self._host)
            case ssl.SSLError():
                other = "tls" if self._security == "starttls" else "starttls"
                return told("no encrypted connection comes about", f'Try security = "{other}".', Exit.USAGE)
            case smtplib.SMTPAuthenticationError() if error.smtp_code >= _PERMANENT:
                todo = f"Check user and {self._kind}_command; or give it anew: mailcare login NAME."
                return told(f"the server does not take the {self._kind} for sending", todo, Exit.LOGIN)
            case smtplib.SMTPNotSupportedError() if self._security == "starttls" and "TLS" in str(error):
                todo = 'Set security = "tls" if it has that; nothing is sent unencrypted.'
                return told("the server offers no STARTTLS", todo, Exit.USAGE)
            case smtplib.SMTPNotSupportedError():
                return told("the server takes no password for sending", "Leave out user.", Exit.USAGE)
            case UnicodeError():
                return told(f"a {self._kind} for sending has to be of ASCII letters", "Choose another.", Exit.LOGIN)
            case socket.gaierror():
                return told("no server of this name is found", f"Check host. {_AGAIN}", Exit.TEMPORARY)
            case smtplib.SMTPResponseException():
                return _refused(error.smtp_code).at(self._host)
            case _:
                return told("the server for sending does not answer as it should", _AGAIN, Exit.TEMPORARY)


def _own(options: Options, addresses: Collection[str]) -> str:
    """The address to send to: one of the owner's own."""
    address = options.text("to", next(iter(addresses), "")).lower()
    if address not in addresses:
        raise unusable("to", "not one of the account's addresses", "The summary goes to its owner alone.")
    if not address.isascii():
        raise unusable("to", "not an address of ASCII letters", "Name one, its domain in the form xn--….")
    return address


def _context(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError):
        raise unusable("ca_file", "this file holds no certificates", "Name a file in PEM format.") from None


def _accepted(answer: tuple[int, bytes], *expected: int) -> None:
    if answer[0] not in expected:
        raise _refused(answer[0])


def _refused(code: int) -> MailcareError:
    what = f"the server did not take the summary (its reply is {code})"
    if code < _PERMANENT:
        return MailcareError(what, todo=_AGAIN, code=Exit.TEMPORARY)
    return MailcareError(what, todo="Ask who runs it; the report is written.")
