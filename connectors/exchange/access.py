"""The way to an Exchange server through exchangelib: where it is, who we are there, and how long we wait for it."""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from exchangelib import UTC, Account, Configuration, Credentials, Version
from exchangelib.autodiscover.protocol import AutodiscoverProtocol
from exchangelib.errors import ErrorServerBusy, EWSError, RedirectError, UnauthorizedError
from exchangelib.protocol import BaseProtocol, Protocol, RetryPolicy
from exchangelib.transport import AUTH_TYPE_MAP, BASIC, GSSAPI, NOAUTH, NTLM
from exchangelib.version import EXCHANGE_2010_SP2, VERSIONS
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth

from connectors.exchange.errors import PUZZLING, Unexpected, explained
from mailcare.errors import Exit, MailcareError
from mailcare.servers.later import Later, retry_after
from mailcare.servers.trust import secure

logging.getLogger("exchangelib").setLevel(logging.CRITICAL)
"""Its lines show requests with their credentials, and answers."""

BUILDS = {name.lower(): (build, name) for build, name, _ in VERSIONS if build >= EXCHANGE_2010_SP2}
"""What RequestServerVersion may say, in lower case → the first server of that version, and how it is spelt."""


Secret = Callable[[], str]
"""Gives a password or token whenever it is needed."""


@dataclass(frozen=True)
class Access:
    """How to reach one mailbox; ``timeout`` in seconds."""

    mailbox: str
    """Its primary SMTP address."""
    user: str
    endpoint: str
    """The URL of Exchange Web Services; empty where ``autodiscover`` tells."""
    autodiscover: tuple[str, ...]
    """URLs of Autodiscover services, in the order in which they are asked."""
    auth: str
    """``ntlm``, ``basic``, ``kerberos`` or ``oauth``."""
    access: str
    """``delegate`` or ``impersonation``."""
    version: str
    """The version of the protocol that is asked for first; the server's own is taken from its answer."""
    ca_file: Path | None
    timeout: int

    @property
    def host(self) -> str:
        return urlsplit(self.endpoint or self.autodiscover[0]).hostname or ""


def kerberos_is_there() -> bool:
    """Whether exchangelib found the package that it needs for Kerberos."""
    return GSSAPI in AUTH_TYPE_MAP


def account(way: Access, secret: Secret) -> Account:
    """exchangelib's account for the mailbox. Nothing is asked of the server yet.

    exchangelib remembers protocols by endpoint and credentials, with their settings: ours is handed over through that
    memory, and forgotten there.
    """
    config = _configuration(way, way.endpoint, secret)
    _prepared(_Protocol(config=config), way, secret)
    try:
        return Account(way.mailbox, access_type=way.access, config=config, default_timezone=UTC)
    finally:
        del _Protocol[config]


def located(way: Access, secret: Secret) -> Access:
    """The same with the endpoint that Autodiscover names, where none is configured. Raises MailcareError and Later."""
    if way.endpoint:
        return way
    for url in way.autodiscover:
        try:
            if endpoint := _discovered(way, url, secret):
                refuse_online(urlsplit(endpoint).hostname or "")
                return replace(way, endpoint=secure("autodiscover", endpoint))
        except UnauthorizedError as error:
            raise explained(error, urlsplit(url).hostname or "") from None
        except (EWSError, *PUZZLING):
            continue
    raise MailcareError(
        "no Autodiscover service tells where the mailbox is",
        where="autodiscover",
        todo='Set `server`, such as server = "mail.example.org".',
        code=Exit.USAGE,
    )


def refuse_online(host: str) -> None:
    """Raises MailcareError for Exchange Online, where EWS has been shut off (Microsoft, October 2026)."""
    if f".{host.lower().rstrip('.')}".endswith((".office365.com", ".outlook.office.com")):
        raise MailcareError(
            "Exchange Online has shut off Exchange Web Services",
            where=host,
            todo='Use connector = "graph" for this account.',
            code=Exit.USAGE,
        )


def _discovered(way: Access, url: str, secret: Secret) -> str:
    """The endpoint that the Autodiscover service at this URL names for the mailbox; empty where it names none."""
    protocol = _prepared(_Autodiscover(config=_configuration(way, url, secret)), way, secret)
    settings = ["external_ews_url", "internal_ews_url"]
    told = protocol.get_user_settings(way.mailbox, settings).user_settings or {}
    return next((told[name] for name in settings if told.get(name)), "")


def _configuration(way: Access, url: str, secret: Secret) -> Configuration:
    known = way.auth in ("ntlm", "basic")
    return Configuration(
        service_endpoint=url,
        credentials=Credentials(way.user, secret()) if known else None,
        auth_type={"ntlm": NTLM, "basic": BASIC, "kerberos": GSSAPI, "oauth": NOAUTH}[way.auth],
        version=Version(*BUILDS[way.version]),
        retry_policy=_Waiting(),
        max_connections=1,
    )


def _prepared(protocol: Any, way: Access, secret: Secret) -> Any:
    protocol.TIMEOUT, protocol.RETRY_WAIT = way.timeout, 0
    protocol.ca_file = way.ca_file
    protocol.auth = None
    if way.auth == "oauth":
        protocol.auth = _Bearer(secret)
    elif way.auth == "basic":
        protocol.auth = HTTPBasicAuth(_octets(way.user), _octets(protocol.credentials.password))
    return protocol


def _octets(text: str) -> bytes:
    """In Latin-1, as web servers took user names and passwords to be, else in UTF-8 (RFC 7617 §2.1)."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()


class _Own(BaseProtocol):
    """A protocol whose sessions trust the configured authority, carry our token, and take no half answer."""

    ca_file: Path | None
    auth: "_Bearer | HTTPBasicAuth | None"
    """Takes the place of exchangelib's own."""

    def create_session(self) -> Any:
        session = super().create_session()
        session.hooks["response"].append(_whole)
        session.auth = self.auth or session.auth
        if self.ca_file:
            session.mount(self.service_endpoint, _Trusting(self.ca_file))
        return session


class _Protocol(_Own, Protocol):
    pass


class _Autodiscover(_Own, AutodiscoverProtocol):
    pass


class _Waiting(RetryPolicy):
    """No try again within exchangelib: what is to be waited for is told to who asks.

    exchangelib's own policy (``FaultTolerance``) bounds each wait by its ``max_wait`` but not their sum, and tries a
    refused password (401) again and again, which may lock the account.
    """

    fail_fast = False
    back_off_until = None

    def back_off(self, seconds: float | None) -> None:
        """Raises Later: the server asks to wait, for so many ``seconds`` if it says how long."""
        raise Later("the server is busy", seconds or None)

    def raise_response_errors(self, response: Response) -> None:
        """Raises exchangelib's error for an HTTP status; a fault of SOAP comes with 500 and is read elsewhere."""
        status = response.status_code
        if status == 200 or (status == 500 and _is_soap(response)):
            return
        if status == 401:
            raise UnauthorizedError(_offered(response.headers.get("WWW-Authenticate", "")))
        if status in (429, 502, 503, 504):
            raise ErrorServerBusy(f"HTTP {status}", back_off=retry_after(response.headers.get("Retry-After")))
        target = urlsplit(response.headers.get("Location", ""))
        if status in (301, 302, 303, 307, 308) and target.hostname and "genericerrorpage" not in target.path:
            raise RedirectError(target.geturl())
        raise Unexpected(status)


def _offered(challenge: str) -> str:
    """The schemes of a WWW-Authenticate header (RFC 9110 §11.6.1), for the user to choose ``auth`` by."""
    return ", ".join(dict.fromkeys(re.findall(r"\b(basic|bearer|negotiate|ntlm)\b(?=[\s,]|$)", challenge.lower())))


class _Bearer:
    """Sends a token (RFC 6750); where it is refused, asks for it once more, and sends the request again with that."""

    def __init__(self, secret: Secret) -> None:
        self._secret, self._token = secret, ""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        self._token = self._token or self._secret()
        request.headers["Authorization"] = f"Bearer {self._token}"
        request.register_hook("response", self._again)
        return request

    def _again(self, response: Response, **how: Any) -> Response:
        if response.status_code != 401 or (token := self._secret()) == self._token:
            return response
        self._token = token
        response.close()
        request = response.request.copy()
        request.headers["Authorization"] = f"Bearer {token}"
        answer: Response = response.connection.send(request, **how)
        answer.request = request
        return answer


class _Trusting(HTTPAdapter):
    """Verifies the server by this file of authorities, whatever the environment says."""

    def __init__(self, ca_file: Path) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, pool_block=True)
        self._ca_file = str(ca_file)

    def send(self, request: PreparedRequest, *args: Any, **how: Any) -> Response:
        return super().send(request, *args, **how | {"verify": self._ca_file})


def _whole(response: Response, **_: Any) -> None:
    """Raises ConnectionResetError for XML that ends early: exchangelib's parser would make do with the half."""
    if _is_soap(response) and not re.search(rb"Envelope\s*>\s*\Z", response.content):
        raise ConnectionResetError("the answer ends early")


def _is_soap(response: Response) -> bool:
    """Whether it begins as SOAP does, with or without an XML declaration, whatever the prefix (SOAP 1.1 §4)."""
    return re.match(rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?<([\w.-]+:)?Envelope\b", response.content) is not None
