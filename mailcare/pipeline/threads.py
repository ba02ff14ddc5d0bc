"""Which messages belong together, and what each one answers (MEASURES section 1, "Thread"; section 3, parents)."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mailcare.arrays import Ints
from mailcare.pipeline.components import components
from mailcare.pipeline.messages import DAY
from mailcare.pipeline.people import OWNER

INDEX_HEAD = 22
"""Bytes of a conversation index that name the conversation; each reply adds five more."""


def links(log: pa.Table, messages: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    """What each message names in In-Reply-To and References, in that order.

    Columns: ``message``, ``header`` (``in_reply_to`` or ``references``), ``id`` (code of the named id), ``target`` (the
    message of that id, -1 where it is not in the mailbox). Sorted by message, header and place.
    """
    number = pd.Series(messages.index, index=messages["copy"])
    parts = []
    for header in ("in_reply_to", "references"):
        copy = pc.list_parent_indices(log[header]).to_numpy()
        parts.append(
            pd.DataFrame(
                {
                    "message": number.reindex(copy).to_numpy(),
                    "header": header,
                    "named": pc.list_flatten(log[header]).to_pandas().astype(object).to_numpy(),
                }
            ).dropna(subset=["message"])
        )
    named = pd.concat(parts, ignore_index=True)
    codes, ids = pd.factorize(pd.concat([names["id"], named["named"]], ignore_index=True))
    target = np.full(len(ids), -1, np.int64)
    target[codes[: len(names)]] = names["message"]
    named["message"] = named["message"].astype(np.int64)
    named["id"] = codes[len(names) :]
    named["target"] = target[named["id"]]
    return named[["message", "header", "id", "target"]].sort_values("message", kind="stable").reset_index(drop=True)


def conversations(log: pa.Table, messages: pd.DataFrame) -> pd.DataFrame:
    """By message: ``conversation`` (code of the provider's id), ``head`` (code of the index's first 22 bytes),
    -1: none, and ``index``, the conversation index itself."""
    taken = log.select(["conversation", "conversation_index"]).take(pa.array(messages["copy"]))
    index = taken["conversation_index"].to_pandas().astype(object)
    heads = index.map(
        lambda value: value[:INDEX_HEAD] if value and len(value) >= INDEX_HEAD else None, na_action="ignore"
    )
    ids = taken["conversation"].to_pandas().astype(object)
    return pd.DataFrame(
        {
            "conversation": pd.factorize(ids.where(ids.notna() & (ids != ""), None))[0],
            "head": pd.factorize(heads.where(heads.notna(), None))[0],
            "index": index,
        }
    )


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
    """Replies and forwards that name nothing, and the message that each one joins by its subject.

    That is the latest earlier message with the same base subject, within 30 days, that shares a person other than the
    owner.
    """
    bare = ((messages["prefix"] != "") & (messages["base"] >= 0)).to_numpy(copy=True)
    bare[linked["message"]] = False
    bare &= (provider["conversation"] < 0).to_numpy() & (provider["head"] < 0).to_numpy()
    others = on[(on["person"] != OWNER) & (messages["base"].to_numpy()[on["message"]] >= 0)]
    others = others[["message", "person"]].drop_duplicates()
    pair = pd.factorize(_pack(messages["base"].to_numpy()[others["message"]], others["person"].to_numpy()))[0]
    keys = _pack(pair, others["message"].to_numpy())
    order = np.argsort(keys)
    keys, message, pair = keys[order], others["message"].to_numpy()[order], pair[order]
    follows = np.flatnonzero((pair[1:] == pair[:-1]) & bare[message[1:]]) + 1
    near = messages["at"].to_numpy()[message[follows]] - messages["at"].to_numpy()[message[follows - 1]] <= 30 * DAY
    joins = pd.Series(message[follows - 1][near]).groupby(message[follows][near]).max()
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
    index = provider["index"]
    longer = index[index.map(lambda value: len(value) > INDEX_HEAD, na_action="ignore").eq(True)]
    if len(longer):
        first = index[index.notna()].drop_duplicates()
        place = pd.Series(first.index, index=first.to_numpy())
        found = place.reindex(longer.map(lambda value: value[:-5]).to_numpy()).fillna(-1)
        parent[longer.index] = found.to_numpy(np.int64)
    return parent
