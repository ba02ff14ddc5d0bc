"""Access tokens for Microsoft Graph that allow to read basic mail and nothing more.

Delegated: a person logs in by device code (``Mail.ReadBasic``, for another's mailbox ``Mail.ReadBasic.Shared``).
App-only: a certificate (the role ``Application Mail.ReadBasic`` in Exchange Online).
Source: Microsoft Graph permissions reference; OAuth 2.0 device authorization grant, RFC 8628.
"""

import base64
import binascii
import json
import re
import ssl
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msal

from connectors.graph.http import Failing, Http
from mailcare.errors import Exit, MailcareError
from mailcare.mail.login import Dialogue, Vault
from mailcare.servers.later import Time

ALLOWED = {"mail.readbasic", "mail.readbasic.all", "mail.readbasic.shared"}
"""The permissions that a token may carry, in lower case."""
HARMLESS = {"openid", "profile", "email", "offline_access", "user.read"}
"""What a person's token carries beside them: who that person is."""
SECRET = "token"  # noqa: S105 - its name in the vault
"""The name in the vault."""

_REFUSED = {
    "invalid_grant": "the login has expired or was revoked",
    "interaction_required": "the login server wants to see you again",
    "expired_token": "the code was not entered in time",
    "authorization_declined": "the login was declined",
    "access_denied": "the login was declined",
}
_PASSING = {"temporarily_unavailable", "server_error"}
_APP = "Check client_id and tenant; an app without a certificate must allow public client flows."

_PEM = re.compile(r"(-----BEGIN ([A-Z ]+)-----.*?-----END \2-----)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Registration:
    """The app that asks, as it is registered with the tenant."""

    tenant: str
    client_id: str
    authority: str
    """The address of the login server, without the tenant."""
    resource: str
    """The address that names Graph in scopes."""


class Tokens(ABC):
    """Where access tokens come from. Every method raises MailcareError."""

    _key = "client_id"
    _todo = "Log in again: mailcare login NAME."

    def __init__(self, app: Registration, http: Http) -> None:
        self._app, self._http = app, http
        self._token = ""

    def token(self, *, renewed: bool = False) -> str:
        """An access token; ``renewed``: another one than before, which the server no longer takes."""
        if renewed or not self._token:
            with self._explained():
                answer = self._ask(renewed)
            self._token = self._checked(answer)
        return self._token

    @abstractmethod
    def _ask(self, renewed: bool) -> dict[str, Any]:
        """The token endpoint's answer, or one from the cache."""

    @property
    def _authority(self) -> str:
        return f"{self._app.authority}/{self._app.tenant}"

    def _checked(self, answer: dict[str, Any]) -> str:
        """The token of an answer. Raises MailcareError (``Exit.LOGIN``) where there is none, or too wide a one."""
        if "access_token" not in answer:
            raise self._refused(answer)
        token = str(answer["access_token"])
        wider = permissions(token, str(answer.get("scope", ""))) - ALLOWED - HARMLESS
        if wider:
            raise MailcareError(
                f"the token may do more than read basic mail ({', '.join(sorted(wider))})",
                where="client_id",
                todo="Register an app that has Mail.ReadBasic alone, then run: mailcare login NAME.",
                code=Exit.LOGIN,
            )
        return token

    def _refused(self, answer: dict[str, Any]) -> MailcareError:
        """The login server's refusal; its description names people, so that only its number is told."""
        number = re.search(r"\bAADSTS\d+", str(answer.get("error_description", "")))
        error = re.sub(r"[^a-z_]", "", str(answer.get("error", "")).lower()) or "no token"
        if error in _PASSING:
            return _failing(self._app)
        return MailcareError(
            f"{_REFUSED.get(error, 'the login server refuses')} ({error}{f', {number[0]}' if number else ''})",
            where=urlsplit(self._app.authority).netloc,
            todo=_APP if error in ("unauthorized_client", "invalid_client", "invalid_request") else self._todo,
            code=Exit.LOGIN,
        )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (Failing, msal.exceptions.MsalServiceError, json.JSONDecodeError, AttributeError, KeyError, TypeError):
            raise _failing(self._app) from None
        except ValueError as error:
            if "authority" in str(error):
                what, where = "the login server does not know this tenant", "tenant"
                todo = "Check tenant (its id or domain), cloud and authority."
            else:
                what, where, todo = f"this leads to no login ({type(error).__name__})", self._key, self._todo
            raise MailcareError(what, where=where, todo=todo, code=Exit.USAGE) from None


class Delegated(Tokens):
    """A person's tokens, from the refresh token that their login left in the vault."""

    def __init__(self, app: Registration, http: Http, vault: Vault, time: Time, *, shared: bool) -> None:
        """``shared``: the mailbox may be another's, to which the person has access."""
        super().__init__(app, http)
        self._time = time
        self._vault = vault
        self._scopes = [f"{app.resource}/{'Mail.ReadBasic.Shared' if shared else 'Mail.ReadBasic'}"]

    def _ask(self, renewed: bool) -> dict[str, Any]:
        _, client = self._client
        accounts = client.get_accounts()
        if not accounts:
            raise MailcareError("nobody has logged in yet", todo="Log in: mailcare login NAME.", code=Exit.LOGIN)
        answer = client.acquire_token_silent_with_error(self._scopes, accounts[0], force_refresh=renewed)
        self.keep()
        return dict(answer or {})

    def login(self, person: Dialogue) -> None:
        """Have the person enter a code at Microsoft's page; ``keep`` what that brings once it is tried."""
        cache = msal.SerializableTokenCache()
        with self._explained():
            client = self._made(cache)
            flow = client.initiate_device_flow(scopes=self._scopes)
            if "user_code" not in flow:
                raise self._refused(flow)
            person.tell(f"Open {flow['verification_uri']} and enter the code {flow['user_code']}")
            answer = self._polled(client, flow)
        self._token = self._checked(answer)
        self._client = cache, client

    def keep(self) -> None:
        """Put what is new of the login into the vault."""
        cache, _ = self._client
        if cache.has_state_changed:
            self._vault.put(SECRET, cache.serialize())
            cache.has_state_changed = False

    def _polled(self, client: Any, flow: dict[str, Any]) -> dict[str, Any]:
        """The answer once the person is done, or has let the code expire (RFC 8628 §3.5)."""
        end = self._time.clock() + flow["expires_in"]
        while True:
            flow["latest_attempt_at"] = 0
            answer = dict(client.acquire_token_by_device_flow(flow, exit_condition=lambda _: True))
            if answer.get("error") not in ("authorization_pending", "slow_down"):
                return answer
            if self._time.clock() >= end:
                return {"error": "expired_token"}
            self._time.sleep(flow["interval"])

    @cached_property
    def _client(self) -> tuple[Any, Any]:
        cache = msal.SerializableTokenCache()
        kept = self._vault.get(SECRET)
        if kept:
            try:
                cache.deserialize(kept)
            except ValueError:
                raise MailcareError(
                    "the kept login is damaged", where="vault", todo=self._todo, code=Exit.LOGIN
                ) from None
        return cache, self._made(cache)

    def _made(self, cache: Any) -> Any:
        return msal.PublicClientApplication(
            self._app.client_id,
            authority=self._authority,
            instance_discovery=False,
            token_cache=cache,
            http_client=self._http,
        )


class AppOnly(Tokens):
    """The app's own tokens, by its certificate; nobody logs in."""

    _key = "certificate_file"
    _todo = "Check certificate_file, and that this certificate is the app's (client_id) in this tenant."

    def __init__(self, app: Registration, http: Http, certificate: Path) -> None:
        super().__init__(app, http)
        self._certificate = certificate

    def _ask(self, renewed: bool) -> dict[str, Any]:
        if renewed:
            self._client.remove_tokens_for_client()
        return dict(self._client.acquire_token_for_client([f"{self._app.resource}/.default"]))

    @cached_property
    def _client(self) -> Any:
        return msal.ConfidentialClientApplication(
            self._app.client_id,
            client_credential=_credential(self._certificate),
            authority=self._authority,
            instance_discovery=False,
            http_client=self._http,
        )


def _failing(app: Registration) -> MailcareError:
    return MailcareError("the login server fails", where=app.authority, todo="Run again later.", code=Exit.TEMPORARY)


def _credential(path: Path) -> dict[str, str]:
    """Key and certificate of a PEM file, for msal."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(path, password=lambda: "")
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        raise MailcareError(
            "there are not both a private key and its certificate in it",
            where="certificate_file",
            todo="Name a PEM file with the app's key (without a passphrase) and certificate.",
            code=Exit.USAGE,
        ) from None
    parts = {kind: part for part, kind in _PEM.findall(text)}
    key = next(part for kind, part in parts.items() if kind.endswith("PRIVATE KEY"))
    return {"private_key": key, "public_certificate": parts["CERTIFICATE"]}


def permissions(token: str, scope: str) -> set[str]:
    """What a token allows, in lower case: its own claims, and the scope told with it; empty where nothing is told."""
    parts = token.split(".")
    told = scope.split()
    if len(parts) == 3:
        try:
            claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
            told += [*str(claims.get("scp", "")).split(), *claims.get("roles", [])]
        except (binascii.Error, ValueError, AttributeError, TypeError):
            pass
    return {name.rpartition("/")[2].lower() for name in told} - {".default"}
