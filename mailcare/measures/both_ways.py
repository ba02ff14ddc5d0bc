"""Both ways (docs/measures.md, "Both ways" and "Whose turn it is with a person")."""

import numpy as np
import pandas as pd

from mailcare.hours.clock import hours_per_day
from mailcare.measures.heard import heard
from mailcare.measures.lookup import contact, local
from mailcare.pipeline.mailbox import Mailbox
from mailcare.pipeline.messages import DAY
from mailcare.pipeline.states import HORIZON_DAYS
from mailcare.values.week import BothWays

PEOPLE = 10


def both_ways(box: Mailbox, since: int, until: int, moment: int) -> tuple[BothWays, ...]:
    """The people you wrote with most: how long they waited for you, how long you waited for them, and whose turn it is.

    Turns that began between ``since`` and ``until``; whose turn it is as of ``moment`` (seconds all).
    """
    day = hours_per_day(box.time)
    mine, theirs = (rows[(rows["asked_at"] >= since) & (rows["asked_at"] < until)] for rows in (box.turns, box.theirs))
    both = pd.concat([mine["asker"], theirs["asker"]])
    often = both.value_counts().reset_index()
    often["address"] = box.people["address"].to_numpy()[often["asker"]]
    often = often.sort_values(["count", "address"], ascending=[False, True])
    people = often["asker"].head(PEOPLE).to_numpy(np.int64)
    waiting = _since(box.turns[box.turns["settled_at"] > moment], moment)
    awaited = _since(box.theirs[~box.theirs["ask"].isin(box.turns["by"])], moment)
    return tuple(
        BothWays(
            contact=contact(box, person),
            circle=box.people["circle"][person],
            mine=heard(mine[mine["asker"] == person], day),
            theirs=heard(theirs[theirs["asker"] == person], day),
            turn="mine" if person in waiting else "theirs" if person in awaited else "nobody",
            since=local(box, at) if (at := waiting.get(person, awaited.get(person))) is not None else None,
        )
        for person in people
    )


def _since(turns: pd.DataFrame, moment: int) -> dict[int, int]:
    """Since when each person's oldest open turn within the horizon lasts."""
    open_now = turns[(turns["outcome"] == "open") & (turns["asked_at"] >= moment - HORIZON_DAYS * DAY)]
    oldest = open_now.groupby("asker")["asked_at"].min()
    return dict(zip(oldest.index.to_numpy(), oldest.to_numpy(), strict=True))
