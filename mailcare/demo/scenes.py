"""The special conversations, one a function: each shows one sentence of docs/measures.md."""

from dataclasses import replace
from datetime import timedelta

from mailcare.demo.cast import (
    AGNIESZKA,
    AMARA,
    AMARA_BEFORE,
    AMARA_TAGGED,
    ANA,
    BEN,
    DANIEL,
    EMILE,
    GRACE,
    HAKON,
    INES,
    JONAS,
    JURGEN,
    KLARA,
    LENA,
    MAKERS,
    MATTEO,
    MEI,
    NEWSLETTERS,
    NOOR,
    PIOTR,
    POSTERS,
    POSTMASTER,
    PRIYA,
    ROSA,
    RUTH,
    SIOBHAN,
    SVEN,
    TOMASZ,
    TOMASZ_SHORT,
    YUSUF,
    Person,
)
from mailcare.demo.talk import Story
from mailcare.demo.weeks import list_headers, out_of_office
from mailcare.demo.worktime import moment


def waiting_three_days(story: Story) -> None:
    talk = story.talk("Budget sign-off for the autumn study")
    ask = talk.write(TOMASZ, [AMARA], moment("2026-09-15", "13:42"))
    talk.write(TOMASZ, [AMARA], moment("2026-09-17", "10:05"), after=ask)
    talk.turn(ask, asks=2, chasers=1)


def waiting_two_days(story: Story) -> None:
    talk = story.talk("Which of the two venues do you prefer?")
    talk.turn(talk.write(PRIYA, [AMARA, MEI], moment("2026-09-16", "14:12"), cc=[DANIEL, RUTH]))


def waiting_one_day(story: Story) -> None:
    """Lena answers a question of Amara's, and asks one back."""
    talk = story.talk("Two questions on the draft contract")
    question = talk.write(AMARA, [LENA], moment("2026-09-16", "11:30"))
    talk.turn(talk.write(LENA, [AMARA], moment("2026-09-17", "14:06"), after=question))


def waiting_since_friday(story: Story) -> None:
    for person, subject, at in (
        (BEN, "Route for the Sunday run", moment("2026-09-18", "14:20")),
        (NOOR, "Letters above the door", moment("2026-09-18", "16:35")),
        (GRACE, "Permit for the open day", moment("2026-09-20", "19:30")),
    ):
        talk = story.talk(subject)
        talk.turn(talk.write(person, [AMARA], at))


def quiet_for_weeks(story: Story) -> None:
    for person, subject, at in (
        (HAKON, "Loan of the ship models", moment("2026-08-25", "10:40")),
        (ROSA, "Recycled paper, second try", moment("2026-07-23", "15:15")),
    ):
        talk = story.talk(subject)
        talk.turn(talk.write(person, [AMARA], at))


def beyond_the_horizon(story: Story) -> None:
    """Never answered, but too long ago to be listed."""
    for person, subject, at in (
        (ANA, "A talk at the institute?", moment("2026-05-12", "16:20")),
        (JURGEN, "Herbarium sheets for the foyer", moment("2026-06-02", "11:15")),
    ):
        talk = story.talk(subject)
        talk.turn(talk.write(person, [AMARA], at))


def came_back_late(story: Story) -> None:
    """Answered after the grace period: recovered. Inês after nine working days."""
    for person, subject, asked, answered in (
        (INES, "Prints for the stairwell", moment("2026-09-02", "10:15"), moment("2026-09-15", "10:27")),
        (EMILE, "Texte pour l’affiche d’été", moment("2026-07-06", "11:00"), moment("2026-07-29", "09:30")),
        (SIOBHAN, "Chairs for the pavilion", moment("2026-05-19", "09:45"), moment("2026-06-12", "15:50")),
    ):
        talk = story.talk(subject)
        ask = talk.write(person, [AMARA], asked)
        talk.turn(ask, answer=talk.reply_all(ask, answered))


def amara_waits(story: Story) -> None:
    """Two questions of Amara's that nobody has answered."""
    story.talk("Can the signs come a week earlier?").write(AMARA, [NOOR], moment("2026-09-08", "10:10"))
    story.talk("Your figures for the annual review").write(AMARA, [DANIEL], moment("2026-09-11", "15:30"), cc=[JONAS])


def asks_three_times(story: Story) -> None:
    """The second mail comes within four working hours and is no chaser; the third is one."""
    talk = story.talk("Which door key?")
    ask = talk.write(YUSUF, [AMARA], moment("2026-06-24", "09:30"))
    again = talk.write(YUSUF, [AMARA], moment("2026-06-24", "12:10"), after=ask)
    third = talk.write(YUSUF, [AMARA], moment("2026-06-25", "09:20"), after=again)
    talk.turn(ask, answer=talk.reply_all(third, moment("2026-06-25", "11:00")), asks=3, chasers=1)


def covered_and_answered_too(story: Story) -> None:
    """Jonas is first; Amara's own answer changes nothing any more."""
    talk = story.talk("Parking for the opening")
    ask = talk.write(AGNIESZKA, [AMARA], moment("2026-06-03", "10:00"), cc=[JONAS])
    cover = talk.write(JONAS, [AGNIESZKA], moment("2026-06-03", "13:30"), cc=[AMARA], after=ask)
    talk.turn(ask, cover=cover)
    talk.reply_all(ask, moment("2026-06-04", "09:10"))


def another_client_covers_nothing(story: Story) -> None:
    """Piotr is no colleague: Tomasz still waits for Amara."""
    talk = story.talk("Numbers of last year")
    ask = talk.write(TOMASZ, [AMARA, PIOTR], moment("2026-07-07", "10:00"))
    talk.write(PIOTR, [TOMASZ], moment("2026-07-07", "11:00"), cc=[AMARA], after=ask)
    talk.turn(ask, answer=talk.reply_all(ask, moment("2026-07-07", "16:00")))


def colleague_who_was_not_asked(story: Story) -> None:
    """Ruth was not on the mail: what she writes covers nothing."""
    talk = story.talk("Ramp at the side entrance")
    ask = talk.write(LENA, [AMARA], moment("2026-07-08", "10:00"))
    talk.write(RUTH, [LENA], moment("2026-07-08", "11:20"), cc=[AMARA], after=ask)
    talk.turn(ask, answer=talk.reply_all(ask, moment("2026-07-08", "14:00")))


def two_askers_one_answer(story: Story) -> None:
    talk = story.talk("Hanging the large frames")
    first = talk.write(TOMASZ, [AMARA, PIOTR], moment("2026-07-14", "09:00"), cc=[AGNIESZKA])
    second = talk.write(PIOTR, [AMARA, TOMASZ], moment("2026-07-14", "10:30"), cc=[AGNIESZKA], after=first)
    reply = talk.reply_all(second, moment("2026-07-14", "15:45"))
    talk.turn(first, answer=reply)
    talk.turn(second, answer=reply)


def answer_to_the_others(story: Story) -> None:
    """What Amara writes to Mei alone does not reach Priya and is no answer; it drops Priya and Klára."""
    talk = story.talk("Spare lamps")
    ask = talk.write(PRIYA, [AMARA, MEI], moment("2026-07-15", "09:30"), cc=[KLARA])
    talk.reply_all(ask, moment("2026-07-15", "10:00"), without=[PRIYA, KLARA], back=[PRIYA, KLARA])
    talk.turn(ask, answer=talk.reply_all(ask, moment("2026-07-15", "12:30")))


def brought_back_by_a_colleague(story: Story) -> None:
    talk = story.talk("Labels in three languages")
    ask = talk.write(MEI, [AMARA], moment("2026-07-16", "09:15"), cc=[SVEN, RUTH])
    reply = talk.reply_all(ask, moment("2026-07-16", "11:00"), without=[SVEN], back=[SVEN])
    talk.turn(ask, answer=reply)
    talk.write(MEI, [SVEN], moment("2026-07-20", "09:30"), cc=[AMARA, RUTH], after=reply)


def brought_back_too_late(story: Story) -> None:
    """Six working days later (Whit Monday is none) is not within three."""
    talk = story.talk("Cloakroom tickets")
    ask = talk.write(MEI, [AMARA], moment("2026-05-20", "09:40"), cc=[SVEN, RUTH])
    reply = talk.reply_all(ask, moment("2026-05-20", "12:00"), without=[RUTH])
    talk.turn(ask, answer=reply)
    talk.write(AMARA, [MEI], moment("2026-05-29", "12:00"), cc=[SVEN, RUTH], after=reply)


def answer_to_reply_to(story: Story) -> None:
    """Grace asks for answers at another address; it counts in her place."""
    desk = Person("Permits", "permits@townhall.example")
    talk = story.talk("Form 7b")
    ask = talk.write(GRACE, [AMARA], moment("2026-06-16", "10:00"), cc=[JONAS], extra={"Reply-To": desk.address})
    talk.turn(ask, answer=talk.reply_all(ask, moment("2026-06-16", "14:30"), to=[desk]))


def other_addresses_of_amara(story: Story) -> None:
    """A tagged one, and the one of her former studio."""
    for person, address, at in (
        (ANA, AMARA_TAGGED, moment("2026-06-17", "09:50")),
        (JURGEN, AMARA_BEFORE, moment("2026-06-18", "09:20")),
    ):
        talk = story.talk("Is this still your address?")
        ask = talk.write(person, [address], at)
        talk.turn(ask, answer=talk.reply_all(ask, at + timedelta(hours=2)))


def answer_to_another_address(story: Story) -> None:
    """Tomasz under the short address that the config knows as his."""
    talk = story.talk("Lunch on the ninth")
    ask = talk.write(TOMASZ, [AMARA], moment("2026-07-02", "11:00"))
    talk.turn(ask, answer=talk.write(AMARA, [TOMASZ_SHORT], moment("2026-07-02", "11:45"), after=ask))


def clocks_that_err(story: Story) -> None:
    """Dated three minutes before the ask, the answer took no time; dated an hour before, nobody knows how long."""
    for person, early in ((HAKON, timedelta(minutes=3)), (DANIEL, timedelta(hours=1))):
        talk = story.talk("Quick question before lunch")
        ask = talk.write(person, [AMARA], moment("2026-06-30", "11:40"))
        talk.turn(ask, answer=talk.reply_all(ask, ask.at - early))
    story.truth.quality["unknown_latency"] = 1


def missing_parent(story: Story) -> None:
    """Two mails name a third that is not in the mailbox: one thread."""
    lost = ("<lost-at-the-move@oakline.example>",)
    talk = story.talk("Re: Keys to the old office")
    first = talk.write(AGNIESZKA, [AMARA], moment("2026-07-21", "10:00"), cc=[PIOTR], references=lost)
    second = talk.write(PIOTR, [AMARA], moment("2026-07-21", "10:40"), cc=[AGNIESZKA], references=lost)
    reply = talk.reply_all(second, moment("2026-07-21", "12:00"))
    talk.turn(first, answer=reply)
    talk.turn(second, answer=reply)


def answer_without_references(story: Story) -> None:
    """From the telephone: only the subject and the people say what it answers."""
    talk = story.talk("Shelf height in the children’s corner")
    ask = talk.write(SVEN, [AMARA], moment("2026-07-22", "09:10"), cc=[RUTH])
    reply = talk.reply_all(ask, moment("2026-07-22", "13:00"), references=())
    talk.turn(ask, answer=reply)


def forward(story: Story) -> None:
    """A forward to Mei is no reply, and no answer."""
    talk = story.talk("Piano for the members’ evening")
    ask = talk.write(SIOBHAN, [AMARA], moment("2026-07-28", "09:30"), cc=[DANIEL])
    talk.write(AMARA, [MEI], moment("2026-07-28", "10:00"), after=ask, subject=f"Fwd: {ask.subject}")
    talk.turn(ask, answer=talk.reply_all(ask, moment("2026-07-28", "16:10")))


def copies_of_one_message(story: Story) -> None:
    """The answer lies in Sent and, come back from the archive, once more."""
    talk = story.talk("Minutes of the round table")
    ask = talk.write(KLARA, [AMARA], moment("2026-07-30", "10:30"), cc=[JONAS])
    reply = talk.reply_all(ask, moment("2026-07-30", "11:15"))
    talk.turn(ask, answer=reply)
    hop = "from archive.fernhill.example by mx.fernhill.example; Thu, 30 Jul 2026 11:19:00 +0200"
    story.copies += [ask, replace(reply, extra=(("Received", hop),))]


def asked_on_a_list(story: Story) -> None:
    """Zoë names Amara in To: an ask. The list counts as one of the audience."""
    talk = story.talk("[makers] Who has bound a large format?")
    ask = talk.write(POSTERS[1], [AMARA, MAKERS], moment("2026-06-23", "10:00"), extra=list_headers(MAKERS))
    talk.turn(ask, answer=talk.reply_all(ask, moment("2026-06-23", "13:30")))


def blind_copy(story: Story) -> None:
    """Amara was in Bcc: no ask, and her reply has no coverage."""
    talk = story.talk("We are moving")
    extra = {"To": "undisclosed-recipients:;"}
    news = talk.write(MATTEO, [], moment("2026-06-04", "10:00"), extra=extra)
    talk.write(AMARA, [MATTEO], moment("2026-06-04", "10:30"), after=news)


def note_to_herself(story: Story) -> None:
    story.talk("Remember the umbrella").write(AMARA, [AMARA], moment("2026-07-02", "08:10"))


def ill_for_a_day(story: Story) -> None:
    """Amara's out-of-office note answers nothing; the day on which it was sent was no working day."""
    talk = story.talk("Who opens tomorrow?")
    ask = talk.write(JONAS, [AMARA], moment("2026-06-10", "09:40"))
    out_of_office(talk, ask)
    talk.turn(ask, answer=talk.reply_all(ask, moment("2026-06-11", "10:10")))


def others_are_away(story: Story) -> None:
    """A machine writes back; Amara still has the last human word."""
    talk = story.talk("Frame for the map")
    question = talk.write(AMARA, [MATTEO], moment("2026-06-01", "10:00"))
    note = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
    at = moment("2026-06-01", "10:01")
    talk.write(MATTEO, [AMARA], at, after=question, subject="Fuori sede: Frame for the map", extra=note, automated=True)


def bounce(story: Story) -> None:
    talk = story.talk("Old price list")
    question = talk.write(AMARA, [Person("", "orders@closed.example")], moment("2026-06-02", "10:00"))
    extra = {"Return-Path": "<>", "Content-Type": 'multipart/report; report-type=delivery-status; boundary="b"'}
    report = "--b\nContent-Type: text/plain\n\nFrom here on nobody reads this address.\n--b--\n"
    at = moment("2026-06-02", "10:02")
    talk.write(POSTMASTER, [AMARA], at, after=question, extra=extra, automated=True, body=report)


def faults(story: Story) -> None:
    """A date and an address that cannot be read: the message counts all the same."""
    at = moment("2026-07-09", "07:00")
    undated = {"List-Unsubscribe": "<https://theshelf.example/leave>", "Date": "yesterday, about noon"}
    story.talk("The Shelf, special issue").write(NEWSLETTERS[0], [AMARA], at, extra=undated, automated=True)
    story.truth.quality["date_unparsable"] = 1
    broken = {"To": "Jonas Weber <jonas.weber@fernhill.example>, Archive <archive@>"}
    story.talk("Readings of July").write(ROSA, [JONAS], moment("2026-07-09", "09:30"), cc=[AMARA], extra=broken)
    story.truth.quality["address_broken"] = 1


SCENES = (
    waiting_three_days, waiting_two_days, waiting_one_day, waiting_since_friday, quiet_for_weeks, beyond_the_horizon,
    came_back_late, amara_waits, asks_three_times, covered_and_answered_too, another_client_covers_nothing,
    colleague_who_was_not_asked, two_askers_one_answer, answer_to_the_others, brought_back_by_a_colleague,
    brought_back_too_late, answer_to_reply_to, other_addresses_of_amara, answer_to_another_address, clocks_that_err,
    missing_parent, answer_without_references, forward, copies_of_one_message, asked_on_a_list, blind_copy,
    note_to_herself, ill_for_a_day, others_are_away, bounce, faults,
)  # fmt: skip
