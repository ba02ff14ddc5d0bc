"""A message that Outlook saved as a file, ``.msg``: a small file system (OLE) with a stream for each property. Only the
streams of the wanted properties are opened; attachments and what they hold stay closed.

Source: Microsoft, MS-OXMSG.
"""

import io
import struct
from collections.abc import Collection, Iterator
from contextlib import closing
from datetime import datetime
from hashlib import blake2b
from typing import Any

from connectors.files.formats import mapi
from connectors.files.formats.letters import NO_MAIL, NO_MESSAGE
from connectors.files.openers import Stream
from mailcare.errors import Exit, MailcareError
from mailcare.mail.folders import roles
from mailcare.mail.message import Message

LONGEST = 1 << 28
"""Octets of a message in an archive that are read at most."""

_FIXED = "__properties_version1.0"
_RECIPIENT = "__recip_version1.0_#"
_STREAM = "__substg1.0_"
_OF_MESSAGE, _OF_RECIPIENT = 32, 8
"""Octets before the list of the properties that have no stream of their own."""
_OWN = (0x001E, 0x001F, 0x0102)
"""Types that have one: text and octets."""


def is_it(head: bytes) -> bool:
    """Whether a file that begins so may be a message of Outlook's; a document of Word's begins so too."""
    return head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def messages(stream: Stream, folder: str, now: datetime) -> Iterator[Message | str]:
    """The message, or the reason why there is none. Raises MailcareError."""
    try:
        import olefile
    except ImportError as error:
        raise MailcareError(
            "messages that Outlook saved (.msg) need olefile, which is not installed",
            where=str(stream.path or folder),
            todo="Run: pipx inject mailcare olefile (in an environment of your own: pip install olefile).",
            code=Exit.USAGE,
        ) from error
    source = str(stream.path) if stream.path and not stream.compressed else io.BytesIO(stream.exactly(LONGEST))
    try:
        with closing(olefile.OleFileIO(source)) as file:
            yield _message(file, folder, now)
    except (OSError, ValueError, IndexError, TypeError, struct.error, RecursionError):
        yield NO_MESSAGE


def _message(file: Any, folder: str, now: datetime) -> Message | str:
    names = {"/".join(path) for path in file.listdir()}
    if _FIXED not in names:
        return NO_MESSAGE
    properties = _properties(file, names, "", _OF_MESSAGE, mapi.OF_MESSAGE)
    if not mapi.is_mail(properties.text(mapi.CLASS)):
        return NO_MAIL
    places = sorted(name.rpartition("/")[0] for name in names if name.startswith(_RECIPIENT) and name.endswith(_FIXED))
    recipients = [
        _properties(file, names, f"{place}/", _OF_RECIPIENT, mapi.OF_RECIPIENT, properties.code_page)
        for place in places
    ]
    item = mapi.item(properties, recipients)
    key = blake2b(
        repr((folder, sorted(properties.stored.items()))).encode("utf-8", "backslashreplace"), digest_size=16
    ).hexdigest()
    return mapi.message(item, key=key, folder=folder, roles=roles([folder]), now=now, known=mapi.named(item))


def _properties(
    file: Any, names: Collection[str], place: str, header: int, wanted: Collection[int], code_page: int = 0
) -> mapi.Properties:
    """The wanted properties at a place in the file; no other stream is opened."""
    listed = file.openstream(f"{place}{_FIXED}").read()[header:]
    stored = {}
    for at in range(0, len(listed) - 15, 16):
        kind, number = struct.unpack_from("<HH", listed, at)
        if number in wanted:
            own = f"{place}{_STREAM}{number:04X}{kind:04X}"
            if kind not in _OWN:
                stored[number] = (kind, listed[at + 8 : at + 16])
            elif own in names:
                stored[number] = (kind, file.openstream(own).read())
    return mapi.Properties(stored, code_page)
