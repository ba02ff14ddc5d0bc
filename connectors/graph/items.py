"""The messages that a page tells of, each whole: what it doesn't tell is asked for, in as few requests as can be.

A page at which the server fails may fail because of one message on it. So messages of which only the ids are known are
asked for by spans of time, which are halved where the server fails, until the message is alone.
"""

from collections import Counter

from connectors.graph import message as graph_message
from connectors.graph.api import Api, Gone, Item
from connectors.graph.cursor import Cursor
from connectors.graph.folders import Folder
from connectors.graph.http import FAULTS, Failing
from mailcare.mail.message import Role

REFUSED = "refused"
"""The reason (``tables.QUALITY``) of messages at which the server fails."""
FEW = 4
"""So many messages are asked for alone."""


class Items:
    """Completes what pages tell of one folder's messages, and notes in the cursor what is gone or can't be had.

    ``keys`` are those of the messages that are stored. Raises MailcareError.
    """

    def __init__(self, api: Api, folder: Folder, cursor: Cursor, keys: set[str]) -> None:
        self._api, self._folder, self._cursor, self._keys = api, folder, cursor, keys

    def whole(self, told: list[Item], skipped: Counter[str]) -> list[Item]:
        """The items to store, each whole; what has left the folder is noted."""
        found: dict[str, Item | None] = {}
        partial: dict[str, Item] = {}
        for item in told:
            key = item.get("id")
            if not isinstance(key, str):
                skipped[REFUSED] += 1
                continue
            found.pop(key, None)
            partial.pop(key, None)
            if "@removed" in item:
                self._left(key, skipped)
                continue
            if key in self._cursor.gone:
                self._cursor.gone.remove(key)
            if graph_message.is_whole(item):
                found[key] = item
            elif key not in self._keys or self._may_differ(item):
                partial[key], found[key] = item, None
        found |= self._completed(partial, skipped)
        return self._with_headers([item for item in found.values() if item], skipped)

    def fetched(self, key: str, skipped: Counter[str], faults: int = FAULTS) -> Item | None:
        """One message, asked for alone; None where it is gone, or where the server fails at it, which is noted."""
        try:
            item = self._api.message(self._folder.id, key, faults=faults)
        except Gone:
            self.recovered(key, skipped)
            return None
        except Failing as failing:
            self._api.alive(failing)
            if key not in self._cursor.poison:
                self._cursor.poison.append(key)
                skipped[REFUSED] += 1
            return None
        return item | {"id": key}

    def recovered(self, key: str, skipped: Counter[str]) -> None:
        """The server no longer fails at the message."""
        if key in self._cursor.poison:
            self._cursor.poison.remove(key)
            skipped[REFUSED] -= 1

    def _completed(self, partial: dict[str, Item], skipped: Counter[str]) -> dict[str, Item | None]:
        """The same messages, whole; None for those that can't be had."""
        dated = {
            key: moment for key, item in partial.items() if isinstance(moment := item.get("receivedDateTime"), str)
        }
        found = self._by_spans(sorted(dated.items(), key=lambda one: one[1])) if len(dated) > FEW else {}
        return {key: found.get(key) or self.fetched(key, skipped) for key in partial}

    def _by_spans(self, dated: list[tuple[str, str]]) -> dict[str, Item]:
        """Those of the messages, in the order of their arrival, at whose span of time the server doesn't fail."""
        if len(dated) <= FEW:
            return {}
        (_, first), (_, last) = dated[0], dated[-1]
        wanted = {key for key, _ in dated}
        try:
            pages = self._api.pages(self._api.between(self._folder.id, first, last), faults=1)
            return {item["id"]: item for page in pages for item in page["value"] if item.get("id") in wanted}
        except Gone:
            return {}
        except Failing as failing:
            self._api.alive(failing)
        half = len(dated) // 2
        return self._by_spans(dated[:half]) | self._by_spans(dated[half:]) if first != last else {}

    def _may_differ(self, item: Item) -> bool:
        """Whether a stored message may have changed; an id alone does not tell."""
        return self._cursor.ids_only or graph_message.is_changed(item)

    def _with_headers(self, items: list[Item], skipped: Counter[str]) -> list[Item]:
        """The same; where a page has no internet headers at all, one message asked for alone shows whether it has."""
        bare = [item for item in items if not item.get("isDraft") and not _is_own(self._folder)]
        if not bare or any(map(graph_message.has_headers, items)):
            return items
        first = self.fetched(bare[0]["id"], skipped)
        if not first or not graph_message.has_headers(first):
            return items
        fetched = {item["id"]: self.fetched(item["id"], skipped) for item in bare[1:]} | {first["id"]: first}
        return [found for item in items if (found := fetched.get(item["id"], item))]

    def _left(self, key: str, skipped: Counter[str]) -> None:
        self.recovered(key, skipped)
        if key in self._keys and key not in self._cursor.gone:
            self._cursor.gone.append(key)


def _is_own(folder: Folder) -> bool:
    """Whether the folder's messages were never received: they have no internet headers."""
    return Role.SENT in folder.roles or Role.DRAFTS in folder.roles
