"""The notice for the people whose mailboxes a team's review reads: one page of plain text."""

from collections.abc import Sequence
from textwrap import fill

from reports.client_review import promised
from reports.language import Language
from reports.pages import environment
from reports.words import Words, clean

WIDTH = 88


def notice(
    *,
    team: str,
    mailboxes: int,
    shared: Sequence[str],
    clients: Sequence[str],
    min_group: int,
    promise_hours: float,
    encrypted: bool,
    keep_days: int,
    subjects: bool,
    language: Language,
) -> str:
    """What a member has to know, from the configuration as it is; names no member. With ``keep_days`` 0 the headers are
    kept for ever, without ``subjects`` no subject is."""
    words = Words(language)
    told = (
        environment(language)
        .get_template("notice.txt.j2")
        .render(
            team=clean(team),
            clients=words.listed([*map(clean, clients), language.gettext("everyone else")]),
            promise=promised(promise_hours, words),
            mailboxes=mailboxes,
            shared=words.listed(list(shared)) or language.gettext("no shared address"),
            min_group=min_group,
            encrypted=encrypted,
            keep_days=keep_days,
            subject=language.gettext(", and the subject") if subjects else "",
        )
    )
    return "\n\n".join(fill(" ".join(part.split()), WIDTH) for part in told.split("\n\n") if part.strip()) + "\n"
