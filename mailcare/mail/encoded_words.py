"""RFC 2047: text in headers that was encoded to pass as ASCII, read leniently."""

import binascii
import re
from itertools import groupby

_WORD = r"=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?="
_RUN = re.compile(rf"(?:{_WORD}\s*)*{_WORD}")
_SINGLE = re.compile(_WORD)
_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def decoded(text: str) -> str:
    """The text with its encoded words decoded, white space collapsed and control characters removed.

    Adjacent words of one charset are decoded together: senders cut characters in two. What cannot be decoded is
    replaced character by character; an unknown charset is read as UTF-8, else as Latin-1.
    """
    if "=?" in text:
        text = _RUN.sub(lambda run: _run(run[0]), text)
    text = " ".join(text.split())
    return text if text.isprintable() else " ".join(_UNPRINTABLE.sub("", text).split())


def from_bytes(value: bytes) -> str:
    """Raw header bytes as text: UTF-8 where it is valid, else Latin-1."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _run(words: str) -> str:
    """A run of encoded words with nothing but white space between them."""
    pieces = (
        (charset.partition("*")[0].lower(), _octets(kind, data)) for charset, kind, data in _SINGLE.findall(words)
    )
    return "".join(
        _text(b"".join(octets for _, octets in same), charset)
        for charset, same in groupby(pieces, lambda piece: piece[0])
    )


def _octets(kind: str, data: str) -> bytes:
    raw = data.encode("utf-8", "replace")
    if kind in "qQ":
        return _ESCAPE.sub(lambda found: bytes((int(found[1], 16),)), raw.replace(b"_", b" "))
    raw = _NOT_BASE64.sub(b"", raw)
    raw = raw[: len(raw) - (len(raw) % 4 == 1)]
    return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))


def _text(octets: bytes, charset: str) -> str:
    try:
        return octets.decode(charset, "replace")
    except (LookupError, ValueError):
        return from_bytes(octets)
