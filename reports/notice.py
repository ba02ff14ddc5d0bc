"""The notice for the people whose mailboxes a team's review reads: one page of plain text."""

from collections.abc import Sequence
from textwrap import fill

from mailcare.languages import SOURCE
from reports.language import language
from reports.words import Words, clean

WIDTH = 88
TEXT = """
Purpose

Every four weeks the account team {team} looks together at how its clients heard back: {clients}. It is made
to talk about the team's promise, a first answer within {promise:g} working hours, and for nothing else. It
must not be used to judge, pay or watch anybody.

What is read

Of the {mailboxes} of people, and of {shared}: from each message's headers who wrote to whom, when, in reply
to what, and the subject. Never what a message says, and no attachment. All mail of these mailboxes is read,
private mail too; mail within the team is in no figure.

What is shown, and to whom

The whole team sees one page: for each client how soon it heard back from the team. A line is there only where
{group} or more of the team wrote and as many answered, and nobody did nearly all of it. No name, address or
figure of a member stands on the page, in an export or in a log. A subject and a contact are shown only for
mail to a shared address. From this installation nobody gets a report on one mailbox, its owner neither: that
is made where its owner runs mailcare.

Who could see more

Whoever runs this installation can open its files, in which the headers are kept{encrypted}. Choose somebody
whom all of you trust.

How long

The headers are kept as long as the mailbox is in the team; the published figures of past periods stay as they
were.

How to leave

At any time and without a reason: mailcare team leave ADDRESS. What is kept of the mailbox is deleted at once,
and it is not read again. Past reviews keep their figures, which were never about one person, and lose every
subject and contact. Where fewer than {group} remain, the review says nothing any more.
"""


def notice(
    *,
    team: str,
    mailboxes: int,
    shared: Sequence[str],
    clients: Sequence[str],
    min_group: int,
    promise_hours: float,
    encrypted: bool,
) -> str:
    """What a member has to know, from the configuration as it is; names no member."""
    words = Words(language(SOURCE))
    told = TEXT.strip().format(
        team=clean(team),
        clients=words.listed([*map(clean, clients), "everyone else"]),
        promise=promise_hours,
        mailboxes=f"{words.number(mailboxes)} {'mailbox' if mailboxes == 1 else 'mailboxes'}",
        shared=words.listed(list(shared)) or "no shared address",
        group=words.number(min_group),
        encrypted=", encrypted" if encrypted else "",
    )
    parts = [fill(" ".join(part.split()), WIDTH) for part in told.split("\n\n")]
    return "\n\n".join([f"About the client review of {clean(team)}", *parts]) + "\n"
