"""Google's OAuth endpoints, as strict as they are: consent with PKCE, refresh, and service accounts."""

import base64
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from secrets import token_urlsafe
from urllib.parse import urlencode, urlsplit

METADATA = "https://www.googleapis.com/auth/gmail.metadata"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = "https://oauth2.googleapis.com/token"

Form = dict[str, list[str]]
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class OAuth:
    """Clients, consents and tokens."""

    client: tuple[str, str] = field(default_factory=lambda: ("client-id", "secret-" + token_urlsafe(12)))
    given: tuple[str, ...] = (METADATA,)
    """What a consent gives, whatever was asked for."""
    refresh: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Refresh token → scopes."""
    access: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Access token → scopes."""
    ever: list[str] = field(default_factory=list)
    """Every secret that was ever given out."""
    calls: list[Form] = field(default_factory=list)
    """Every request for a token."""
    delegated: dict[str, tuple[str, bytes, str]] = field(default_factory=dict)
    """Service account → subject, public certificate or key, scope."""
    _codes: dict[str, Form] = field(default_factory=dict)

    def new_refresh(self, scopes: Iterable[str] = (METADATA,)) -> str:
        """A refresh token as a consent leaves it."""
        token = self._new("refresh")
        self.refresh[token] = tuple(scopes)
        return token

    def scopes(self, token: str) -> set[str]:
        """What an access token allows; nothing where it is unknown or has expired."""
        return set(self.access.get(token, ()))

    def expire(self) -> None:
        """No access token is good any more."""
        self.access.clear()

    def served(self, path: str, query: Form, form: Form, authorization: str) -> Answer | None:
        """The answer of an OAuth endpoint; None for another path."""
        if path == "/o/oauth2/auth":
            return self._consent(query)
        if path == "/token":
            self.calls.append(form)
            given = {name: values[0] for name, values in form.items()}
            kind, _, basic = authorization.partition(" ")
            if kind == "Basic":
                given["client_id"], _, given["client_secret"] = base64.b64decode(basic).decode().partition(":")
            status, content = self._token(given)
            return status, {"Content-Type": "application/json"}, json.dumps(content).encode()
        return None

    def _new(self, kind: str) -> str:
        self.ever.append(f"{kind}-{token_urlsafe(24)}")
        return self.ever[-1]

    def _consent(self, query: Form) -> Answer:
        """The person agrees at once, and is sent back to the program."""
        redirect = query["redirect_uri"][0]
        assert query["client_id"] == [self.client[0]]
        assert query["response_type"] == ["code"]
        assert query["code_challenge_method"] == ["S256"]
        assert query["access_type"] == ["offline"]
        assert urlsplit(redirect).hostname == "127.0.0.1"
        code = self._new("code")
        self._codes[code] = query
        return 302, {"Location": f"{redirect}?{urlencode({'code': code, 'state': query['state'][0]})}"}, b""

    def _token(self, form: dict[str, str]) -> tuple[int, dict[str, str]]:
        kind = form.get("grant_type")
        if kind == JWT_GRANT:
            return self._signed(form["assertion"])
        if (form.get("client_id"), form.get("client_secret")) != self.client:
            return 401, {"error": "invalid_client"}
        if kind == "refresh_token":
            scopes = self.refresh.get(form["refresh_token"])
            if not scopes:
                return 400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
            return 200, self._answer(scopes)
        asked = self._codes.pop(form["code"], None)
        digest = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if not asked or asked["code_challenge"] != [digest] or asked["redirect_uri"] != [form["redirect_uri"]]:
            return 400, {"error": "invalid_grant"}
        return 200, self._answer(self.given) | {"refresh_token": self.new_refresh(self.given)}

    def _signed(self, assertion: str) -> tuple[int, dict[str, str]]:
        from google.auth import jwt

        claims = jwt.decode(assertion, verify=False)
        subject, key, scope = self.delegated.get(claims["iss"], ("", b"", ""))
        if not key:
            return 401, {"error": "unauthorized_client", "error_description": "Client is unauthorized"}
        claims = jwt.decode(assertion, certs=key, audience=AUDIENCE)
        if (claims.get("sub"), claims["scope"]) != (subject, scope):
            return 401, {"error": "unauthorized_client", "error_description": "Client is unauthorized"}
        return 200, self._answer((scope,))

    def _answer(self, scopes: tuple[str, ...]) -> dict[str, str]:
        token = self._new("access")
        self.access[token] = scopes
        return {"access_token": token, "token_type": "Bearer", "expires_in": "3600", "scope": " ".join(scopes)}
