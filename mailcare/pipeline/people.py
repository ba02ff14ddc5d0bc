"""Who is who: canonical addresses, aliases, circles (docs/measures.md, "Address" and "Circle")."""

import re
from fnmatch import fnmatchcase

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mailcare.hours.arrays import Flags
from mailcare.mail.addresses import a_label, canonical
from mailcare.owner import Owner

OWNER = 0
"""The owner's code in every people table."""
NOBODY = -1

_ROBOT = re.compile(
    r"(noreply|no-reply|donotreply|do-not-reply)(-.*)?|.*-(noreply|no-reply|donotreply|do-not-reply)"
    r"|mailer-daemon|postmaster|bounces?|notifications?|alerts?"
)


def robot(address: str) -> bool:
    """Whether the local part says that no person writes from there (docs/measures.md, "Automated")."""
    return _ROBOT.fullmatch(address.rpartition("@")[0]) is not None


def recipients(log: pa.Table) -> pd.DataFrame:
    """One row for each person in a header field of a copy: ``copy`` (row of the log), ``field``, ``name``, ``address``.

    ``name`` and ``address`` are categorical, as written.
    """
    return pd.DataFrame(
        {
            "copy": pc.list_parent_indices(log["people_field"]).to_numpy(),
            "field": pc.list_flatten(log["people_field"]).to_numpy(),
            "name": _categories(log["people_name"]),
            "address": _categories(log["people_address"]),
        }
    )


def _categories(column: pa.ChunkedArray) -> pd.Categorical:
    flat = pc.list_flatten(column).combine_chunks().dictionary_encode()
    return pd.Categorical.from_codes(flat.indices.to_numpy(zero_copy_only=False), flat.dictionary.to_pandas())


def people(seen: pd.DataFrame, owner: Owner) -> tuple[pd.DataFrame, np.ndarray]:
    """The people of a mailbox, and for each category of ``seen.address`` the person's code (``NOBODY``: none).

    Columns by person code, the owner first: ``address`` (canonical, the first of a person's aliases), ``name`` (the one
    most often written), ``robot`` (the local part of that address marks an automated sender), ``circle``.
    """
    written = [canonical(address) for address in seen["address"].cat.categories]
    one_person = _one_person(owner)
    persons = (
        pd.Index([one_person[canonical(owner.addresses[0])]])
        .append(pd.Index([one_person.get(address, address) for address in written if address]))
        .unique()
    )
    codes = persons.get_indexer(pd.Index([one_person.get(address, address) for address in written], dtype=object))
    table = pd.DataFrame({"address": persons.astype(object)})
    table["name"] = _names(seen, codes, len(table))
    table["robot"] = [robot(address) for address in persons]
    table["circle"] = [circle(every, owner.circles) for every in _addresses(persons, one_person)]
    return table, codes


def senders_are_automated(seen: pd.DataFrame, owner: Owner) -> Flags:
    """For each category of ``seen.address`` whether no person writes from there: by its local part, or by a pattern of
    the config's ``automated``."""
    patterns = [pattern.lower() for pattern in owner.automated]
    return np.array(
        [
            robot(canonical(address)) or any(fnmatchcase(address.strip().lower(), pattern) for pattern in patterns)
            for address in seen["address"].cat.categories
        ],
        bool,
    )


def _one_person(owner: Owner) -> dict[str, str]:
    """Address → the person's first address, where config says that several belong to one person."""
    groups = [owner.addresses, *owner.aliases]
    mapping: dict[str, str] = {}
    for group in groups:
        members = [canonical(address) for address in group]
        first = next((mapping[address] for address in members if address in mapping), members[0])
        mapping |= dict.fromkeys(members, first)
    return mapping


def _addresses(persons: "pd.Index[str]", one_person: dict[str, str]) -> list[list[str]]:
    """All addresses of each person, the first one first."""
    others = pd.Series(one_person).groupby(pd.Series(one_person)).groups
    return [[person, *(other for other in others.get(person, []) if other != person)] for person in persons]


def _names(seen: pd.DataFrame, codes: np.ndarray, count: int) -> np.ndarray:
    """The display name most often written beside each person's address; of equals the first in the alphabet."""
    names = seen["name"].cat.categories
    pairs = pd.DataFrame(
        {"person": np.append(codes, NOBODY)[seen["address"].cat.codes], "name": seen["name"].cat.codes.to_numpy()}
    )
    written = pairs[(pairs["person"] >= 0) & (pairs["name"] >= 0)].value_counts().reset_index()
    written["text"] = np.asarray(names, object)[written["name"]] if len(names) else ""
    written = written[written["text"].astype(str).str.strip() != ""]
    best = written.sort_values(["count", "text"], ascending=[False, True]).drop_duplicates("person")
    return best.set_index("person")["text"].reindex(range(count)).fillna("").to_numpy(object)


def _member(entry: str) -> str:
    """A circle's entry as it is compared: a canonical address, or a domain in A-label form."""
    return canonical(entry) or a_label(entry.strip().lower().lstrip("@"))


def circle(addresses: list[str], circles: dict[str, tuple[str, ...]]) -> str:
    """The circle of a person: by an address, else by a domain or the nearest domain above it, else ``others``."""
    named = {_member(entry): name for name, entries in circles.items() for entry in entries}
    domains = [address.rpartition("@")[2].split(".") for address in addresses]
    depth = max(map(len, domains), default=0)
    above = [".".join(labels[start:]) for start in range(depth) for labels in domains]
    return next((named[one] for one in [*addresses, *above] if one in named), "others")
