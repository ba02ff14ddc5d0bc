"""Where a browser brings Google's answer to a question for access: an address of this machine (RFC 8252 §7.3)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from mailcare.errors import MailcareError

_SILENCE = 10
"""Seconds after which a connection that asks for nothing is ended."""
_DONE = "mailcare has its answer. You may close this window."


class Redirect:
    """Takes the one answer that holds ``state``, and heeds nothing else. Raises OSError where there is no port."""

    def __init__(self, state: str) -> None:
        self._state = state
        self._answers: SimpleQueue[str] = SimpleQueue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def answer(self, seconds: float) -> str | None:
        """The address that the browser was sent to, with the answer in it; None if it does not come in time."""
        try:
            return self.address + self._answers.get(timeout=seconds).lstrip("/")
        except Empty:
            return None

    def serve(self) -> None:
        """Take requests until ``close``."""
        self._server.serve_forever(poll_interval=0.1)

    def close(self) -> None:
        """Take no more."""
        self._server.shutdown()
        self._server.server_close()

    def _handler(redirect) -> Callable[..., BaseHTTPRequestHandler]:  # noqa: N805 - the class within has a self
        class Handler(BaseHTTPRequestHandler):
            timeout = _SILENCE

            def do_GET(self) -> None:
                given = parse_qs(urlsplit(self.path).query)
                fits = given.get("state") == [redirect._state] and bool(given.keys() & {"code", "error"})
                text = _DONE.encode() if fits else b""
                self.send_response(200 if fits else 404)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
                if fits:
                    redirect._answers.put(self.path)

            def log_message(self, *_: object) -> None:
                """Addresses hold secrets."""

        return Handler


@contextmanager
def listening(state: str) -> Iterator[Redirect]:
    """The place for the answer that holds ``state``. Raises MailcareError where this machine allows none."""
    try:
        redirect = Redirect(state)
    except OSError as error:
        raise MailcareError(
            f"no port to listen on for the browser's answer ({error.strerror or type(error).__name__})",
            where="127.0.0.1",
            todo="Allow programs to listen there, and log in again.",
        ) from None
    Thread(target=redirect.serve, daemon=True).start()
    try:
        yield redirect
    finally:
        redirect.close()
