"""What an IMAP server's refusals and failures mean.

What the server says in words stays here: its texts may hold addresses. Only response codes (RFC 5530) are told.
"""

import re
import socket
import ssl

from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, ProtocolError

from mailcare.servers.later import Later

_BUSY = {"UNAVAILABLE", "INUSE", "LIMIT", "THROTTLED", "OVERQUOTA"}
_SEEMS_BUSY = re.compile(r"throttled|too many", re.IGNORECASE)
_BACKOFF = re.compile(r"Backoff Time: (\d+) milliseconds", re.IGNORECASE)
"""How Exchange says when to come again."""
_CODE = re.compile(r"\[(?!ALERT\])([A-Z][A-Z0-9-]*)[\] ]", re.IGNORECASE)
"""A response code that says why; ALERT only asks to show the text."""
GARBLED = (ValueError, LookupError, TypeError, AttributeError, RuntimeError)
"""What the library raises over an answer that it cannot read."""
TOO_LATE = "the server did not answer in time"


class Refused(Exception):
    """The server says NO or BAD to a command; the text is its response code, or empty."""


class Closed(Exception):
    """The folder cannot be opened, or is another one than before."""


class Lost(Later):
    """The connection is gone, or what came over it makes no sense."""


class Busy(Later):
    """The server asks to come again later."""

    vague = False
    """Whether only its words say so: at a login they may also mean that the password was wrong too often."""


class Broken(Exception):
    """The connection was lost over a command which may be the reason."""


def meaning(error: Exception) -> Lost | Busy | Refused:
    """What an exception of the library means, without its words."""
    if isinstance(error, TimeoutError):
        return Lost(TOO_LATE)
    if isinstance(error, socket.gaierror):
        return Lost("the host's name could not be resolved")
    if isinstance(error, ssl.SSLError):
        return Lost("the TLS connection broke")
    if isinstance(error, OSError):
        return Lost("the connection broke")
    if isinstance(error, IMAPClientAbortError) or isinstance(error.__context__, IMAPClientAbortError | OSError):
        return Lost("the server closed the connection")
    text = str(error)
    if isinstance(error, ProtocolError) or not isinstance(error, IMAPClientError) or "got more than" in text:
        return Lost("the server's answer makes no sense")
    found = _CODE.search(text)
    code = found[1].upper() if found else ""
    if code in _BUSY or (not code and _SEEMS_BUSY.search(text)):
        hint = _BACKOFF.search(text)
        busy = Busy("the server is busy", int(hint[1]) / 1000 if hint else None)
        busy.vague = not code
        return busy
    return Refused(code)
