"""Invented client reviews, one for each state that the page can be in."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

from mailcare.measures.reply_latency import ENOUGH_TURNS
from mailcare.values.review import Conversation, Line, People, Promise, PromiseWeek, Review
from mailcare.values.week import Contact
from tests.samples.hostile import ADDRESSES, TEXTS
from tests.samples.week import curve

MONDAY = date(2026, 8, 24)
AS_OF = datetime(2026, 9, 21, tzinfo=timezone(timedelta(hours=2)))


def line(client: str, kept: int, of: int, half: float | None = 3.5, **changes: object) -> Line:
    share = kept / of if of else None
    made = Line(
        client=client,
        promise_hours=8.0,
        turns=of,
        answered=kept,
        promise=Promise(kept, of, share, share and share * 0.85, share and min(share * 1.1, 1.0), of >= ENOUGH_TURNS),
        quartiles=(half / 2, half, half * 2) if half else (None, None, None),
        waiting=0,
        quiet=0,
        fresh=0,
        chasers=1,
        handed_over=2,
        people=People(12, 10, 30, 1, 14, 2),
        standing="same",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def weeks(start: date, *promises: tuple[int, int] | None) -> tuple[PromiseWeek, ...]:
    """Weeks from a Monday; None for one that is not shown."""
    return tuple(
        PromiseWeek(
            start + timedelta(weeks=number),
            one is not None,
            _promise(*one) if one else Promise(),
        )
        for number, one in enumerate(promises)
    )


def _promise(kept: int, of: int) -> Promise:
    return Promise(kept, of, kept / of, kept / of * 0.9, min(kept / of * 1.08, 1.0), of >= ENOUGH_TURNS)


def waits(client: str, contact: Contact | None, subject: str, days: int, **changes: object) -> Conversation:
    made = Conversation(
        client, contact, subject, 0 if contact else 6, AS_OF - timedelta(days=days, hours=8), days * 8.0, None
    )
    return replace(made, **changes)  # type: ignore[arg-type]


LINES = (
    line("Alder Valley Trust", 33, 38),
    line("Brightwater Foods", 41, 52, 4.75, waiting=1),
    line("Harbour & Co", 60, 64, 2.0, standing="sooner", waiting=1),
    line("Kestrel Logistics", 18, 29, 6.5, waiting=2, quiet=1, standing="later", people=People(9, 4, 10, 3, 21, 6)),
    line("Oakline Studio", 5, 6, None, standing="unknown", people=None),
    line("", 35, 41, 4.0),
)
DANIEL = Contact("Daniel Moreau", "daniel@kestrel.example")
EARLIER = Review(
    team="Northshore",
    start=MONDAY - timedelta(weeks=4),
    as_of=AS_OF - timedelta(weeks=4),
    time_zone="Europe/Berlin",
    working_hours="Mon-Fri 09:00-17:00",
    holidays="DE",
    hours_per_day=8.0,
    promise_hours=8.0,
    one_promise=True,
    shared=("support@northshore.example",),
    min_group=5,
    enough_turns=ENOUGH_TURNS,
    members=6,
    lines=LINES,
    total=line("", 192, 230, people=People(60, 50, 100, 9, 120, 16)),
    weeks=weeks(MONDAY - timedelta(weeks=4), (40, 48), (44, 50), None, (30, 40)),
)
FULL = replace(
    EARLIER,
    start=MONDAY,
    as_of=AS_OF,
    curve=curve([0.5 * n for n in range(1, 193)], 38, 120.0),
    weeks=weeks(MONDAY, (45, 52), (50, 58), (44, 60), (53, 60)),
    waiting=(
        waits("Kestrel Logistics", DANIEL, "Delivery slots for week 40", 5, chased_at=AS_OF - timedelta(days=3)),
        waits("Kestrel Logistics", None, "", 4),
        waits("Brightwater Foods", Contact("", "marta@brightwater.example"), "New contact", 3),
        waits("", Contact("Priya", "priya@harbour.example"), "", 2),
    ),
    waiting_counted=2,
    quiet=(waits("Kestrel Logistics", DANIEL, "Re: Warehouse rollout", 15),),
    quiet_counted=1,
    quiet_clients=("Meridian Health",),
    unlisted=2,
    from_clients=260,
    from_us=301,
    automated=12,
)
CLEAR = replace(
    FULL, waiting=(), waiting_counted=0, quiet=(), quiet_counted=0, quiet_clients=(), unlisted=0,
    lines=tuple(replace(one, waiting=0, quiet=0, chasers=0, handed_over=0, people=None) for one in LINES),
    total=line("", 230, 230, chasers=0, handed_over=0, people=None),
)  # fmt: skip
TOO_SMALL = replace(EARLIER, members=4, lines=(), total=None, weeks=(), start=MONDAY, as_of=AS_OF)
NOTHING = replace(TOO_SMALL, members=6)
SUPPRESSED = replace(NOTHING, unlisted=3)
PARTLY = replace(FULL, unfinished=True, one_promise=False, lines=(replace(LINES[0], promise_hours=4.0), *LINES[1:]))
FEW = replace(
    NOTHING,
    lines=(line("Alder Valley Trust", 3, 4, None, people=None, fresh=1),),
    total=line("", 3, 4, None, people=None, fresh=1, chasers=0, handed_over=0),
    curve=curve([1.0, 2.0, 3.0], 1),
    weeks=weeks(MONDAY, None, None, None, None),
    waiting=(waits("Alder Valley Trust", None, "", 1),),
)
HOSTILE = replace(
    FULL,
    team="</title><script>alert(1)</script>",
    lines=tuple(replace(LINES[0], client=text) for text in TEXTS[:6]),
    waiting=tuple(
        waits(text, Contact(text, address), text, 3) for text, address in zip(TEXTS * 2, ADDRESSES, strict=False)
    ),
    quiet=tuple(waits(text, Contact(text, "a@b.example"), text, 20) for text in TEXTS),
    quiet_clients=TEXTS,
)
REVIEWS = {
    "full": (EARLIER, FULL),
    "first": (FULL,),
    "clear": (CLEAR,),
    "too_small": (TOO_SMALL,),
    "nothing": (NOTHING,),
    "suppressed": (SUPPRESSED,),
    "partly": (EARLIER, PARTLY),
    "few": (FEW,),
    "hostile": (EARLIER, HOSTILE),
}
