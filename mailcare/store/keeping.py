"""How long what is stored of a message is kept, and how much of it."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import numpy as np

from mailcare.hours.arrays import Ints
from mailcare.mail.connector import Batch
from mailcare.mail.login import Vault
from mailcare.mail.subjects import veil
from mailcare.store.store import Store

_MANY, _SPAN = 50, 400 * 86_400
SUBJECT_KEY = "subject_key"
"""What the vault calls the key by which subjects are veiled."""


def let_go(store: Store, keep_days: int, now: datetime) -> int:
    """Erase every message that is older than so many days (0: none is), and return how many copies that were.

    They are counted from the newest message, as ``newest`` has it: so an archive is never emptied.
    """
    last = newest(store.moments(), now) if keep_days else None
    return store.expire(last - timedelta(days=keep_days)) if last else 0


def newest(moments: Ints, now: datetime) -> datetime | None:
    """The newest of the moments (seconds), or ``now`` (aware) where that one's clock is ahead.

    One that stands alone is passed over: a message whose clock was wrong is no sign that a mailbox went on. In the 400
    days up to the newest lie fifty messages, or one in ten of all, and two at least. None where there is no such.
    """
    at = np.sort(np.minimum(moments, int(now.timestamp())))
    company = np.arange(1, len(at) + 1) - np.searchsorted(at, at - _SPAN)
    last = at[company >= min(_MANY, max(2, len(at) // 10))]
    return datetime.fromtimestamp(int(last[-1]), UTC) if len(last) else None


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
