"""A mailcare of a later edition, whose ``Message`` has three fields more: ``python -m tests.store.newer STORE [KEY]``.

It compacts the store, stores a message under the key "added", and prints what these fields hold for each message.
"""

import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from mailcare.mail import message as declared
from mailcare.mail.connector import Batch, Position


@dataclass(frozen=True, slots=True)
class Message(declared.Message):
    weather: str = "fair"
    flavours: tuple[str, ...] = ("plain",)
    tasted_at: datetime | None = None


declared.Message = Message  # type: ignore[misc]
from mailcare.store import store  # noqa: E402 - everything follows from Message as it is when this is imported


def main(path: Path, key: str = "") -> None:
    with patch.object(store, "_FEW", 0), store.Store.open(path, write=True, key=key) as opened:
        opened.compact()
        added = Message("added", weather="rain", flavours=(), tasted_at=datetime(2026, 9, 21, tzinfo=UTC))
        opened.append(Batch("later", Position(1, {}, True), [added]))
        rows = opened.load().select(["key", "weather", "flavours", "tasted_at"]).to_pylist()
    print(json.dumps({row.pop("key"): row for row in rows}, default=str))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
