"""Follow-through (docs/measures.md, "Follow-through")."""

from mailcare.measures.ways.figures import ENOUGH, count_of, newest, share
from mailcare.measures.ways.window import Window, as_old, before, later_turns, this_week
from mailcare.pipeline.mailbox import Mailbox
from mailcare.values.week import Way


def follow_through(box: Mailbox, seen: Window) -> Way:
    """Of the messages that came after your first answer in a conversation, the share that had an answer as well; beside
    it, how often people had to ask again, for each 100 messages that asked for you."""
    turns = as_old(box.turns, box, seen)
    turns = turns[turns["outcome"] != "covered"]
    later = turns[later_turns(turns, box)]
    now, earlier = later[this_week(later["asked_at"], seen)], later[before(later["asked_at"], seen)]
    answered = now["outcome"] == "answered"
    asked = turns[this_week(turns["asked_at"], seen)]
    chasers, of = int(asked["chasers"].sum()), len(asked)
    return Way(
        "follow_through",
        share("later_turns_answered", answered, earlier["outcome"] == "answered", newest(box, now["ask"][~answered])),
        (count_of("chasers_per_100_turns", "number", 100 * chasers / of if of >= ENOUGH else None, chasers, of),),
    )
