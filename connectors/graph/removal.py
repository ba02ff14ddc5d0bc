"""The removal of what has left its folder, and of folders that are gone.

What has left a folder may lie in another, which was read before it came there, or is not read to its end: it is
removed once it is stored there, or nowhere to be found.
"""

from collections.abc import Iterator
from typing import Any

from connectors.graph.api import Api, Refused
from connectors.graph.folders import folders
from connectors.graph.http import Failing
from connectors.graph.reading import Reading
from mailcare.mail.connector import Batch, Known, Position

LOOKUPS = 500
"""Messages that one run looks for, where a folder is not read to its end."""
_CLOSED: dict[str, Any] = {"place": []}
"""The cursor of a folder that is not there any more."""


def vanished(readings: dict[str, Reading], known: Known) -> list[str]:
    """The folders that were read before and are not there any more."""
    return [
        source
        for source in known.sources()
        if source not in readings and (position := known.position(source)) and position.cursor != _CLOSED
    ]


def removed(api: Api, readings: dict[str, Reading], vanished: list[str], known: Known) -> Iterator[Batch]:
    """Remove what can be spared, once every folder was read again for what has come there meanwhile."""
    told = {source: set(reading.cursor.gone) for source, reading in readings.items()}
    if not (vanished or any(told.values())):
        return
    if {folder.id for folder in folders(api)} != readings.keys():
        return
    for reading in readings.values():
        yield from reading.permitted(reading.changes())
    search = _Search(api, readings)
    for source, reading in readings.items():
        if not reading.refusal and (batch := reading.remove(search.spared(told[source]))):
            yield batch
    for source in vanished:
        position, keys = known.position(source) or Position(0, {}, False), known.keys(source)
        spared = search.spared(keys)
        if spared == keys:
            yield Batch(source, Position(position.generation + 1, _CLOSED, True))
        elif spared:
            yield Batch(source, position, removed=sorted(spared))


class _Search:
    """Where messages are that have left their folders."""

    def __init__(self, api: Api, readings: dict[str, Reading]) -> None:
        self._api, self._readings = api, readings
        self._everything_is_read = all(reading.is_read for reading in readings.values())
        self._lookups = LOOKUPS

    def spared(self, keys: set[str]) -> set[str]:
        """Those of the keys that are stored elsewhere, or in no folder any more."""
        return keys if self._everything_is_read else {key for key in sorted(keys) if self._is_spared(key)}

    def _is_spared(self, key: str) -> bool:
        if any(reading.shows(key) for reading in self._readings.values()):
            return True
        if not self._lookups:
            return False
        self._lookups -= 1
        try:
            return self._api.folder_of(key) not in self._readings
        except (Failing, Refused):
            return False
