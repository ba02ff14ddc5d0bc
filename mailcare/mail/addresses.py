"""Address lists as they stand in headers: who is named there, and when two addresses are the same."""

import re
from functools import lru_cache

from mailcare.mail.encoded_words import decoded
from mailcare.mail.message import Field, Person

# Letters are possessive, groups are not: Python before 3.11.5 matches some possessive groups wrongly.
_LOCAL = r'[^\s"(),:;<>@\[\]\\\x00-\x1f\x7f]++'
_DOMAIN = r"(?:[\w-]++(?:\.[\w-]++)*\.?|\[[^\[\]\s]*+\])"
_SIMPLE = re.compile(
    rf"""\s*+ (?: (?: "([^"\\]*+)"\s*+ | ([^"(),:;<>@\\]*+) ) <({_LOCAL}@{_DOMAIN})> | ({_LOCAL}@{_DOMAIN}) )? \s*+""",
    re.VERBOSE,
)
_PART = re.compile(r'(?:[^",]++|"[^"]*+")+')
_VALID = re.compile(rf'(?:{_LOCAL}|"(?:[^"\\]|\\.)*")@{_DOMAIN}', re.DOTALL)
_COMMENT = r"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\)"
_COMMENTS = re.compile(_COMMENT, re.DOTALL)
_TOKEN = re.compile(
    rf"""(?P<quoted>"(?:[^"\\]|\\.)*")
      | (?P<comment>{_COMMENT})
      | (?P<unclosed>["(](?:[^"\\]|\\.)*\\?\Z)
      | (?P<angle><[^<>]*+>)
      | (?P<mark>[,;:])
      | (?P<text>=\?[^?\s]++\?[bBqQ]\?[^?\s]*+\?= | [^"(<,;:=]++ | .)""",
    re.DOTALL | re.VERBOSE,
)
_OPENING = re.compile(r'["(]')
_ROUTE = re.compile(r"^@[^:]*+:")
_AROUND = re.compile(r"\s*+([@.])\s*+")
_QUOTES = re.compile(r'\\(.)|"', re.DOTALL)

LONGEST_REMEMBERED = 500
"""Characters of a value or entry that is kept for the next message: the same few thousand come again and again."""


def people(field: Field, value: str) -> tuple[tuple[Person, ...], int]:
    """The people of a header field's value, and how many of its entries are broken: these name nobody, except that the
    name of a From stays, with an empty address. Members of named groups count; an empty group names nobody.
    """
    return _remembered(field, value) if len(value) < LONGEST_REMEMBERED else _people(field, value)


def _people(field: Field, value: str) -> tuple[tuple[Person, ...], int]:
    if '"' not in value:
        parts = value.split(",")
    elif value.count('"') % 2 or "\\" in value:
        parts = []
    else:
        parts = _PART.findall(value)
    if parts and max(map(len, parts)) < LONGEST_REMEMBERED:
        found = [_simple(field, part) for part in parts]
        if None not in found:
            return tuple(person for person in found if person), 0
    entries = [Person(field, name, address) for name, address in _entries(value)]
    known = (person for person in entries if person.address or (person.name and field is Field.FROM))
    return tuple(known), sum(not person.address for person in entries)


_remembered = lru_cache(maxsize=1 << 14)(_people)


@lru_cache(maxsize=1 << 16)
def _simple(field: Field, part: str) -> Person | tuple[()] | None:
    """The person of an entry in its common forms, nobody where it is blank; None where it has another form."""
    found = _SIMPLE.fullmatch(part)
    if not found:
        return None
    quoted, name, address, bare = found.groups()
    return Person(field, decoded(quoted or name or ""), address or bare) if address or bare else ()


def _entries(value: str) -> list[tuple[str, str]]:
    """Name and address of the people of a value, in any of RFC 5322's forms, the obsolete ones included."""
    entries: list[tuple[str, str]] = []
    words: list[str] = []
    angle = comment = ""
    for token in _TOKEN.finditer(value + ","):
        kind, text = token.lastgroup, token[0]
        if kind == "unclosed":
            return _entries(value[: token.start()] + _OPENING.sub("", value[token.start() :]))
        if kind == "mark":
            if text != ":":
                entries += _entry("".join(words).strip(), angle, comment)
            words, angle, comment = [], "", ""
        elif kind == "angle":
            angle = angle or text
        elif kind == "comment":
            comment = comment or text[1:-1]
        elif not angle:
            words.append(text)
    return entries


def _entry(words: str, angle: str, comment: str) -> list[tuple[str, str]]:
    """The person of one entry: the text before its angle brackets, these, and its first comment."""
    if not words and not angle:
        return []
    if not angle and "<" in words:
        words, _, angle = words.rpartition("<")
    name, address = (words or comment, angle.strip("<> \t")) if angle else (comment, words)
    address = _AROUND.sub(r"\1", _ROUTE.sub("", without_comments(address).strip()))
    if _VALID.fullmatch(address):
        return [(_plain(name), address)]
    return [(_plain(name or words), "")]


def _plain(name: str) -> str:
    return decoded(_QUOTES.sub(r"\1", name))


def without_comments(text: str) -> str:
    """The text without what stands in round brackets (RFC 5322 comments, one inside another at most)."""
    return _COMMENTS.sub("", text) if "(" in text else text


@lru_cache(maxsize=1 << 16)
def canonical(address: str) -> str:
    """The address as it is compared: trimmed, lower-cased, ``+tag`` removed, domain in A-label form.

    Empty where it is no address.
    """
    local, at, domain = address.strip().lower().rpartition("@")
    domain = domain.rstrip(".")
    if not at or not local or not domain or any(letter.isspace() for letter in domain):
        return ""
    if not local.startswith('"'):
        local = local.partition("+")[0] or local
    return f"{local}@{a_label(domain)}"


def a_label(domain: str) -> str:
    """The domain in A-label form; as it is where it has none."""
    if domain.isascii():
        return domain
    import idna

    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return domain
