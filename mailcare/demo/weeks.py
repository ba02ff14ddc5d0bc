"""Twenty ordinary weeks: what arrives in each, and how Amara answers."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from math import log

from mailcare.demo.cast import (
    AMARA,
    CLIENTS,
    COLLEAGUES,
    KLARA,
    MACHINES,
    MAKERS,
    NEWSLETTERS,
    OTHERS,
    POSTERS,
    READERS,
    SUPPLIERS,
    Person,
)
from mailcare.demo.talk import Story, Talk
from mailcare.demo.worktime import AWAY, BERLIN, FIRST_DAY, LAST_CLOSING, LAST_MONDAY, WEEKS, after, working_hours
from mailcare.demo.writing import Mail

HOURS_AT_FIRST, HOURS_AT_LAST = 4.2, 2.2
SPREAD = 0.75
TUESDAY_AFTERNOON = 2.1
LONGEST = 22.0
TUESDAY, FRIDAY = 1, 4

MATTERS = (
    "Budget", "Timetable", "Floor plan", "Wording", "Colours", "Delivery", "Photographs", "Quote", "Contract", "Map",
    "Invoice", "Opening hours", "Guest list", "Shelving", "Lighting", "Signs", "Paper samples", "Proofs", "Catering",
)  # fmt: skip
PROJECTS = (
    "autumn study", "reading room", "harbour fair", "spring catalogue", "window display", "school visit", "café",
    "summer pavilion", "north wing", "workshop in Łódź", "members’ evening", "annual review", "open day",
)  # fmt: skip

Conversation = Callable[[Story, datetime], None]


def one_to_one(story: Story, at: datetime) -> None:
    """A question to Amara alone, and her answer; sometimes a second mail while it waits."""
    talk = story.talk(subject(story))
    ask = last = talk.write(somebody(story), [AMARA], at)
    if at.date() in AWAY:
        out_of_office(talk, ask)
    reply_at = answer_time(story, at)
    chased = working_hours(at, reply_at) > 5 and story.random.random() < 0.5
    if chased:
        last = talk.write(ask.sender, [AMARA], after(at, 4.5), after=ask)
    talk.turn(ask, answer=talk.reply_all(last, reply_at), asks=1 + chased, chasers=int(chased))


def exchange(story: Story, at: datetime) -> None:
    """Two questions one after the other, a day or two apart, each answered."""
    talk = story.talk(subject(story))
    ask = talk.write(somebody(story), [AMARA], at)
    reply = talk.reply_all(ask, answer_time(story, at))
    talk.turn(ask, answer=reply)
    again = talk.write(ask.sender, [AMARA], soon(story, reply.at, 9, 20), after=reply)
    talk.turn(again, answer=talk.reply_all(again, answer_time(story, again.at)))


def thank_you(story: Story, at: datetime) -> None:
    """A question, its answer, and a thank-you that nobody has to answer."""
    talk = story.talk(subject(story))
    ask = talk.write(somebody(story), [AMARA], at)
    reply = talk.reply_all(ask, answer_time(story, at))
    talk.turn(ask, answer=reply)
    thanks = talk.write(ask.sender, [AMARA], soon(story, reply.at, 0.05, 2), after=reply, body="Thank you!\n")
    talk.turn(thanks)
    talk.only_thanks = True


def group(story: Story, at: datetime) -> None:
    """A question to Amara and up to four others. Her reply may leave somebody out; the asker may bring them back."""
    talk = story.talk(subject(story))
    asker = somebody(story)
    to, cc = company(story, asker)
    ask = talk.write(asker, [AMARA, *to], at, cc=cc)
    gone = left_out(story, to, cc)
    back = gone if story.random.random() < 0.35 else []
    plus = [KLARA] if KLARA not in (asker, *to, *cc) and story.random.random() < 0.05 else []
    reply = talk.reply_all(ask, answer_time(story, at), without=gone, plus=plus, back=back)
    talk.turn(ask, answer=reply)
    later = soon(story, reply.at, 0.2, 6)
    if back:
        talk.write(
            asker, gone, later, cc=[AMARA, *(person for person in (*to, *cc) if person not in gone)], after=reply
        )
    elif to and not gone and story.random.random() < 0.5:
        talk.write(to[0], [asker], later, cc=[AMARA, *cc], after=reply)


def round_of_questions(story: Story, at: datetime) -> None:
    """Amara asks three people; two write back, and one answer thanks both. (A client covers nothing.)"""
    talk = story.talk(subject(story))
    (first, third), second = story.random.sample(COLLEAGUES, 2), story.random.choice(CLIENTS)
    question = talk.write(AMARA, [first, second, third], at)
    one = talk.write(first, [AMARA], soon(story, at, 0.5, 3), cc=[second, third], after=question)
    two = talk.write(second, [AMARA], soon(story, one.at, 0.1, 2), cc=[first, third], after=question)
    reply = talk.reply_all(two, answer_time(story, two.at))
    talk.turn(one, answer=reply)
    talk.turn(two, answer=reply)


def amara_asks(story: Story, at: datetime) -> None:
    """Amara asks one person, who writes back; she answers."""
    talk = story.talk(subject(story))
    person = somebody(story)
    question = talk.write(AMARA, [person], at)
    back = talk.write(person, [AMARA], soon(story, at, 0.5, 16), after=question)
    talk.turn(back, answer=talk.reply_all(back, answer_time(story, back.at)))


def covered(story: Story, at: datetime) -> None:
    """A client asks Amara and a colleague; the colleague is first."""
    talk = story.talk(subject(story))
    client, colleague = story.random.choice(CLIENTS), story.random.choice(COLLEAGUES)
    ask = talk.write(client, [AMARA, colleague], at)
    cover = talk.write(colleague, [client], soon(story, at, 0.3, 4), cc=[AMARA], after=ask)
    talk.turn(ask, cover=cover)


def kept_informed(story: Story, at: datetime) -> None:
    """Two others write to each other, Amara in Cc."""
    talk = story.talk(subject(story))
    one, two = story.random.choice(CLIENTS + SUPPLIERS), story.random.choice(COLLEAGUES)
    first = talk.write(one, [two], at, cc=[AMARA])
    talk.write(two, [one], soon(story, at, 0.2, 7), cc=[AMARA], after=first)


def on_a_list(story: Story, at: datetime) -> None:
    """A discussion on a list that Amara reads."""
    talk = story.talk(f"[{story.random.choice(('makers', 'rooms'))}] {subject(story)}")
    address = MAKERS if "makers" in talk.subject else READERS
    post: Mail | None = None
    for _ in range(story.random.randint(1, 5)):
        poster = story.random.choice(POSTERS)
        copied = [post.sender] if post and post.sender != poster else []
        post = talk.write(poster, [address], at, cc=copied, after=post, extra=list_headers(address))
        at = soon(story, at, 0.2, 9)


def newsletter(story: Story, at: datetime) -> None:
    sender = story.random.choice(NEWSLETTERS)
    unsubscribe = {"List-Unsubscribe": f"<https://{sender.domain}/leave>", "Precedence": "bulk"}
    story.talk(f"{sender.name}, {at:%-d %B}").write(sender, [AMARA], at, extra=unsubscribe, automated=True)


def notification(story: Story, at: datetime) -> None:
    sender = story.random.choice(MACHINES)
    story.talk(f"[{sender.domain}] {subject(story)}").write(sender, [AMARA], at, automated=True)


def invitation(story: Story, at: datetime) -> None:
    talk = story.talk(f"Invitation: {subject(story)}")
    calendar = {"Content-Type": "text/calendar; method=REQUEST; charset=utf-8"}
    body = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nEND:VCALENDAR\n"
    talk.write(story.random.choice(COLLEAGUES), [AMARA], at, extra=calendar, automated=True, body=body)


ASKING: tuple[tuple[Conversation, int], ...] = (
    (group, 21),
    (one_to_one, 10),
    (exchange, 2),
    (round_of_questions, 1),
    (amara_asks, 2),
)
BESIDE: tuple[tuple[Conversation, int], ...] = (
    (kept_informed, 8),
    (on_a_list, 7),
    (newsletter, 12),
    (notification, 14),
    (invitation, 3),
)


def ordinary_weeks(story: Story) -> None:
    """All twenty weeks, about forty-five asks in each."""
    for number in range(WEEKS):
        monday = FIRST_DAY + timedelta(weeks=number)
        for conversation in conversations(story, monday):
            conversation(story, arrival(story, monday))


def conversations(story: Story, monday: date) -> list[Conversation]:
    """What a week brings: about the same, and less while Amara is away.

    The last two bring no thank-you: too young ones still wait. The model has to learn from the others that nobody
    answers them, and that a second question, which comes later, is answered.
    """
    beside = [kind for kind, times in BESIDE for _ in range(times)]
    if monday in AWAY:
        return [one_to_one] * 16 + beside
    asking = [kind for kind, times in ASKING for _ in range(times)]
    asking += story.random.choices((group, one_to_one), k=story.random.randint(0, 5))
    asking += [covered, thank_you, thank_you] * (monday < LAST_MONDAY - timedelta(weeks=1))
    return asking + beside


def arrival(story: Story, monday: date) -> datetime:
    """Some time in the week: most of it on weekdays, towards eleven and three o'clock.

    In the last week by Friday two o'clock, so that Amara can answer before the story ends.
    """
    last = monday == LAST_MONDAY
    day = story.random.choices(range(7), (22, 23, 20, 20, 12, 0, 0) if last else (22, 23, 20, 20, 14, 1.5, 1.5))[0]
    hour = story.random.gauss(*story.random.choice(((10.7, 1.2), (14.4, 1.3))))
    latest = 14.0 if last and day == FRIDAY else 20.5
    midnight = datetime.combine(monday, time(), BERLIN)
    return midnight + timedelta(days=day, seconds=round(min(max(hour, 6.5), latest) * 3600))


def answer_time(story: Story, at: datetime) -> datetime:
    """When Amara answers what arrived at ``at``: a few working hours later, fewer as the weeks go by."""
    progress = (at.date() - FIRST_DAY).days / (7 * WEEKS)
    usual = HOURS_AT_FIRST + (HOURS_AT_LAST - HOURS_AT_FIRST) * progress
    if at.weekday() == TUESDAY and at.hour >= 12:
        usual *= TUESDAY_AFTERNOON
    hours = min(max(story.random.lognormvariate(log(usual), SPREAD), 0.03), LONGEST)
    answered = after(at, min(hours, 0.9 * working_hours(at, LAST_CLOSING)))
    if story.random.random() < 0.06 and answered.date() < LAST_MONDAY:
        answered = answered.replace(hour=story.random.randint(18, 21))
    return answered


def soon(story: Story, at: datetime, least: float, most: float) -> datetime:
    """Some working hours later, and before the story ends."""
    return after(at, min(story.random.uniform(least, most), 0.9 * working_hours(at, LAST_CLOSING)))


def somebody(story: Story) -> Person:
    """A person who writes to Amara: half of them colleagues."""
    circle = story.random.choices((COLLEAGUES, CLIENTS, SUPPLIERS, OTHERS), (46, 32, 15, 7))[0]
    return story.random.choice(circle)


def company(story: Story, asker: Person) -> tuple[list[Person], list[Person]]:
    """Who else is addressed beside Amara, in To and in Cc: colleagues, and people of the asker's own house."""
    house = [person for person in CLIENTS + SUPPLIERS if person.domain == asker.domain]
    others = [person for person in (*COLLEAGUES, *house) if person != asker]
    chosen = story.random.sample(others, story.random.choice((1, 2, 2, 3, 3, 4)))
    return (chosen[:1], chosen[1:]) if story.random.random() < 0.4 else ([], chosen)


def left_out(story: Story, to: list[Person], cc: list[Person]) -> list[Person]:
    """Nobody, mostly; else one or two of the others, more often of Cc."""
    if story.random.random() > 0.18:
        return []
    field = cc if cc and (not to or story.random.random() < 0.85) else to
    return story.random.sample(field, 2 if len(field) > 2 and story.random.random() < 0.3 else 1)


def out_of_office(talk: Talk, ask: Mail) -> Mail:
    """What Amara's account sends while she is away: it answers nothing."""
    note = {"Auto-Submitted": "auto-replied"}
    subject = f"Out of office: {ask.subject}"
    return talk.write(
        AMARA, [ask.sender], ask.at + timedelta(seconds=20), after=ask, subject=subject, extra=note, automated=True
    )


def list_headers(address: Person) -> dict[str, str]:
    """As a mailing list adds them."""
    name, _, host = address.address.partition("@")
    return {
        "List-Id": f"<{name}.{host}>",
        "List-Post": f"<mailto:{address.address}>",
        "List-Unsubscribe": f"<mailto:{name}-leave@{host}>",
    }


def subject(story: Story) -> str:
    return f"{story.random.choice(MATTERS)} for the {story.random.choice(PROJECTS)}"
