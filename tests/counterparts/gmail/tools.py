"""What the tests of the Gmail connector share."""

import random
import ssl
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mailcare.mail import headers
from mailcare.mail.message import Message, Role
from mailcare.servers.patience import Patience
from tests.counterparts.gmail.front import Fault, Reply, Request, refusal
from tests.counterparts.gmail.server import GmailServer
from tests.counterparts.letters import Letter, letter
from tests.counterparts.log import NOW, Log

ROLES = {"sent": [Role.SENT], "drafts": [Role.DRAFTS], "spam": [Role.SPAM], "trash": [Role.TRASH]}
FOLDERS = {"sent": ["Sent"], "drafts": ["Drafts"], "spam": ["Spam"], "trash": ["Trash"]}


@dataclass
class Clock:
    """A clock that only waiting moves."""

    now: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def patience(self, **bounds: int) -> Patience:
        return Patience(clock=lambda: self.now, sleep=self.sleep, **bounds)


def trouble(share: float, seed: int) -> Fault:
    """Every so many-th request fails, in one of the ways in which Google and networks do."""
    dice = random.Random(seed)
    ways: list[Reply | OSError] = [
        refusal(429, "rateLimitExceeded", **{"Retry-After": "2"}),
        refusal(403, "rateLimitExceeded"),
        refusal(403, "userRateLimitExceeded"),
        refusal(500, "backendError"),
        ConnectionResetError(),
    ]

    def fault(request: Request) -> Reply | OSError | None:
        return dice.choice(ways) if dice.random() < share else None

    return fault


def plain(box: GmailServer, count: int, start: int = 0) -> list[Letter]:
    """Put in so many letters without a thread."""
    letters = [letter(number) for number in range(start, start + count)]
    for one in letters:
        box.put(one)
    return letters


def contents(log: Log) -> dict[str, Message]:
    return {message.key: message for message in log.messages()}


def clean(box: GmailServer) -> dict[str, Message]:
    """What a first reading of the mailbox brings now."""
    return contents(Log().read(box.connector()))


def truth(box: GmailServer) -> dict[str, Message]:
    """The letters as messages, read from their raw headers; the thread and the size are Gmail's own."""
    return {id: _read(id, one) for one, id in box.ids.items()}


def _read(id: str, one: Letter) -> Message:
    return headers.parse(
        one.raw.partition(b"\r\n\r\n")[0],
        key=id,
        now=NOW,
        folders=FOLDERS.get(one.place, []),
        roles=ROLES.get(one.place, []),
        received_at=one.arrived,
    )


def without_its_own(messages: dict[str, Message]) -> dict[str, Message]:
    return {key: replace(message, conversation="", size=0) for key, message in messages.items()}


def asked(box: GmailServer, kind: str) -> list[Request]:
    """The requests of this kind so far."""
    return [request for request in box.front.requests if request.kind == kind]


def certificate(folder: Path, host: str) -> tuple[Path, ssl.SSLContext]:
    """A certificate that signs itself, for an address or a name."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")]),
    )
    now = datetime.now(UTC)
    alternative = x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "both.pem").write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    return file, context
