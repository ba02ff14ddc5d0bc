"""How long what is stored of a message is kept, and how much of it."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from mailcare.login import Vault
from mailcare.message import Batch
from mailcare.pipeline.subjects import veil
from mailcare.store import Store

SUBJECT_KEY = "subject_key"
"""What the vault calls the key by which subjects are veiled."""


def let_go(store: Store, keep_days: int, now: datetime) -> int:
    """Erase every message that is older than so many days (0: none is), and return how many copies that were.

    They are counted from the newest message, or from ``now`` (aware) where its clock is ahead: so an archive is never
    emptied.
    """
    newest = store.newest() if keep_days else None
    return store.expire(min(newest, now) - timedelta(days=keep_days)) if newest else 0


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
