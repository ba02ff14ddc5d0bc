"""Who has left a team: of each address a digest. It outlives the team's name and everything else that is forgotten, so
that nobody who left is read again. ``path`` is the file (``place.Place.left``)."""

import json
from collections.abc import Callable, Collection
from hashlib import blake2b
from pathlib import Path

from mailcare.disk import deliver
from mailcare.errors import MailcareError
from mailcare.mail.addresses import canonical


def has_left(path: Path) -> Callable[[str], bool]:
    """Whether the person with an address has left."""
    known = _digests(path)
    return lambda address: _digest(address) in known


def note(path: Path, addresses: Collection[str]) -> None:
    """Note that the person with these addresses has left."""
    _write(path, _digests(path) | set(map(_digest, addresses)))


def take_back(path: Path, addresses: Collection[str]) -> None:
    """Note nothing of the kind any more."""
    _write(path, _digests(path) - set(map(_digest, addresses)))


def _write(path: Path, digests: set[str]) -> None:
    deliver.write(path, json.dumps(sorted(digests)))


def _digests(path: Path) -> set[str]:
    try:
        return set(json.loads(path.read_text("utf-8"))) if path.exists() else set()
    except (OSError, ValueError, TypeError):
        what, todo = "who has left a team cannot be read", "Bring the file back from a backup."
        raise MailcareError(what, where=str(path), todo=todo) from None


def _digest(address: str) -> str:
    return blake2b(canonical(address).encode(), digest_size=16).hexdigest()
