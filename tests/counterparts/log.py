"""A store as plain as can be: what a connector yielded, and what a reader of the store would see."""

from collections import Counter
from datetime import UTC, datetime
from itertools import islice

from mailcare.mail.connector import Batch, Connector, Position
from mailcare.mail.message import Message

NOW = datetime(2026, 9, 21, 6, tzinfo=UTC)


class Log:
    """The latest message of each key, for each source and generation; a later generation shows when it is complete."""

    def __init__(self) -> None:
        self.positions: dict[str, Position] = {}
        self.active: dict[str, int] = {}
        self.kept: dict[tuple[str, int], dict[str, Message]] = {}
        self.skipped: Counter[str] = Counter()
        self.batches: list[Batch] = []

    def sources(self) -> list[str]:
        return list(self.positions)

    def position(self, source: str) -> Position | None:
        return self.positions.get(source)

    def keys(self, source: str) -> set[str]:
        return set(self._reading(source))

    def folders(self, source: str) -> dict[str, tuple[str, ...]]:
        return {key: message.folders for key, message in self._reading(source).items()}

    def _reading(self, source: str) -> dict[str, Message]:
        position = self.positions.get(source)
        return self.kept[source, position.generation] if position else {}

    def add(self, batch: Batch) -> None:
        source, position = batch.source, batch.position
        before = self.positions.get(source)
        assert before is None or position.generation >= before.generation
        kept = self.kept.setdefault((source, position.generation), {})
        for key in batch.removed:
            del kept[key]
        kept.update({message.key: message for message in batch.messages})
        self.positions[source] = position
        if position.complete or before is None:
            self.active[source] = position.generation
        self.skipped += batch.skipped
        self.batches.append(batch)

    def read(self, connector: Connector, batches: int | None = None, since: datetime | None = None) -> "Log":
        """Reads on; with ``batches``, as if the run had been cut after so many of them."""
        for batch in islice(connector.read(self, NOW, since), batches):
            self.add(batch)
        return self

    def messages(self) -> list[Message]:
        """What a reader sees: the active generation of every source."""
        return [message for entry in self.active.items() for message in self.kept[entry].values()]

    def ids(self) -> list[str]:
        return sorted(message.message_id for message in self.messages())
