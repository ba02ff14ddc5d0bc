"""The servers that a connector talks to: which addresses may carry a secret, and what an untrusted certificate is."""

import ssl
from urllib.parse import urlsplit

from mailcare.errors import Exit, MailcareError
from mailcare.servers.options import unusable

LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""This machine: only there a connection may do without encryption."""

_OTHER_NAME = (62, 64)
"""OpenSSL's X509_V_ERR_HOSTNAME_MISMATCH and X509_V_ERR_IP_ADDRESS_MISMATCH."""


def secure(key: str, address: str) -> str:
    """The address without a slash at its end. Raises MailcareError (``Exit.USAGE``) unless it is one with https, or,
    on this machine, http.
    """
    try:
        parts = urlsplit(address)
        fits = parts.hostname and parts.port != 0 and not (parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:
        fits = False
    if not fits or parts.scheme not in ("https", "http"):
        raise unusable(key, "not a web address", f'Write it as {key} = "https://mail.example.com".')
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise unusable(key, "not encrypted", "Write it with https://.")
    return address.rstrip("/")


def untrusted(error: ssl.SSLCertVerificationError, host: str) -> MailcareError:
    """What it means that a server's certificate does not hold."""
    if error.verify_code in _OTHER_NAME:
        what, todo = "the server's certificate is for another host name", "Write the host as your provider names it."
    else:
        what = f"the server's certificate is not trusted ({error.verify_message})"
        todo = 'If it should be, name its authority\'s certificates: ca_file = "/path/to/ca.pem".'
    return MailcareError(what, where=host, todo=todo, code=Exit.USAGE)
