"""Every number of a report, once: what the measures hand to the pages.

A page only puts these into words and pictures; it computes nothing. Instants are aware and in the owner's
time zone; durations are hours, ``working`` ones inside the owner's working time.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Contact:
    """A person as the page shows them: the display name as written in the mail (untrusted) and the address."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open turn: somebody waits for the owner – or, in ``waiting_for``, the owner for somebody."""

    code: str
    """Short name of the thread, for ``mailcare settle CODE``; the same in every week."""
    contact: Contact
    subject: str | None
    """None where it was not kept."""
    since: datetime
    working_hours: float
    others: int = 0
    """How many people besides the owner were addressed (To and Cc)."""
    chased_at: datetime | None = None
    """When the asker last wrote again, more than four working hours after the message before."""
    owner_wrote_before: bool = False
    """The owner wrote in this thread before: it answers, and asks back."""
    others_answered: bool = False
    """Somebody else has written to the asker since."""
    asked_before: int = 0
    """The asker's earlier turns in the whole mailbox; 0 if they are too few to speak of."""
    answered_before: int = 0
    """How many of them the owner answered: with the others, why an answer may be expected
    (docs/measures.md, "Which messages expect an answer")."""
    p_answer: float | None = None
    """What the model says of it; None where the rule was used."""
    message_id: str = ""
    """Of the message that waits."""
    key: str = field(default="", compare=False)
    """What the connector calls the copy that stands for it; says nothing of the conversation."""
    link: str = ""
    """Opens the message in the owner's mail program or web mail; empty where there is no such way."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The owner's own last twelve weeks: the middle half of them, and their extremes."""

    low: float
    high: float
    least: float
    most: float
    weeks: int


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of this week beside the owner's usual; ``usual`` is None with fewer than five usable weeks."""

    value: float | None
    """The figure that the range strip shows: a share, hours, or a count; None where there is too little to say."""
    count: int
    of: int
    usual: Usual | None
    needed: int
    """How many it takes to say something; 0 for a plain count."""

    @property
    def enough(self) -> bool:
        """Whether it rests on as many as it takes."""
        return self.of >= self.needed

    @property
    def standing(self) -> str:
        """``below``, ``within`` or ``above`` the middle half of the usual weeks, or ``unknown``."""
        if self.value is None or self.usual is None:
            return "unknown"
        if self.value < self.usual.low:
            return "below"
        return "above" if self.value > self.usual.high else "within"


@dataclass(frozen=True, slots=True)
class Curve:
    """Kaplan–Meier: share of turns answered within t working hours, with the log-log 95 % band."""

    hours: tuple[float, ...] = ()
    """Times at which an answer came, ascending."""
    share: tuple[float, ...] = ()
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    turns: int = 0
    answered: int = 0
    covered: int = 0
    observed_to: float = 0.0
    """The longest time that was observed: the curve ends here."""
    quartiles: tuple[float | None, float | None, float | None] = (None, None, None)
    """Hours until 25, 50 and 75 % had an answer; None where the curve does not reach that far."""
    share_in_one_day: float | None = None
    """Share answered within one working day; None where nothing was observed that long."""
    share_answered: float | None = None
    """F(H): share answered within ten working days, or as far as was observed."""
    typical: float | None = None
    """Typical hours of an answer that comes: the t with F(t) = F(H)/2."""


@dataclass(frozen=True, slots=True)
class WeekPoint:
    """One week of the trend. The quartiles are None where the curve does not reach or there is too little to say."""

    start: date
    week: int
    turns: int
    p25: float | None
    p50: float | None
    p75: float | None
    typical: float | None
    away: bool
    """The owner was away for most of the week's working days."""
    usable: bool
    """Enough turns, and the owner was not away."""


@dataclass(frozen=True, slots=True)
class Drift:
    """How the half-way point moved over the trend, by a straight line through the usable weeks."""

    start: date
    before: float
    now: float
    beyond_wobble: bool
    """The drift is larger than the wobble from week to week (95 % interval of the slope excludes 0)."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """A turn answered this week after its grace period had run out."""

    contact: Contact
    answered_at: datetime
    working_hours: float


@dataclass(frozen=True, slots=True)
class SlowSlot:
    """The half-day of the week whose messages wait longest, against all the others (typical working hours)."""

    weekday: int
    """0 is Monday."""
    afternoon: bool
    hours: float
    other_hours: float
    turns: int
    weeks: int


@dataclass(frozen=True, slots=True)
class PartialReply:
    """A reply on which somebody of the audience is missing."""

    subject: str | None
    """None where it was not kept."""
    contact: Contact
    """Whose message was answered."""
    at: datetime
    dropped: tuple[Contact, ...]
    brought_back: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody who was dropped from several replies."""

    contact: Contact
    times: int


@dataclass(frozen=True, slots=True)
class KeepingIn:
    """Reply-all coverage of the week's replies with an audience of two or more."""

    replies: int = 0
    full: int = 0
    mean_coverage: float | None = None
    to_kept: int = 0
    to_dropped: int = 0
    cc_kept: int = 0
    cc_dropped: int = 0
    partial: tuple[PartialReply, ...] = ()
    """Newest first."""
    dropped_most: tuple[LeftOut, ...] = ()
    """At most three people who were dropped twice or more in the weeks of the trend; most often first."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What was read of this week: the parts add up to ``messages``."""

    messages: int
    asking: int
    """Received from a person, with the owner in To."""
    sent: int
    automated: int
    kept_informed: int
    """Received from a person, the owner in Cc alone."""
    by_list: int
    """Received from a person, the owner in neither To nor Cc (a list, or Bcc)."""
    unthreaded: int = 0
    """Received messages with no person in From."""


Kind = Literal["share", "hours", "number", "points"]
"""What a figure is: as in ``tables.Column``, and ``points`` for the difference of two shares."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of care over a period, beside the owner's own eight weeks before it."""

    name: str
    """What of its way is counted, as the exported table says it, such as ``km_p50_of_later_turns``."""
    kind: Kind
    value: float | None
    """None if there is too little to say."""
    count: int
    of: int
    """What the figure rests on: ``count`` of ``of``."""
    before: float | None = None
    """The same figure over the eight weeks before, taken together; None where they say too little."""
    low: float | None = None
    """The interval in which chance alone would put ``value`` (95 %), if nothing had changed since before."""
    high: float | None = None
    evidence: tuple[str, ...] = ()
    """Message-IDs of what the figure counts as missing (``of`` less ``count``), newest first; at most forty."""

    @property
    def standing(self) -> str:
        """``less``, ``usual`` or ``more`` than before, as far as chance allows to say, or ``unknown``."""
        if self.value is None or self.low is None or self.high is None:
            return "unknown"
        if self.value < self.low:
            return "less"
        return "more" if self.value > self.high else "usual"


@dataclass(frozen=True, slots=True)
class Way:
    """One of the ten ways of caring (docs/measures.md, "The ten ways of caring"), as far as metadata shows it."""

    name: str
    """``active_listening``, ``engagement``, ``inclusivity``, ``promptness``, ``follow_through``, ``empathy``,
    ``proactiveness``, ``accountability``, ``continuous_learning`` or ``integrity``."""
    figure: Figure
    """Its own."""
    others: tuple[Figure, ...] = ()
    """What the contract puts beside it, and the anti-gaming pair, in the order of the page and the export."""

    @property
    def figures(self) -> tuple[Figure, ...]:
        """All of them, its own first."""
        return (self.figure, *self.others)

    @property
    def told(self) -> bool:
        """Whether mail says something about it this week; about learning it does only beside earlier weeks."""
        if self.name == "continuous_learning":
            return self.figure.standing != "unknown"
        return self.figure.value is not None

    def __getitem__(self, name: str) -> Figure:
        """The figure of this name. Raises KeyError."""
        for figure in self.figures:
            if figure.name == name:
                return figure
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Heard:
    """How soon one side heard back from the other, over the weeks of the trend."""

    turns: int = 0
    answered: int = 0
    half: float | None = None
    """Kaplan–Meier median in working hours of the owner; None where not reached or too few to say."""
    typical: float | None = None
    share_in_one_day: float | None = None
    enough: bool = False
    """There are enough turns to say how soon; else the times are None."""


@dataclass(frozen=True, slots=True)
class Circle:
    """One circle, both ways."""

    name: str
    """``colleagues``, ``clients``, ``suppliers`` or ``others``."""
    people: int
    """Different people with a turn on either side."""
    mine: Heard
    """How the circle heard back from the owner."""
    theirs: Heard
    """How the owner heard back from the circle. Shown to the owner alone."""


@dataclass(frozen=True, slots=True)
class BothWays:
    """One person, both ways."""

    contact: Contact
    circle: str
    mine: Heard
    theirs: Heard
    turn: str
    """Whose turn it is: ``mine``, ``theirs`` or ``nobody``."""
    since: datetime | None


@dataclass(frozen=True, slots=True)
class GoneQuiet:
    """Somebody with whom the owner had at least monthly one-to-one exchanges, the last more than four weeks ago."""

    contact: Contact
    last: datetime
    owner_wrote_last: bool
    exchanges: int
    """One-to-one messages of both in the year before ``last``."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When the owner writes: human messages sent in the weeks of the trend, in the owner's local time."""

    cells: tuple[tuple[int, ...], ...] = ()
    """Seven rows from Monday, 24 hours each."""
    sent: int = 0
    outside: int = 0
    """Sent outside the owner's working time."""
    weeks: int = 0


@dataclass(frozen=True, slots=True)
class Quality:
    """One reason why something could not be used, over the whole mailbox."""

    reason: str
    """A key of ``mailcare.tables.QUALITY``."""
    count: int


@dataclass(frozen=True, slots=True)
class Model:
    """How well the model foresees which turns are answered within 14 days (docs/measures.md, "Checked")."""

    turns: int
    """Turns that it learnt from."""
    brier: float
    """Mean squared error of its probabilities; 0 is perfect."""
    base_brier: float
    """The same for the share answered, said of every turn."""


Evidence = SlowSlot | GoneQuiet | Way | LeftOut | Waiting | Rhythm
"""What speaks for a suggestion, in the order of the kinds."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One small thing to try, with what speaks for it."""

    kind: str
    """``slow_slot``, ``gone_quiet``, ``follow_ups``, ``left_out``, ``oldest_open`` or ``out_of_hours``."""
    code: str
    """What tells it from others; says nothing about anybody."""
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Week:
    """One person's week, as ``reports.individual`` shows it."""

    owner: Contact
    start: date
    """Monday; the week ends on the Sunday after."""
    as_of: datetime
    time_zone: str
    working_hours: str
    """As configured, such as ``Mon-Fri 09:00-17:00``."""
    holidays: str
    """Country or country-subdivision, or empty."""
    hours_per_day: float
    """Working hours of an average working day."""
    grace_days: float
    counts: Counts
    curve: Curve
    """Of the turns that began this week."""
    answered_tile: Tile
    """Share of this week's turns that were answered."""
    half_tile: Tile
    """Median working hours to the first answer."""
    coverage_tile: Tile
    """Share of full group replies."""
    quiet_tile: Tile
    """Threads in ``quiet``, against the same count at the end of each earlier week."""
    needed_weeks: int
    """How many usable weeks it takes to draw a trend."""
    answer_hours: tuple[float, ...] = ()
    """Working hours of this week's answers, ascending."""
    fresh: int = 0
    """Open turns that began less than a working day ago; not in ``waiting``."""
    waiting: tuple[Waiting, ...] = ()
    """Threads whose oldest open turn has waited one to ten working days; longest first."""
    quiet: tuple[Waiting, ...] = ()
    """Threads whose oldest open turn has waited more than ten working days, up to the horizon; those most likely
    to get an answer first, where the model says how likely, else the newest."""
    probably_closed: int = 0
    """Threads left out of ``waiting`` and ``quiet`` because an answer is unlikely."""
    waiting_for: tuple[Waiting, ...] = ()
    """Threads in which the owner waits for somebody; longest first."""
    weeks: tuple[WeekPoint, ...] = ()
    """The last twelve weeks, this one last; fewer where the mailbox is younger."""
    drift: Drift | None = None
    recovered: Recovered | None = None
    slow_slot: SlowSlot | None = None
    keeping: KeepingIn = KeepingIn()
    circles: tuple[Circle, ...] = ()
    """The circles with a turn on either side in the weeks of the trend, in the contract's order."""
    both_ways: tuple[BothWays, ...] = ()
    """The people with most turns on either side in the weeks of the trend; at most ten."""
    gone_quiet: tuple[GoneQuiet, ...] = ()
    """Longest silence last; at most ten."""
    rhythm: Rhythm = Rhythm()
    ways: tuple[Way, ...] = ()
    """All ten ways of caring, in the contract's order; empty where nothing is known."""
    model: Model | None = None
    """How well the mailbox's own model foresees answers; None where the rule was used."""
    suggestion: Suggestion | None = None
    """One small thing to try; None where nothing speaks for one, or what does was declined."""
    question: str = ""
    """A question to take into a one-to-one, by its name in ``mailcare.measures.suggestions``; empty for none."""
    quality: tuple[Quality, ...] = ()
    first_report: bool = False
    """Nothing older than this week is known."""
    away: bool = False
    """The owner was away for most of this week's working days."""
    newest: date | None = None
    """The day of the newest message, where that was before the week."""
    sent_since: datetime | None = None
    """First message in Sent, where that lies in this week and is more than a day later than the mailbox's first."""

    @property
    def promptness(self) -> Way | None:
        """The way of that name; None if nothing is known."""
        return next((way for way in self.ways if way.name == "promptness"), None)

    @property
    def nothing(self) -> bool:
        """No mail in this week, and nothing that waits from before it."""
        return self.counts.messages == 0 and not self.waiting and not self.quiet

    @property
    def people_waiting(self) -> int:
        """How many different people are in ``waiting``."""
        return len({one.contact.address for one in self.waiting})

    @property
    def draws_curve(self) -> bool:
        """Whether there are enough turns to draw how soon people hear back."""
        return self.curve.turns >= self.half_tile.needed

    @property
    def usable_weeks(self) -> int:
        return sum(point.usable for point in self.weeks)

    @property
    def enough_weeks(self) -> bool:
        """Whether there are as many usable weeks as a trend takes."""
        return self.usable_weeks >= self.needed_weeks
