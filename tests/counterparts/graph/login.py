"""A login server as Microsoft's: discovery, device codes, refresh tokens, and apps that prove themselves."""

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address
from itertools import count
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

TENANT, CLIENT = "home.example", "11111111-2222-3333-4444-555555555555"
RESOURCE = "https://graph.microsoft.com"

Answer = tuple[int, dict[str, Any]]


@dataclass
class Login:
    """What the login server knows and does; a test may change every field."""

    base: str = ""
    grants: list[str] = field(default_factory=lambda: ["openid", "profile", "email", "Mail.ReadBasic"])
    roles: list[str] = field(default_factory=lambda: ["Mail.ReadBasic.All"])
    scope: str = "Mail.ReadBasic"
    resource: str = RESOURCE
    opaque: bool = False
    pending: int = 0
    """Polls before the person has entered the code."""
    declined: str = ""
    """The error of every further login by code."""
    revoked: bool = False
    certificate: bytes = b""
    """The registered one, in DER."""
    refreshes: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    """The forms that were posted."""
    access: dict[str, float] = field(default_factory=dict)
    """Valid access tokens."""
    refresh: set[str] = field(default_factory=set)
    numbers: Any = field(default_factory=lambda: count(1))

    def document(self, tenant: str) -> Answer:
        if tenant != TENANT:
            return 400, {"error": "invalid_tenant", "error_description": f"AADSTS90002: Tenant '{tenant}' not found."}
        root = f"{self.base}/{tenant}"
        return 200, {
            "issuer": f"{root}/v2.0",
            "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
            "token_endpoint": f"{root}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{root}/oauth2/v2.0/devicecode",
        }

    def post(self, path: str, form: dict[str, str]) -> Answer:
        self.asked.append(form)
        if form.get("client_id") != CLIENT:
            return _error("unauthorized_client", 700016)
        if "" in form.values():
            return _error("invalid_request", 900144)
        if path.endswith("/devicecode"):
            return self._device_code(form)
        grant = form.get("grant_type", "")
        if grant.endswith("device_code"):
            return self._polled(form)
        if grant == "refresh_token":
            return self._refreshed(form)
        if grant == "client_credentials":
            return self._app(form)
        return _error("unsupported_grant_type", 70003)

    def expire(self) -> None:
        """Every access token from now on is too old."""
        self.access.clear()

    def issue(self, **claims: Any) -> str:
        """A new access token."""
        secret = f"access-{next(self.numbers)}-{'s' * 20}"
        token = secret if self.opaque else f"{_part({'alg': 'none'})}.{_part(claims | {'jti': secret})}.{secret}"
        self.access[token] = time.monotonic()
        return token

    def _device_code(self, form: dict[str, str]) -> Answer:
        wanted = {f"{self.resource}/{self.scope}", "openid", "profile", "offline_access"}
        if set(form.get("scope", "").split()) != wanted:
            return _error("invalid_scope", 70011)
        return 200, {
            "device_code": "device-code-that-is-secret",
            "user_code": "ABCD-1234",
            "verification_uri": "https://login.example/device",
            "expires_in": 900,
            "interval": 5,
            "message": "Open the page and enter the code.",
        }

    def _polled(self, form: dict[str, str]) -> Answer:
        if self.declined:
            return _error(self.declined, 70020)
        if self.pending:
            self.pending -= 1
            return _error("authorization_pending", 70016)
        return self._tokens()

    def _refreshed(self, form: dict[str, str]) -> Answer:
        self.refreshes += 1
        if self.revoked or form.get("refresh_token") not in self.refresh:
            return _error("invalid_grant", 50173)
        self.refresh.discard(form["refresh_token"])
        return self._tokens()

    def _tokens(self) -> Answer:
        renewal = f"refresh-{next(self.numbers)}-{'r' * 20}"
        self.refresh.add(renewal)
        now = int(time.time())
        who = {
            "aud": CLIENT,
            "iss": f"{self.base}/{TENANT}/v2.0",
            "iat": now,
            "exp": now + 3600,
            "sub": "me",
            "tid": "t",
        }
        return 200, {
            "token_type": "Bearer",
            "scope": " ".join(
                one if one in ("openid", "profile", "email") else f"{self.resource}/{one}" for one in self.grants
            ),
            "expires_in": 3600,
            "access_token": self.issue(scp=" ".join(self.grants)),
            "refresh_token": renewal,
            "id_token": f"{_part({'alg': 'none'})}.{_part(who)}.x",
            "client_info": _part({"uid": "me", "utid": "home"}),
        }

    def _app(self, form: dict[str, str]) -> Answer:
        if form.get("scope") != f"{self.resource}/.default":
            return _error("invalid_scope", 70011)
        self.refreshes += 1
        if not self._proven(form.get("client_assertion", "")):
            return _error("invalid_client", 700027)
        return 200, {"token_type": "Bearer", "expires_in": 3600, "access_token": self.issue(roles=self.roles)}

    def _proven(self, assertion: str) -> bool:
        """Whether the assertion is signed by the registered certificate's key, for this server, and not too old."""
        try:
            head, claims, signature = assertion.split(".")
            header, told = (json.loads(_octets(part)) for part in (head, claims))
            certificate = x509.load_der_x509_certificate(self.certificate)
            certificate.public_key().verify(  # type: ignore[union-attr,call-arg]
                _octets(signature),
                f"{head}.{claims}".encode(),
                padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH),
                hashes.SHA256(),
            )
        except (ValueError, InvalidSignature):
            return False
        thumbprint = urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).decode().rstrip("=")
        return (
            header["alg"] == "PS256"
            and header["x5t#S256"].rstrip("=") == thumbprint
            and told["iss"] == told["sub"] == CLIENT
            and told["aud"] == f"{self.base}/{TENANT}/oauth2/v2.0/token"
            and told["exp"] > time.time()
        )


def _error(error: str, number: int) -> Answer:
    return 400, {"error": error, "error_description": f"AADSTS{number}: me@home.example may not. Trace ID: 0"}


def _part(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _octets(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@lru_cache
def certificate(name: str) -> tuple[bytes, bytes, bytes]:
    """A key (PEM), and its self-signed certificate for this machine (PEM, DER)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, made.public_bytes(serialization.Encoding.PEM), made.public_bytes(serialization.Encoding.DER)
