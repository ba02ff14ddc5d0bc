"""The graph connector's counterpart: a server as strict as Microsoft Graph with Mail.ReadBasic, over real TLS."""

import json
import ssl
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msal

from connectors.graph.connector import Graph
from mailcare.mail.connector import Connector
from mailcare.servers.patience import Patience
from tests.counterparts.counterpart import impatient
from tests.counterparts.graph.login import CLIENT, TENANT, Answer, Login, certificate
from tests.counterparts.graph.mailbox import SELECTABLE, Json, Mailbox
from tests.counterparts.graph.service import Refusal, Service
from tests.counterparts.letters import OWNER, Letter, Place
from tests.counterparts.vaults import MemoryVault

CONCURRENT = 4
FORBIDDEN = ("body", "preview", "attachment", "$value", "$expand", "$search", "extended")


class Cut(Exception):
    """The connection dies instead of an answer."""


Fault = Callable[["GraphServer", str], None]
"""Is called with each request's address for mail before it is answered, and may raise Refusal or Cut."""


class GraphServer:
    """A mailbox at Microsoft Graph, its login server, and a person who has logged in."""

    loses: frozenset[str] = frozenset()
    loses_in_sent = frozenset({"in_reply_to", "references", "marks", "list_id"})

    def __init__(self) -> None:
        self.mailbox, self.login = Mailbox(), Login()
        self.service = Service(self.mailbox)
        self.fault: Fault = lambda *_: None
        self.clock: Callable[[], float] = time.monotonic
        self.not_before = 0.0
        """When the client was told to come back, on ``clock``."""
        self.too_early = 0
        self.requests: list[str] = []
        self.concurrent = self.most_concurrent = 0
        self.errors: list[str] = []
        """What went wrong in this server itself."""
        self._bodies: list[str] = []
        self._wire = bytearray()
        self._left: int | None = None
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory()
        self.ca_file = Path(self._folder.name) / "ca.pem"
        key, public, _ = certificate("server")
        self.ca_file.write_bytes(public)
        own = Path(self._folder.name) / "server.pem"
        own.write_bytes(key + public)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(own)
        self._servers = [self._started(context)]
        self.address = f"https://127.0.0.1:{self._servers[0].server_port}"
        self.login.base = self.address
        self.vault = MemoryVault()
        self._log_in()

    @property
    def secrets(self) -> tuple[str, ...]:
        return (*self.login.access, *self.login.refresh, "device-code-that-is-secret")

    @property
    def options(self) -> dict[str, Any]:
        """The connector's configuration."""
        return {
            "tenant": TENANT,
            "client_id": CLIENT,
            "api_endpoint": self.address,
            "authority": self.address,
            "ca_file": str(self.ca_file),
            "timeout": 5,
        }

    def plain(self) -> str:
        """The address of the same mailbox without TLS."""
        self._servers.append(self._started(None))
        return f"http://127.0.0.1:{self._servers[-1].server_port}"

    def stop_plain(self) -> str:
        """End that server, and return the address at which nobody listens any more."""
        server = self._servers.pop()
        server.shutdown()
        server.server_close()
        return f"http://127.0.0.1:{server.server_port}"

    def put(self, letter: Letter) -> None:
        self.mailbox.put(letter)

    def remove(self, letter: Letter) -> None:
        self.mailbox.remove(self.mailbox.key(letter))

    def move(self, letter: Letter, place: Place) -> None:
        self.mailbox.move(self.mailbox.key(letter), f"folder-{place}==")

    def connector(self, patience: Patience | None = None, **options: Any) -> Connector:
        return Graph(self.options | options, self.vault, patience or impatient())

    def expire(self) -> None:
        with self._lock:
            self.service.forget()

    def cut(self, after: int | None) -> None:
        self._left = after

    def wire(self) -> bytes:
        return bytes(self._wire)

    def asked_for_bodies(self) -> list[str]:
        return self._bodies

    def close(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()
        self._folder.cleanup()
        assert self.errors == []

    def answer(self, method: str, target: str, headers: Any, body: str, base: str) -> tuple[int, Json, dict[str, str]]:
        """What a request brings: status, object, headers. Raises Cut."""
        parts = urlsplit(target)
        asked = dict(parse_qsl(parts.query, keep_blank_values=True))
        if not parts.path.startswith("/v1.0/"):
            return (*self._login(method, parts.path, dict(parse_qsl(body, keep_blank_values=True))), {})
        with self._lock:
            self.concurrent += 1
            self.most_concurrent = max(self.most_concurrent, self.concurrent)
        try:
            self.requests.append(target)
            self._permitted(method, parts.path, asked, headers)
            self.fault(self, target)
            with self._lock:
                return 200, self.service.answer(unquote(parts.path), asked, headers.get("Prefer", ""), base), {}
        except Refusal as refusal:
            if "Retry-After" in refusal.headers and refusal.headers["Retry-After"].isdigit():
                self.not_before = self.clock() + float(refusal.headers["Retry-After"])
            error = {"code": refusal.code, "message": f"{OWNER} may not have this."}
            return refusal.status, {"error": error}, refusal.headers
        finally:
            with self._lock:
                self.concurrent -= 1

    def send(self, octets: bytes) -> bytes:
        """As much of an answer as the wire lets through; recorded."""
        with self._lock:
            if self._left is not None:
                octets = octets[: self._left]
                self._left -= len(octets)
            self._wire += octets
            return octets

    def heard(self, octets: bytes) -> None:
        with self._lock:
            self._wire += octets

    def _log_in(self) -> None:
        """As ``mailcare login`` did it, some time ago."""
        cache = msal.SerializableTokenCache()
        _, answer = self.login._tokens()
        cache.add(
            {
                "client_id": CLIENT,
                "scope": answer["scope"].split(),
                "token_endpoint": f"{self.address}/{TENANT}/oauth2/v2.0/token",
                "environment": "127.0.0.1",
                "response": answer | {"id_token_claims": {}},
            }
        )
        self.vault.put("token", cache.serialize())

    def _started(self, context: ssl.SSLContext | None) -> ThreadingHTTPServer:
        handler = type("Handler", (_Handler,), {"graph": self})
        server = _Server(("127.0.0.1", 0), handler)
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server

    def _login(self, method: str, path: str, form: dict[str, str]) -> Answer:
        tenant, _, rest = path.strip("/").partition("/")
        if method == "GET" and rest == "v2.0/.well-known/openid-configuration":
            return self.login.document(tenant)
        if method == "POST" and tenant == TENANT and rest in ("oauth2/v2.0/token", "oauth2/v2.0/devicecode"):
            return self.login.post(path, form)
        return 404, {}

    def _permitted(self, method: str, path: str, asked: dict[str, str], headers: Any) -> None:
        """Whether Mail.ReadBasic allows the request. Raises Refusal."""
        whole = f"{unquote(path)}?{asked}".lower()
        of_messages = "/messages" in path and not {"$skiptoken", "$deltatoken"} & asked.keys()
        selected = set(asked.get("$select", "").split(","))
        if any(word in whole for word in FORBIDDEN) or (of_messages and not selected <= SELECTABLE):
            self._bodies.append(whole)
            raise Refusal(403, "ErrorAccessDenied")
        if of_messages and "$select" not in asked:
            self._bodies.append(whole)
        if self.clock() < self.not_before:
            self.too_early += 1
        if self.concurrent > CONCURRENT:
            raise Refusal(429, "ApplicationThrottled", **{"Retry-After": "1"})
        if method != "GET":
            raise Refusal(403, "ErrorAccessDenied")
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self.login.access:
            raise Refusal(401, "InvalidAuthenticationToken")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: Any) -> None:
        """Clients that go away are part of the tests; anything else is told when the server is closed."""
        if not isinstance(error := sys.exc_info()[1], OSError):
            self.RequestHandlerClass.graph.errors.append(repr(error))  # type: ignore[attr-defined]


class _Handler(BaseHTTPRequestHandler):
    graph: GraphServer
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.graph.heard(f"{self.requestline}\r\n{self.headers}".encode() + body)
        scheme = "https" if isinstance(self.connection, ssl.SSLSocket) else "http"
        base = f"{scheme}://{self.headers['Host']}"
        try:
            status, value, headers = self.graph.answer(self.command, self.path, self.headers, body.decode(), base)
        except Cut as cut:
            self._send(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n{" if str(cut) else b"", whole=False)
            return
        content = json.dumps(value).encode()
        told = {"Content-Type": "application/json", "Content-Length": str(len(content))} | headers
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        self._send(f"HTTP/1.1 {status} Told\r\n{lines}\r\n".encode() + content, whole=True)

    def _send(self, octets: bytes, *, whole: bool) -> None:
        through = self.graph.send(octets)
        with suppress(OSError):
            self.wfile.write(through)
            self.wfile.flush()
        if len(through) < len(octets) or not whole:
            self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Nothing is written."""
