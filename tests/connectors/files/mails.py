"""Invented mail, put into files; and what the connector reads of them."""

import os
from pathlib import Path

from connectors.files.connector import Files
from mailcare.mail.message import Message
from tests.counterparts.log import Log
from tests.counterparts.vaults import MemoryVault

BODY = "THE BODY THAT NOBODY READS"


def read(path: Path | list[Path], log: Log | None = None, batches: int | None = None) -> Log:
    """Reads into the log; with ``batches``, as if the run had been cut after so many of them."""
    log = log or Log()
    paths = [str(one) for one in path] if isinstance(path, list) else str(path)
    return log.read(Files({"path": paths}, MemoryVault()), batches)


def mail(number: int | str, *headers: str) -> str:
    lines = [f"Message-ID: <{number}@x.org>", "From: a@x.org", "Date: Tue, 1 Sep 2026 10:00:00 +0000", *headers]
    return "\n".join(lines) + f"\n\n{BODY}\n"


def in_mbox(*mails: str) -> bytes:
    return "".join(f"From a@x.org Tue Sep  1 10:00:00 2026\n{mail}\n" for mail in mails).encode()


def later(path: Path) -> None:
    """Lets the file's time go on, as a change of it does."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000_000))


def maildir(path: Path, **files: str) -> None:
    for part in ("cur", "new", "tmp"):
        (path / part).mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (path / "cur" / name).write_text(text)


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    """Writes the files, with the folders that they need; returns the root."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def by_number(log: Log) -> dict[str, Message]:
    """The messages by what stands before the @ of their Message-ID."""
    return {message.message_id[1:].partition("@")[0]: message for message in log.messages()}


def numbers(log: Log) -> list[str]:
    """Which messages were found, each once."""
    return sorted(by_number(log))
