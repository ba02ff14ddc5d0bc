"""The facts: one row for each message, copies merged (docs/measures.md, "Message", "Time" and "Direction")."""

from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mailcare.hours.arrays import Flags, Ints, Texts
from mailcare.mail import subjects
from mailcare.mail.addresses import canonical
from mailcare.mail.message import OWN_MAIL, Field, Mark, Role
from mailcare.owner import Owner
from mailcare.pipeline.components import components
from mailcare.pipeline.people import NOBODY, OWNER

DAY = 86_400
NO_TIME = np.iinfo(np.int64).min


def without_own_mail(log: pa.Table) -> pa.Table:
    """The copies that are not mailcare's own e-mail, known by the form of its Message-ID."""
    own = pc.ends_with(log["message_id"], OWN_MAIL).fill_null(False)
    return log.filter(pc.invert(own)).combine_chunks() if pc.any(own).as_py() else log


def in_kept_folders(log: pa.Table, owner: Owner) -> pa.Table:
    """The copies that count: those in no excluded folder (by role or name), and everything in Sent."""
    excluded = pa.array([name.lower() for name in owner.exclude_folders], pa.string())
    out = _any(log["roles"], excluded) | _any(log["folders"], excluded)
    kept = ~out | _any(log["roles"], pa.array([Role.SENT.value]))
    return log if kept.all() else log.filter(pa.array(kept)).combine_chunks()


def _any(lists: pa.ChunkedArray, wanted: pa.Array) -> Flags:
    """Whether any entry of each list is among the wanted (lower case)."""
    hits = pc.is_in(pc.utf8_lower(pc.list_flatten(lists)), value_set=wanted).to_numpy()
    found = np.zeros(len(lists), bool)
    found[pc.list_parent_indices(lists).to_numpy()[hits]] = True
    return found


def times(log: pa.Table) -> pd.DataFrame:
    """By copy: ``sent`` and ``received`` as seconds since 1970 (``NO_TIME`` where neither is known), ``replaced``.

    A Date more than 24 h after the server's time gives way to the server's time.
    """
    sent, received = (_seconds(log[name]) for name in ("sent_at", "received_at"))
    replaced = (sent != NO_TIME) & (received != NO_TIME) & (sent > received + DAY)
    sent_at = np.where(replaced | (sent == NO_TIME), received, sent)
    return pd.DataFrame(
        {"sent": sent_at, "received": np.where(received == NO_TIME, sent, received), "replaced": replaced}
    )


def _seconds(column: pa.ChunkedArray) -> Ints:
    return np.asarray(column.cast(pa.timestamp("s")).cast(pa.int64()).fill_null(NO_TIME), np.int64)


def texts(column: pa.ChunkedArray) -> pd.Categorical:
    """A string column as codes into its distinct values."""
    coded = column.combine_chunks().dictionary_encode()
    return pd.Categorical.from_codes(
        coded.indices.fill_null(-1).to_numpy(zero_copy_only=False), coded.dictionary.to_pandas()
    )


def envelopes(log: pa.Table, recipients: pd.DataFrame, addresses: Ints) -> Ints:
    """A digest of (From, Date, To, Cc) of each copy; the order of the addresses does not matter.

    ``addresses`` has a digest for each person code of ``recipients``.
    """
    named = recipients[recipients["field"].isin([Field.FROM, Field.TO, Field.CC])].drop_duplicates(
        ["copy", "field", "person"]
    )
    mixed = pd.util.hash_array(
        addresses[named["person"]] + named["field"].to_numpy(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    )
    digest = np.zeros(len(log), np.uint64)
    np.add.at(digest, named["copy"].to_numpy(), mixed)
    return pd.util.hash_array(digest ^ pd.util.hash_array(_seconds(log["sent_at"]).view(np.uint64)))


def content(envelope: Ints, subject: pd.Categorical) -> Ints:
    """The same digest with the subject of each copy."""
    words = pd.util.hash_array(np.asarray(subject.categories, object)) if len(subject.categories) else np.zeros(0)
    return pd.util.hash_array(envelope ^ np.append(words, 0).astype(np.uint64)[subject.codes])


def identity(log: pa.Table, digest: Ints, folder: Ints) -> tuple[pd.Categorical, Ints]:
    """Each copy's id and the number of the message that it is a copy of.

    Copies with one Message-ID are one message. So are the n-th copy in one folder and the n-th in another with the
    same content, whatever their ids; ids that lie in more folders are counted first, then in the ids' order.
    """
    without = pc.equal(log["message_id"].fill_null(""), "").to_numpy()
    made = pd.Series(digest[without]).map("<{:016x}@without-id.mailcare>".format)
    own = log["message_id"].to_pandas().astype(object)
    own[without] = made.to_numpy(object)
    ids = pd.Categorical(own)
    copies = pd.DataFrame({"content": digest, "folder": folder, "id": ids.codes.astype(np.int64)})
    distinct = copies.drop_duplicates().copy()
    distinct["spread"] = -distinct.groupby(["content", "id"])["folder"].transform("size")
    distinct = distinct.sort_values(["content", "folder", "spread", "id"])
    distinct["n"] = distinct.groupby(["content", "folder"]).cumcount()
    known_by = distinct.groupby(["content", "n"]).ngroup().to_numpy()
    message = components(distinct["id"].to_numpy(), known_by + len(ids.categories), len(ids.categories) + len(distinct))
    by_id = np.zeros(len(ids.categories), np.int64)
    by_id[distinct["id"].to_numpy()] = message[distinct["id"].to_numpy()]
    return ids, pd.factorize(by_id[copies["id"].to_numpy()])[0].astype(np.int64)


def facts(
    log: pa.Table, recipients: pd.DataFrame, people: pd.DataFrame, as_of: int, quality: Counter[str]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, Ints]:
    """The messages up to ``as_of`` in order of time, the people on them, and the ids they are known by.

    Messages, by number: ``copy`` (the row of the log that stands for it), ``id``, ``at`` (seconds), ``sent``,
    ``automated``, ``auto_reply``, ``writer`` (the first person in From, or who wrote behind a rewritten one),
    ``author`` (the same, but the owner where From or Sender names them), ``subject``, ``prefix``, ``base`` (code of the
    base subject, -1 for an empty one), ``size`` (octets, 0 where unknown). People: ``message, field, person``. Ids:
    ``message, id``. Last, the number of the message that each copy is one of, -1 where
    it is none: later mail, or another author's under the same id. What could not be used is added to ``quality``.
    """
    subject = texts(log["subject"])
    envelope = envelopes(log, recipients, pd.util.hash_array(people["address"].to_numpy(object)))
    digest = content(envelope, subject)
    ids, message = identity(log, digest, _first_folder(log))
    copies = times(log).assign(copy=np.arange(len(log)), id=ids.codes, message=message, content=digest)
    copies["envelope"] = envelope
    copies["role"] = _any(log["roles"], pa.array([Role.SENT.value]))
    original = np.where(copies["role"], NOBODY, _behind(recipients, len(log)))
    copies["own"] = _by(recipients, (Field.FROM, Field.SENDER), len(log)) & (original == NOBODY)
    copies["at"] = np.where(copies["own"], copies["sent"], copies["received"])
    writer, robot = _first_writer(recipients, len(log))
    copies["writer"] = np.where(original == NOBODY, writer, original)
    copies["automated"] = robot & (original == NOBODY)
    copies["author"] = np.where(copies["own"], OWNER, copies["writer"])
    copies["key"] = pd.util.hash_array(log["key"].to_pandas().to_numpy(object))
    timed = copies[copies["at"] != NO_TIME]
    quality["no_time"] += copies["message"].nunique() - timed["message"].nunique()
    chosen = timed.sort_values(
        ["message", "role", "at", "envelope", "content", "id", "key"], ascending=[True, False, *(True,) * 5]
    ).drop_duplicates("message")
    chosen = chosen[chosen["at"] <= as_of]
    _count(quality, log, copies, chosen)
    smallest = _smallest_id(copies, ids)
    chosen = chosen.assign(name=smallest[chosen["message"]]).sort_values(["at", "name"]).reset_index(drop=True)
    standing = _standing(copies, chosen)
    marks = _marks(log, standing)
    on = _on_messages(recipients, chosen["copy"].to_numpy(), len(log))
    base, prefix = _subjects(subject)
    messages = pd.DataFrame(
        {
            "copy": chosen["copy"],
            "id": chosen["name"],
            "at": chosen["at"].to_numpy(np.int64),
            "sent": chosen["own"].to_numpy(bool),
            "auto_reply": marks["AUTO_REPLY"],
            "writer": chosen["writer"].to_numpy(np.int64),
            "author": chosen["author"].to_numpy(np.int64),
            "subject": np.append(np.asarray(subject.categories, object), "")[subject.codes[chosen["copy"]]],
            "prefix": prefix[subject.codes[chosen["copy"]]],
            "base": base[subject.codes[chosen["copy"]]],
            "size": log["size"].to_numpy()[chosen["copy"]],
        }
    )
    messages["automated"] = chosen["automated"] | automated(recipients, messages, marks)
    number = pd.Series(messages.index, index=chosen["message"])
    known = copies[["message", "id"]].drop_duplicates()
    known = known.assign(message=known["message"].map(number)).dropna()
    names = pd.DataFrame(
        {"message": known["message"].to_numpy(np.int64), "id": np.asarray(ids.categories, object)[known["id"]]}
    )
    return messages, on, names, standing


def _standing(copies: pd.DataFrame, chosen: pd.DataFrame) -> Ints:
    """The number of the message (the row of ``chosen``) that each copy is one of, -1 for none."""
    number = pd.Series(chosen.index, index=chosen["message"]).reindex(copies["message"]).fillna(-1).to_numpy(np.int64)
    author = np.append(chosen["author"].to_numpy(), NOBODY - 1)[number]
    return np.where(author == copies["author"].to_numpy(), number, -1)


def _marks(log: pa.Table, standing: Ints) -> pd.DataFrame:
    """What the headers of the copies of each message agree on, a flag for each ``Mark``.

    A list marks its own copy alone, so a mark counts where every copy bears it; ``LIST_POST`` where one does.
    """
    bits = log["marks"].to_numpy()
    flags = pd.DataFrame({mark.name: (bits & int(mark)) != 0 for mark in Mark})
    of_message = flags[standing >= 0].groupby(standing[standing >= 0])
    return pd.DataFrame(of_message.min().assign(LIST_POST=of_message["LIST_POST"].max()))


def named_by_lists(seen: pd.DataFrame, log: pa.Table) -> Flags:
    """For each row of ``seen`` whether the address is the one that the ``List-Id`` of its copy names."""
    lists, written = texts(log["list_id"]), seen["address"].cat
    known = [canonical(address) or None for address in (*lists.categories, *written.categories)]
    codes = pd.factorize(np.array(known, object))[0]
    named = np.append(codes[: len(lists.categories)], NOBODY)[lists.codes[seen["copy"]]]
    stands = np.append(codes[len(lists.categories) :], NOBODY)[written.codes]
    return np.asarray((named == stands) & (stands != NOBODY), bool)


def automated(recipients: pd.DataFrame, messages: pd.DataFrame, marks: pd.DataFrame) -> Flags:
    """Whether the headers say that no person waits for an answer (docs/measures.md, "Automated")."""
    to_list = recipients["copy"][recipients["list"] & recipients["field"].isin([Field.TO, Field.CC])]
    discussion = marks["LIST_POST"].to_numpy() | np.isin(messages["copy"], to_list)
    machine = (marks["MACHINE"] | marks["AUTO_REPLY"]).to_numpy()
    return np.asarray(machine | (marks["BULK"].to_numpy() & ~discussion), bool)


def _first_folder(log: pa.Table) -> Ints:
    """Code of the first folder of each copy, -1 without."""
    folder = texts(pc.list_flatten(log["folders"])).codes.astype(np.int64)
    copy, place = np.unique(pc.list_parent_indices(log["folders"]).to_numpy(), return_index=True)
    first = np.full(len(log), -1, np.int64)
    first[copy] = folder[place]
    return first


def _by(recipients: pd.DataFrame, fields: tuple[Field, ...], copies: int) -> Flags:
    """Whether the owner stands in one of the fields of each copy."""
    own = recipients["copy"][recipients["field"].isin(fields) & (recipients["person"] == OWNER)]
    return np.isin(np.arange(copies), own.to_numpy())


def _first_writer(recipients: pd.DataFrame, copies: int) -> tuple[Ints, Flags]:
    """The first person in From of each copy, and whether that address is an automated sender's."""
    writers = recipients[recipients["field"] == Field.FROM].drop_duplicates("copy")
    writer = np.full(copies, NOBODY, np.int64)
    writer[writers["copy"].to_numpy()] = writers["person"].to_numpy()
    automated = np.zeros(copies, bool)
    automated[writers["copy"].to_numpy()] = writers["automated"].to_numpy()
    return writer, automated


def _behind(recipients: pd.DataFrame, copies: int) -> Ints:
    """Who wrote each copy in whose From a list or forwarder put another address (docs/measures.md, "Author"); NOBODY
    for the others."""
    people = recipients[(recipients["person"] > OWNER) & ~recipients["automated"] & ~recipients["list"]]
    told = people[people["field"].isin([Field.X_ORIGINAL_FROM, Field.X_ORIGINAL_SENDER])]
    first = told.sort_values(["copy", "field"], kind="stable").drop_duplicates("copy").set_index("copy")["person"]
    replies = people[people["field"] == Field.REPLY_TO].drop_duplicates(["copy", "person"])
    alone = replies[~replies["copy"].duplicated(keep=False)].set_index("copy")["person"]
    writers = recipients[recipients["field"] == Field.FROM].drop_duplicates("copy").set_index("copy")
    rewritten = writers[writers["list"] | writers["automated"] | (writers["person"] == OWNER)]
    behind = first.reindex(rewritten.index).fillna(alone.reindex(rewritten.index[rewritten["list"]]))
    found = np.full(copies, NOBODY, np.int64)
    found[rewritten.index] = behind.fillna(NOBODY)
    return found


def _on_messages(recipients: pd.DataFrame, copies: Ints, total: int) -> pd.DataFrame:
    number = np.full(total, -1, np.int64)
    number[copies] = np.arange(len(copies))
    on = recipients.assign(message=number[recipients["copy"].to_numpy()])
    on = on[on["message"] >= 0][["message", "field", "person"]].drop_duplicates()
    return on.sort_values(["message", "field"], kind="stable").reset_index(drop=True)


def _smallest_id(copies: pd.DataFrame, ids: pd.Categorical) -> Texts:
    """Each message's name: of its ids the first in the alphabet (categories are sorted)."""
    smallest = copies.groupby("message")["id"].min().to_numpy()
    return np.asarray(np.asarray(ids.categories, object)[smallest], object)


def _subjects(subject: pd.Categorical) -> tuple[Ints, Texts]:
    """Code of the base subject and kind of prefix of each subject category; one more entry for a missing subject."""
    bases = pd.Series([subjects.base(text) for text in subject.categories] + [""], dtype=object)
    codes = pd.factorize(bases)[0].astype(np.int64)
    prefixes = np.array([subjects.prefix(text) for text in subject.categories] + [""], dtype=object)
    return np.where(bases == "", NOBODY, codes), prefixes


def _count(quality: Counter[str], log: pa.Table, copies: pd.DataFrame, chosen: pd.DataFrame) -> None:
    """Data quality, by message: faults of its headers, times that were replaced or are missing, ids used twice."""
    faults = pc.list_flatten(log["faults"])
    rows = pc.list_parent_indices(log["faults"]).to_numpy()
    standing = np.isin(rows, chosen["copy"].to_numpy())
    quality.update(faults.filter(pa.array(standing)).to_pylist())
    quality["date_replaced"] += int(chosen["replaced"].sum())
    first = chosen.set_index("message").reindex(copies["message"])
    other = (copies["author"].to_numpy() != first["author"].to_numpy()) & first["author"].notna().to_numpy()
    quality["id_repeated"] += int(copies[other].drop_duplicates(["message", "content"]).shape[0])
