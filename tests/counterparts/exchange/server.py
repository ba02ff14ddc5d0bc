"""The exchange connector's counterpart: a strict EWS server over real HTTP on loopback, in this process.

It can fail in many ways, cut its connections, and keeps all that went over the wire.
"""

import socket
import ssl
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any

import spnego

from connectors.exchange.connector import Exchange
from mailcare.servers.patience import Patience
from tests.counterparts.counterpart import impatient
from tests.counterparts.exchange.answers import Fault, discovery_xml, fault_xml
from tests.counterparts.exchange.mailbox import StoredMailbox
from tests.counterparts.exchange.operations import Operations
from tests.counterparts.letters import OWNER, Letter, Place
from tests.counterparts.vaults import MemoryVault

PASSWORD = "zebra-0n-Loopback"
TOKEN = "zebra-token-1"
DELEGATE, SERVICE, STRANGER = "desk@home.example", "robot@home.example", "nobody@home.example"
BACK_OFF = 7000
"""Milliseconds."""
PLACES = {"inbox": "inbox", "sent": "sentitems", "drafts": "drafts", "spam": "junkemail", "trash": "deleteditems"}

Trouble = Callable[[], str]
"""What befalls the next request: one of ``EwsServer.TROUBLES``, or nothing."""


class EwsServer:
    """A mailbox of ``letters.OWNER``; ``DELEGATE`` has full access to it, ``SERVICE`` may impersonate it."""

    loses: frozenset[str] = frozenset()
    loses_in_sent: frozenset[str] = frozenset()
    TROUBLES = (
        *("busy", "busy with hint", "503", "503 with hint", "reset", "cut", "half", "html", "internal", "store"),
        "throttled 401",
    )

    def __init__(self) -> None:
        self.mailbox = StoredMailbox(OWNER)
        self.mailboxes = {OWNER: self.mailbox}
        self.archive = self.mailbox.add_folder("Archiv", self.mailbox.root).id
        self.rights = {(DELEGATE, OWNER): "delegate", (SERVICE, OWNER): "impersonation"}
        self.operations = Operations(self.mailboxes, self.rights)
        self.tokens = {TOKEN: OWNER}
        self.logins: list[str] = []
        """The Authorization headers that came."""
        self.ntlm = False
        """Whether NTLM is the only way to log in, with the users of the file that NTLM_USER_FILE names."""
        self.discovered = ""
        """The endpoint that Autodiscover names in place of ours."""
        self.trouble: Trouble = str
        self.spelt: Callable[[bytes], bytes] = bytes
        """How answers are written: another server's dialect."""
        self.secrets: tuple[str, ...] = (PASSWORD, TOKEN, b64encode(f"{OWNER}:{PASSWORD}".encode()).decode())
        self._ids: dict[str, str] = {}
        self._wire, self._lock = bytearray(), Lock()
        self._budget: int | None = None
        self._open: set[socket.socket] = set()
        self.closing = Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/EWS/Exchange.asmx"

    def folder(self, place: Place) -> str:
        found = self.mailbox.special(PLACES.get(place, ""))
        return found.id if found else self.archive

    def id(self, letter: Letter) -> str:
        """The letter's item id."""
        return self._ids[letter.id]

    def put(self, letter: Letter) -> None:
        headers = letter.place not in ("sent", "drafts")
        self._ids[letter.id] = self.mailbox.deliver(
            letter.raw, self.folder(letter.place), letter.arrived, headers=headers
        )

    def remove(self, letter: Letter) -> None:
        self.mailbox.delete(self._ids.pop(letter.id))

    def move(self, letter: Letter, place: Place) -> None:
        self._ids[letter.id] = self.mailbox.move(self.id(letter), self.folder(place))

    def connector(self, patience: Patience | None = None, password: str = PASSWORD, **changes: Any) -> Exchange:
        options = {"mailbox": OWNER, "service_endpoint": self.url, "auth": "basic", "timeout": 20} | changes
        return Exchange(options, MemoryVault(password=password, token=TOKEN), patience or impatient())

    def expire(self) -> None:
        self.mailbox.epoch += 1

    def cut(self, after: int | None) -> None:
        self._budget = after

    def wire(self) -> bytes:
        with self._lock:
            return bytes(self._wire)

    def asked_for_bodies(self) -> list[str]:
        return list(self.operations.bodies)

    def encrypt(self, context: ssl.SSLContext) -> None:
        """From now on it speaks TLS, and nothing else."""
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def user(self, authorization: str) -> str | None:
        """Who sends this Authorization header; None for nobody known."""
        kind, _, value = authorization.partition(" ")
        if kind == "Connection" and self.ntlm:
            return value
        if kind == "Bearer":
            return self.tokens.get(value)
        if kind != "Basic":
            return None
        name, _, password = b64decode(value).decode(errors="replace").partition(":")
        return name if password == PASSWORD and name in (OWNER, DELEGATE, SERVICE, STRANGER) else None

    def note(self, octets: bytes) -> None:
        with self._lock:
            self._wire += octets

    def allowed(self, octets: bytes) -> bytes:
        """As much of it as may still be sent."""
        if self._budget is None:
            return octets
        part = octets[: self._budget]
        self._budget -= len(part)
        return part

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        there = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            ntlm: Any = None

            def setup(self) -> None:
                super().setup()
                there._open.add(self.connection)

            def finish(self) -> None:
                there._open.discard(self.connection)
                with suppress(OSError):
                    super().finish()

            def log_message(self, format: str, *args: Any) -> None:
                """Says nothing."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                there.note(self.raw_requestline + bytes(self.headers) + body)
                self.reply(*(self.challenge() or _response(there, self.path, self.headers, body)))

            def challenge(self) -> tuple[int, bytes, dict[str, str]] | None:
                """What NTLM (MS-NTHT) has to say before a connection is somebody's; None once it is."""
                if not there.ntlm:
                    return None
                kind, _, token = self.headers.get("Authorization", "").partition(" ")
                if kind == "NTLM":
                    there.logins.append(kind)
                    self.ntlm = self.ntlm or spnego.server(protocol="ntlm")
                    try:
                        answer = self.ntlm.step(b64decode(token))
                    except spnego.exceptions.SpnegoError:
                        return 401, b"", {"WWW-Authenticate": "NTLM"}
                    if answer:
                        return 401, b"", {"WWW-Authenticate": f"NTLM {b64encode(answer).decode()}"}
                complete = self.ntlm and self.ntlm.complete
                self.headers["Authorization"] = f"Connection {OWNER}"
                return None if complete else (401, b"", {"WWW-Authenticate": "Negotiate, NTLM"})

            def reply(self, status: int, body: bytes, extra: dict[str, str]) -> None:
                if status == 0:
                    return self.die()
                shown = body[: len(body) // 2] if extra.pop("half", "") else body
                length = extra.pop("Content-Length", str(len(shown)))
                kind = extra.pop("Content-Type", "text/xml; charset=utf-8")
                fields = {"Content-Type": kind, "Content-Length": length, "Server": "Loopback"} | extra
                lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
                octets = f"HTTP/1.1 {status} Told\r\n{lines}\r\n".encode() + shown
                part = there.allowed(octets)
                there.note(part)
                with suppress(OSError):
                    self.wfile.write(part)
                if len(part) < len(octets) or length != str(len(shown)):
                    self.die()

            def die(self) -> None:
                self.close_connection = True
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)

        return Handler


def _response(there: EwsServer, path: str, headers: Any, body: bytes) -> tuple[int, bytes, dict[str, str]]:
    """Status, body and further headers; status 0 for no answer at all."""
    refused = 401, b"", {"WWW-Authenticate": 'Basic realm="loopback"'}
    authorization = headers.get_all("Authorization", [""])[-1]
    there.logins.append(authorization)
    user = there.user(authorization)
    if user is None:
        return refused
    if path == "/autodiscover/autodiscover.svc":
        return 200, discovery_xml(there.discovered or there.url), {}
    if path != "/EWS/Exchange.asmx":
        return 404, b"nothing here", {}
    if headers.get_content_type() != "text/xml":
        return 415, b"", {}
    trouble = there.trouble()
    match trouble:
        case "busy" | "busy with hint":
            return 500, there.spelt(fault_xml(Fault("ErrorServerBusy", BACK_OFF if "hint" in trouble else None))), {}
        case "internal":
            return 500, there.spelt(fault_xml(Fault("ErrorInternalServerError"))), {}
        case "store":
            return 500, there.spelt(fault_xml(Fault("ErrorMailboxStoreUnavailable"))), {}
        case "503" | "503 with hint":
            return 503, b"", {"Retry-After": "5"} if "hint" in trouble else {}
        case "html":
            return 200, b"<html><body>Please wait.</body></html>", {"Content-Type": "text/html"}
        case "reset":
            return 0, b"", {}
        case "stall":
            there.closing.wait(60)
            return 0, b"", {}
        case "throttled 401":
            return refused
    try:
        answer = there.spelt(there.operations.answer(user, body))
    except Fault as fault:
        return fault.status, there.spelt(fault_xml(fault)) if fault.code else b"<html>Runtime Error</html>", {}
    if trouble == "cut":
        return 200, answer, {"half": "yes", "Content-Length": str(len(answer))}
    return 200, answer, {"half": "yes"} if trouble == "half" else {}
