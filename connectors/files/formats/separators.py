"""Lines that begin with "From ": which of them separate the messages of an mbox, and which only look so.

A separator names a sender and a time as programs write them, or nothing at all, and a header follows. What else begins
with "From " is prose, a quoted mail or a patch, unless the file itself begins with such a line.
"""

import re
from datetime import datetime
from typing import NamedTuple

from connectors.files.formats.letters import SEPARATORS
from connectors.files.openers import REACH
from mailcare.mail.dates import separated

_WORD = rb"[A-Za-z\x80-\xff]"
_DAY = _WORD + rb"{2,12}\.?,?[ \t]+"
_MONTH = _WORD + rb"{3,12}\.?"
_TIME = rb"\d{1,2}:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:[ \t]?[AaPp][Mm])?"
_ZONE = rb"(?:[ \t]+(?:[+-]\d\d:?\d\d|\([^()\n]{0,40}\)|[A-Za-z]{1,5}(?:[+-]?\d{1,4}[A-Za-z]{0,4})?)){0,3}"
_IN_C = _MONTH + rb"[ \t]+\d{1,2},?[ \t]+(?:" + _TIME + _ZONE + rb"[ \t]+\d{2,4}|\d{4}[ \t]+" + _TIME + rb")" + _ZONE
"""A day and time as C's asctime writes it, with the year or the zone in other places too."""
_IN_MAIL = rb"(?:" + _DAY + rb")?\d{1,2}\.?[ \t-]" + _MONTH + rb"[ \t-]\d{2,4}[ \t]+" + _TIME + _ZONE
_IN_NUMBERS = rb"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?:,?[ \t]+|T)" + _TIME + rb"Z?" + _ZONE
_END = rb"(?:[ \t]+remote from[^\n]*)?[ \t\r]*\Z"

_DATED = re.compile(rb'(?:(?:"[^"\n]*"\S*|\S+(?:[ \t]+at[ \t]+\S+)?)[ \t]+)?(?:' + _DAY + rb")?" + _IN_C + _END)
"""One word for the sender, if any, and C's time: what nearly all programs write."""
_NAMED = re.compile(rb"[^\n]{1,300}[ \t]" + _DAY + _IN_C + _END)
_OTHERWISE = re.compile(rb"[^\s,:]+[ \t]+(?:" + _IN_MAIL + rb"|" + _IN_NUMBERS + rb")" + _END)
_ADDRESS = re.compile(rb"(?:\S*[@!]\S*|MAILER-DAEMON)[ \t\r]*\Z", re.IGNORECASE)
_BARE = re.compile(rb"-?[ \t\r]*\Z")
_PATCH = re.compile(rb"[0-9a-f]{40,64} Mon Sep 17 00:00:00 2001[ \t\r]*\Z")
"""What git writes before a patch."""

_HEADER = re.compile(rb"(?:\xef\xbb\xbf)?[!-9;-~]{1,500}[ \t]{0,8}:")
_MAIL = re.compile(
    rb"(?:\r*\n)?(?:\xef\xbb\xbf)?(?:Return-Path|Received|From|To|Cc|Bcc|Date|Subject|Sender|Reply-To|Message-ID"
    rb"|MIME-Version|Delivered-To|Delivery-Date|Envelope-To|DKIM-Signature|Authentication-Results|Status|References"
    rb"|In-Reply-To|Organization|User-Agent|Precedence|Priority|Importance|Auto-Submitted|Newsgroups|Path|Lines"
    rb"|Errors-To|Mailing-List|(?:Content|X|ARC|List|Resent|Thread|Received|Original)-[!-9;-~]{1,80})[ \t]{0,8}:",
    re.IGNORECASE,
)
"""A header field that mail has, also after an empty line."""
_FOLDED = re.compile(rb"[ \t]+[^\s][^\n]{0,998}\n(?=[!-9;-~]{1,500}:)")
"""The rest of a header field whose beginning is lost."""
_EMPTY = re.compile(rb"\r*\n")
_MIME_PART = re.compile(
    rb"\n--[^\n]{1,200}\n(?:Content-[^\n]*\n(?:[ \t]+[^\s][^\n]*\n){0,9}){1,9}\r*\n\Z", re.IGNORECASE
)
"""The head of a part of a message: what follows is the part, which may be a mail or a patch."""
_BEFORE = 2048


_FROM = re.compile(rb"(?<=\n)From ")


class Separator(NamedTuple):
    """A place between two messages."""

    end: int
    """Where the message before ends."""
    start: int
    """Where the "From " is."""
    head: int
    """Where the header begins."""


def separator(buffer: bytes, at: int, lenient: bool) -> Separator | None:
    """The separator that is at this "From ". ``lenient``: any line will do that has an empty one before it."""
    end = _line(buffer, at)
    run = SEPARATORS.match(buffer, at) if end >= 0 else None
    if run is None:
        return None
    line, blank = buffer[at + 5 : buffer.index(b"\n", at)], _after_blank(buffer, end)
    if blank and not lenient and _in_a_message(buffer[max(0, end - _BEFORE) : end]):
        return None
    dated, patch = _DATED.match(line), _PATCH.match(line)
    header = _HEADER.match(buffer, run.end()) or (dated and blank and _FOLDED.match(buffer, run.end()))
    if header and dated and not patch:
        return Separator(end, at, run.end())
    mail, empty = _MAIL.match(buffer, run.end()), _EMPTY.match(buffer, run.end())
    if patch:
        found = bool(lenient and header)
    elif dated:
        found = bool(header or mail or (blank and empty))
    elif _BARE.match(line):
        found = bool(mail)
    elif _OTHERWISE.match(line):
        found = bool(header) and (blank or b"@" in line)
    else:
        named, addressed = header and (lenient or _NAMED.match(line)), mail and _ADDRESS.match(line)
        found = blank and bool(named or addressed)
    head = run.end() + (len(empty[0]) if mail and empty else 0)
    return Separator(end, at, head) if found else None


def _in_a_message(before: bytes) -> bool:
    """Whether what stands before is the head of a part of a message."""
    part = before.rfind(b"\n--")
    return part >= 0 and bool(_MIME_PART.match(before, part))


def looks_like_one(buffer: bytes, at: int) -> bool:
    """Whether a "From " at the beginning of a line (quoted or not) is before a mail's header, as a separator is."""
    line_end = buffer.find(b"\n", at, at + REACH)
    begins = buffer[at - 1 : at] == b"\n" or buffer[at - 2 : at] == b"\n>"
    return (
        begins
        and line_end >= 0
        and bool(_MAIL.match(buffer, line_end + 1))
        and not _PATCH.match(buffer[at + 5 : line_end])
    )


def begins_mbox(head: bytes) -> bool:
    """Whether a file that begins so is an mbox: with a separator, or with what is no header and a separator later."""
    at = _first(head)
    if at >= 0:
        return separator(b"\n\n" + head, at + 2, lenient=True) is not None
    no_header = not _HEADER.match(head.lstrip(b"\r\n\0")) and b"\0" not in head
    return no_header and any(separator(head, found.start(), lenient=False) for found in _FROM.finditer(head))


def is_lenient(head: bytes) -> bool:
    """Whether a file that begins so has separators of another kind than programs write."""
    at = _first(head)
    return at >= 0 and separator(b"\n\n" + head, at + 2, lenient=False) is None


def moment(line: bytes) -> datetime | None:
    """The time that a separator tells; a time without a zone is UTC."""
    return separated(line.decode("utf-8", "replace"))


def _first(head: bytes) -> int:
    """Where the "From " is with which the file begins, or -1."""
    start = len(head) - len(head.lstrip(b"\r\n\0\xef\xbb\xbf"))
    return start if head.startswith(b"From ", start) else -1


def _line(buffer: bytes, at: int) -> int:
    """Where the line of this "From " begins, or -1 if it is within one. A byte order mark belongs to the line; NULs,
    which a crash leaves, end one.
    """
    if buffer[at - 1 : at] in (b"\n", b"\0"):
        return at
    return at - 3 if buffer[at - 4 : at] == b"\n\xef\xbb\xbf" else -1


def _after_blank(buffer: bytes, at: int) -> bool:
    """Whether the line that begins here has an empty one before it."""
    before = buffer[max(0, at - 8) : at - 1].rstrip(b"\r")
    return buffer[at - 1 : at] == b"\0" or before[-1:] in (b"", b"\n")
