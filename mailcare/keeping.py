"""How long what is stored of a message is kept, and how much of it."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np

from mailcare.arrays import Ints
from mailcare.login import Vault
from mailcare.message import Batch
from mailcare.pipeline.subjects import veil
from mailcare.store import Store

_MANY = 50
SUBJECT_KEY = "subject_key"
"""What the vault calls the key by which subjects are veiled."""


def let_go(store: Store, keep_days: int, now: datetime) -> int:
    """Erase every message that is older than so many days (0: none is), and return how many copies that were.

    They are counted from the newest message, or from ``now`` (aware) where its clock is ahead: so an archive is never
    emptied. See ``newest``.
    """
    if not keep_days:
        return 0
    days = timedelta(days=keep_days)
    last = newest(np.minimum(store.moments(), int(now.timestamp())), int(days.total_seconds()))
    return 0 if last is None else store.expire(datetime.fromtimestamp(last, UTC) - days)


def newest(moments: Ints, span: int) -> int | None:
    """The newest of the moments (seconds) that does not stand alone: one message whose clock was wrong is no sign that
    a mailbox went on. In the ``span`` up to it lie fifty messages, or one in ten of all, and two at least. None where
    there is no such."""
    at = np.sort(moments)
    company = np.arange(1, len(at) + 1) - np.searchsorted(at, at - span)
    enough = min(_MANY, max(2, len(at) // 10))
    last = at[company >= enough]
    return int(last[-1]) if len(last) else None


def veil_of(vault: Vault) -> Callable[[str], str]:
    """The rule that veils subjects by the vault's key, which is made once. Raises MailcareError."""
    key = vault.get(SUBJECT_KEY)
    if key is None:
        key = secrets.token_hex(32)
        vault.put(SUBJECT_KEY, key)
    return partial(veil, key=bytes.fromhex(key))


def resubjected(batch: Batch, rule: Callable[[str], str]) -> Batch:
    """The batch with what the rule makes of each subject."""
    return replace(batch, messages=[replace(one, subject=rule(one.subject)) for one in batch.messages])
