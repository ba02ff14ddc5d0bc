"""What stands before a mailbox in the tests and makes it as strict as Google: tokens, scopes, masks, batches."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from threading import Lock, Thread
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from tests.counterparts.gmail.mask import harmless, kept, tree
from tests.counterparts.gmail.oauth import OAuth

UNITS = {"profile": 1, "labels": 1, "history": 2, "messages": 5, "message": 20, "thread": 40}
TOGETHER = 25
"""More parts of a batch than these are too many at a time."""

Headers = dict[str, str]
Reply = tuple[int, Headers, dict[str, Any]]


class Backend(Protocol):
    """A mailbox that answers requests below ``users/me/``."""

    def request(
        self, method: str, path: str, query: dict[str, list[str]] | None = None, body: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]: ...

    def history(self) -> str: ...

    def close(self) -> None: ...


@dataclass
class Request:
    """One request to the API, alone or a part of a batch."""

    kind: str
    """One of ``UNITS``, or ``batch``."""
    id: str
    query: dict[str, list[str]]
    number: int
    """How many requests came before it."""


Fault = Callable[[Request], Reply | OSError | None]
"""What befalls a request: an answer in place of the true one, an error that drops the connection, or None: nothing."""


def refusal(status: int, reason: str, message: str = "", **headers: str) -> Reply:
    """An error as Google answers it."""
    error = {"code": status, "message": message or reason, "errors": [{"domain": "global", "reason": reason}]}
    return status, headers, {"error": error}


@dataclass
class Front:
    """The server; ``seen`` is called with each request before it is answered."""

    backend: Backend
    owner: str
    oauth: OAuth = field(default_factory=OAuth)
    fault: Fault = lambda request: None
    seen: Callable[[Request], None] = lambda request: None
    oldest: int = 0
    """History ids before it have expired."""
    raws: dict[str, bytes] = field(default_factory=dict)
    """The messages' octets, by id."""
    requests: list[Request] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    """Requests that could have returned a body."""
    wire: bytearray = field(default_factory=bytearray)
    budget: int | None = None
    """So many more octets are sent, then every connection dies."""
    page: int = 500
    """The most entries on a page of a list, whatever was asked for."""
    tls: SSLContext | None = None

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self.address = f"http{'s' if self.tls else ''}://127.0.0.1:{self.port}"
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.backend.close()

    def units(self) -> int:
        """What the requests so far have cost."""
        return sum(UNITS.get(request.kind, 0) for request in self.requests)

    def _handler(front) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                self._serve()

            def do_POST(self) -> None:
                self._serve()

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                with front._lock:
                    front.wire += f"{self.requestline}\r\n{self.headers}".encode() + body
                    try:
                        status, headers, content = front._served(self.command, self.path, self.headers, body)
                    except OSError:
                        self.close_connection = True
                        return
                    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                    answer = f"HTTP/1.1 {status} -\r\nContent-Length: {len(content)}\r\n{head}\r\n".encode() + content
                    if front.budget is not None:
                        answer = answer[: front.budget]
                        front.budget -= len(answer)
                        self.close_connection = front.budget == 0
                    front.wire += answer
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Keep quiet."""

        return Handler

    def _served(self, method: str, target: str, headers: Any, body: bytes) -> tuple[int, Headers, bytes]:
        path = urlsplit(target).path
        token = headers.get("Authorization", "")
        form = parse_qs(body.decode("latin-1"))
        if answer := self.oauth.served(path, parse_qs(urlsplit(target).query), form, token):
            return answer
        if path != "/batch":
            return _json(self._answered(method, target, token))
        if refused := self._checked(Request("batch", "", {}, len(self.requests))) or self._unknown(token):
            return _json(refused)
        return self._batch(headers["Content-Type"], body, token)

    def _batch(self, content_type: str, body: bytes, token: str) -> tuple[int, Headers, bytes]:
        boundary = re.search(r'boundary="([^"]+)"', content_type)
        assert boundary
        parts = body.decode().replace("\r\n", "\n").split(f"--{boundary[1]}")[1:-1]
        answers = []
        for n, part in enumerate(parts):
            outer, inner, rest = (
                part.strip("\n").split("\n\n")[0],
                *(part.strip("\n").split("\n\n", 1)[1] + "\n\n").split("\n", 1),
            )
            method, target, _ = inner.split(" ")
            own = re.search(r"^authorization: (.*)$", rest, re.IGNORECASE | re.MULTILINE)
            reply = (
                self._answered(method, target, own[1] if own else token)
                if n < TOGETHER
                else refusal(429, "rateLimitExceeded", "Too many concurrent requests for user.")
            )
            status, headers, content = _json(reply)
            id = re.search(r"^content-id: <(.*)>$", outer, re.IGNORECASE | re.MULTILINE)
            assert id
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            answers.append(
                f"--front\r\nContent-Type: application/http\r\nContent-ID: <response-{id[1]}>\r\n\r\n"
                f"HTTP/1.1 {status} -\r\n{head}\r\n{content.decode()}\r\n"
            )
        return 200, {"Content-Type": "multipart/mixed; boundary=front"}, "".join([*answers, "--front--"]).encode()

    def _answered(self, method: str, target: str, token: str) -> Reply:
        """The answer to a request to the API."""
        parts, query = urlsplit(target), parse_qs(urlsplit(target).query)
        found = re.fullmatch(r"/gmail/v1/users/([^/]+)/(\w+)(?:/([^/]+))?", parts.path)
        if not found or method != "GET":
            return refusal(404, "notFound")
        user, kind, id = unquote(found[1]), found[2], found[3] or ""
        request = Request(
            {"messages": "message", "threads": "thread"}[kind] if id else kind, id, query, len(self.requests)
        )
        if fault := self._checked(request):
            return fault
        if refused := self._unknown(token):
            return refused
        if user not in ("me", self.owner):
            return refusal(403, "forbidden", f"Delegation denied for {self.owner}")
        if refused := _beyond(request, self.oauth.scopes(token.removeprefix("Bearer "))):
            return refused
        if request.kind in ("message", "thread"):
            self._audit(request, target)
        return self._content(request, f"{kind}/{id}" if id else kind)

    def _checked(self, request: Request) -> Reply | None:
        """The fault that befalls this request."""
        self.seen(request)
        self.requests.append(request)
        fault = self.fault(request)
        if isinstance(fault, OSError):
            raise fault
        return fault

    def _unknown(self, token: str) -> Reply | None:
        """The refusal of a token that was never given out, or has expired."""
        known = self.oauth.scopes(token.removeprefix("Bearer "))
        return None if known else refusal(401, "authError", "Request had invalid authentication credentials.")

    def _audit(self, request: Request, target: str) -> None:
        mask = tree(request.query.get("fields", [""])[0])
        mask = mask if request.kind == "message" else mask.get("messages", {}) if mask.keys() == {"messages"} else {}
        if request.query.get("format") != ["metadata"] or not harmless(mask):
            self.bodies.append(target)

    def _content(self, request: Request, path: str) -> Reply:
        if request.kind == "profile":
            answer: dict[str, Any] = {"emailAddress": self.owner, "historyId": self.backend.history()}
        else:
            if request.kind == "history" and int(request.query["startHistoryId"][0]) < self.oldest:
                return refusal(404, "notFound", "Requested entity was not found.")
            size = {"maxResults": [str(self.page)]} if request.kind in ("messages", "history") else {}
            status, answer = self.backend.request("GET", path, request.query | size)
            if status != 200:
                return status, {}, answer
            for one in (
                answer["messages"] if request.kind == "thread" else [answer] if request.kind == "message" else []
            ):
                one["payload"]["headers"] = list(_headers(self.raws[one["id"]], request.query.get("metadataHeaders")))
        return 200, {}, kept(answer, tree(request.query.get("fields", [""])[0]))


def _beyond(request: Request, scopes: set[str]) -> Reply | None:
    """The refusal of what gmail.metadata does not allow; its limits rule a token with wider scopes too."""
    if not any(scope.rpartition("/")[2] in ("gmail.metadata", "gmail.readonly") for scope in scopes):
        return refusal(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
    if "q" in request.query:
        return refusal(403, "forbidden", "Metadata scope does not support 'q' parameter")
    if request.kind in ("message", "thread") and request.query.get("format", ["full"])[0] not in (
        "metadata",
        "minimal",
    ):
        return refusal(403, "forbidden", "Metadata scope doesn't allow format FULL")
    return None


def _headers(raw: bytes, wanted: list[str] | None) -> Iterator[dict[str, str]]:
    names = {name.lower() for name in wanted or ()}
    block = re.sub(rb"\r\n([ \t])", rb"\1", raw.partition(b"\r\n\r\n")[0])
    for line in block.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if not names or name.decode("latin-1").lower() in names:
            try:
                text = value.decode()
            except UnicodeDecodeError:
                text = value.decode("latin-1")
            yield {"name": name.decode("latin-1"), "value": text.strip(" ")}


def _json(reply: Reply) -> tuple[int, Headers, bytes]:
    status, headers, content = reply
    return status, {"Content-Type": "application/json; charset=UTF-8", **headers}, json.dumps(content).encode()


def encoded(raw: bytes) -> str:
    """Octets as the API takes them."""
    return base64.urlsafe_b64encode(raw).decode()
