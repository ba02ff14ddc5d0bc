"""mailcare's own e-mail: what it is written in, how it is known again, and how it is sealed for its reader."""

from datetime import UTC, datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from mailcare.errors import Exit, MailcareError
from mailcare.mail.message import OWN_MAIL

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


class Words(Protocol):
    """What an e-mail says: a subject, and one content in text and in HTML."""

    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...


def letter(words: Words, address: str, now: datetime, certificate: "Certificate | None" = None) -> EmailMessage:
    """The e-mail to ``address`` from itself, dated ``now`` (aware); encrypted for the certificate where there is one.

    Its Message-ID is of the form by which the pipeline knows mailcare's own mail again (``message.OWN_MAIL``).
    """
    content = EmailMessage(policy.SMTP)
    content.set_content(words.text, cte="quoted-printable")
    content.add_alternative(words.html, subtype="html", cte="quoted-printable")
    made = _sealed(content, certificate) if certificate else content
    made["From"] = Address("mailcare", addr_spec=address)
    made["To"] = Address(addr_spec=address)
    made["Subject"] = words.subject
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<{uuid4().hex}{OWN_MAIL}"
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "All"
    return made


def _sealed(content: EmailMessage, certificate: "Certificate") -> EmailMessage:
    """The content encrypted by S/MIME (RFC 8551, section 3.3), which the certificate's key alone opens."""
    from cryptography.hazmat.primitives.ciphers.algorithms import AES256
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

    sealed = (
        pkcs7.PKCS7EnvelopeBuilder()
        .set_content_encryption_algorithm(AES256)
        .set_data(content.as_bytes())
        .add_recipient(certificate)
        .encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    )
    made = EmailMessage(policy.SMTP)
    made.set_content(sealed, "application", "pkcs7-mime", filename="smime.p7m", params={"smime-type": "enveloped-data"})
    return made


def certificate(file: Path, now: datetime) -> "Certificate":
    """The certificate in a file (PEM or DER). Raises MailcareError where mail cannot be encrypted for it."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    def unusable(what: str, todo: str) -> MailcareError:
        return MailcareError(what, where="certificate_file", todo=todo, code=Exit.USAGE)

    try:
        content = file.read_bytes()
        pem = b"-----BEGIN" in content
        found = x509.load_pem_x509_certificate(content) if pem else x509.load_der_x509_certificate(content)
        rsa = isinstance(found.public_key(), RSAPublicKey)
    except (OSError, ValueError):
        raise unusable("this file holds no certificate", "Name your own S/MIME certificate's.") from None
    if not rsa:
        raise unusable("mail can only be encrypted for an RSA key", "Name an RSA certificate's.")
    if not found.not_valid_before_utc <= now.astimezone(UTC) <= found.not_valid_after_utc:
        raise unusable("the certificate is not valid today", "Name one that is.")
    return found
