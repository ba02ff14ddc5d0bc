"""How far one folder has been read, and the next page of it.

A folder is read by a delta round, the newest message first; when that has reached its end, later rounds tell what has
changed. After each page the cursor holds where to go on. Source: Microsoft Graph, message: delta.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime

from connectors.graph import message as graph_message
from connectors.graph.api import IDS, PAGE, Api, Gone, Item, Refused, Trail, endless
from connectors.graph.cursor import Cursor
from connectors.graph.folders import Folder
from connectors.graph.http import Failing
from connectors.graph.items import Items
from mailcare.errors import Exit
from mailcare.mail.connector import Batch, Known, Position
from mailcare.mail.message import Message

SIZES = (PAGE, 20, 2)
"""Messages on a page; a page at which the server fails is asked for again with fewer."""
RESTARTS = 3
"""Times that a folder is begun anew before a reading is given up."""
SINGLE = 200
"""Messages that one run looks for alone, because they came or went in a folder that is not read to its end."""
SECOND_TRIES = 5
"""Messages at which the server failed that one run asks for again."""
CLOSED = "folder_closed"
"""The reason (``tables.QUALITY``) of folders that the server refuses."""


class Reading:
    """One folder's reading. Its methods raise MailcareError."""

    def __init__(self, api: Api, folder: Folder, known: Known, now: datetime) -> None:
        self.folder, self._api, self._now = folder, api, now
        self.stopped = False
        """Whether what is left is older than this reading goes."""
        self.refusal: Refused | None = None
        """Why the folder can't be read in this run."""
        self._restarts, self._trail = 0, Trail(api.host)
        place = [folder.path, *folder.roles]
        position = known.position(folder.id)
        if position and position.cursor.get("place") == place:
            self._generation, self.complete = position.generation, position.complete
            self.cursor, self.keys = Cursor(**position.cursor), known.keys(folder.id)
        else:
            self._generation = position.generation + 1 if position else 1
            self.complete, self.cursor, self.keys = False, Cursor(place), set()
        self._items = Items(api, folder, self.cursor, self.keys)
        self._stored = self._position()

    @property
    def is_read(self) -> bool:
        """Whether all of the folder, as it is now, is stored."""
        return self.complete and not self.refusal

    @property
    def left(self) -> int:
        """Messages that the back-fill has still to read."""
        return 0 if self.complete or self.refusal else max(0, self.folder.count - len(self.keys))

    def shows(self, key: str) -> bool:
        """Whether the message is stored as one of this folder, where readers of the store see it."""
        return (self.complete or self._generation == 1) and key in self.keys and key not in self.cursor.gone

    def permitted(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """These batches, as far as the server does not refuse the folder."""
        if self.refusal:
            return
        try:
            yield from batches
        except Refused as refusal:
            self.refusal = refusal

    def noted(self) -> Batch | None:
        """Note whether the server refused the folder or those in it, where that has changed since the last reading."""
        closed = self.refusal is not None or self.folder.is_closed_inside
        if closed == self._stored.cursor["closed"]:
            return None
        self.cursor.closed = closed
        self._stored = replace(self._stored, cursor=self._stored.cursor | {"closed": closed})
        return Batch(self.folder.id, self._stored, skipped=Counter({CLOSED: 1 if closed else -1}))

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

    def back_fill(self, since: datetime | None) -> Iterator[Batch]:
        """The next page of messages, those before ``since`` left out. A folder that is read anew is read to its end:
        before that, nothing of it shows."""
        if last := self._step(since if self._generation == 1 else None):
            yield last[0]

    def arrivals(self) -> Iterator[Batch]:
        """What has arrived since the back-fill, which is not at its end, was begun."""
        newest, link = self.cursor.newest, self.cursor.newest and self._api.since(self.folder.id, self.cursor.newest)
        trail = Trail(self._api.host)
        while link:
            try:
                page = self._page(link)
            except (Gone, Failing):
                return
            items: list[Item] = [item for item in page["value"] if item.get("id") not in self.keys]
            newest = max([newest, *_moments(items)])
            link = trail.following(page)
            self.cursor.newest = self.cursor.newest if link else newest
            skipped: Counter[str] = Counter()
            messages = self._messages(self._items.whole(items, skipped), skipped)
            if messages or skipped:
                yield self._batch(messages, skipped=skipped)

    def census(self) -> Iterator[Batch]:
        """What was moved into or has left the part of the folder that the back-fill, which is not at its end, has read;
        the keys of the latter are noted."""
        if self._generation > 1 or not self.cursor.reached:
            return
        link, before = self._api.since(self.folder.id, self.cursor.reached, ids_only=True), self.cursor.gone
        skipped: Counter[str] = Counter()
        try:
            here = {item.get("id"): None for page in self._api.pages(link, IDS) for item in page["value"]}
            known = {*self.keys, *self.cursor.poison}
            came = [key for key in here if isinstance(key, str) and key not in known]
            went = [key for key in sorted(self.keys) if key not in here and key not in before]
            gone = [key for key in went[:SINGLE] if self._api.folder_of(key) != self.folder.id]
        except (Gone, Failing):
            return
        self.cursor.gone = [key for key in before if key not in here] + gone
        found = [item for key in came[:SINGLE] if (item := self._items.fetched(key, skipped))]
        messages = self._messages(found, skipped)
        if messages or skipped or self.cursor.gone != before:
            yield self._batch(messages, skipped=skipped)

    def second_try(self) -> Iterator[Batch]:
        """Some of the messages at which the server failed, asked for again, in turn."""
        skipped: Counter[str] = Counter()
        now, later = self.cursor.poison[:SECOND_TRIES], self.cursor.poison[SECOND_TRIES:]
        self.cursor.poison = later + now
        found = [item for key in now if (item := self._items.fetched(key, skipped, faults=1))]
        messages = self._messages(found, skipped)
        if skipped or later:
            yield self._batch(messages, skipped=skipped)

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
                raise self._given_up(f"there is no such folder any more ({gone})") from None
            self._restart(ids_only=self.cursor.ids_only)
            return None
        except Failing as failing:
            if self.cursor.ids_only:
                raise self._given_up(str(failing)) from None
            self._restart(ids_only=True)
            return None
        skipped: Counter[str] = Counter()
        items = self._items.whole(page["value"], skipped)
        recent = [item for item in items if not _is_before(item, since)]
        if len(recent) < len(items):
            return self._stop(recent, since, skipped)
        over = self._advance(page, items)
        return (self._batch(self._messages(items, skipped), skipped=skipped), over)

    def _stop(self, recent: list[Item], since: datetime | None, skipped: Counter[str]) -> tuple[Batch, bool] | None:
        """End the back-fill of this run at ``since``, amid a page, which a later one asks for again."""
        self.stopped = True
        bound = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if since else ""
        before, self.cursor.reached = self.cursor.reached, min(self.cursor.reached or bound, bound)
        messages = self._messages([item for item in recent if item["id"] not in self.keys], skipped)
        is_new = messages or skipped or before != self.cursor.reached
        return (self._batch(messages, skipped=skipped), False) if is_new else None

    def _advance(self, page: Item, items: list[Item]) -> bool:
        """Set the cursor behind the page; whether that ends the round."""
        following, delta = self._trail.following(page), str(page.get("@odata.deltaLink") or "")
        if not (following or delta):
            raise endless(self._api.host)
        if not self.complete and (moments := _moments(items)):
            self.cursor.newest = max(self.cursor.newest, *moments)
            self.cursor.reached = min(moments)
        self.cursor.link = delta or following
        self._trail = Trail(self._api.host) if delta else self._trail
        self.complete = self.complete or bool(delta)
        return bool(delta)

    def _restart(self, *, ids_only: bool) -> None:
        """Begin anew, beside what is stored."""
        self._restarts += 1
        if self._restarts > RESTARTS:
            raise self._given_up("the server forgets where the reading was")
        self._generation, self.complete = self._generation + 1, False
        self.cursor, self.keys = Cursor(self.cursor.place, ids_only=ids_only), set()
        self._items = Items(self._api, self.folder, self.cursor, self.keys)
        self._trail = Trail(self._api.host)

    def _given_up(self, what: str) -> Refused:
        return Refused(what, where=self._api.host, todo="Run again later: what was read is kept.", code=Exit.TEMPORARY)

    def _page(self, link: str) -> Item:
        """The page, in a smaller part where the server fails at it. Raises Gone, Failing."""
        for size in SIZES:
            try:
                return self._api.page(link, size)
            except Failing as failing:
                self._api.alive(failing)
                last = failing
        raise last

    def _messages(self, items: list[Item], skipped: Counter[str]) -> list[Message]:
        for item in items:
            self._items.recovered(item["id"], skipped)
        self.keys.update(item["id"] for item in items)
        return [graph_message.message(item, self.folder, self._now) for item in items]

    def _batch(
        self, messages: list[Message], *, removed: list[str] | None = None, skipped: Counter[str] | None = None
    ) -> Batch:
        self._stored = self._position()
        counted = Counter({reason: count for reason, count in (skipped or {}).items() if count})
        return Batch(self.folder.id, self._stored, messages, removed or [], counted)

    def _position(self) -> Position:
        return Position(self._generation, asdict(self.cursor), self.complete)


def _moments(items: list[Item]) -> list[str]:
    """When the messages arrived, as Graph writes it."""
    return [moment for item in items if isinstance(moment := item.get("receivedDateTime"), str)]


def _is_before(item: Item, since: datetime | None) -> bool:
    moment = graph_message.instant(item.get("receivedDateTime"))
    return bool(since and moment and moment < since)
