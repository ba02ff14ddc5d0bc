"""How long what is stored of a message is kept, and how much of it."""

from datetime import datetime, timedelta

from mailcare.store import Store


def let_go(store: Store, keep_days: int, now: datetime) -> int:
    """Erase every message that is older than so many days (0: none is), and return how many copies that were.

    They are counted from the newest message, or from ``now`` (aware) where its clock is ahead: so an archive is never
    emptied.
    """
    newest = store.newest() if keep_days else None
    return store.expire(min(newest, now) - timedelta(days=keep_days)) if newest else 0
