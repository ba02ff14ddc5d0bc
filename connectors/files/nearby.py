"""Mail in the usual places on this machine."""

from collections.abc import Iterator
from pathlib import Path

from mailcare.mail.about import Nearby


def nearby(home: Path) -> Iterator[Nearby]:
    """Mail below ``home``: Thunderbird's profiles, Maildirs, Google Takeout's downloads."""
    profiles = [
        home / ".thunderbird",
        home / "snap/thunderbird/common/.thunderbird",
        home / ".var/app/org.mozilla.Thunderbird/.thunderbird",
        home / "Library/Thunderbird/Profiles",
    ]
    for profile in profiles:
        for folder in sorted(profile.glob("*/Mail/*")) + sorted(profile.glob("*/ImapMail/*")):
            if folder.is_dir() and any(folder.iterdir()):
                yield _found(folder, "Thunderbird")
    for name in ("Maildir", "Mail", "mail", ".maildir", ".mail"):
        for folder in (home / name, *sorted((home / name).glob("[!.]*"))):
            if all((folder / part).is_dir() for part in ("cur", "new", "tmp")):
                yield _found(folder, "a Maildir")
    for folder in (home / "Downloads", home / "Takeout", home):
        for file in sorted(folder.glob("*.mbox")) + sorted(folder.glob("Takeout/Mail/*.mbox")):
            yield _found(file, "an mbox, such as Google Takeout's")


def _found(path: Path, what: str) -> Nearby:
    return Nearby(f"{path} ({what})", {"path": str(path)})
