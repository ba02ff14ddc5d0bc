"""HTTP to Microsoft's servers: TLS, timeouts, and which failures may pass by."""

import logging
import socket
import ssl
from pathlib import Path
from typing import Any

import httpx

from mailcare.errors import Exit, MailcareError
from mailcare.servers.later import Later, retry_after
from mailcare.servers.trust import LOOPBACK, untrusted

FAULTS = 3
"""Times that one request may fail at the server (500, 502, 504, no answer in time) before it is called ``Failing``."""

_BUSY = {423, 429, 503, 509}
_FAULTY = {408, 500, 502, 504}
_NO_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)  # below that they tell addresses
logging.getLogger("msal").setLevel(logging.CRITICAL + 1)  # its errors tell tokens


class Failing(Later):
    """A request at which the server fails, while others may well succeed; the text says how, without a path."""


class Http:
    """Requests, each made once. ``get`` and ``post`` are what msal wants of its ``http_client``."""

    def __init__(self, *, ca_file: Path | None, timeout: float) -> None:
        """``ca_file`` holds the authorities to trust, in place of the usual ones (PEM); ``timeout`` is in seconds, for
        every read."""
        direct = {f"all://[{host}]" if ":" in host else f"all://{host}": None for host in LOOPBACK}
        self._reached: set[bytes] = set()
        """Servers that took a connection before: only there a refused one is a passing trouble."""
        self._client = httpx.Client(verify=_trusted(ca_file), timeout=timeout, mounts=direct)

    def get(self, url: str, *, faults: int = FAULTS, **rest: Any) -> httpx.Response:
        """GET; ``faults``: times that it may fail at the server. Raises Later, Failing, or MailcareError if another try
        can't help."""
        return self._send("GET", url, rest, faults)

    def post(self, url: str, *, data: dict[str, Any], **rest: Any) -> httpx.Response:
        """POST a form, in which msal leaves bytes, and None for what is not to be sent; as ``get``."""
        form = {name: value.decode() if isinstance(value, bytes) else value for name, value in data.items()}
        return self._send(
            "POST", url, rest | {"data": {name: value for name, value in form.items() if value is not None}}
        )

    def close(self) -> None:
        """End the connections."""
        self._client.close()

    def _send(self, method: str, url: str, rest: dict[str, Any], faults: int = FAULTS) -> httpx.Response:
        host, server = httpx.URL(url).host, httpx.URL(url).netloc
        try:
            response = self._client.request(method, url, **rest)
        except httpx.RequestError as error:
            cause = _cause(error)
            why = _why(error, cause, host)
            if server not in self._reached and (_is_unknown(cause) or isinstance(cause, ConnectionRefusedError)):
                todo = "Check the address and the network, and run again."
                raise MailcareError(why, todo=todo, code=Exit.TEMPORARY) from None
            failed = isinstance(error, httpx.ReadTimeout | httpx.DecodingError)
            raise (Failing(why, times=faults) if failed else Later(why)) from None
        self._reached.add(server)
        status = response.status_code
        if status not in _BUSY | _FAULTY:
            return response
        why, hint = f"{host} answers with status {status}", retry_after(response.headers.get("Retry-After"))
        raise Failing(why, hint, times=faults) if status in _FAULTY else Later(why, hint)


def _trusted(ca_file: Path | None) -> ssl.SSLContext:
    if ca_file is None:
        context = httpx.create_ssl_context()
        context.load_default_certs()
        return context
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError:
        raise MailcareError(
            "there is no certificate in it", where="ca_file", todo="Name a PEM file.", code=Exit.USAGE
        ) from None


def _cause(error: httpx.RequestError) -> OSError | None:
    """The system's own error behind it, if there is one."""
    cause: BaseException | None = error
    while cause and not isinstance(cause, OSError):
        cause = cause.__cause__ or cause.__context__
    return cause if isinstance(cause, OSError) else None


def _is_unknown(cause: OSError | None) -> bool:
    return isinstance(cause, socket.gaierror) and cause.errno in _NO_NAME


def _why(error: httpx.RequestError, cause: OSError | None, host: str) -> str:
    """What went wrong, where another try may help. Raises MailcareError where none can."""
    if isinstance(cause, ssl.SSLCertVerificationError):
        raise untrusted(cause, host) from None
    if isinstance(error, httpx.UnsupportedProtocol | httpx.ProxyError):
        raise MailcareError(f"no way there ({type(error).__name__})", where=host, todo="Check the endpoint and proxy.")
    if isinstance(error, httpx.TimeoutException):
        return f"no answer from {host} in time"
    if isinstance(error, httpx.DecodingError):
        return f"an answer from {host} that cannot be decompressed"
    if isinstance(cause, ConnectionRefusedError):
        return f"{host} refuses the connection"
    if isinstance(cause, ssl.SSLError):
        return f"no TLS connection to {host} ({cause.reason or 'cut'})"
    if isinstance(cause, socket.gaierror):
        return f"there is no such host: {host}"
    if isinstance(error, httpx.ConnectError):
        return f"there is no way to {host}"
    return f"the connection to {host} was lost"
