"""The Gmail API emulator that npm has (``emulate``), one process for all tests, with a fresh user for each mailbox."""

import atexit
import json
import shutil
import socket
import subprocess
import tempfile
from functools import cache
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.counterparts.counterpart import Missing
from tests.counterparts.node import node

FOLDER = Path(__file__).parents[1]
PROGRAM = FOLDER / "node_modules" / "emulate" / "dist" / "index.js"
USERS = 400
CALLS = 4000
"""The emulator refuses a token after 5,000 calls."""

_used = iter(range(USERS))


@cache
def _port() -> int:
    """The port of the running emulator, started once."""
    program = node()
    if program is None:
        raise Missing("Playwright's Node does not run here; make test-servers brings what it lacks")
    if not PROGRAM.exists():
        raise Missing("the Gmail emulator is not installed; make test-servers brings it")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    seed = Path(tempfile.mkdtemp()) / "seed.yaml"
    seed.write_text(json.dumps({"google": {"users": [{"email": _email(n)} for n in range(USERS)]}}))
    atexit.register(shutil.rmtree, seed.parent)
    process = subprocess.Popen(
        [
            *(program, "--require", FOLDER / "loopback.cjs", PROGRAM),
            *("start", "--service", "google", "--seed", seed, "--port", str(port)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    atexit.register(process.kill)
    until = monotonic() + 30
    while monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            sleep(0.02)
        else:
            return port
    raise Missing("the Gmail emulator does not start on this machine")


def _email(number: int) -> str:
    return f"user{number}@home.example"


class Emulator:
    """An empty mailbox at the emulator."""

    def __init__(self) -> None:
        self._connection = HTTPConnection("127.0.0.1", _port())
        self._email = _email(next(_used))
        self._calls = CALLS

    def request(
        self, method: str, path: str, query: dict[str, list[str]] | None = None, body: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """The answer to a request below ``users/me/``: its status and content."""
        if self._calls >= CALLS:
            self._token, self._calls = self._log_in(), 0
        self._calls += 1
        query = {**(query or {}), **({"includeSpamTrash": ["true"]} if path.startswith("threads/") else {})}
        target = f"/gmail/v1/users/me/{path}?{urlencode(query, doseq=True)}"
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        status, _, content = self._send(method, target, json.dumps(body) if body else None, headers)
        return status, json.loads(content or b"{}")

    def history(self) -> str:
        """The id of the latest change."""
        return str(self.request("GET", "history", {"startHistoryId": ["9" * 30]})[1]["historyId"])

    def close(self) -> None:
        self._connection.close()

    def _log_in(self) -> str:
        form = {"email": self._email, "redirect_uri": "http://127.0.0.1/", "scope": "mail"}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        _, location, _ = self._send("POST", "/o/oauth2/v2/auth/callback", urlencode(form), headers)
        code = parse_qs(urlsplit(location).query)["code"][0]
        token = {"grant_type": "authorization_code", "code": code}
        _, _, content = self._send("POST", "/oauth2/token", urlencode(token), headers)
        return str(json.loads(content)["access_token"])

    def _send(self, method: str, target: str, body: str | None, headers: dict[str, str]) -> tuple[int, str, bytes]:
        for last in (False, True):
            try:
                self._connection.request(method, target, body, headers)
                answer = self._connection.getresponse()
                return answer.status, answer.getheader("Location", ""), answer.read()
            except (OSError, HTTPException):
                self._connection.close()
                if last:
                    raise
        raise AssertionError
