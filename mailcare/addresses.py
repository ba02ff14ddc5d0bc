"""Address lists as they stand in headers: who is named there."""

import re

from mailcare.encoded_words import decoded

_LOCAL = r'[^\s"(),:;<>@\[\]\\\x00-\x1f\x7f]++'
_DOMAIN = r"(?:[\w-]++(?:\.[\w-]++)*+\.?|\[[^\[\]\s]*+\])"
_SIMPLE = re.compile(
    rf"""\s*+ (?: (?: "([^"\\]*+)"\s*+ | ([^"(),:;<>@\\]*+) ) <({_LOCAL}@{_DOMAIN})>
             | ({_LOCAL}@{_DOMAIN}) ) \s*+ (?:,|\Z)""",
    re.VERBOSE,
)
_VALID = re.compile(rf'(?:{_LOCAL}|"(?:[^"\\]|\\.)*+")@{_DOMAIN}', re.DOTALL)
_TOKEN = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*+")
      | (?P<comment>\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*+\))*+\))
      | (?P<unclosed>["(](?:[^"\\]|\\.)*+\\?\Z)
      | (?P<angle><[^<>]*+>)
      | (?P<mark>[,;:])
      | (?P<text>=\?[^?\s]++\?[bBqQ]\?[^?\s]*+\?= | [^"(<,;:=]++ | .)""",
    re.DOTALL | re.VERBOSE,
)
_OPENING = re.compile(r'["(]')
_ROUTE = re.compile(r"^@[^:]*+:")
_AROUND = re.compile(r"\s*+([@.])\s*+")
_QUOTES = re.compile(r'\\(.)|"', re.DOTALL)

Named = tuple[str, str]
"""Display name (decoded) and address (as written)."""


def addresses(value: str) -> list[Named]:
    """The people of a From, To … value. An entry that is broken has an empty address.

    Members of named groups count; an empty group names nobody.
    """
    people: list[Named] = []
    at = 0
    while found := _SIMPLE.match(value, at):
        quoted, name, address, bare = found.groups()
        people.append((decoded(quoted or name or ""), address or bare))
        at = found.end()
    return people + _entries(value[at:])


def _entries(value: str) -> list[Named]:
    """The people of a value in any of RFC 5322's forms, the obsolete ones included."""
    if not value:
        return []
    people: list[Named] = []
    words: list[str] = []
    angle = comment = ""
    for token in _TOKEN.finditer(value + ","):
        kind, text = token.lastgroup, token[0]
        if kind == "unclosed":
            return _entries(value[: token.start()] + _OPENING.sub("", value[token.start() :]))
        if kind == "mark":
            if text != ":":
                people += _entry("".join(words).strip(), angle, comment)
            words, angle, comment = [], "", ""
        elif kind == "angle":
            angle = angle or text
        elif kind == "comment":
            comment = comment or text[1:-1]
        elif not angle:
            words.append(text)
    return people


def _entry(words: str, angle: str, comment: str) -> list[Named]:
    """The person of one entry: the text before its angle brackets, these, and its first comment."""
    if not words and not angle:
        return []
    if not angle and "<" in words:
        words, _, angle = words.rpartition("<")
    name, address = (words or comment, angle.strip("<> \t")) if angle else (comment, words)
    address = _AROUND.sub(r"\1", _ROUTE.sub("", address))
    if _VALID.fullmatch(address):
        return [(_plain(name), address)]
    return [(_plain(name or words), "")]


def _plain(name: str) -> str:
    return decoded(_QUOTES.sub(r"\1", name))
