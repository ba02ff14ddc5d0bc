"""One-to-one (docs/measures.md, "One-to-one")."""

import numpy as np
import pandas as pd

from mailcare.mail.message import Field
from mailcare.measures.lookup import contact, local
from mailcare.pipeline.mailbox import Mailbox
from mailcare.pipeline.messages import DAY
from mailcare.pipeline.people import OWNER
from mailcare.values.week import GoneQuiet

SILENT_DAYS = 28
MONTH_DAYS = 31
MONTHS = 3
FORGOTTEN_DAYS = 182
"""After half a year a silence is no news."""
PEOPLE = 10


def gone_quiet(box: Mailbox, moment: int) -> tuple[GoneQuiet, ...]:
    """Exchanges with just you and one other person. Somebody has gone quiet where the last one lies more than four
    weeks back, after at least one in each of the three months before.

    As of ``moment`` (seconds); at most ten people, the latest silence first, and none that is older than half a year.
    """
    exchanges = one_to_one(box)
    last = exchanges.groupby("person")["at"].transform("max")
    back = last - exchanges["at"]
    recent = exchanges[back < MONTHS * MONTH_DAYS * DAY]
    months = (back[recent.index] // (MONTH_DAYS * DAY)).groupby(recent["person"]).nunique()
    silence = moment - last.groupby(exchanges["person"]).max()
    silence = silence.iloc[np.argsort(box.people["address"].to_numpy(object)[silence.index])]
    quiet = silence[(silence > SILENT_DAYS * DAY) & (silence <= FORGOTTEN_DAYS * DAY)].sort_values(kind="stable")
    named = [person for person in quiet.index if months[person] == MONTHS][:PEOPLE]
    year = exchanges[back < 365 * DAY]
    count = year.groupby("person").size()
    final = exchanges.drop_duplicates("person", keep="last").set_index("person")
    return tuple(
        GoneQuiet(
            contact=contact(box, person),
            last=local(box, final["at"][person]),
            owner_wrote_last=bool(final["sent"][person]),
            exchanges=int(count[person]),
        )
        for person in named
    )


def one_to_one(box: Mailbox) -> pd.DataFrame:
    """The human messages with just the owner and one other person on them: ``message, person, at, sent``."""
    named = box.on[box.on["field"].isin([Field.FROM, Field.TO, Field.CC, Field.BCC])][["message", "person"]]
    named = named.drop_duplicates()
    owner = np.zeros(len(box.messages), bool)
    owner[named["message"][named["person"] == OWNER]] = True
    others = named[(named["person"] != OWNER) & ~box.people["robot"].to_numpy(bool)[named["person"]]]
    pairs = others[~others["message"].duplicated(keep=False) & owner[others["message"]]]
    human = ~box.messages["automated"].to_numpy(bool)
    pairs = pairs[human[pairs["message"]]].sort_values("message")
    message = pairs["message"].to_numpy(np.int64)
    return pairs.assign(at=box.messages["at"].to_numpy()[message], sent=box.messages["sent"].to_numpy()[message])
