"""S/MIME: what the owner's certificate seals, the owner's key alone opens, as OpenSSL reads it."""

import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from mailcare.errors import MailcareError
from mailcare.sending.letter import certificate, letter
from reports.email_summary import Summary

NOW = datetime(2026, 9, 21, 6, tzinfo=UTC)
TOLD = Summary("Your week in mail, 14 to 20 September 2026", "Three people are waiting, Zoë.\n", "<p>Three people.</p>")


def made(folder: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, encoding: Encoding = Encoding.PEM) -> Path:
    """The owner's certificate, valid for a year from the beginning of 2026, and the key in key.pem beside it."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "me@example.com")])
    built = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "me.crt").write_bytes(built.public_bytes(encoding))
    return folder / "me.crt"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_what_is_sealed_the_owners_key_opens(tmp_path: Path, key: rsa.RSAPrivateKey, encoding: Encoding) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl here")
    file = made(tmp_path, key, encoding)
    sealed = letter(TOLD, "me@example.com", NOW, certificate(file, NOW)).as_bytes()
    assert b"Three people" not in sealed
    assert b"multipart/alternative" not in sealed
    (tmp_path / "sealed.eml").write_bytes(sealed)
    opened = subprocess.run(
        [openssl, "cms", "-decrypt", "-in", tmp_path / "sealed.eml", "-inkey", tmp_path / "key.pem"],
        capture_output=True,
        check=True,
    )
    inner = message_from_bytes(opened.stdout, policy=policy.SMTP)
    text, html = inner.iter_parts()
    assert text.get_content().split() == TOLD.text.split()
    assert html.get_content().strip() == TOLD.html


def test_a_sealed_letter_says_outside_only_what_every_letter_says(tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    sealed = letter(TOLD, "me@example.com", NOW, certificate(made(tmp_path, key), NOW))
    plain = letter(TOLD, "me@example.com", NOW)
    assert sealed.get_content_type() == "application/pkcs7-mime"
    assert sealed.get_param("smime-type") == "enveloped-data"
    for name in ("From", "To", "Subject", "Date", "Auto-Submitted"):
        assert sealed[name] == plain[name]


def test_each_letter_has_an_id_of_its_own() -> None:
    assert len({letter(TOLD, "me@example.com", NOW)["Message-ID"] for _ in range(9)}) == 9


def test_a_certificate_that_cannot_be_used_is_told(tmp_path: Path, key: rsa.RSAPrivateKey) -> None:
    file = made(tmp_path, key)
    with pytest.raises(MailcareError, match="not valid today"):
        certificate(file, NOW + timedelta(days=365))
    with pytest.raises(MailcareError, match="not valid today"):
        certificate(file, NOW - timedelta(days=365))
    with pytest.raises(MailcareError, match="RSA"):
        certificate(made(tmp_path, ec.generate_private_key(ec.SECP256R1())), NOW)
    for nonsense in (b"", b"-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n", b"\x30\x03nonsense"):
        file.write_bytes(nonsense)
        with pytest.raises(MailcareError, match="holds no certificate"):
            certificate(file, NOW)
