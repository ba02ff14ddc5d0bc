"""What is said of a path without mail: what it is, and what to do."""

import re
from collections import Counter
from pathlib import Path

from connectors.files import kinds
from connectors.files.survey import Seen
from mailcare.errors import MailcareError

_HERE = "Set `path` to where your mail is."
_THUNDERBIRD = (
    "a Thunderbird folder whose messages are still on the server: there are indexes (.msf) and no mail",
    "In Thunderbird: Account Settings › Synchronization & Storage › Keep messages for this account on this computer;"
    " or read the account by IMAP.",
)
_PART = re.compile(r"\.(?:z\d\d|\d{3})$", re.IGNORECASE)
_IN_PARTS = (
    "one part of an archive that was cut into several",
    "Join the parts (cat NAME.001 NAME.002 … > NAME) or unpack them together, and set `path` to what comes of it.",
)
_WHY = {
    "empty_file": ("the file is empty", _HERE),
    "truncated": ("the compressed file ends before the first message does", "Copy or download it again."),
    "encrypted": ("an encrypted archive", "Unpack it with its password, and set `path` to the folder."),
    "archive_within": ("an archive within an archive", "Unpack it, and set `path` to the folder."),
    "unreadable": ("no file in it could be opened", "Let your user read it, or unpack it with a program that can."),
}


def of(seen: Seen, reasons: Counter[str]) -> MailcareError:
    """The error for a path that holds no mail, of which reading told these reasons."""
    files = [file.path for file in seen.found.files] + [path for box in seen.found.boxes for path in box.paths]
    if seen.found.on_server and not seen.found.boxes:
        what, todo = _THUNDERBIRD
    elif len(files) == 1 and reasons["truncated"] and _PART.search(files[0].name):
        what, todo = _IN_PARTS
    elif len(files) == 1 and reasons and (reason := reasons.most_common(1)[0][0]) in _WHY:
        what, todo = _WHY[reason]
    else:
        what, todo = _described(files), _HERE
    return MailcareError(what, where=str(seen.path), todo=todo)


def _described(files: list[Path]) -> str:
    """What the largest file is."""
    general = "no mail in it: no mbox, no Maildir, no message"
    try:
        largest = max(files, key=lambda path: path.stat().st_size, default=None)
        kind = kinds.describe(largest) if largest else ""
    except OSError:
        return general
    if not kind:
        return general
    return f"no mail in it: it is {kind}" if len(files) == 1 else f"{general}. Its largest file is {kind}"
