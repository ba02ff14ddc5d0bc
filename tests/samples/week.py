"""Invented weeks, one for each state that a report can be in."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

from mailcare.measures.heard import ENOUGH as ENOUGH_HEARD
from mailcare.measures.reply_all_coverage import ENOUGH_REPLIES
from mailcare.measures.reply_latency import ENOUGH_TURNS
from mailcare.measures.usual import ENOUGH_WEEKS
from mailcare.values.week import (
    BothWays,
    Circle,
    Contact,
    Counts,
    Curve,
    Drift,
    Figure,
    GoneQuiet,
    Heard,
    KeepingIn,
    LeftOut,
    Model,
    PartialReply,
    Quality,
    Recovered,
    Rhythm,
    SlowSlot,
    Suggestion,
    Tile,
    Usual,
    Waiting,
    Way,
    Week,
    WeekPoint,
)
from tests.samples.hostile import ADDRESSES, TEXTS

MONDAY = date(2026, 9, 14)
AS_OF = datetime(2026, 9, 21, 6, 0, tzinfo=timezone(timedelta(hours=2)))
AMARA = Contact("Amara Osei", "amara.osei@fernhill.example")
PRIYA = Contact("Priya Raghunathan", "priya@harbour.example")
RUTH = Contact("Ruth Adeyemi", "ruth@fernhill.example")
SVEN = Contact("Sven Lindqvist", "sven@fernhill.example")


def at(day: int, hour: int = 9, minute: int = 0, month: int = 9) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=AS_OF.tzinfo)


def curve(hours: list[float], open_turns: int, observed_to: float = 27.5) -> Curve:
    """A curve of so many answers, all of them before any turn is censored."""
    turns = len(hours) + open_turns
    share = [n / turns for n in range(1, len(hours) + 1)]
    reached = [
        next((hour for hour, part in zip(hours, share, strict=True) if part >= q), None) for q in (0.25, 0.5, 0.75)
    ]
    return Curve(
        hours=tuple(hours),
        share=tuple(share),
        low=tuple(part * 0.8 for part in share),
        high=tuple(min(part * 1.2, 1.0) for part in share),
        turns=turns,
        answered=len(hours),
        observed_to=observed_to,
        quartiles=(reached[0], reached[1], reached[2]),
        share_in_one_day=sum(hour <= 8 for hour in hours) / turns if observed_to >= 8 else None,
        share_answered=share[-1] if share else 0.0,
        typical=hours[len(hours) // 2] if hours else None,
    )


def points(*halves: float | None, away: tuple[int, ...] = (), turns: int = 44) -> tuple[WeekPoint, ...]:
    """Weeks that end with this one; None for a week that says nothing."""
    found = []
    for back, half in zip(range(len(halves) - 1, -1, -1), halves, strict=True):
        start = MONDAY - timedelta(weeks=back)
        known = half is not None
        found.append(
            WeekPoint(
                start=start,
                week=start.isocalendar().week,
                turns=turns if known else 2,
                p25=half / 2 if known else None,
                p50=half,
                p75=half * 1.8 if known else None,
                typical=half,
                away=back in away,
                usable=known,
            )
        )
    return tuple(found)


def waiting(n: int, contact: Contact = PRIYA, subject: str = "Which of the two venues do you prefer?") -> Waiting:
    return Waiting(f"w{n:03}", replace(contact, address=contact.address), subject, at(16, 14, 12), 18.5, others=3)


ANSWERS = [0.2 + 0.1 * n for n in range(24)] + [2.6 + 0.4 * n for n in range(14)] + [8.5, 17.4]
WEEKS_CURVE = curve(ANSWERS, 6)
HALF = WEEKS_CURVE.quartiles[1]

WAYS = (
    Way(
        "active_listening",
        Figure("mean_coverage", "share", 0.93, 22, 27, 0.9, 0.86, 0.95),
        (Figure("askers_answered", "share", 0.9, 18, 20, 0.85),),
    ),
    Way("engagement", Figure("wrote_back", "share", 0.82, 31, 38, 0.8, 0.7, 0.9)),
    Way("inclusivity", Figure("people_still_on", "share", 0.92, 88, 96, 0.83, 0.75, 0.9)),
    Way(
        "promptness",
        Figure("km_p50", "hours", HALF, 40, 46, 4.1, 3.2, 5.3),
        (
            Figure("within_one_day", "share", 0.826, 38, 46, 0.75, 0.62, 0.87),
            Figure("messages_per_thread", "number", 1.6, 64, 40, 1.5, 1.2, 1.8),
            Figure("mean_coverage", "share", 0.93, 22, 27, 0.9, 0.86, 0.95),
            Figure("km_p50_of_later_turns", "hours", 6.25, 15, 18, 5.5, 3.0, 9.5),
        ),
    ),
    Way(
        "follow_through",
        Figure("later_turns_answered", "share", 0.83, 15, 18, 0.8, 0.6, 0.95),
        (Figure("chasers_per_100_turns", "number", 6.5, 3, 46, 8.0),),
    ),
    Way(
        "empathy",
        Figure("outside_working_hours", "share", 0.11, 6, 54, 0.14, 0.06, 0.24),
        (Figure("median_audience", "number", 3.0, 130, 130, 3.0),),
    ),
    Way(
        "proactiveness",
        Figure("followed_up", "share", 0.64, 9, 14, 0.6, 0.35, 0.85),
        (Figure("threads_started_per_100", "number", 38.0, 19, 50, 36.0),),
    ),
    Way(
        "accountability",
        Figure("recovered", "share", None, 3, 5, 0.5),
        (Figure("oldest_open_hours", "hours", 112.0, 1, 1, 90.0),),
    ),
    Way(
        "continuous_learning",
        Figure("answered", "share", 0.87, 40, 46, 0.84, 0.72, 0.94),
        (Figure("within_one_day", "share", 0.826, 38, 46, 0.75, 0.62, 0.87),),
    ),
    Way(
        "integrity",
        Figure("widest_gap", "points", None, 0, 0),
        (Figure("unusable_mail", "share", 0.0065, 4, 612, 0.004),),
    ),
)


def empty(figure: Figure) -> Figure:
    """The figure where there is nothing to say."""
    return Figure(figure.name, figure.kind, None, 0, 0)


def way(name: str, **told: Figure) -> Way:
    """The way of this name with these figures, by their names; the others say nothing."""
    (one,) = (one for one in WAYS if one.name == name)
    own, *others = (told.get(figure.name, empty(figure)) for figure in one.figures)
    return Way(name, own, tuple(others))


def heard(
    turns: int, answered: int, half: float | None = None, typical: float | None = None, day: float | None = None
) -> Heard:
    """One side with so many turns, which are enough from five on; ``day`` is the share within one working day."""
    return Heard(turns, answered, half, typical, day, turns >= ENOUGH_HEARD)


CIRCLES = (
    Circle("colleagues", 14, heard(212, 190, 1.9, 1.8, 0.84), heard(164, 140, 3.1, 2.9, 0.78)),
    Circle("clients", 23, heard(188, 160, 2.8, 2.6, 0.80), heard(120, 91, 5.4, 4.9, 0.60)),
    Circle("suppliers", 6, heard(31, 14, None, 9.0, 0.40), heard(18, 13, 6.2, 6.0, 0.55)),
    Circle("others", 9, heard(4, 3), heard(0, 0)),
)
SLOT = SlowSlot(1, True, 6.2, 3.1, 58, 12)


def rhythm(peak: int, late: int = 0) -> Rhythm:
    """Twelve weeks of Monday to Friday, 9 to 17, with so many messages in the fullest hour, and an evening."""
    cells = [[0] * 24 for _ in range(7)]
    for day in range(5):
        for hour in range(9, 17):
            cells[day][hour] = 1 + (hour * 7 + day * 5) % peak
    cells[6][20] = late
    return Rhythm(tuple(map(tuple, cells)), sum(map(sum, cells)), late, 12)


FULL = Week(
    owner=AMARA,
    start=MONDAY,
    as_of=AS_OF,
    time_zone="Europe/Berlin",
    working_hours="Mon-Fri 09:00-17:00",
    holidays="DE-BY",
    hours_per_day=8.0,
    grace_days=3.0,
    counts=Counts(612, asking=48, sent=130, automated=289, kept_informed=120, by_list=21, unthreaded=4),
    curve=WEEKS_CURVE,
    answer_hours=tuple(ANSWERS),
    fresh=3,
    waiting=(
        Waiting(
            "k4t2",
            Contact("Tomasz Zieliński", "tomasz.zielinski@oakline.example"),
            "Budget sign-off for the autumn study",
            at(15, 13, 42),
            27.3,
            chased_at=at(17, 10),
            link="mid:1757937720.k4t2@oakline.example",
        ),
        Waiting(
            "p9ce",
            PRIYA,
            "Which of the two venues do you prefer?",
            at(16, 14, 12),
            18.8,
            others=3,
            link="https://mail.example/mail/#search/rfc822msgid:p9ce%40harbour.example",
        ),
        Waiting(
            "w2hh",
            Contact("Lena Fischer", "lena.fischer@northshore.example"),
            "Re: Two questions on the draft contract",
            at(17, 14, 6),
            10.9,
            others=1,
            owner_wrote_before=True,
            others_answered=True,
            asked_before=11,
            answered_before=9,
        ),
    ),
    quiet=(
        Waiting(
            "q81d",
            Contact("Hana Kobayashi", "hana@quietmill.example"),
            "Feedback on the mentoring pilot?",
            at(1),
            112,
            others=2,
            chased_at=at(3),
        ),
        Waiting("m5x0", Contact("", "mateo@riverside.example"), "", at(28, month=8), 128),
    ),
    probably_closed=1,
    waiting_for=(
        Waiting(
            "a1b2", Contact("Noor Haddad", "noor@signworks.example"), "Can the signs come a week earlier?", at(8), 72
        ),
        Waiting("c3d4", Contact("Daniel Okafor", "daniel@harbour.example"), "Your figures for the review", at(11), 48),
    ),
    answered_tile=Tile(40 / 46, 40, 46, Usual(0.84, 0.92, 0.70, 0.97, 11), ENOUGH_TURNS),
    half_tile=Tile(HALF, 40, 46, Usual(3.4, 4.8, 2.9, 5.4, 11), ENOUGH_TURNS),
    coverage_tile=Tile(22 / 27, 22, 27, Usual(0.78, 0.88, 0.60, 1.0, 11), ENOUGH_REPLIES),
    quiet_tile=Tile(2.0, 2, 2, Usual(1.5, 4, 1, 7, 11), 0),
    needed_weeks=ENOUGH_WEEKS,
    weeks=points(5.1, 4.8, 5.4, 4.6, 4.9, 4.1, 4.4, 3.9, None, 3.8, 3.4, HALF, away=(3,)),
    drift=Drift(MONDAY - timedelta(weeks=11), 5.3, 2.9, beyond_wobble=True),
    recovered=Recovered(Contact("Inês Caldeira", "ines@atelier.example"), at(15, 11), 74.0),
    slow_slot=SLOT,
    keeping=KeepingIn(
        replies=27,
        full=22,
        mean_coverage=0.93,
        to_kept=112,
        to_dropped=4,
        cc_kept=61,
        cc_dropped=17,
        partial=tuple(
            PartialReply(
                f"Re: Paper samples {n}", PRIYA, at(14 + n, 11), (RUTH, SVEN)[: 1 + n % 2], (RUTH,) if n % 2 else ()
            )
            for n in range(5)
        ),
        dropped_most=(LeftOut(RUTH, 9), LeftOut(SVEN, 4)),
    ),
    circles=CIRCLES,
    both_ways=(
        BothWays(PRIYA, "clients", heard(31, 29, 2.2, 2.1, 0.9), heard(22, 19, 4.0, 3.8, 0.7), "mine", at(16)),
        BothWays(RUTH, "colleagues", heard(26, 25, 1.1, 1.0, 0.96), heard(30, 27, 2.4, 2.2, 0.8), "nobody", None),
        BothWays(SVEN, "colleagues", heard(4, 3), heard(24, 20, 3.0, 2.7, 0.8), "theirs", at(11)),
    ),
    gone_quiet=(
        GoneQuiet(Contact("Ida Brandt", "ida@atelier.example"), at(17, month=8), True, 26),
        GoneQuiet(Contact("", "joao@riverside.example"), at(2, month=7), False, 14),
    ),
    rhythm=rhythm(19, late=6),
    ways=WAYS,
    model=Model(1_843, 0.112, 0.187),
    suggestion=Suggestion("slow_slot", "c0ffee", SLOT),
    question="awaiting",
    quality=(Quality("address_broken", 3), Quality("date_unparsable", 1)),
)

_SEVEN = [1 / 3, 0.75, 7 / 6, 2.0, 3.5, 5.0, 11.0]

FIRST = replace(
    FULL,
    counts=Counts(21, asking=8, sent=11, automated=2, kept_informed=0, by_list=0),
    curve=curve(_SEVEN, 0),
    answer_hours=tuple(_SEVEN),
    fresh=0,
    waiting=(),
    quiet=(),
    probably_closed=0,
    waiting_for=(),
    answered_tile=Tile(None, 7, 7, None, ENOUGH_TURNS),
    half_tile=Tile(None, 7, 7, None, ENOUGH_TURNS),
    coverage_tile=Tile(None, 3, 3, None, ENOUGH_REPLIES),
    quiet_tile=Tile(None, 0, 0, None, 0),
    weeks=points(None),
    drift=None,
    recovered=None,
    slow_slot=None,
    keeping=KeepingIn(3, 3, 1.0, 4, 0, 5, 0),
    circles=(Circle("others", 1, heard(8, 7), heard(1, 1)),),
    both_ways=FULL.both_ways[2:],
    gone_quiet=(),
    rhythm=replace(rhythm(1), weeks=1),
    ways=tuple(way(one.name) for one in WAYS),
    model=None,
    suggestion=None,
    question="voice",
    quality=(),
    first_report=True,
    sent_since=at(16),
)

FEW = replace(
    FULL,
    counts=Counts(40, asking=5, sent=9, automated=20, kept_informed=6, by_list=0),
    curve=replace(curve([0.5, 3.25], 2), covered=1, turns=5),
    answer_hours=(0.5, 3.25),
    fresh=1,
    waiting=FULL.waiting[:1],
    quiet=FULL.quiet[:1],
    waiting_for=FULL.waiting_for[:1],
    answered_tile=Tile(None, 2, 5, FULL.answered_tile.usual, ENOUGH_TURNS),
    half_tile=Tile(None, 2, 5, FULL.half_tile.usual, ENOUGH_TURNS),
    coverage_tile=Tile(None, 1, 1, FULL.coverage_tile.usual, ENOUGH_REPLIES),
    quiet_tile=Tile(1.0, 1, 1, FULL.quiet_tile.usual, 0),
    weeks=(*points(5.1, 4.8, 5.4, 4.6, 4.9, 4.1, 4.4, 3.9, None, 3.8, 3.4, None, away=(3,)),),
    drift=replace(FULL.drift, beyond_wobble=False) if FULL.drift else None,
    slow_slot=None,
    keeping=KeepingIn(1, 1, 1.0, 2, 0, 0, 0),
    circles=CIRCLES[2:],
    gone_quiet=FULL.gone_quiet[:1],
    suggestion=Suggestion("gone_quiet", "7ea", FULL.gone_quiet[0]),
    question="silence",
    ways=tuple(
        replace(
            one,
            figure=Figure(one.figure.name, one.figure.kind, 1.0, 1, 1, 0.8),
            others=tuple(Figure(figure.name, figure.kind, 1.0, 1, 1) for figure in one.others),
        )
        for one in WAYS
    ),
    model=None,
    quality=(),
)

NOTHING = Week(
    newest=date(2026, 3, 7),
    owner=AMARA,
    start=MONDAY,
    as_of=AS_OF,
    time_zone="UTC",
    working_hours="Mon-Fri 09:00-17:00",
    holidays="",
    hours_per_day=8.0,
    grace_days=3.0,
    counts=Counts(0, 0, 0, 0, 0, 0),
    curve=Curve(),
    answered_tile=Tile(None, 0, 0, None, ENOUGH_TURNS),
    half_tile=Tile(None, 0, 0, None, ENOUGH_TURNS),
    coverage_tile=Tile(None, 0, 0, None, ENOUGH_REPLIES),
    quiet_tile=Tile(None, 0, 0, None, 0),
    needed_weeks=ENOUGH_WEEKS,
    weeks=points(None),
)

CLEAR = replace(
    FULL,
    curve=curve(ANSWERS, 0),
    answered_tile=Tile(1.0, 40, 40, FULL.answered_tile.usual, ENOUGH_TURNS),
    half_tile=Tile(curve(ANSWERS, 0).quartiles[1], 40, 40, FULL.half_tile.usual, ENOUGH_TURNS),
    quiet_tile=Tile(0.0, 0, 0, Usual(0, 0, 0, 0, 11), 0),
    fresh=0,
    waiting=(),
    quiet=(),
    waiting_for=(),
    probably_closed=0,
    recovered=None,
    slow_slot=None,
    keeping=KeepingIn(27, 27, 1.0, 116, 0, 78, 0),
    circles=tuple(
        replace(one, mine=replace(one.mine, answered=one.mine.turns, half=one.mine.half or 9.0)) for one in CIRCLES[:3]
    ),
    gone_quiet=(),
    suggestion=Suggestion("left_out", "cafe", LeftOut(RUTH, 9)),
    question="easier",
)

AWAY = replace(
    NOTHING,
    counts=Counts(9, asking=1, sent=0, automated=8, kept_informed=0, by_list=0),
    curve=curve([], 1, observed_to=0.0),
    fresh=1,
    answered_tile=Tile(None, 0, 1, FULL.answered_tile.usual, ENOUGH_TURNS),
    half_tile=Tile(None, 0, 1, FULL.half_tile.usual, ENOUGH_TURNS),
    coverage_tile=Tile(None, 0, 0, FULL.coverage_tile.usual, ENOUGH_REPLIES),
    quiet_tile=Tile(1.0, 1, 1, FULL.quiet_tile.usual, 0),
    quiet=FULL.quiet[:1],
    weeks=points(5.1, 4.8, 5.4, 4.6, 4.9, 4.1, 4.4, 3.9, None, 3.8, 3.4, None, away=(0, 3)),
    away=True,
)

YOUNG = replace(
    FULL,
    weeks=points(4.1, None, HALF),
    drift=None,
    answered_tile=replace(FULL.answered_tile, usual=None),
    half_tile=replace(FULL.half_tile, usual=None),
    coverage_tile=replace(FULL.coverage_tile, usual=None),
    quiet_tile=Tile(None, 2, 2, None, 0),
    ways=tuple(replace(one, figure=replace(one.figure, before=None, low=None, high=None)) for one in WAYS),
    suggestion=Suggestion("out_of_hours", "bed", replace(FULL.rhythm, outside=FULL.rhythm.sent // 3)),
    question="rest",
)

UNANSWERED = replace(
    FULL,
    curve=curve([9.0, 30.0], 14, observed_to=36.0),
    answer_hours=(9.0, 30.0),
    answered_tile=Tile(2 / 16, 2, 16, FULL.answered_tile.usual, ENOUGH_TURNS),
    half_tile=Tile(None, 2, 16, FULL.half_tile.usual, ENOUGH_TURNS),
    weeks=(*FULL.weeks[:-1], replace(FULL.weeks[-1], turns=16, p25=30.0, p50=None, p75=None, typical=30.0)),
    suggestion=Suggestion("follow_ups", "feed", WAYS[3]),
    question="attention",
)

OUTLOOK = f"https://outlook.office365.com/owa/?ItemID={'AAMk%2F' * 26}%3D&exvsurl=1&viewmodel=ReadMessageItem"
"""As long as Microsoft's are."""
HUGE = replace(
    FULL,
    counts=Counts(120_000, asking=60_000, sent=20_000, automated=30_000, kept_informed=9_000, by_list=1_000),
    curve=curve([0.05 * n for n in range(1, 501)], 100, observed_to=4_000.0),
    answer_hours=tuple(0.05 * n for n in range(1, 501)),
    fresh=1_234,
    waiting=tuple(replace(waiting(n), link=OUTLOOK) for n in range(300)),
    quiet=tuple(replace(waiting(n), link=OUTLOOK) for n in range(300)),
    waiting_for=tuple(replace(waiting(n), link=OUTLOOK) for n in range(300)),
    probably_closed=300,
    answered_tile=Tile(500 / 600, 500, 600, FULL.answered_tile.usual, ENOUGH_TURNS),
    half_tile=Tile(15.0, 500, 600, Usual(1_000, 2_000, 900, 2_400, 11), ENOUGH_TURNS),
    quiet_tile=Tile(300.0, 300, 300, FULL.quiet_tile.usual, 0),
    weeks=points(*(700.0 - 40 * n for n in range(12)), turns=12_345),
    drift=Drift(MONDAY - timedelta(weeks=11), 700.0, 260.0, beyond_wobble=True),
    recovered=Recovered(PRIYA, at(18), 4_000.0),
    keeping=KeepingIn(
        replies=400,
        full=100,
        mean_coverage=0.5,
        to_kept=123_456,
        to_dropped=65_432,
        cc_kept=1,
        cc_dropped=0,
        partial=tuple(PartialReply(f"Re: {n}", PRIYA, at(15), (RUTH, SVEN) * 50, (SVEN,) * 50) for n in range(300)),
    ),
    circles=tuple(
        replace(one, people=12_345, mine=heard(60_000, 55_555, 4_000.0), theirs=heard(60_000, 1)) for one in CIRCLES
    ),
    both_ways=(FULL.both_ways[0],) * 10,
    gone_quiet=(FULL.gone_quiet[0],) * 10,
    rhythm=Rhythm(((1_234,) * 24,) * 7, 1_234 * 24 * 7, 100_000, 12),
    suggestion=Suggestion("oldest_open", "0dd", waiting(0)),
    question="help",
)

_BAD = [
    Contact(TEXTS[n % len(TEXTS)], address)
    for n, address in enumerate(ADDRESSES * 3)
]  # fmt: skip
_BAD_LINKS = (
    "javascript:alert(1)",
    "data:text/html,x",
    '"><script>',
    "mid:x%22%3E@evil.example",
    " https://evil.example",
)
_BAD_WAITING = tuple(
    replace(waiting(n, one, TEXTS[(n + 1) % len(TEXTS)]), link=_BAD_LINKS[n % len(_BAD_LINKS)])
    for n, one in enumerate(_BAD)
)

HOSTILE = replace(
    FULL,
    owner=_BAD[0],
    waiting=_BAD_WAITING,
    quiet=_BAD_WAITING,
    waiting_for=_BAD_WAITING,
    quiet_tile=Tile(float(len(_BAD)), len(_BAD), len(_BAD), FULL.quiet_tile.usual, 0),
    recovered=Recovered(_BAD[1], at(15), 74.0),
    both_ways=tuple(replace(FULL.both_ways[0], contact=who) for who in _BAD[:10]),
    gone_quiet=tuple(replace(FULL.gone_quiet[0], contact=who) for who in _BAD[5:15]),
    suggestion=Suggestion("oldest_open", "0dd", _BAD_WAITING[0]),
    keeping=replace(
        FULL.keeping,
        replies=27 + len(_BAD),
        partial=tuple(
            PartialReply(one.subject, one.contact, at(15), tuple(_BAD[n : n + 3]), tuple(_BAD[n : n + 2]))
            for n, one in enumerate(_BAD_WAITING[:-3])
        ),
        dropped_most=tuple(LeftOut(who, 2) for who in _BAD[:3]),
    ),
)

SAMPLES = {
    "full": FULL,
    "first": FIRST,
    "few": FEW,
    "nothing": NOTHING,
    "clear": CLEAR,
    "away": AWAY,
    "young": YOUNG,
    "unanswered": UNANSWERED,
    "huge": HUGE,
    "hostile": HOSTILE,
}
