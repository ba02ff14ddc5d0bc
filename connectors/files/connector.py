"""Mail in files: mbox (also Google Takeout's), Maildir, folders of messages, archives, and what programs keep else."""

import os
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.files import archives, refusal, survey, tree, whole
from connectors.files.about import ABOUT
from connectors.files.formats import known as formats
from connectors.files.formats import mbox
from connectors.files.survey import Seen
from mailcare.errors import MailcareError
from mailcare.mail.connector import Batch, Known, Sighting
from mailcare.mail.login import Vault
from mailcare.servers.options import Options


class Files:
    """The ``files`` connector. Every mbox is a source of its own; all other messages of a path are one source."""

    def __init__(self, options: dict[str, Any], _: Vault) -> None:
        self._paths = Options(options, ABOUT.keys).paths("path")
        self._seen: list[Seen] = []

    def check(self) -> None:
        """See that every path is there and may be read. Raises MailcareError."""
        for path in self._paths:
            _check(path)

    def read(self, known: Known, now: datetime, _: datetime | None = None) -> Iterator[Batch]:
        """What is new since ``known``; ``now`` is the moment of reading. Files are read whole, whatever their mail's
        age. Raises MailcareError.
        """
        self.check()
        self._seen.clear()
        for path in self._paths:
            try:
                yield from self._read(path, known, now)
            except OSError as error:
                raise MailcareError(
                    f"could not be read to its end ({error.strerror or error})",
                    where=error.filename or str(path),
                    todo="What was read before is kept; run again when the file is readable.",
                ) from error

    def survey(self, known: Known) -> list[Sighting]:
        """What the files held when they were last read, by this object or another. Raises MailcareError."""
        self.check()
        paths = [path for path in self._paths if not self._is_read_with_another(path)]
        seen = self._seen or [Seen(path, self._label(path), self._listing(path, known)) for path in paths]
        return list(survey.sightings(seen, known))

    def _read(self, path: Path, known: Known, now: datetime) -> Iterator[Batch]:
        if self._is_read_with_another(path):
            return
        seen = Seen(path, self._label(path), self._listing(path, known))
        self._seen.append(seen)
        mail, reasons = False, Counter[str]()
        for box in seen.found.boxes:
            source = survey.source_of(seen, box)
            for batch in _box(box, source, known, now):
                mail = mail or bool(batch.messages)
                yield batch
            position = known.position(source)
            mail = mail or (position is not None and survey.holds_mail(position.cursor))
            reasons += Counter([position.cursor["why"]]) if position and "why" in position.cursor else Counter()
        if seen.found.files or seen.found.unseen or not mail:
            yield from _messages(seen, mail, reasons, known, now)

    def _listing(self, path: Path, known: Known) -> tree.Listing:
        label = self._label(path)
        if path.is_dir():
            return tree.listing(path, label, known)
        return tree.alone(path, known.position(label or path.name) is not None)

    def _is_read_with_another(self, path: Path) -> bool:
        """Whether it is a later part of an archive whose first part is given too."""
        first = archives.parts(path, whole=True)[:1]
        return first != [path] and first[0] in self._paths

    def _label(self, path: Path) -> str:
        """What tells the sources of several paths apart: the path's name, or all of it where names repeat."""
        if len(self._paths) == 1:
            return ""
        names = [other.name for other in self._paths]
        return path.name if names.count(path.name) == 1 else str(path)


def _box(box: tree.Box, source: str, known: Known, now: datetime) -> Iterator[Batch]:
    """The batches of a file that holds any number of messages."""
    if box.format is formats.MBOX:
        yield from mbox.read(box.paths[0], source, box.folder, known, now)
    elif box.format is None:
        yield from whole.read(box.paths, source, archives.messages(box.paths, box.folder, now), known)
    else:
        yield from whole.read(box.paths, source, formats.messages(box.format, box.paths[0], box.folder, now), known)


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


def _messages(seen: Seen, mail: bool, reasons: Counter[str], known: Known, now: datetime) -> Iterator[Batch]:
    """The tree's batches. Raises MailcareError rather than to take a path without any mail for an empty mailbox."""
    mail = mail or bool(seen.found.files and known.keys(seen.source))
    for batch in tree.read(seen.found, seen.source, known, now):
        mail = mail or bool(batch.messages)
        reasons = reasons + batch.skipped
        if batch.position.complete and not mail:
            raise refusal.of(seen, reasons)
        yield batch
