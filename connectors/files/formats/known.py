"""The formats that mail lies in. A file's format is known by its first octets; a new one is one line here."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from connectors.files.formats import dbox, delimited, emlx, letters, mbox, msg, olm, pst, uw
from connectors.files.openers import Stream, opened
from mailcare.mail.message import Message


class Format(NamedTuple):
    """A way to keep messages in a file."""

    name: str
    """What such a file is, for its owner."""
    is_it: Callable[[bytes], bool]
    """Whether a file that begins so is one; it is given ``openers.REACH`` octets, or all if there are fewer."""
    messages: Callable[[Stream, str, datetime], Iterator[Message | str]]
    """The messages in a file that belongs to this folder, read at this moment: each with a key of its own, or the
    reason why it is none (a key of ``tables.QUALITY``)."""
    many: bool = True
    """Whether a file holds any number of messages. If it holds one alone, the file's own name and time are its key."""


MBOX = Format("an mbox", mbox.is_it, mbox.messages)
OLM = Format("a message of Outlook for Mac", olm.is_it, olm.messages, many=False)
FORMATS = (
    MBOX,
    Format("an MMDF mailbox", delimited.is_mmdf, delimited.mmdf),
    Format("a Babyl mailbox of Emacs", delimited.is_babyl, delimited.babyl),
    Format("a folder of Pegasus Mail", delimited.is_pegasus, delimited.pegasus),
    Format("a message of Apple Mail", emlx.is_it, emlx.messages, many=False),
    Format("an mbx of UW-IMAP or Pine", uw.is_it, uw.messages),
    Format("mail of Dovecot's (dbox)", dbox.is_it, dbox.messages),
    Format("an Outlook data file", pst.is_it, pst.messages),
    Format("a message of Outlook", msg.is_it, msg.messages, many=False),
    OLM,
)
HEADLESS = Format("an mbox without its first separator", mbox.is_it, mbox.headless)
LETTER = Format("a message", bool, letters.messages, many=False)


def format_of(head: bytes) -> Format:
    """The format of a file that begins so; what is nothing else may be a message."""
    return next((one for one in FORMATS if one.is_it(head)), LETTER)


def messages(form: Format, path: Path, folder: str, now: datetime) -> Iterator[Message | str]:
    """The messages of a file of this format, and the reasons for what is none. Raises OSError."""
    with opened(path) as stream:
        yield from form.messages(stream, folder, now)
        if stream.truncated:
            yield letters.TRUNCATED
        if stream.endless:
            yield letters.ENDLESS
