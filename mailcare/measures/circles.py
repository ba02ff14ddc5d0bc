"""Circles, both ways (docs/measures.md, "Circles, both ways")."""

import numpy as np

from mailcare.hours.clock import hours_per_day
from mailcare.measures.heard import heard
from mailcare.owner import CIRCLES
from mailcare.pipeline.mailbox import Mailbox
from mailcare.values.week import Circle


def circles(box: Mailbox, since: int, until: int) -> tuple[Circle, ...]:
    """Colleagues, clients, suppliers and others, by the domains and addresses in your settings: how they heard back
    from you, and how you heard back from them. Your message to several people asks each of those in To, and their first
    message back is the answer; while somebody’s out-of-office note holds, their clock stands still.

    Turns that began between two instants (seconds), on either side; circles without one are left out.
    """
    day = hours_per_day(box.time)
    mine, theirs = (rows[(rows["asked_at"] >= since) & (rows["asked_at"] < until)] for rows in (box.turns, box.theirs))
    found = []
    for name in CIRCLES:
        here, there = mine[mine["circle"] == name], theirs[theirs["circle"] == name]
        people = len(np.union1d(here["asker"], there["asker"]))
        if people:
            found.append(Circle(name, people, heard(here, day), heard(there, day)))
    return tuple(found)
