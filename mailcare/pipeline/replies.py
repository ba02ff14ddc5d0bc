"""Who stayed on a reply (docs/measures.md, "Audience" and "Coverage")."""

import numpy as np
import pandas as pd

from mailcare.hours.arrays import Flags, Ints
from mailcare.hours.clock import hours_per_day, working_hours
from mailcare.hours.worktime import WorkingTime
from mailcare.mail.message import Field
from mailcare.pipeline.people import OWNER

BROUGHT_BACK_DAYS = 3


def with_answered_asks(parent: Ints, messages: pd.DataFrame, turns: pd.DataFrame) -> Ints:
    """The parents, where unknown filled in with the last ask of the latest turn that the message answers."""
    answered = (
        turns[turns["outcome"] == "answered"].sort_values("asked_at", kind="stable").drop_duplicates("by", keep="last")
    )
    asked = np.full(len(messages), -1, np.int64)
    asked[answered["by"].to_numpy(np.int64)] = answered["last_ask"]
    return np.where((parent < 0) & messages["sent"].to_numpy(), asked, parent)


def replies(
    messages: pd.DataFrame, on: pd.DataFrame, people: pd.DataFrame, time: WorkingTime
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The owner's replies with an audience of two or more, and the people concerned.

    Replies, in order of time: ``message``, ``parent``, ``audience``, ``kept``, ``dropped``, ``added``, ``brought_back``
    (counts), ``coverage``. People: ``message``, ``person``, ``part`` (kept, dropped or added), ``field`` (where the
    person stood on the parent; for those added, on the reply), ``brought_back``.
    """
    parent = messages["parent"].to_numpy()
    sent = messages["sent"].to_numpy()
    reply = np.flatnonzero(sent & ~messages["automated"].to_numpy(bool) & (parent >= 0))
    reply = reply[~sent[parent[reply]]]
    to_cc = on[on["field"].isin([Field.TO, Field.CC])]
    addressed = np.zeros(len(messages), bool)
    addressed[to_cc["message"][to_cc["person"] == OWNER]] = True
    reply = reply[addressed[parent[reply]]]
    audience = _audience(reply, parent, on, people)
    reached = on[on["message"].isin(reply) & on["field"].isin([Field.TO, Field.CC, Field.BCC])]
    audience["part"] = np.where(_is_in(audience, reached), "kept", "dropped")
    counted = _counted(audience, messages)
    audience = audience[audience["message"].isin(counted)]
    added = _added(to_cc[to_cc["message"].isin(counted)], audience, people)
    concerned = pd.concat([audience, added], ignore_index=True)
    concerned["brought_back"] = _brought_back(concerned, messages, on, time)
    counts = concerned.groupby(["message", "part"]).size().unstack(fill_value=0)
    counts = counts.reindex(index=counted, columns=["kept", "dropped", "added"], fill_value=0)
    table = counts.reset_index(names="message")
    table["parent"] = parent[table["message"]]
    table["audience"] = table["kept"] + table["dropped"]
    back = concerned.groupby("message")["brought_back"].sum()
    table["brought_back"] = table["message"].map(back).fillna(0).astype(np.int64)
    table["coverage"] = table["kept"] / table["audience"]
    columns = ["message", "parent", "audience", "kept", "dropped", "added", "brought_back", "coverage"]
    return table[columns], concerned


def _audience(reply: Ints, parent: Ints, on: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Who was on the parent of each reply: Reply-To where given, else From; To; Cc – without owner and robots."""
    pairs = pd.DataFrame({"message": reply, "parent": parent[reply]})
    there = pairs.merge(on.rename(columns={"message": "parent"}), on="parent")
    redirected = there["message"].isin(there["message"][there["field"] == Field.REPLY_TO])
    wanted = there["field"].isin([Field.REPLY_TO, Field.TO, Field.CC]) | ((there["field"] == Field.FROM) & ~redirected)
    there = there[wanted & (there["person"] != OWNER) & ~people["robot"].to_numpy(bool)[there["person"]]]
    return there.sort_values(["message", "field"]).drop_duplicates(["message", "person"])[
        ["message", "person", "field"]
    ]


def _counted(audience: pd.DataFrame, messages: pd.DataFrame) -> Ints:
    """The replies with two or more in the audience, less the forwards that reach none of them."""
    stays = audience.assign(kept=audience["part"] == "kept").groupby("message")["kept"]
    table = pd.DataFrame({"size": stays.size(), "kept": stays.sum()})
    forward = messages["prefix"].to_numpy()[table.index] == "forward"
    return np.asarray(table.index[(table["size"] >= 2) & ~(forward & (table["kept"] == 0))], np.int64)


def _added(to_cc: pd.DataFrame, audience: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    others = to_cc[(to_cc["person"] != OWNER) & ~people["robot"].to_numpy(bool)[to_cc["person"]]]
    added = others[~_is_in(others, audience)].drop_duplicates(["message", "person"])
    return added[["message", "person", "field"]].assign(part="added")


def _brought_back(concerned: pd.DataFrame, messages: pd.DataFrame, on: pd.DataFrame, time: WorkingTime) -> Flags:
    """Whether a dropped person is on a later message of the thread within 3 working days."""
    at, thread = messages["at"].to_numpy(), messages["thread"].to_numpy()
    gone = concerned[concerned["part"] == "dropped"][["message", "person"]].reset_index()
    gone["thread"] = thread[gone["message"]]
    reached = on[on["field"].isin([Field.TO, Field.CC, Field.BCC]) & on["person"].isin(gone["person"])]
    later = reached.assign(thread=thread[reached["message"]]).rename(columns={"message": "later"})
    back = gone.merge(later[["later", "person", "thread"]], on=["thread", "person"])
    back = back[back["later"] > back["message"]]
    span = working_hours(time, at[back["message"]], at[back["later"]])
    found = back["index"][span <= BROUGHT_BACK_DAYS * hours_per_day(time)]
    return concerned.index.isin(found)


def _is_in(rows: pd.DataFrame, others: pd.DataFrame) -> Flags:
    """Whether each (message, person) is among the others."""
    packed = [
        (frame["message"].to_numpy(np.int64) << 32) | frame["person"].to_numpy(np.int64) for frame in (rows, others)
    ]
    return np.isin(packed[0], packed[1])
