"""Base subjects: what remains of a subject without prefixes and list tags (RFC 5256 section 2.1); veiled subjects."""

import re
from hashlib import blake2b

REPLY = ("re", "aw", "antw", "antwort", "sv", "vs", "odp", "odg", "res", "ref", "rif", "ynt", "yan", "bls",
         "回复", "答复", "回覆", "返信", "отв", "απ")  # fmt: skip
FORWARD = ("fwd", "fw", "wg", "tr", "rv", "enc", "vb", "vl", "vid", "pd", "doorst", "ilt", "trs",
           "转发", "轉寄", "転送", "перес", "πρθ")  # fmt: skip

_TAG = r"(?:\[[^\[\]]*\]\s*)"
_MARK = r"\s*(?:\[\d+\]|\(\d+\)|\^\d+)?\s*[:：]\s*"
_PREFIX = re.compile(rf"{_TAG}*(?P<word>{'|'.join(map(re.escape, REPLY + FORWARD))}){_MARK}", re.IGNORECASE)
_LEADING_TAG = re.compile(_TAG)
_WRAPPED = re.compile(r"\[fwd:\s*(?P<inner>.*)\]", re.IGNORECASE)
_VEILED = re.compile(r"\[[0-9a-f]{32}\] (?:Re: |Fwd: )?(?:[0-9a-f]{32})?")
_TRAILER = re.compile(r"(\s*\(fwd\)\s*)+$", re.IGNORECASE)


def prefix(subject: str) -> str:
    """``reply`` or ``forward`` by the subject's outermost prefix, behind list tags too; empty where it has none."""
    text = subject.strip()
    match = _PREFIX.match(text)
    if match:
        return "forward" if match["word"].lower() in FORWARD else "reply"
    return "forward" if _WRAPPED.fullmatch(text) or _TRAILER.search(text) else ""


def base(subject: str) -> str:
    """The subject without reply and forward prefixes, list tags and case; empty where nothing else is left."""
    text = " ".join(subject.split())
    while True:
        shorter = _shorten(text)
        if shorter == text:
            return text.casefold()
        text = shorter


def veil(subject: str, key: bytes) -> str:
    """What takes the subject's place where none is kept: a list tag and a base subject that are digests by this key, of
    the whole subject and of its base, and between them ``Re:`` or ``Fwd:``.

    So two veiled subjects, and their bases, are the same where the subjects' are. A veiled one stays as it is.
    """
    if not subject.strip() or _VEILED.fullmatch(subject):
        return subject
    words = {"reply": "Re: ", "forward": "Fwd: ", "": ""}[prefix(subject)]
    inner = base(subject)
    return f"[{_digest(subject, key, b'whole')}] {words}{_digest(inner, key, b'base') if inner else ''}"


def shown(subject: str) -> str | None:
    """The subject, for a reader; None for one that was not kept."""
    return None if _VEILED.fullmatch(subject) else subject


def _digest(text: str, key: bytes, kind: bytes) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, key=key, person=kind).hexdigest()


def _shorten(text: str) -> str:
    if text.endswith(")"):
        text = _TRAILER.sub("", text)
    if match := _PREFIX.match(text):
        return text[match.end() :]
    if match := _WRAPPED.fullmatch(text):
        return match["inner"].strip()
    match = _LEADING_TAG.match(text)
    return text[match.end() :] if match and match.end() < len(text) else text
