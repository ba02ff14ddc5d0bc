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
    """Delete every message that is older than ``keep_days`` (0 keeps all), and return how many copies there were.

    The days are counted back from the newest message (see ``newest``), so that an archive is never emptied.
    """
    last = newest(store.moments(), now) if keep_days else None
    return store.expire(last - timedelta(days=keep_days)) if last else 0


def newest(moments: Ints, now: datetime) -> datetime | None:
    """The newest of the moments (seconds), or ``now`` (aware) if that one's clock is ahead. None if there is none.

    A moment counts only in company: a message whose clock was wrong is no sign that a mailbox went on. In the 400 days
    up to the newest there must be fifty messages, or one in ten if that is fewer, but at least two.
    """
    at = np.sort(np.minimum(moments, int(now.timestamp())))
    company = np.arange(1, len(at) + 1) - np.searchsorted(at, at - _SPAN)
    last = at[company >= min(_MANY, max(2, len(at) // 10))]
    return datetime.fromtimestamp(int(last[-1]), UTC) if len(last) else None


def veil_of(vault: Vault) -> Callable[[str], str]:
    """The rule that veils subjects by the vault's key, which is made at the first call. Raises MailcareError."""
    key = vault.get(SUBJECT_KEY)
    if key is None:
        key = secrets.token_hex(32)
        vault.put(SUBJECT_KEY, key)
    return partial(veil, key=bytes.fromhex(key))


def resubjected(batch: Batch, rule: Callable[[str], str]) -> Batch:
    """The batch with the rule applied to each subject."""
    return replace(batch, messages=[replace(one, subject=rule(one.subject)) for one in batch.messages])
