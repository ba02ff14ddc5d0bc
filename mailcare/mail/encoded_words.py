"""RFC 2047: text in headers that was encoded to pass as ASCII, read leniently."""

import binascii
import re
from itertools import groupby

_WORD = r"=\?([^?\s]+)\?([bBqQ])\?((?:[^?]|(?<!=)\?(?!=))*)\?="
_RUN = re.compile(rf"(?:{_WORD}\s*)*{_WORD}")
_SINGLE = re.compile(_WORD)
_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_WESTERN = "cp1252"
_LARGER = {
    **dict.fromkeys(("gb2312", "gb-2312-80", "csgb2312", "euc-cn", "gbk", "cp936", "ms936"), "gb18030"),
    **dict.fromkeys(("shift-jis", "shiftjis", "sjis", "ms-kanji", "csshiftjis", "windows-31j", "ms932"), "cp932"),
    **dict.fromkeys(("euc-jp", "eucjp", "eucjp-ms", "eucjp-win", "cp51932"), "euc_jis_2004"),
    **dict.fromkeys(("ks-c-5601-1987", "ks-c-5601-1989", "ks-c-5601", "ksc5601", "ksc-5601", "korean"), "cp949"),
    **dict.fromkeys(("euc-kr", "euckr", "cseuckr", "windows-949", "ms949"), "cp949"),
    **dict.fromkeys(("big5", "big-5", "cn-big5", "csbig5"), "big5hkscs"),
    **dict.fromkeys(("iso-8859-1", "iso8859-1", "iso88591", "latin1", "latin-1", "l1"), _WESTERN),
    **dict.fromkeys(("iso-8859-9", "iso8859-9", "latin5"), "cp1254"),
    **dict.fromkeys(("iso-2022-jp-ms", "cp50220", "cp50221", "cp50222", "iso-2022-jp$esc"), "iso-2022-jp"),
    **dict.fromkeys(("koi8-ru", "koi8"), "koi8-u"),
    **dict.fromkeys(("mac-japanese",), "cp932"),
    **dict.fromkeys(("iso-8859-11", "tis-620", "windows-874"), "cp874"),
}
_NUMBERED = re.compile(r"(?:cp-?|win-?|dos-?|windows-?|ibm-?)(\d{3,4})", re.ASCII)
"""A code page by one of its makers' names."""
_NO_CHARSETS = {
    *("us-ascii", "ascii", "ansi-x3.4-1968", "unknown-8bit"),
    *("idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"),
}
"""Names that say nothing of letters, and what Python decodes besides charsets."""
_JIS = re.compile(rb"\x1b\$[@B]([!-~]*)(?:\x1b\([BJ]|\Z)")
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
    """Raw header bytes as text: UTF-8 if it is valid, else Western."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return _western(value)


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
    """The octets in the larger charset that senders use under the name of a smaller one (WHATWG, Encoding Standard)."""
    name = charset.strip("\"'_").replace("_", "-").removeprefix("x-").removesuffix("-i").removesuffix("-e")
    name = _NUMBERED.sub(r"cp\1", name)
    larger = _LARGER.get(name, name)
    if larger == _WESTERN:
        return _western(octets)
    if larger in _NO_CHARSETS:
        return from_bytes(octets)
    if larger == "iso-2022-jp" and b"\x1b" not in (japanese := _JIS.sub(_as_euc, octets)):
        larger, octets = "euc_jis_2004", japanese
    try:
        return octets.decode(larger, "replace")
    except (LookupError, ValueError):
        return from_bytes(octets)


def _as_euc(run: re.Match[bytes]) -> bytes:
    """Japanese letters in the code that has ① and ㈱ too."""
    return bytes(octet | 0x80 for octet in run[1])


def _western(octets: bytes) -> str:
    """In Windows-1252; in Latin-1 if that has no such letters."""
    try:
        return octets.decode(_WESTERN)
    except UnicodeDecodeError:
        return octets.decode("latin-1")
