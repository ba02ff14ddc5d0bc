"""Who stays on a reply (docs/measures.md, "Coverage")."""

import numpy as np
import pandas as pd

from mailcare.mail.message import Field
from mailcare.measures.lookup import contact, local, subject_of
from mailcare.pipeline.mailbox import Mailbox
from mailcare.values.week import Contact, KeepingIn, LeftOut, PartialReply

ENOUGH_REPLIES = 5
"""With fewer replies a week says nothing of a habit."""
DROPPED_OFTEN = 2
NAMED_AT_MOST = 3


def reply_all_coverage(box: Mailbox, replies: pd.DataFrame, recent: pd.DataFrame) -> KeepingIn:
    """Of the people on a message that you answered, those who are still on your answer, in To, Cc or Bcc. A list
    counts as one person; only replies to two or more people count.

    ``replies`` and ``recent`` (the weeks of the trend, for who was dropped most) are rows of ``box.replies``.
    """
    concerned = box.concerned[box.concerned["message"].isin(replies["message"])]
    in_to = (concerned["field"] != Field.CC).to_numpy()
    kept, dropped = ((concerned["part"] == part).to_numpy() for part in ("kept", "dropped"))
    partial = replies[replies["dropped"] > 0].sort_values("message", ascending=False)
    return KeepingIn(
        replies=len(replies),
        full=int((replies["dropped"] == 0).sum()),
        mean_coverage=float(replies["coverage"].mean()) if len(replies) else None,
        to_kept=int((kept & in_to).sum()),
        to_dropped=int((dropped & in_to).sum()),
        cc_kept=int((kept & ~in_to).sum()),
        cc_dropped=int((dropped & ~in_to).sum()),
        partial=tuple(
            _partial(box, concerned[concerned["message"] == message], message, parent)
            for message, parent in zip(partial["message"], partial["parent"], strict=True)
        ),
        dropped_most=_dropped_most(box, recent),
    )


def _dropped_most(box: Mailbox, replies: pd.DataFrame) -> tuple[LeftOut, ...]:
    gone = box.concerned[(box.concerned["part"] == "dropped") & box.concerned["message"].isin(replies["message"])]
    person, times = np.unique(gone["person"], return_counts=True)
    often = [LeftOut(contact(box, one), int(n)) for one, n in zip(person, times, strict=True) if n >= DROPPED_OFTEN]
    return tuple(sorted(often, key=lambda one: (-one.times, one.contact.address))[:NAMED_AT_MOST])


def _partial(box: Mailbox, concerned: pd.DataFrame, message: int, parent: int) -> PartialReply:
    gone = concerned[concerned["part"] == "dropped"]
    return PartialReply(
        subject=subject_of(box, message),
        contact=contact(box, box.messages["author"][parent]),
        at=local(box, box.messages["at"][message]),
        dropped=_contacts(box, gone),
        brought_back=_contacts(box, gone[gone["brought_back"]]),
    )


def _contacts(box: Mailbox, rows: pd.DataFrame) -> tuple[Contact, ...]:
    return tuple(sorted((contact(box, person) for person in rows["person"]), key=lambda who: who.address))
