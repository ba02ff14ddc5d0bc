"""Lists for the terminal, in the words of the English pages."""

from collections.abc import Iterator, Sequence

from mailcare.languages import SOURCE
from mailcare.values import Waiting
from reports.language import language
from reports.words import Words, address, clean


def waiting_lines(waiting: Sequence[Waiting], quiet: Sequence[Waiting], others: Sequence[Waiting]) -> Iterator[str]:
    """One line for each conversation that waits: its code, whose turn it is, since when, who, and what it is about."""
    words = Words(language(SOURCE))
    if not (waiting or quiet or others):
        yield "nobody has waited for a working day, as far as mail can tell"
    for turn, group in (("waits on you", waiting), ("went quiet on your turn", quiet), ("waits on them", others)):
        for one in group:
            who = clean(one.contact.name) or address(one.contact.address)
            since = words.day_month(one.since)
            yield f"{one.code}  {turn} since {since}  {who}: {clean(one.subject) or '(no subject)'}"
