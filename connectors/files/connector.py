"""Mail in files: mbox (also Google Takeout's), Maildir, Maildir++, folders of messages; also ``.gz`` and ``.xz``."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.files import mbox, tree
from connectors.files.about import ABOUT
from connectors.files.openers import uncompressed_name
from mailcare.errors import MailcareError
from mailcare.mail.connector import Batch, Known
from mailcare.mail.login import Vault
from mailcare.servers.options import Options


class Files:
    """The ``files`` connector. Every mbox is a source of its own; all other messages of a path are one source."""

    def __init__(self, options: dict[str, Any], _: Vault) -> None:
        self._paths = Options(options, ABOUT.keys).paths("path")

    def check(self) -> None:
        """See that every path is there and may be read. Raises MailcareError."""
        for path in self._paths:
            _check(path)

    def read(self, known: Known, now: datetime, _: datetime | None = None) -> Iterator[Batch]:
        """What is new since ``known``; ``now`` is the moment of reading. Files are read whole, whatever their mail's
        age. Raises MailcareError.
        """
        self.check()
        for path in self._paths:
            try:
                yield from self._read(path, known, now)
            except OSError as error:
                raise MailcareError(
                    f"could not be read to its end ({error.strerror or error})",
                    where=error.filename or str(path),
                    todo="What was read before is kept; run again when the file is readable.",
                ) from error

    def _read(self, path: Path, known: Known, now: datetime) -> Iterator[Batch]:
        label = self._label(path)
        if path.is_dir():
            found = tree.listing(path)
            for file, relative, folder in found.mboxes:
                yield from mbox.read(file, f"{label}/{relative}" if label else relative, folder, known, now)
            if found.files or not found.mboxes:
                yield from _messages(found, path, label, known, now)
        elif mbox.starts_mbox(path):
            folder = Path(uncompressed_name(path)).stem
            yield from mbox.read(path, label or path.name, folder, known, now)
        else:
            found = tree.Listing(files=[tree.single(path, path.name, "")])
            yield from _messages(found, path, label, known, now)

    def _label(self, path: Path) -> str:
        """What tells the sources of several paths apart: the path's name, or all of it where names repeat."""
        if len(self._paths) == 1:
            return ""
        names = [other.name for other in self._paths]
        return path.name if names.count(path.name) == 1 else str(path)


def _check(path: Path) -> None:
    """Raises MailcareError where the path leads to nothing that may be read."""
    if not path.exists():
        raise MailcareError(
            "there is no such file or folder",
            where=str(path),
            todo="Set `path` to your mbox, Maildir or folder of messages.",
        )
    if not os.access(path, os.R_OK | os.X_OK if path.is_dir() else os.R_OK):
        raise MailcareError("no permission to read it", where=str(path), todo="Let your user read it, then run again.")
    if not path.is_dir() and not path.is_file():
        raise MailcareError("neither a file nor a folder", where=str(path), todo="Set `path` to your mail.")


_NO_MAIL = {
    "empty_file": "the file is empty",
    "not_a_message": "no mail in it: no mbox, no Maildir, no message",
    "truncated": "the compressed file ends before the first message does",
    "unreadable": "no file in it could be opened",
}


def _messages(found: tree.Listing, path: Path, source: str, known: Known, now: datetime) -> Iterator[Batch]:
    """The tree's batches. Raises MailcareError rather than to take a path without any mail for an empty mailbox."""
    mail = bool(found.mboxes or (found.files and known.keys(source)))
    reasons: Counter[str] = Counter()
    for batch in tree.read(found, source, known, now):
        mail = mail or bool(batch.messages)
        reasons += batch.skipped
        if batch.position.complete and not mail:
            reason = reasons.most_common(1)[0][0] if len(found.files) == 1 and reasons else "not_a_message"
            raise MailcareError(_NO_MAIL[reason], where=str(path), todo="Set `path` to where your mail is.")
        yield batch
