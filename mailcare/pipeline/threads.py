"""Which messages belong together, and what each one answers (docs/measures.md, "Thread" and "Parent")."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mailcare.hours.arrays import Ints
from mailcare.mail.message import Field
from mailcare.pipeline.components import components
from mailcare.pipeline.messages import DAY
from mailcare.pipeline.people import OWNER

INDEX_HEAD = 22
"""Bytes of a conversation index that name the conversation; each reply adds five more."""


def links(log: pa.Table, standing: Ints, names: pd.DataFrame) -> pd.DataFrame:
    """What each message names in In-Reply-To and References, in that order; ``standing`` is the message of each copy.

    Columns: ``message``, ``header`` (``in_reply_to`` or ``references``), ``id`` (code of the named id), ``target`` (the
    message of that id, -1 where it is not in the mailbox). Sorted by message, header and place.
    """
    parts = []
    for header in ("in_reply_to", "references"):
        copy = pc.list_parent_indices(log[header]).to_numpy()
        parts.append(
            pd.DataFrame(
                {
                    "message": standing[copy],
                    "header": header,
                    "named": pc.list_flatten(log[header]).to_pandas().astype(object).to_numpy(),
                }
            )
        )
    named = pd.concat(parts, ignore_index=True)
    named = named[named["message"] >= 0].drop_duplicates(ignore_index=True)
    codes, ids = pd.factorize(pd.concat([names["id"], named["named"]], ignore_index=True))
    target = np.full(len(ids), -1, np.int64)
    target[codes[: len(names)]] = names["message"]
    named["id"] = codes[len(names) :]
    named["target"] = target[named["id"]]
    return named[["message", "header", "id", "target"]].sort_values("message", kind="stable").reset_index(drop=True)


def conversations(log: pa.Table, messages: pd.DataFrame) -> pd.DataFrame:
    """By message: ``conversation`` (code of the provider's id), ``head`` (code of the index's first 22 bytes),
    -1: none, and ``index``, the conversation index itself."""
    taken = log.select(["conversation", "conversation_index"]).take(pa.array(messages["copy"]))
    ids, index = taken["conversation"].combine_chunks(), taken["conversation_index"].combine_chunks()
    long = pc.greater_equal(pc.binary_length(index), INDEX_HEAD)
    nothing = pa.scalar(None)
    return pd.DataFrame(
        {
            "conversation": _codes(pc.if_else(pc.not_equal(ids, ""), ids, nothing)),
            "head": _codes(pc.if_else(long, pc.binary_slice(index, 0, INDEX_HEAD), nothing)),
            "index": pc.if_else(long, index, nothing).to_pandas(),
        }
    )


def _codes(values: pa.Array) -> Ints:
    """Codes of the distinct values, -1 for none."""
    return np.asarray(values.dictionary_encode().indices.fill_null(-1), np.int64)


def threads(
    messages: pd.DataFrame, on: pd.DataFrame, linked: pd.DataFrame, provider: pd.DataFrame, *, by_subject: bool = True
) -> Ints:
    """The number of the thread of each message; threads are numbered by their first message."""
    size = len(messages)
    conversation, head = provider["conversation"].to_numpy(), provider["head"].to_numpy()
    nodes = np.array([size, linked["id"].max() + 1 if len(linked) else 0, conversation.max(initial=-1) + 1])
    offset = np.cumsum(nodes)
    everyone = np.arange(size)
    known = linked["target"].to_numpy()
    named = np.where(known >= 0, known, linked["id"].to_numpy() + offset[0])
    pairs = [
        (linked["message"].to_numpy(), named),
        (everyone[conversation >= 0], conversation[conversation >= 0] + offset[1]),
        (everyone[head >= 0], head[head >= 0] + offset[2]),
    ]
    if by_subject:
        pairs.append(same_subject(messages, on, linked, provider))
    one, other = (np.concatenate(side) for side in zip(*pairs, strict=True))
    component = components(one, other, int(offset[2] + head.max(initial=-1) + 1))
    return pd.factorize(component[:size])[0].astype(np.int64)


def same_subject(
    messages: pd.DataFrame, on: pd.DataFrame, linked: pd.DataFrame, provider: pd.DataFrame
) -> tuple[Ints, Ints]:
    """Replies and forwards that name nothing and that the provider joins to nothing earlier, and the message that each
    one joins by its subject.

    That is the latest earlier message with the same base subject, within 30 days, that shares a person other than the
    owner.
    """
    bare = ((messages["prefix"] != "") & (messages["base"] >= 0)).to_numpy(copy=True)
    bare[linked["message"]] = False
    for name in ("conversation", "head"):
        bare &= (provider[name] < 0).to_numpy() | ~provider[name].duplicated().to_numpy()
    others = on[(on["person"] != OWNER) & (on["field"] != Field.SENDER)]
    others = others[messages["base"].to_numpy()[others["message"]] >= 0][["message", "person"]].drop_duplicates()
    message, at = others["message"].to_numpy(), messages["at"].to_numpy()
    pair = pd.factorize(_pack(messages["base"].to_numpy()[message], others["person"].to_numpy()))[0]
    timeline = np.sort(_pack(pair, message))
    joining, shared = message[bare[message]], pair[bare[message]]
    place = np.searchsorted(timeline, _pack(shared, np.searchsorted(at, at[joining]))) - 1
    latest = timeline[np.maximum(place, 0)]
    joined = latest & 0xFFFFFFFF
    near = (place >= 0) & (latest >> 32 == shared) & (at[joining] - at[joined] <= 30 * DAY)
    joins = pd.Series(joined[near]).groupby(joining[near]).max()
    return joins.index.to_numpy(np.int64), joins.to_numpy(np.int64)


def _pack(high: Ints, low: Ints) -> Ints:
    return (high.astype(np.int64) << 32) | low.astype(np.int64)


def parents(linked: pd.DataFrame, provider: pd.DataFrame) -> Ints:
    """The message that each one answers, -1 where it is not in the mailbox.

    In-Reply-To, else the last known of References, else the message whose conversation index is this one's less its
    last five bytes.
    """
    parent = _by_index(provider)
    known = linked[(linked["target"] >= 0) & (linked["target"] != linked["message"])]
    references = known[known["header"] == "references"].drop_duplicates("message", keep="last")
    parent[references["message"]] = references["target"]
    in_reply_to = known[known["header"] == "in_reply_to"].drop_duplicates("message")
    parent[in_reply_to["message"]] = in_reply_to["target"]
    return parent


def _by_index(provider: pd.DataFrame) -> Ints:
    parent = np.full(len(provider), -1, np.int64)
    index = provider["index"].dropna()
    longer = index[index.str.len() > INDEX_HEAD]
    first = index.drop_duplicates()
    place = pd.Series(first.index, index=first.to_numpy(object))
    parent[longer.index] = place.reindex(longer.str[:-5].to_numpy(object)).fillna(-1)
    return parent
