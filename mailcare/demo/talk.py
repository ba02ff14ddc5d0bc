"""Conversations, and beside each what is known about it: the truth that the pipeline has to recover."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from mailcare.demo.cast import AMARA, OWNER, Person
from mailcare.demo.worktime import AS_OF, working_hours
from mailcare.demo.writing import Mail

GRACE_HOURS = 3 * 8
HORIZON = timedelta(days=90)
CLOCK_ERROR = timedelta(minutes=5)
HELLO = "Hello,\n\nsee above, in short.\n\nBest wishes\n"


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn, and how it ended (docs/measures.md, "Turn" and "Outcome").

    Durations are hours up to the end, or up to AS_OF where open.
    """

    ask_id: str
    asker: str
    asked_at: datetime
    asks: int
    chasers: int
    outcome: str
    by_id: str
    latency_hours: float | None
    """None where the answer is dated more than five minutes before the ask."""
    working_hours: float | None


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply to two or more people, and who was on it (docs/measures.md, "Coverage")."""

    id: str
    parent_id: str
    at: datetime
    audience: frozenset[str]
    dropped: frozenset[str]
    added: frozenset[str]
    brought_back: frozenset[str]

    @property
    def kept(self) -> frozenset[str]:
        return self.audience - self.dropped


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread as of AS_OF (docs/measures.md, "State")."""

    id: str
    """Of its earliest message."""
    message_ids: frozenset[str]
    state: str
    since: datetime | None
    waiting_for: str
    """The asker of the oldest open turn, else empty."""


@dataclass(slots=True)
class Truth:
    """Everything that can be known about the invented mailbox, as it was made."""

    turns: dict[str, Turn] = field(default_factory=dict)
    """By the id of the first ask."""
    replies: dict[str, Reply] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    """Message id → ``asking``, ``sent``, ``automated``, ``kept_informed`` or ``by_list``."""
    quality: dict[str, int] = field(default_factory=dict)
    """Reason (a key of ``mailcare.tables.QUALITY``) → how often."""
    copies: int = 0
    """Further copies of messages that are counted once."""


class Talk:
    """One thread as it is written."""

    def __init__(self, story: "Story", subject: str) -> None:
        self.story = story
        self.subject = subject
        self.mails: list[Mail] = []
        self.turns: list[Turn] = []
        self.only_thanks = False
        """The open turn is a thank-you: no answer is expected."""

    def write(
        self,
        sender: Person,
        to: Iterable[Person],
        at: datetime,
        *,
        cc: Iterable[Person] = (),
        after: Mail | None = None,
        subject: str = "",
        references: tuple[str, ...] | None = None,
        extra: dict[str, str] | None = None,
        automated: bool = False,
        body: str = HELLO,
    ) -> Mail:
        """A message, in reply to ``after`` unless ``references`` says otherwise."""
        to, cc = tuple(to), tuple(cc)
        if references is None:
            references = (*after.references, after.id) if after else ()
        mail = Mail(
            id=f"<{len(self.story.mails) + 1}.{at:%m%d%H%M}@{sender.domain.lower()}>",
            sender=sender,
            to=to,
            cc=cc,
            at=at,
            subject=subject or (f"Re: {self.subject}" if after else self.subject),
            body=body,
            in_reply_to=references[-1] if references else "",
            references=references,
            extra=tuple((extra or {}).items()),
        )
        self.mails.append(mail)
        self.story.mails.append(mail)
        self.story.truth.kinds[mail.id] = "automated" if automated else _kind(mail)
        return mail

    def reply_all(
        self,
        ask: Mail,
        at: datetime,
        *,
        to: Sequence[Person] | None = None,
        without: Iterable[Person] = (),
        plus: Iterable[Person] = (),
        back: Iterable[Person] = (),
        references: tuple[str, ...] | None = None,
    ) -> Mail:
        """Amara answers everybody (``to`` instead of From: a Reply-To) but ``without``, of whom ``back`` returns."""
        first = tuple(to or (ask.sender,))
        others = [person for person in ask.to if person not in OWNER]
        copied = [person for person in ask.cc if person not in OWNER]
        gone, plus = set(without), tuple(plus)
        reply = self.write(
            AMARA,
            [person for person in (*first, *others) if person not in gone],
            at,
            cc=[person for person in (*copied, *plus) if person not in gone],
            after=ask,
            references=references,
        )
        audience = _addresses([*first, *others, *copied])
        if len(audience) > 1:
            self.story.truth.replies[reply.id] = Reply(
                id=reply.id,
                parent_id=ask.id,
                at=at,
                audience=audience,
                dropped=_addresses(gone),
                added=_addresses(plus),
                brought_back=_addresses(back),
            )
        return reply

    def turn(
        self, ask: Mail, *, answer: Mail | None = None, cover: Mail | None = None, asks: int = 1, chasers: int = 0
    ) -> None:
        """States that ``ask`` began a turn, and what ended it; open without ``answer`` and ``cover``."""
        end = answer or cover
        until = end.at if end else AS_OF
        known = until > ask.at - CLOCK_ERROR
        turn = Turn(
            ask_id=ask.id,
            asker=ask.sender.address,
            asked_at=ask.at,
            asks=asks,
            chasers=chasers,
            outcome="answered" if answer else "covered" if cover else "open",
            by_id=end.id if end else "",
            latency_hours=max((until - ask.at).total_seconds() / 3600, 0) if known else None,
            working_hours=working_hours(ask.at, until) if known else None,
        )
        self.turns.append(turn)
        self.story.truth.turns[ask.id] = turn

    def end(self) -> Thread:
        """The thread as of AS_OF."""
        mails = sorted(self.mails, key=lambda mail: mail.at)
        waiting = min((turn for turn in self.turns if turn.outcome == "open"), key=lambda t: t.asked_at, default=None)
        state, since = self._open_state(waiting.asked_at) if waiting else self._closed_state(mails)
        return Thread(
            id=mails[0].id,
            message_ids=frozenset(mail.id for mail in mails),
            state=state,
            since=since,
            waiting_for=waiting.asker if waiting and since else "",
        )

    def _open_state(self, since: datetime) -> tuple[str, datetime | None]:
        if since < AS_OF - HORIZON:
            return "settled", None
        if working_hours(since, AS_OF) < GRACE_HOURS:
            return "waiting_on_you", since
        return "probably_closed" if self.only_thanks else "dropped", since

    def _closed_state(self, mails: list[Mail]) -> tuple[str, datetime | None]:
        human = [mail for mail in mails if self.story.truth.kinds[mail.id] != "automated"]
        last = human[-1] if human else None
        if last and last.sent and {*last.to, *last.cc} - set(OWNER):
            quiet = working_hours(last.at, AS_OF) > GRACE_HOURS
            if quiet and last.at >= AS_OF - HORIZON:
                return "waiting_on_them", last.at
        return "settled", None


class Story:
    """The whole mailbox as it is written, and its truth. The same seed tells the same story."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - an invented story, no secret
        self.mails: list[Mail] = []
        self.copies: list[Mail] = []
        self.truth = Truth()
        self._talks: list[Talk] = []

    def talk(self, subject: str) -> Talk:
        """A new conversation."""
        self._talks.append(Talk(self, subject))
        return self._talks[-1]

    def end(self) -> Truth:
        """The truth, once everything is written."""
        ended = [talk.end() for talk in self._talks]
        self.truth.threads = {thread.id: thread for thread in ended}
        self.truth.copies = len(self.copies)
        return self.truth


def _kind(mail: Mail) -> str:
    if mail.sent:
        return "sent"
    if any(person in OWNER for person in mail.to):
        return "asking"
    return "kept_informed" if any(person in OWNER for person in mail.cc) else "by_list"


def _addresses(people: Iterable[Person]) -> frozenset[str]:
    return frozenset(person.address for person in people)
