"""Lists for the terminal, in the words of the English pages."""

from collections.abc import Iterator, Sequence

from mailcare.languages import SOURCE
from mailcare.values.week import Contact, GoneQuiet, LeftOut, Rhythm, SlowSlot, Suggestion, Waiting, Way
from reports.language import language
from reports.words import Words, address, clean


def waiting_lines(waiting: Sequence[Waiting], quiet: Sequence[Waiting], others: Sequence[Waiting]) -> Iterator[str]:
    """One line for each conversation that waits: its code, whose turn it is, since when, who, and what it is about."""
    words = Words(language(SOURCE))
    if not (waiting or quiet or others):
        yield "nobody has waited for a working day, as far as mail can tell"
    for turn, group in (("waits on you", waiting), ("went quiet on your turn", quiet), ("waits on them", others)):
        for one in group:
            yield f"{one.code}  {turn} since {words.day_month(one.since)}  {_who(one.contact)}: {_title(one)}"


def suggestion_line(suggestion: Suggestion | None) -> str:
    """One small thing to try, without its evidence, which the report has."""
    match suggestion.evidence if suggestion else None:
        case None:
            return "nothing to try this week"
        case Way():
            return "say in a first answer by when the rest will follow"
        case Rhythm():
            return "hold a message of the evening until the next morning"
        case SlowSlot() as slot:
            half = "afternoon" if slot.afternoon else "morning"
            return f"ten minutes for short answers on {Words(language(SOURCE)).weekday_called(slot.weekday)} {half}"
        case GoneQuiet() as quiet:
            return f"a line to {_who(quiet.contact)}, to ask how things are"
        case LeftOut() as left_out:
            return f"ask {_who(left_out.contact)} whether being left out of replies suits them"
        case Waiting() as oldest:
            return f"two honest lines to {_who(oldest.contact)}: {_title(oldest)}"


def _who(contact: Contact) -> str:
    return clean(contact.name) or address(contact.address)


def _title(one: Waiting) -> str:
    return "subject not kept" if one.subject is None else clean(one.subject) or "(no subject)"
