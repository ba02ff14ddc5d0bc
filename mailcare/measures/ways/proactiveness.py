"""Proactiveness (docs/measures.md, "Proactiveness")."""

import numpy as np
import pandas as pd

from mailcare.hours.clock import worked_after, working_hours
from mailcare.mail.message import Field
from mailcare.measures.ways.figures import ENOUGH, count_of, newest, share
from mailcare.measures.ways.window import Window, this_week, weekly_cases
from mailcare.pipeline.mailbox import Mailbox
from mailcare.pipeline.people import OWNER
from mailcare.pipeline.states import HORIZON_DAYS, grace_hours
from mailcare.values.week import Way


def proactiveness(box: Mailbox, seen: Window) -> Way:
    """Of the conversations that waited on somebody else, your message being the last for longer than the grace period,
    the share in which you wrote again before they did; beside it, how many of 100 new conversations you began."""
    stretches = _stretches(box, seen.moment)
    now, earlier = weekly_cases(stretches, seen)
    messages, first = box.messages, box.states["first"].to_numpy()
    begun = first[this_week(messages["at"].to_numpy()[first], seen) & ~messages["automated"].to_numpy(bool)[first]]
    mine = int(messages["sent"].to_numpy()[begun].sum())
    started = 100 * mine / len(begun) if len(begun) >= ENOUGH else None
    return Way(
        "proactiveness",
        share("followed_up", now["done"], earlier["done"], newest(box, now["message"][~now["done"]])),
        (count_of("threads_started_per_100", "number", started, mine, len(begun)),),
    )


def _stretches(box: Mailbox, moment: int) -> pd.DataFrame:
    """Each time a thread waited on somebody else: ``message`` (the owner's last word), ``begins`` and ``ends``
    (seconds: the grace period was over; the next human message, or the horizon), ``done`` (the next is the owner's)."""
    messages = box.messages
    human = messages[~messages["automated"]].sort_values(["thread", "at"], kind="stable")
    same = (human["thread"] == human["thread"].shift(-1)).to_numpy()
    following = human["at"].shift(-1).where(same, moment + 1).to_numpy(np.int64)
    mine_next = human["sent"].shift(-1, fill_value=False).to_numpy(bool) & same
    rows = pd.DataFrame(
        {
            "message": human.index,
            "at": human["at"].to_numpy(),
            "ends": np.minimum(following, human["at"].to_numpy() + HORIZON_DAYS * 86_400),
            "done": mine_next,
        }
    )[human["sent"].to_numpy(bool)]
    reached = box.on[box.on["field"].isin([Field.TO, Field.CC, Field.BCC]) & (box.on["person"] != OWNER)]
    person = reached.drop_duplicates("message").set_index("message")["person"]
    rows = rows[rows["message"].isin(person.index)]
    circle = box.people["circle"].iloc[person.reindex(rows["message"])]
    grace = grace_hours(circle, box.owner.grace_days, box.time)
    waited = working_hours(box.time, rows["at"].to_numpy(), rows["ends"].to_numpy())
    rows = rows[waited > grace]
    return rows.assign(begins=worked_after(box.time, rows["at"].to_numpy(), grace[waited > grace]))
