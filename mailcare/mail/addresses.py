"""Address lists as they stand in headers: who is named there, and when two addresses are the same."""

import re
from functools import lru_cache
from typing import NamedTuple

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
_TOKEN = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)*")
      | (?P<opening>["(])
      | (?P<angle><[^<>]*+>)
      | (?P<mark>[,;:])
      | (?P<text>=\?[^?\s]++\?[bBqQ]\?[^?\s]*+\?= | [^"(<,;:=]++ | .)""",
    re.DOTALL | re.VERBOSE,
)
_BRACKET = re.compile(r"\\.|[()]", re.DOTALL)
_OPENING = re.compile(r'["(]')
_ROUTE = re.compile(r"^@[^:]*+:")
_AROUND = re.compile(r"\s*+([@.])\s*+")
_AROUND_BARE = re.compile(r"\s*+(@)\s*+|\s++(\.)\s*+")
"""The same in text that may begin with a name: in "Dr. ann@example.com" the space ends one."""
_AT = re.compile(rf"({_LOCAL}) at ([\w-]++(?:\.[\w-]++)+)", re.IGNORECASE)
"""An address as archives of mailing lists show it."""
_AT_IN_BRACKETS = re.compile(r"(?<=[\w-])\s?[(\[{]at[)\]}]\s?(?=[\w-])", re.IGNORECASE)
_WIDE = str.maketrans("＜＞＠，；（）：＂．。", '<>@,;():"..')
"""Signs as they are written among Chinese and Japanese letters."""
_RUN_ON = re.compile(rf"{_LOCAL}@{_DOMAIN}\s+(?!via\b|on behalf of\b)\S", re.IGNORECASE)
"""An address before the next entry's name, without a comma; one that is the whole name, or beside "via", is a name."""
_SCHEME = re.compile(r"\b(?:mailto|smtp):\Z", re.IGNORECASE)
_DELIMITER = r"""\s<>()\[\]{}",;|"""
_SOMEWHERE = re.compile(
    rf"(?<![^{_DELIMITER}])(?:(?:mailto|smtp):)?'?([^@:\\\x00-\x1f\x7f{_DELIMITER}]++@[\w-]++(?:\.[\w-]++)*)"
    rf"(?:\?[^{_DELIMITER}]*+)?(?=\.?(?:[{_DELIMITER}':]|\Z))",
    re.IGNORECASE,
)
"""An address that stands alone in whatever is around it."""
_AROUND_NAMES = " \t\r\n<>[](){}\"',;|"
_QUOTES = re.compile(r'\\(.)|"', re.DOTALL)
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")

MOST_COMMAS = 3
"""Commas in a name that is not quoted; if there are more, the names without an address are those of other people."""
LONGEST_REMEMBERED = 500
"""Characters of a value or entry that is kept for the next message: the same few thousand come again and again."""


def people(field: Field, value: str) -> tuple[tuple[Person, ...], int]:
    """The people of a header field's value, and how many of its entries are broken: these name nobody, except that the
    name of a From stays, with an empty address. Members of named groups count; an empty group names nobody.
    """
    return _remembered(field, value) if len(value) < LONGEST_REMEMBERED else _people(field, value)


def _people(field: Field, value: str) -> tuple[tuple[Person, ...], int]:
    if not value.isascii():
        value = _INVISIBLE.sub("", value)
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
    if _is_notes_name(address or bare or ""):
        return None
    return Person(field, decoded(quoted or name or ""), address or bare) if address or bare else ()


class _Entry(NamedTuple):
    """One entry of an address list, whole and in its parts."""

    text: str
    words: str
    angles: list[str]
    comment: str
    mark: str
    """The one that ends it."""


def _entries(value: str) -> list[tuple[str, str]]:
    """Name and address of the people of a value: in any of RFC 5322's forms, the obsolete ones included, and in those
    that mail programs left behind. An entry that can't be read has no address.

    A name without an address that a comma parts from a name with one is the beginning of that name.
    """
    entries: list[tuple[str, str]] = []
    begun: list[tuple[str, str]] = []
    for entry in _split(value):
        found = _read(entry)
        readable = bool(found[0][1])
        if begun and readable and len(found) == 1 and entry.words and entry.angles:
            found = [(", ".join(name for name, _ in [*begun, *found]), found[0][1])]
            begun = []
        if not readable and entry.mark == "," and "@" not in entry.text and len(begun) < MOST_COMMAS:
            begun += found
            continue
        entries += [*begun, *found]
        begun = []
    return [(_plain(name), address) for name, address in [*entries, *begun]]


def _split(value: str) -> list[_Entry]:
    """The entries of a value that are not blank; a quote or bracket that is not closed is passed over."""
    entries: list[_Entry] = []
    words: list[str] = []
    angles: list[str] = []
    comment = ""
    start = at = 0
    value += ","
    while token := _TOKEN.match(value, at):
        kind, text, at = token.lastgroup, token[0], token.end()
        if kind == "opening":
            end = _closing(value, token.start()) if text == "(" else 0
            if not end:
                return _split(value[: token.start()] + _OPENING.sub("", value[token.start() : -1]))
            comment, at = comment or value[at : end - 1], end
        elif kind == "angle":
            angles.append(text)
        elif kind != "mark" or (text == ":" and _SCHEME.search("".join(words[-1:]) + text)):
            words += [] if angles else [text]
        else:
            spelled = "".join(words).strip()
            if text != ":" and (spelled or angles):
                entries.append(_Entry(value[start : token.start()], spelled, angles, comment, text))
            words, angles, comment, start = [], [], "", at
    return entries


def _closing(text: str, at: int) -> int:
    """Where the comment that begins there ends, 0 if it does not."""
    depth = 0
    for found in _BRACKET.finditer(text, at):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if not depth:
            return found.end()
    return 0


def _read(entry: _Entry) -> list[tuple[str, str]]:
    """The people of one entry, their names as written there; one without an address if there is none to be read."""
    words, angles = entry.words, entry.angles
    if not angles and "<" in words:
        words, _, unclosed = words.rpartition("<")
        angles = [unclosed]
    if angles:
        addresses = [address for angle in angles if (address := _address(angle.strip("<> \t"), _AROUND))]
    else:
        addresses = [address] if (address := _address(words, _AROUND_BARE)) else []
    if len(addresses) == 1 and not (angles and _RUN_ON.match(words)):
        return [((words if angles else "") or entry.comment, addresses[0])]
    names = (words, entry.comment) if angles else (entry.comment, words)
    return _anywhere(entry.text) or [(names[0] or names[1], "")]


def _address(text: str, around: re.Pattern[str]) -> str:
    """The address that the text is, the spaces in it apart; empty if it is none."""
    text = _ROUTE.sub("", without_comments(text).strip())
    text = around.sub(lambda found: found[0].strip(), text)
    if _VALID.fullmatch(text):
        return "" if _is_notes_name(text) else text
    at = _AT.fullmatch(text)
    return f"{at[1]}@{at[2]}" if at else ""


def _is_notes_name(address: str) -> bool:
    """Whether it is somebody's name in Lotus Notes ("Ray/Sales/Acme@Acme"), to which no mail can be sent."""
    return "/" in address and "." not in address.rpartition("@")[2]


def _anywhere(text: str) -> list[tuple[str, str]]:
    """Everybody whose address stands somewhere in an entry of an unknown form, which may be encoded as a whole; without
    an address what else looks like one.
    """
    text = _AT_IN_BRACKETS.sub("@", _INVISIBLE.sub("", decoded(text)).translate(_WIDE))
    found: dict[str, str] = {}
    between: list[str] = []
    at = 0
    for match in _SOMEWHERE.finditer(text):
        if _is_notes_name(match[1]):
            continue
        between.append(text[at : match.start()])
        name = "" if at and between[-1].lstrip().startswith("(") else between[-1]
        found.setdefault(match[1], name.strip(_AROUND_NAMES))
        at = match.end()
    between.append(text[at:])
    if len(found) == 1:
        found = {address: name or between[-1].strip(_AROUND_NAMES) for address, name in found.items()}
    unread = [("", "")] if found and any("@" in part for part in between) else []
    return [*((name, address) for address, name in found.items()), *unread]


def _plain(name: str) -> str:
    return decoded(_QUOTES.sub(r"\1", name))


def written(name: str, address: str) -> str:
    """The person as an entry of an address list, with or without a name or an address."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}" <{address}>' if name and address else f"<{address}>" if address else f'"{escaped}"'


def without_comments(text: str) -> str:
    """The text without what stands in round brackets (RFC 5322 comments)."""
    kept: list[str] = []
    at = 0
    while (start := text.find("(", at)) >= 0 and (end := _closing(text, start)):
        kept.append(text[at:start])
        at = end
    return "".join([*kept, text[at:]])


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
