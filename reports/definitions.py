"""What each figure of the individual's page counts: the list at its end, in the order in which a reader meets them.

The long form, under the same titles, is docs/measures.md.
"""

from reports.language import Language


def definitions(language: Language) -> tuple[tuple[str, str], ...]:
    """Title and definition of each measure."""
    _ = language.gettext
    return (
        (
            _("Whose turn it is"),
            _(
                "A conversation waits on you while somebody's message to you has no answer; after ten working days it "
                "has gone quiet, and after ninety days it is left alone."
            ),
        ),
        (
            _("Which messages expect an answer"),
            _(
                'Nothing of what a message says is read, so "thanks!" looks like a question. Once two hundred '
                "messages to you have had fourteen days, a model learns which of them you answer: from who wrote to "
                "whom, when and in reply to what, in your own past alone. A conversation past its grace period is "
                "counted and not listed where the model gives an answer less than one chance in five; with less "
                "history, where the last word is a single message soon after your answer and nothing followed it for "
                "five working days."
            ),
        ),
        (
            _("How soon people hear back"),
            _(
                "From somebody's first message to your first answer that reaches them, in working time. What is still "
                "open counts as not answered yet, and what a colleague answered as settled then; neither is left out."
            ),
        ),
        (
            _("Who stays on a reply"),
            _(
                "Of the people on a message that you answered, those who are still on your answer, in To, Cc or Bcc. "
                "A list counts as one person; only replies to two or more people count."
            ),
        ),
        (
            _("Circles, both ways"),
            _(
                "Colleagues, clients, suppliers and others, by the domains and addresses in your settings: how they "
                "heard back from you, and how you heard back from them. Your message to several people asks each of "
                "those in To, and their first message back is the answer; while somebody’s out-of-office note holds, "
                "their clock stands still."
            ),
        ),
        (
            _("Both ways"),
            _(
                "The people you wrote with most: how long they waited for you, how long you waited for them, and "
                "whose turn it is."
            ),
        ),
        (
            _("One-to-one"),
            _(
                "Exchanges with just you and one other person. Somebody has gone quiet where the last one lies more "
                "than four weeks back, after at least one in each of the three months before."
            ),
        ),
        (
            _("Your rhythm"),
            _("When you write: your messages by weekday and hour, in your own time zone."),
        ),
        (
            _("Active listening"),
            _(
                "Of the people on a message that you answered, the mean share who stayed on your reply; beside it, "
                "where two or more people asked something in one conversation, the share of them who had an answer."
            ),
        ),
        (
            _("Engagement"),
            _(
                "Of the people in To of a conversation that you began with two or more of them, the share who wrote "
                "back within five working days. A conversation counts in the week in which those five days ended."
            ),
        ),
        (
            _("Inclusivity"),
            _(
                "In conversations of three or more people, the share of the people on the first message who are still "
                "on the latest one. You yourself are not counted, since your mailbox shows only what reaches you."
            ),
        ),
        (
            _("Promptness"),
            _(
                "Working hours until half of the messages that asked for you had an answer; beside it, the share "
                "answered within one working day, how many messages of yours a conversation took in a week, how many "
                "of the people stayed on your replies, and the same half-way point for what came after your first "
                "answer in a conversation."
            ),
        ),
        (
            _("Follow-through"),
            _(
                "Of the messages that came after your first answer in a conversation, the share that had an answer as "
                "well; beside it, how often people had to ask again, for each 100 messages that asked for you."
            ),
        ),
        (
            _("Empathy"),
            _(
                "Of your messages to colleagues, the share sent outside your working hours; beside it, how many "
                "people a message of yours usually goes to."
            ),
        ),
        (
            _("Proactiveness"),
            _(
                "Of the conversations that waited on somebody else, your message being the last for longer than the "
                "grace period, the share in which you wrote again before they did; beside it, how many of 100 new "
                "conversations you began."
            ),
        ),
        (
            _("Accountability"),
            _(
                "Of the messages that had waited for longer than the grace period, the share that you came back to "
                "within the week; beside it, the age of the oldest one still open, in working hours."
            ),
        ),
        (
            _("Continuous learning"),
            _(
                "The share of the messages that asked for you and had an answer so far, this week against your own "
                "last eight, each looked at as old as this one is now; beside it, the share answered within one "
                "working day. What lies inside the interval that chance alone would give is no change."
            ),
        ),
        (
            _("Integrity"),
            _(
                "How even-handed: over twelve weeks, the widest gap between two circles in the share of messages "
                "answered within one working day; beside it, the share of all mail that could not be used. Circles "
                "with fewer than twenty messages are left out."
            ),
        ),
    )
