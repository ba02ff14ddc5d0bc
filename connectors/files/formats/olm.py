"""A message of Outlook for Mac: one of the XML files in an ``.olm``, which is a zip of them.

The parser passes over bodies without keeping a letter of them. A document type, which could define entities that grow
without bound, is refused.
"""

import binascii
import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import blake2b
from xml.parsers import expat

from connectors.files.formats.letters import HOSTILE, NO_MESSAGE, TRUNCATED
from connectors.files.openers import Stream
from mailcare.mail import headers
from mailcare.mail.addresses import written
from mailcare.mail.dates import instant
from mailcare.mail.folders import roles
from mailcare.mail.message import Message

FOLDERS = "com.microsoft.__Messages"
"""The folder in the archive in which all mail folders are."""

_TEXTS = {
    "OPFMessageCopySubject": "subject",
    "OPFMessageCopySentTime": "date",
    "OPFMessageCopyMessageID": "message-id",
    "OPFMessageCopyInternetMessageID": "message-id",
    "OPFMessageCopyInReplyTo": "in-reply-to",
    "OPFMessageCopyReferences": "references",
    "OPFMessageCopyReceivedTime": "received",
    "OPFMessageCopyThreadIndex": "thread-index",
    "OPFMessageIsCalendarMessage": "calendar",
}
_PEOPLE = {
    "OPFMessageCopyFromAddresses": "from",
    "OPFMessageCopySenderAddress": "sender",
    "OPFMessageCopyReplyToAddresses": "reply-to",
    "OPFMessageCopyToAddresses": "to",
    "OPFMessageCopyCCAddresses": "cc",
    "OPFMessageCopyBCCAddresses": "bcc",
}
LONGEST = 1 << 20
"""Characters of a text that are kept at most."""
_BEGINS = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>\s*)?<(?:!DOCTYPE\s+)?emails?[\s>]")
_NO_XML = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01])|[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]|[dD][89a-fA-F][0-9a-fA-F]{2}|[fF]{3}[eEfF]));"
    "|[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
)
"""Characters that Outlook writes and no XML may hold."""
_LONGEST_REFERENCE = 16


def is_it(head: bytes) -> bool:
    """Whether a file that begins so is a message of Outlook for Mac."""
    return bool(_BEGINS.match(head))


def messages(stream: Stream, folder: str, now: datetime) -> Iterator[Message | str]:
    """The messages in a file, as a rule one, or the reason why there is none."""
    reader = _Reader()
    try:
        for piece in _pieces(stream):
            reader.parser.Parse(piece, False)
        reader.parser.Parse("", True)
    except _Refused:
        yield HOSTILE
    except expat.ExpatError:
        yield TRUNCATED if stream.truncated else NO_MESSAGE
    for email in reader.emails:
        yield _message(email, _within(folder), now)


@dataclass(slots=True)
class _Email:
    texts: dict[str, str] = field(default_factory=dict)
    people: headers.Fields = field(default_factory=dict)


class _Refused(Exception):
    """The file has a document type."""


class _Reader:
    """Takes from the XML of messages what is wanted, and nothing else."""

    def __init__(self) -> None:
        self.emails: list[_Email] = []
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self._email = _Email()
        self._people = ""

    def _refuse(self, *_: object) -> None:
        raise _Refused

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "email":
            self._email = _Email()
        elif name in _TEXTS:
            self._email.texts[_TEXTS[name]] = ""
            self.parser.CharacterDataHandler = self._text(_TEXTS[name])
        elif name in _PEOPLE:
            self._people = _PEOPLE[name]
        elif name == "emailAddress" and self._people:
            person, address = (attributes.get(f"OPFContactEmailAddress{part}", "") for part in ("Name", "Address"))
            self._email.people.setdefault(self._people, []).append(written(person, address))

    def _text(self, name: str) -> Callable[[str], None]:
        texts = self._email.texts

        def add(text: str) -> None:
            if len(texts[name]) < LONGEST:
                texts[name] += text

        return add

    def _end(self, name: str) -> None:
        self.parser.CharacterDataHandler = None
        if name in _PEOPLE:
            self._people = ""
        elif name == "email" and (self._email.texts or self._email.people):
            self.emails.append(self._email)
            self._email = _Email()


def _pieces(stream: Stream) -> Iterator[str]:
    """The file as text that a parser takes."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
    ahead = ""
    while octets := stream.read():
        text = ahead + decoder.decode(octets)
        cut = text.rfind("&", max(0, len(text) - _LONGEST_REFERENCE))
        text, ahead = (text, "") if cut < 0 else (text[:cut], text[cut:])
        yield _NO_XML.sub(" ", text)
    yield _NO_XML.sub(" ", ahead + decoder.decode(b"", True))


def _message(email: _Email, folder: str, now: datetime) -> Message:
    texts, people = email.texts, email.people
    if people.get("sender") == people.get("from"):
        people.pop("sender", None)
    fields = {name: [texts[name]] for name in ("subject", "date", "message-id", "in-reply-to") if texts.get(name)}
    references = texts.get("references", "")
    fields["references"] = [references if "<" in references else " ".join(f"<{one}>" for one in references.split())]
    if texts.get("calendar", "0") not in ("0", "0E0"):
        fields["content-type"] = ["text/calendar"]
    key = blake2b(repr((folder, sorted(texts.items()), sorted(people.items()))).encode(), digest_size=16).hexdigest()
    made = headers.message(
        fields | people,
        key=key,
        now=now,
        folders=[folder] if folder else [],
        roles=roles([folder]),
        received_at=instant(texts.get("received", "")),
    )
    return replace(made, conversation_index=_octets(texts.get("thread-index", "")))


def _within(folder: str) -> str:
    """The mail folder, without the folders of the archive in which it is."""
    return folder.partition(f"{FOLDERS}/")[2] or folder


def _octets(base64: str) -> bytes:
    try:
        return binascii.a2b_base64(base64)
    except ValueError:
        return b""
