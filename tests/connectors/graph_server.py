"""The graph connector's counterpart: a server as strict as Microsoft Graph with Mail.ReadBasic, over real TLS."""

import json
import ssl
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import msal

from connectors.graph import Graph
from connectors.patience import Patience
from mailcare.message import Connector
from tests.connectors.counterpart import impatient
from tests.connectors.graph_login import CLIENT, TENANT, Answer, Login, certificate
from tests.connectors.graph_mailbox import BASIC, SELECTABLE, Json, Mailbox
from tests.connectors.letters import OWNER, Letter, Place
from tests.vaults import MemoryVault

CONCURRENT = 4
FORBIDDEN = ("body", "preview", "attachment", "$value", "$expand", "$search", "extended")


class Cut(Exception):  # noqa: N818
    """The connection dies instead of an answer."""


class Refusal(Exception):  # noqa: N818
    def __init__(self, status: int, code: str, **headers: str) -> None:
        super().__init__(code)
        self.status, self.code, self.headers = status, code, headers


Fault = Callable[["GraphServer", str], None]
"""Is called with each request's address for mail before it is answered, and may raise Refusal or Cut."""


class GraphServer:
    """A mailbox at Microsoft Graph, its login server, and a person who has logged in."""

    loses: frozenset[str] = frozenset()
    loses_in_sent = frozenset({"in_reply_to", "references", "marks", "list_id"})

    def __init__(self) -> None:
        self.mailbox, self.login = Mailbox(), Login()
        self.fault: Fault = lambda *_: None
        self.clock: Callable[[], float] = time.monotonic
        self.not_before = 0.0
        """When the client was told to come back, on ``clock``."""
        self.too_early = 0
        self.poison: set[str] = set()
        """Messages at which the server fails."""
        self.headers_in_lists = True
        self.partial_arrivals = False
        """Whether a message that comes to a folder in a later round is told in part only."""
        self.requests: list[str] = []
        self.concurrent = self.most_concurrent = 0
        self._bodies: list[str] = []
        self._wire = bytearray()
        self._left: int | None = None
        self._tokens: dict[str, Json] = {}
        self._numbers = count(1)
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
            self._tokens.clear()

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

    def answer(self, method: str, target: str, headers: Any, body: str, base: str) -> tuple[int, Json, dict[str, str]]:
        """What a request brings: status, object, headers. Raises Cut."""
        parts = urlsplit(target)
        asked = dict(parse_qsl(parts.query, keep_blank_values=True))
        if not parts.path.startswith("/v1.0/"):
            return (*self._login(method, parts.path, dict(parse_qsl(body))), {})
        with self._lock:
            self.concurrent += 1
            self.most_concurrent = max(self.most_concurrent, self.concurrent)
        try:
            self.requests.append(target)
            self._permitted(method, parts.path, asked, headers)
            self.fault(self, target)
            if self.concurrent > CONCURRENT:
                raise Refusal(429, "ApplicationThrottled", **{"Retry-After": "1"})
            with self._lock:
                return 200, self._mail(unquote(parts.path), asked, _Preferences(headers.get("Prefer", "")), base), {}
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
        scopes = [f"{self.login.resource}/Mail.ReadBasic"]
        cache.add(
            {
                "client_id": CLIENT,
                "scope": scopes,
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
        if method != "GET":
            raise Refusal(403, "ErrorAccessDenied")
        if headers.get("Authorization", "").removeprefix("Bearer ") not in self.login.access:
            raise Refusal(401, "InvalidAuthenticationToken")

    def _mail(self, path: str, asked: dict[str, str], prefer: "_Preferences", base: str) -> Json:
        whose, _, rest = path.removeprefix("/v1.0/").partition("/mailFolders")
        if whose not in ("me", f"users/{OWNER}"):
            raise Refusal(404, "ErrorInvalidUser")
        link = f"{base}/v1.0/{whose}/mailFolders"
        steps = [step for step in rest.split("/") if step]
        match steps:
            case []:
                return self._folders("", asked, f"{link}?")
            case [id, "childFolders"]:
                return self._folders(self._known(id), asked, f"{link}/{id}/childFolders?")
            case [id]:
                return _selected(self._folder_item(self._known(id)), asked)
            case [id, "messages", "delta"]:
                return self._delta(self._known(id), asked, prefer, f"{link}/{id}/messages/delta?")
            case [id, "messages"]:
                return self._list(self._known(id), asked, prefer, f"{link}/{id}/messages?")
            case [id, "messages", key]:
                mail = self.mailbox.mails.get(key)
                if not mail or mail.folder != self._known(id):
                    raise Refusal(404, "ErrorItemNotFound")
                return self._item(key, asked.get("$select", ""), prefer, alone=True)
        raise Refusal(400, "BadRequest")

    def _known(self, id: str) -> str:
        for folder in self.mailbox.folders.values():
            if id in (folder.id, folder.well_known):
                return folder.id
        raise Refusal(404, "ErrorItemNotFound")

    def _folder_item(self, id: str) -> Json:
        folder = self.mailbox.folders[id]
        kind = {"@odata.type": "#microsoft.graph.mailSearchFolder"} if folder.search else {}
        inside = [other for other in self.mailbox.folders.values() if other.parent == id and not other.hidden]
        return kind | {
            "id": id,
            "displayName": folder.name,
            "parentFolderId": folder.parent or "root",
            "childFolderCount": len(inside),
            "totalItemCount": len(self.mailbox.within(id)),
            "unreadItemCount": 0,
            "isHidden": folder.hidden,
        }

    def _folders(self, parent: str, asked: dict[str, str], link: str) -> Json:
        """Three folders a page at most, so that there are pages."""
        _only(asked, {"$select", "$top", "$skip"})
        start = int(asked.get("$skip", 0))
        inside = [one.id for one in self.mailbox.folders.values() if one.parent == parent and not one.hidden]
        page: Json = {"value": [_selected(self._folder_item(id), asked) for id in inside[start : start + 3]]}
        if inside[start + 3 :]:
            page["@odata.nextLink"] = f"{link}$select={asked['$select']}&$skip={start + 3}"
        return page

    def _list(self, folder: str, asked: dict[str, str], prefer: "_Preferences", link: str) -> Json:
        if "$skiptoken" in asked:
            state = self._tokens.get(asked["$skiptoken"])
            if not state:
                raise Refusal(400, "ErrorInvalidUrlQuery")
        else:
            _only(asked, {"$select", "$filter", "$orderby", "$top"})
            since = _since(asked, "receivedDateTime desc" if "$filter" in asked else "")
            keys = [key for key in self.mailbox.within(folder) if self._received(key) >= since]
            state = {"select": asked.get("$select", ""), "keys": keys}
        here, rest = state["keys"][: prefer.size], state["keys"][prefer.size :]
        page: Json = {"value": [self._item(key, state["select"], prefer) for key in here if key in self.mailbox.mails]}
        if rest:
            page["@odata.nextLink"] = f"{link}$skiptoken={self._token(state | {'keys': rest})}"
        return page

    def _delta(self, folder: str, asked: dict[str, str], prefer: "_Preferences", link: str) -> Json:
        _only(asked, {"$select", "$orderby", "$filter", "$skiptoken", "$deltatoken"})
        token = asked.get("$skiptoken") or asked.get("$deltatoken")
        if token:
            state = self._tokens.get(token)
            if not state or state["folder"] != folder:
                raise Refusal(410, "SyncStateNotFound")
        else:
            _since(asked, "receivedDateTime desc")
            todo = [(key, None) for key in self.mailbox.within(folder)]
            now = len(self.mailbox.changes)
            state = {"folder": folder, "select": asked.get("$select", ""), "todo": todo, "then": now}
        if "$deltatoken" in asked:
            now = len(self.mailbox.changes)
            state = state | {"todo": self._changed(folder, state["then"]), "then": now}
        here, rest = state["todo"][: prefer.size], state["todo"][prefer.size :]
        page: Json = {"value": [self._told(folder, key, fields, state["select"], prefer) for key, fields in here]}
        kind = "$skiptoken" if rest else "$deltatoken"
        following = self._token(state | {"todo": rest})
        page["@odata.nextLink" if rest else "@odata.deltaLink"] = f"{link}{kind}={following}"
        return page

    def _changed(self, folder: str, then: int) -> list[tuple[str, tuple[str, ...] | None]]:
        """What a round tells: each message that changed, and which of its properties, None for all."""
        changed: dict[str, tuple[str, ...] | None] = {}
        for change in self.mailbox.changes[then:]:
            if change.folder == folder:
                before = changed.get(change.key, ())
                changed[change.key] = None if before is None or not change.fields else (*before, *change.fields)
        return sorted(changed.items())

    def _told(self, folder: str, key: str, fields: tuple[str, ...] | None, select: str, prefer: "_Preferences") -> Json:
        mail = self.mailbox.mails.get(key)
        if mail is None or mail.folder != folder:
            return {"@odata.type": "#microsoft.graph.message", "id": key, "@removed": {"reason": "deleted"}}
        item = self._item(key, select, prefer)
        if fields is None and self.partial_arrivals and key in {one.key for one in self.mailbox.changes if one.fields}:
            fields = ("isRead",)
        if fields is None:
            return item
        told = {"id", "@odata.etag", "parentFolderId", *fields}
        return {name: value for name, value in (item | {"isRead": mail.item["isRead"]}).items() if name in told}

    def _item(self, key: str, select: str, prefer: "_Preferences", *, alone: bool = False) -> Json:
        names = select.split(",") if select else list(BASIC)
        if key in self.poison and len(names) > 1:
            raise Refusal(500, "ErrorInternalServerError")
        item = self.mailbox.mails[key].item
        given = {name: item[name] for name in names if name in item}
        if not (alone or self.headers_in_lists):
            given.pop("internetMessageHeaders", None)
        return {"@odata.etag": f'W/"{key}"'} | given | {"id": key if prefer.immutable else f"passing-{key}"}

    def _received(self, key: str) -> str:
        return str(self.mailbox.mails[key].item["receivedDateTime"])

    def _token(self, state: Json) -> str:
        token = f"state-{next(self._numbers)}"
        self._tokens[token] = state
        return token


class _Preferences:
    def __init__(self, header: str) -> None:
        parts = dict(part.strip().partition("=")[::2] for part in header.split(","))
        self.size = int(parts.get("odata.maxpagesize", 10))
        self.immutable = parts.get("IdType") == '"ImmutableId"'


def _only(asked: dict[str, str], known: set[str]) -> None:
    if not asked.keys() <= known:
        raise Refusal(400, "ErrorInvalidUrlQuery")


def _since(asked: dict[str, str], order: str) -> str:
    """The moment of the one kind of filter that there is."""
    if asked.get("$orderby", order) != order:
        raise Refusal(400, "ErrorInvalidUrlQuery")
    name, _, moment = asked.get("$filter", "receivedDateTime ge ").partition(" ge ")
    if name != "receivedDateTime":
        raise Refusal(400, "ErrorInvalidUrlQuery")
    return moment


def _selected(item: Json, asked: dict[str, str]) -> Json:
    names = asked["$select"].split(",") if "$select" in asked else list(item)
    return {name: value for name, value in item.items() if name in (*names, "@odata.type")}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: Any) -> None:
        """Clients that go away are part of the tests."""


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
