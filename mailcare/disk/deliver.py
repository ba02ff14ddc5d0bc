"""Bring what was made to its reader: a file is written whole, or not at all."""

import os
import tempfile
from pathlib import Path

from mailcare.disk.folders import failure, private_folder


def write(path: Path, text: str | bytes) -> None:
    """Put ``text`` (UTF-8) at ``path`` for its owner alone (0600), its folder made (0700) where it is absent.

    Whoever opens ``path`` sees the old file or the new one, never a part, after a power cut too. A link at ``path`` is
    replaced, not followed. Raises ``MailcareError`` where the disk fails; then the old file is as it was.
    """
    try:
        private_folder(path.parent)
        _replace(path, text.encode() if isinstance(text, str) else text)
    except OSError as error:
        raise failure(error.errno, path) from error


def mark(path: Path) -> bool:
    """Make an empty file at ``path`` for its owner alone; False where there is one. It outlasts a power cut.

    Of several that try at once, one is told True. Raises ``MailcareError`` where the disk fails.
    """
    try:
        private_folder(path.parent)
        try:
            path.touch(mode=0o600, exist_ok=False)
        except FileExistsError:
            return False
        _settle(path.parent)
    except OSError as error:
        raise failure(error.errno, path) from error
    return True


def _replace(path: Path, content: bytes) -> None:
    number, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Have the folder's list of files on the disk; where folders cannot be opened (Windows), the system does that."""
    if os.name == "posix":
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
