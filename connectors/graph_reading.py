"""How far one folder has been read, and the next page of it.

A folder is read by a delta round, the newest message first; when that has reached its end, later rounds tell what has
changed. After each page the cursor holds where to go on. Source: Microsoft Graph, message: delta.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime

from connectors import graph_message
from connectors.graph_api import PAGE, Api, Gone, Item
from connectors.graph_folders import Folder
from connectors.microsoft_http import Failing
from mailcare.errors import Exit, MailcareError
from mailcare.message import Batch, Known, Message, Position, Role

SIZES = (PAGE, 20, 2)
"""Messages on a page; a page at which the server fails is asked for again with fewer."""
RESTARTS, EMPTY = 3, 100
"""Times that a folder is begun anew, and empty pages in a row, before a reading is given up."""
REFUSED = "refused"
"""The reason (``tables.QUALITY``) of messages at which the server fails."""


class Vanished(Exception):  # noqa: N818
    """The folder is not there any more."""


@dataclass
class Cursor:
    """What is kept between readings; plain JSON values."""

    place: list[str] = field(default_factory=list)
    """The folder's path and roles, which its messages were stored with."""
    link: str = ""
    """The next page, or the next round's first; empty before the first page."""
    newest: str = ""
    """When the newest message arrived that the back-fill has seen (ISO 8601, UTC)."""
    reached: str = ""
    """When the oldest one arrived."""
    gone: list[str] = field(default_factory=list)
    """Keys that left the folder, and are stored until it is sure that their new copies are."""
    poison: list[str] = field(default_factory=list)
    """Keys of messages that the server could not give."""
    ids_only: bool = False
    """Whether pages hold ids only, because the server failed at a page of messages."""


class Reading:
    """One folder's reading. Its methods raise MailcareError, and ``back_fill`` Vanished."""

    def __init__(self, api: Api, folder: Folder, known: Known, now: datetime) -> None:
        self.folder, self._api, self._now = folder, api, now
        self.stopped = False
        """Whether what is left is older than this reading goes."""
        self._restarts = self._empty = 0
        self._seen: set[str] = set()
        place = [folder.path, *folder.roles]
        position = known.position(folder.id)
        if position and position.cursor.get("place") == place:
            self._generation, self.complete = position.generation, position.complete
            self.cursor, self.keys = Cursor(**position.cursor), known.keys(folder.id)
        else:
            self._generation = position.generation + 1 if position else 1
            self.complete, self.cursor, self.keys = False, Cursor(place), set()

    @property
    def left(self) -> int:
        """Messages that the back-fill has still to read."""
        return 0 if self.complete else max(0, self.folder.count - len(self.keys))

    def changes(self) -> Iterator[Batch]:
        """What has changed since the last round; nothing more where the folder has to be begun anew."""
        while self.complete:
            last = self._step(None)
            if last is None:
                return
            batch, over = last
            yield batch
            if over:
                return

    def back_fill(self, since: datetime | None) -> Batch | None:
        """The next page of messages, those before ``since`` left out; None where there was nothing to store."""
        last = self._step(since)
        return last[0] if last else None

    def arrivals(self) -> Iterator[Batch]:
        """What has arrived since the back-fill, which is not at its end, was begun."""
        newest, link = self.cursor.newest, self.cursor.newest and self._api.since(self.folder.id, self.cursor.newest)
        while link:
            try:
                page = self._page(link)
            except (Gone, Failing):
                return
            items: list[Item] = [item for item in page["value"] if item.get("id") not in self.keys]
            newest = max([newest, *_moments(items)])
            link = str(page.get("@odata.nextLink", ""))
            self.cursor.newest = self.cursor.newest if link else newest
            skipped: Counter[str] = Counter()
            if messages := self._messages(self._whole(items, skipped), skipped):
                yield self._batch(messages, skipped=skipped)

    def second_try(self) -> Batch | None:
        """The messages at which the server failed, asked for again."""
        skipped: Counter[str] = Counter()
        found = [item for key in list(self.cursor.poison) if (item := self._fetched(key, skipped))]
        messages = self._messages(found, skipped)
        return self._batch(messages, skipped=skipped) if skipped else None

    def remove(self, keys: set[str]) -> Batch | None:
        """Those of the keys that are stored and still gone, removed."""
        removed = sorted(key for key in self.cursor.gone if key in keys)
        self.cursor.gone = [key for key in self.cursor.gone if key not in keys]
        self.keys.difference_update(removed)
        return self._batch([], removed=removed) if removed else None

    def _step(self, since: datetime | None) -> tuple[Batch, bool] | None:
        """The next page's batch, and whether it ends the round; None where nothing was to be stored."""
        try:
            page = self._page(self.cursor.link or self._api.delta(self.folder.id, ids_only=self.cursor.ids_only))
        except Gone as gone:
            if not self.cursor.link and gone.status == 404:
                raise Vanished from None
            self._restart(ids_only=self.cursor.ids_only)
            return None
        except Failing as failing:
            if self.cursor.ids_only:
                raise self._given_up(str(failing)) from None
            self._restart(ids_only=True)
            return None
        skipped: Counter[str] = Counter()
        items = self._whole(page["value"], skipped)
        recent = [item for item in items if not _is_before(item, since)]
        if len(recent) < len(items):
            self.stopped = True
            messages = self._messages(recent, skipped)
            return (self._batch(messages, skipped=skipped), False) if messages or skipped else None
        over = self._advance(page, items)
        return (self._batch(self._messages(items, skipped), skipped=skipped), over)

    def _advance(self, page: Item, items: list[Item]) -> bool:
        """Set the cursor behind the page; whether that ends the round."""
        following, delta = str(page.get("@odata.nextLink", "")), str(page.get("@odata.deltaLink", ""))
        self._empty = 0 if page["value"] else self._empty + 1
        if following in self._seen or self._empty > EMPTY or not (following or delta):
            raise self._given_up("the server's pages come to no end")
        if not self.complete and (moments := _moments(items)):
            self.cursor.newest = max(self.cursor.newest, *moments)
            self.cursor.reached = min(moments)
        self.cursor.link = delta or following
        self._seen = set() if delta else self._seen | {following}
        self.complete = self.complete or bool(delta)
        return bool(delta)

    def _restart(self, *, ids_only: bool) -> None:
        """Begin anew, beside what is stored."""
        self._restarts += 1
        if self._restarts > RESTARTS:
            raise self._given_up("the server forgets where the reading was")
        self._generation, self.complete = self._generation + 1, False
        self.cursor, self.keys = Cursor(self.cursor.place, ids_only=ids_only), set()
        self._seen, self._empty = set(), 0

    def _given_up(self, what: str) -> MailcareError:
        return MailcareError(
            what, where=self._api.host, todo="Run again later: what was read is kept.", code=Exit.TEMPORARY
        )

    def _page(self, link: str) -> Item:
        """The page, in a smaller part where the server fails at it. Raises Gone, Failing."""
        for size in SIZES[:-1]:
            try:
                return self._api.get(link, size)
            except Failing as failing:
                self._api.alive(failing)
        return self._api.get(link, SIZES[-1])

    def _whole(self, items: list[Item], skipped: Counter[str]) -> list[Item]:
        """The items to store, each whole; what has left the folder is noted."""
        whole: dict[str, Item] = {}
        for item in items:
            key = item.get("id")
            if not isinstance(key, str):
                skipped[REFUSED] += 1
                continue
            whole.pop(key, None)
            if "@removed" in item:
                self._left(key, skipped)
                continue
            if key in self.cursor.gone:
                self.cursor.gone.remove(key)
            if graph_message.is_whole(item):
                whole[key] = item
            elif (key not in self.keys or graph_message.is_changed(item)) and (found := self._fetched(key, skipped)):
                whole[key] = found
        return self._with_headers(list(whole.values()), skipped)

    def _with_headers(self, items: list[Item], skipped: Counter[str]) -> list[Item]:
        """The same; where a page has no internet headers at all, one message asked for alone shows whether it has."""
        bare = [item for item in items if not item.get("isDraft") and not _is_own(self.folder)]
        if not bare or any(map(graph_message.has_headers, items)):
            return items
        first = self._fetched(bare[0]["id"], skipped)
        if not first or not graph_message.has_headers(first):
            return items
        fetched = {item["id"]: self._fetched(item["id"], skipped) for item in bare[1:]} | {first["id"]: first}
        return [found for item in items if (found := fetched.get(item["id"], item))]

    def _fetched(self, key: str, skipped: Counter[str]) -> Item | None:
        """One message, asked for alone; None where it is gone, or where the server fails at it, which is noted."""
        try:
            item = self._api.message(self.folder.id, key)
        except Gone:
            self._recovered(key, skipped)
            return None
        except Failing as failing:
            self._api.alive(failing)
            if key not in self.cursor.poison:
                self.cursor.poison.append(key)
                skipped[REFUSED] += 1
            return None
        return item | {"id": key}

    def _left(self, key: str, skipped: Counter[str]) -> None:
        self._recovered(key, skipped)
        if key in self.keys and key not in self.cursor.gone:
            self.cursor.gone.append(key)

    def _recovered(self, key: str, skipped: Counter[str]) -> None:
        if key in self.cursor.poison:
            self.cursor.poison.remove(key)
            skipped[REFUSED] -= 1

    def _messages(self, items: list[Item], skipped: Counter[str]) -> list[Message]:
        for item in items:
            self._recovered(item["id"], skipped)
        self.keys.update(item["id"] for item in items)
        return [graph_message.message(item, self.folder, self._now) for item in items]

    def _batch(
        self, messages: list[Message], *, removed: list[str] | None = None, skipped: Counter[str] | None = None
    ) -> Batch:
        position = Position(self._generation, asdict(self.cursor), self.complete)
        counted = Counter({reason: count for reason, count in (skipped or {}).items() if count})
        return Batch(self.folder.id, position, messages, removed or [], counted)


def _is_own(folder: Folder) -> bool:
    """Whether the folder's messages were never received: they have no internet headers."""
    return Role.SENT in folder.roles or Role.DRAFTS in folder.roles


def _moments(items: list[Item]) -> list[str]:
    """When the messages arrived, as Graph writes it."""
    return [moment for item in items if isinstance(moment := item.get("receivedDateTime"), str)]


def _is_before(item: Item, since: datetime | None) -> bool:
    moment = graph_message.instant(item.get("receivedDateTime"))
    return bool(since and moment and moment < since)
