"""The pool of a team: the messages of all its mailboxes, each once, as those of one owner (docs/teams.md, "The pool").

The owner of the pool is the team: whatever an address of the team sent is the team's, whatever one of them received
asks the team. So the stages of ``mailcare.pipeline`` say of a team what they say of one person.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mailcare.mail.addresses import canonical
from mailcare.mail.message import Field
from mailcare.owner import Owner, Team
from mailcare.pipeline.mailbox import Mailbox
from mailcare.pipeline.messages import in_kept_folders
from mailcare.pipeline.people import recipients
from mailcare.store.rows import names_of
from mailcare.tables import LOG

SHARED = -1
"""The code of a shared address among the members."""


@dataclass(frozen=True, slots=True)
class Pool:
    """A team's messages, and who of the team stands on them; the latter is for ``privacy`` and the measures alone."""

    box: Mailbox
    """Its people's ``circle`` says which client they belong to."""
    members: frozenset[int]
    """The people of the team."""
    writers: pd.DataFrame
    """Who of the team wrote: ``message``, ``member`` (``SHARED`` for a shared address without a person in Sender)."""
    addressed: pd.DataFrame
    """Who of the team was addressed in To or Cc: ``message``, ``member``."""
    names: frozenset[str]
    """Every address and every name under which a member is known, or one who has left: what no page may hold."""


def pooled(
    logs: Sequence[tuple[str, Owner, pa.Table]],
    team: Team,
    as_of: datetime,
    left: Callable[[str], bool] = lambda _: False,
) -> Pool:
    """The pool of these mailboxes (name, owner, ``tables.LOG``) as of a moment (aware).

    ``left`` says of an address whether it is that of a member who has left the team: a colleague, and named no more
    than any member.
    """
    log = pa.concat_tables([LOG.empty_table(), *(_of(*one) for one in logs)]).combine_chunks()
    owners = [owner for _, owner, _ in logs]
    gone = [address for address in pc.unique(pc.list_flatten(log["people_address"])).to_pylist() if left(address)]
    box = Mailbox(log, team.owner(owners, gone), as_of)
    member_of = members(team, owners)
    stands = _stands(log, box, member_of)
    people_of = stands[stands["member"] != SHARED]
    names = {address for address, member in member_of.items() if member != SHARED} | set(people_of["name"]) - {""}
    return Pool(
        box=box,
        members=frozenset(member_of.values()) - {SHARED},
        writers=_writers(stands, box),
        addressed=stands[stands["field"].isin([Field.TO, Field.CC])][["message", "member"]].drop_duplicates(),
        names=frozenset(names | names_of(log, gone) | {owner.name for owner in owners if owner.name}),
    )


def members(team: Team, owners: Sequence[Owner]) -> dict[str, int]:
    """The member behind each of the team's addresses (canonical), ``SHARED`` for a shared one.

    A mailbox that is not a shared address's is one person's, with all its addresses; so is each further address, and
    the configuration's aliases make several of them one.
    """
    shared = {canonical(address) for address in team.shared}
    shared |= {canonical(address) for owner in owners if owner.shared for address in owner.addresses}
    aliases = [group for owner in owners[:1] for group in owner.aliases]
    own = [owner.addresses for owner in owners if not owner.shared]
    found: dict[str, int] = dict.fromkeys(shared, SHARED)
    for number, group in enumerate([*own, *((address,) for address in team.addresses)]):
        mine = {canonical(address) for address in group}
        for alias in aliases:
            also = {canonical(address) for address in alias}
            mine |= also if mine & also else set()
        known = next((found[one] for one in sorted(mine) if found.get(one, SHARED) != SHARED), number)
        found |= dict.fromkeys(mine - shared, known)
    return found


def _of(name: str, owner: Owner, rows: pa.Table) -> pa.Table:
    """The copies of one mailbox that count; its sources and folders are no other mailbox's."""
    kept = in_kept_folders(rows.combine_chunks(), owner)
    sources = _named(name, kept["source"].cast(pa.string())).dictionary_encode()
    folders = _folders(name, kept["folders"])
    kept = kept.set_column(LOG.get_field_index("source"), LOG.field("source"), sources)
    return kept.set_column(LOG.get_field_index("folders"), LOG.field("folders"), folders)


def _named(name: str, texts: pa.ChunkedArray) -> pa.Array:
    return pc.binary_join_element_wise(pa.scalar(name), texts, "/").combine_chunks()


def _folders(name: str, lists: pa.ChunkedArray) -> pa.Array:
    flat = pc.list_flatten(lists)
    counts = pc.list_value_length(lists).to_numpy()
    ends = pa.array(np.concatenate([[0], np.cumsum(counts)]), pa.int32())
    return pa.ListArray.from_arrays(ends, _named(name, flat))


def _stands(log: pa.Table, box: Mailbox, member_of: dict[str, int]) -> pd.DataFrame:
    """Where an address of the team stands on a message: ``message``, ``field``, ``member``, ``name`` (as written)."""
    seen = recipients(log)
    mine = pd.Series([member_of.get(canonical(one)) for one in seen["address"].cat.categories], dtype="Int64")
    seen["member"] = mine.reindex(seen["address"].cat.codes).to_numpy(dtype=object)
    seen = seen[seen["member"].notna()]
    message = np.full(len(log), -1, np.int64)
    message[box.messages["copy"].to_numpy()] = np.arange(len(box.messages))
    stands = pd.DataFrame(
        {
            "message": message[seen["copy"].to_numpy()],
            "field": seen["field"].to_numpy(),
            "member": seen["member"].to_numpy(np.int64),
            "name": seen["name"].astype(object).fillna("").str.strip().to_numpy(object),
        }
    )
    return stands[stands["message"] >= 0]


def _writers(stands: pd.DataFrame, box: Mailbox) -> pd.DataFrame:
    """The first person of the team in From, else in Sender, else the shared address."""
    sent = box.messages["sent"].to_numpy() & ~box.messages["automated"].to_numpy(bool)
    wrote = stands[stands["field"].isin([Field.FROM, Field.SENDER])]
    wrote = wrote[sent[wrote["message"]]]
    wrote = wrote.assign(shared=wrote["member"] == SHARED)
    first: pd.DataFrame = wrote.sort_values(["message", "shared", "field"], kind="stable").drop_duplicates("message")
    return first[["message", "member"]].reset_index(drop=True)
