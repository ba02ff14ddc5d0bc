"""A real SMTP server on loopback (aiosmtpd): with TLS or without, with a password or a token, and able to fail at any
point."""

import base64
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD, TOKEN = "me@example.com", 'pass word"\\', "ya29." + 500 * "token"
_EXPIRED = base64.b64encode(json.dumps({"status": "401", "schemes": "bearer"}).encode()).decode()
_ASKS = {
    "XOAUTH2": f"user={USER}\1auth=Bearer {TOKEN}\1\1",
    "OAUTHBEARER": f"n,a={USER},\1auth=Bearer {TOKEN}\1\1",
}


@dataclass
class Post:
    """What the server took, and how it behaves."""

    envelopes: list[Envelope] = field(default_factory=list)
    tls: list[bool] = field(default_factory=list)
    """Whether each envelope came encrypted."""
    dies: str = ""
    """``before``: the connection dies at DATA; ``after``: once the message is taken, before the reply."""
    answer: str = "250 taken"
    tokens: bool = False
    after_the_error: bytes | None = None
    """What the client said when it was told that its token is wrong."""
    port: int = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        if self.answer.startswith("2"):
            self.envelopes.append(envelope)
            self.tls.append(server.transport.get_extra_info("ssl_object") is not None)
        if self.dies == "after":
            server.transport.abort()
        return self.answer

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(bytes(one.content or b""), policy=policy.SMTP) for one in self.envelopes]


class _Server(SMTP):
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's
        if self.event_handler.dies == "before":
            self.transport.abort()
        await super().smtp_DATA(arg)


class _WithTokens(_Server):
    """Takes access tokens as Google and Microsoft do: another one is told to be wrong in a further challenge."""

    line_length_limit = 12288
    """RFC 4954, section 4."""

    async def auth_XOAUTH2(self, _: SMTP, __: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's
        return await self._bearer("XOAUTH2", "")

    async def auth_OAUTHBEARER(self, _: SMTP, __: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's
        return await self._bearer("OAUTHBEARER", "\1")

    async def _bearer(self, mechanism: str, afterwards: str) -> AuthResult:
        if await self.challenge_auth("") == _ASKS[mechanism].encode():
            return AuthResult(success=True)
        self.event_handler.after_the_error = await self.challenge_auth(_EXPIRED, encode_to_b64=False)
        assert self.event_handler.after_the_error == afterwards.encode()
        return AuthResult(success=False, handled=False)


class _Front(Controller):
    def factory(self) -> SMTP:
        made = _WithTokens if self.handler.tokens else _Server
        return made(self.handler, **self.SMTP_kwargs)


def _authenticated(_: Any, __: Any, ___: Any, mechanism: str, data: Any) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


@contextmanager
def smtp_server(
    tls: ssl.SSLContext | None, security: str = "starttls", *, password: bool = False, tokens: bool = False
) -> Iterator[Post]:
    """The server while it runs; ``security`` as in the configuration. With ``tokens`` it takes no password."""
    post = Post(tokens=tokens)
    options: dict[str, Any] = {"hostname": "127.0.0.1", "port": _free_port(), "ident": "test"}
    if security == "starttls":
        options |= {"tls_context": tls, "require_starttls": True}
    if security == "tls":
        options |= {"ssl_context": tls}
    if password:
        options |= {"authenticator": _authenticated, "auth_required": True, "auth_require_tls": security == "starttls"}
    if tokens:
        options |= {"auth_required": True, "auth_exclude_mechanism": ["LOGIN", "PLAIN"]}
    front = _Front(post, **options)
    front.start()
    post.port = options["port"]
    try:
        yield post
    finally:
        front.stop()


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
