"""Every number of a client review: what ``team.measures`` hands to the page, and what is kept of a period.

Nothing here names or counts a single member of the team. Instants are aware and in the team's time zone; durations are
working hours of the team, to the quarter of an hour.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from mailcare.values.week import Contact, Curve


@dataclass(frozen=True, slots=True)
class Promise:
    """How many first answers came within what was promised."""

    kept: int = 0
    of: int = 0
    """Turns of which this is known: answered, or open for longer than promised."""
    share: float | None = None
    """Kaplan–Meier share answered within the promise: who has waited for less counts as not answered yet."""
    low: float | None = None
    high: float | None = None
    """The range in which the share likely lies (95 %)."""
    enough: bool = False
    """They are enough to say the share."""


@dataclass(frozen=True, slots=True)
class People:
    """The people of a client on messages that the team answered: who stayed on the reply, who was left out."""

    replies: int
    """Replies to two or more people of the client."""
    full: int
    to_kept: int
    to_dropped: int
    cc_kept: int
    cc_dropped: int

    @property
    def kept(self) -> int:
        return self.to_kept + self.cc_kept

    @property
    def dropped(self) -> int:
        return self.to_dropped + self.cc_dropped

    @property
    def often_dropped(self) -> bool:
        """Whether more than one person in five was left out."""
        return self.dropped > self.kept / 4


@dataclass(frozen=True, slots=True)
class Line:
    """One client in the four weeks, or everyone else, or all that are listed together."""

    client: str
    """Empty for everyone else, and for the total."""
    promise_hours: float
    turns: int
    answered: int
    promise: Promise
    quartiles: tuple[float | None, float | None, float | None]
    """Hours until 25, 50 and 75 % had an answer; None where that is not reached, or too few to say."""
    waiting: int
    """Conversations in which a message waits for one to ten working days at the end of the period."""
    quiet: int
    """The same for more than ten, up to ninety days."""
    fresh: int
    """The same for less than one."""
    chasers: int
    """How often somebody wrote again before there was an answer."""
    handed_over: int
    """Conversations in which two or more of the team wrote."""
    people: People | None
    """None where too few of the team wrote these replies to speak of."""
    standing: str
    """Against the four weeks before: ``sooner``, ``later``, ``same``, or ``unknown``."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation that waits for the team."""

    client: str
    """Empty for everyone else."""
    contact: Contact | None
    """Who waits; None where the message did not go to a shared address."""
    subject: str
    addressed: int
    """How many of the team it was written to, where it did not go to a shared address; else 0."""
    since: datetime
    working_hours: float
    chased_at: datetime | None


@dataclass(frozen=True, slots=True)
class PromiseWeek:
    """The promise in one ISO week, over everything that is listed."""

    start: date
    shown: bool
    """False where so few of the team wrote in that week that nothing is said."""
    promise: Promise = Promise()

    @property
    def told(self) -> bool:
        """Whether the week has a share to say."""
        return self.shown and self.promise.enough


ENOUGH_WEEKS = 5
"""Fewer weeks with a share to say are no course."""


@dataclass(frozen=True, slots=True)
class Course:
    """The promise week by week, over successive reviews."""

    weeks: tuple[PromiseWeek, ...]

    @property
    def told(self) -> tuple[PromiseWeek, ...]:
        return tuple(week for week in self.weeks if week.told)

    @property
    def enough(self) -> bool:
        """Whether there is a course to speak of."""
        return len(self.told) >= ENOUGH_WEEKS


@dataclass(frozen=True, slots=True)
class Review:
    """Four weeks of one team."""

    team: str
    start: date
    """Monday; the last day is the Sunday four weeks later."""
    as_of: datetime
    """The end of the period: everything is told as of this moment."""
    time_zone: str
    working_hours: str
    holidays: str
    hours_per_day: float
    promise_hours: float
    """Of everyone who has no promise of their own."""
    one_promise: bool
    """Every line that is listed has that promise."""
    shared: tuple[str, ...]
    min_group: int
    enough_turns: int
    """How many messages it takes to say a share, draw a curve or compare."""
    members: int
    lines: tuple[Line, ...] = ()
    """The clients that are listed, in the alphabet's order, then everyone else."""
    total: Line | None = None
    """All of them together; None where nothing is listed."""
    curve: Curve = field(default_factory=Curve)
    weeks: tuple[PromiseWeek, ...] = ()
    waiting: tuple[Conversation, ...] = ()
    """Longest first."""
    waiting_counted: int = 0
    """What waits and is not shown one by one."""
    quiet: tuple[Conversation, ...] = ()
    """Newest first."""
    quiet_counted: int = 0
    quiet_clients: tuple[str, ...] = ()
    """Listed four weeks ago, and no message either way since."""
    unlisted: int = 0
    """Clients (and everyone else) of which nothing is said; never exactly one."""
    from_clients: int = 0
    from_us: int = 0
    automated: int = 0
    """Messages of the period from and to those listed."""
    unfinished: bool = False
    """Older mail of some mailbox was still to be read."""

    @property
    def enough_members(self) -> bool:
        return self.members >= self.min_group

    @property
    def draws_curve(self) -> bool:
        """Whether there are enough messages to draw how soon clients hear back."""
        return self.curve.turns >= self.enough_turns
