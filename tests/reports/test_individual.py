"""The individual's page, in every state: its voice, and that it says what its values say."""

import os
import re
import unicodedata
from dataclasses import fields, replace
from pathlib import Path

import pytest

from mailcare.languages import SOURCE, languages
from mailcare.tables import QUALITY
from mailcare.values.week import Contact, Counts, Quality, SlowSlot, Suggestion, Tile
from reports.individual import FOLDED_AT_MOST, SHOWN_QUIET, SHOWN_STEPS, SHOWN_WAITING
from reports.language import language
from tests.samples.pages import FROM_HEADERS, NO_SCORE, every_page, html, own_words, page, rows, section, text, unkind
from tests.samples.pages import english as words
from tests.samples.week import FEW, FULL, HALF, NOTHING, SAMPLES

GOLDEN = Path(__file__).parent / "golden"
every_sample = pytest.mark.parametrize("sample", SAMPLES)


class TestThePageSpeaksKindly:
    @every_page
    def test_no_unkind_word(self, sample, code):
        assert not unkind(own_words(page(sample, code)), code)

    @every_page
    def test_no_exclamation_and_no_emoji(self, sample, code):
        said = own_words(page(sample, code))
        assert "!" not in said
        assert not [letter for letter in said if unicodedata.category(letter) == "So"]

    @every_page
    def test_sentences_are_set_apart_and_whole(self, sample, code):
        said = text(FROM_HEADERS.sub("someone", page(sample, code))).replace(NO_SCORE, "")
        assert not re.search(r"[a-z][.;:][A-Z]|\s[.;,](\s|$)|\.\.|\bNone\b|\bno is\b|Undefined|%\(|%%", said)

    @pytest.mark.parametrize("code", languages())
    @pytest.mark.parametrize("reason", QUALITY.values())
    def test_no_unkind_word_in_a_reason(self, reason, code):
        assert not unkind(language(code).gettext(reason), code)

    @pytest.mark.parametrize(("code", "said"), [("en", "You are Late."), ("de", "Das war zu spät.")])
    def test_an_unkind_word_is_found(self, code, said):
        assert unkind(said, code)

    @pytest.mark.parametrize(
        ("people", "said"),
        [
            (0, "Nobody is waiting on you."),
            (1, "One person is waiting to hear from you."),
            (2, "Two people are waiting to hear from you."),
            (13, "13 people are waiting to hear from you."),
        ],
    )
    def test_the_headline(self, people, said):
        rows = tuple(replace(FULL.waiting[0], contact=Contact("", f"p{n}@x.example")) for n in range(people))
        assert f"<h1>{said}</h1>" in html(replace(FULL, waiting=rows))

    def test_one_person_who_waits_twice_is_one_person(self):
        assert "<h1>One person is waiting" in html(replace(FULL, waiting=(FULL.waiting[1],) * 3))

    @pytest.mark.parametrize(
        ("count", "of", "said"),
        [
            (0, 0, "Nobody’s message asked for you this week."),
            (0, 1, "You have not yet answered the one message that asked for you this week."),
            (0, 2, "You have not yet answered the 2 messages that asked for you this week."),
            (1, 1, "You answered the one message that asked for you this week."),
            (2, 2, "You answered both messages that asked for you this week."),
            (7, 7, "You answered all 7 messages that asked for you this week."),
            (1, 7, "You answered 1 of the 7 messages that asked for you this week."),
        ],
    )
    def test_the_lead(self, count, of, said):
        assert said in text(html(replace(FULL, answered_tile=Tile(None, count, of, None, 10))))

    @pytest.mark.parametrize(
        ("fresh", "said"),
        [
            (1, "One more arrived less than a working day ago and can simply wait its turn."),
            (2, "Two more arrived less than a working day ago and can simply wait their turn."),
        ],
    )
    def test_what_has_just_arrived(self, fresh, said):
        assert said in text(html(replace(FULL, fresh=fresh)))
        assert "arrived less than" not in text(html(replace(FULL, fresh=0)))

    def test_why_it_is_listed(self):
        listed = [
            text(re.sub("<a .*?</a>", "", one))
            for one in re.findall(r'<p class="why">(.*?)</p>', section(page("full"), "waiting"), re.DOTALL)
        ]
        assert listed == [
            "Wrote to you alone, and again on Thursday. k4t2",
            "Wrote to you and three others. Nobody has answered yet. p9ce",
            "Wrote back after a message of yours. Somebody else has written back since. "
            "You answered 9 of 11 earlier messages of theirs. w2hh",
        ]

    def test_a_reminder_of_long_ago_has_its_date(self):
        assert "Wrote to you and two others, and again on 3 September. Nobody has answered yet." in text(page("full"))

    def test_one_of_each(self):
        said = text(page("few"))
        assert "One conversation in which you are waiting for somebody" in said
        assert "One conversation stopped with a message to you" in said
        assert "Perhaps it is finished" in said
        assert "On 1 of 1 reply to a group" in said
        assert "One was answered by a colleague." in said

    @pytest.mark.parametrize(
        ("count", "said"),
        [
            (1, "1 message of 14 to 20 September: 1 asked for you, 1 was sent by you, 1 was automatic"),
            (2, "2 messages of 14 to 20 September: 2 asked for you, 2 were sent by you, 2 were automatic"),
            (0, "0 messages of 14 to 20 September: 0 asked for you, 0 were sent by you, 0 were automatic"),
        ],
    )
    def test_what_was_read(self, count, said):
        assert said in text(html(replace(FULL, counts=Counts(count, count, count, count, count, count, count))))


class TestThePageSaysItsValues:
    @every_sample
    def test_what_was_read_adds_up(self, sample):
        said = re.search(r"(\d+) messages? of (.+?): (.*?)\.", text(section(page(sample), "worked")))
        assert said
        counts = SAMPLES[sample].counts
        parts = [int(number) for number in re.findall(r"\d+", said[3])]
        assert int(said[1]) == counts.messages == sum(parts)
        given = [getattr(counts, one.name) for one in fields(counts)][1:]
        assert parts == (given if counts.unthreaded else given[:-1])

    @every_sample
    def test_every_waiting_person_is_listed_or_counted(self, sample):
        week = SAMPLES[sample]
        for name, shown, listed in (("waiting", SHOWN_WAITING, week.waiting), ("quiet", SHOWN_QUIET, week.quiet)):
            codes = re.findall(r"<code>(\w{4})</code>", section(page(sample), name))
            assert codes == [one.code for one in listed[: shown + FOLDED_AT_MOST]]
            if len(listed) > shown + FOLDED_AT_MOST:
                assert f"And {len(listed) - shown - FOLDED_AT_MOST} more" in text(section(page(sample), name))

    @every_sample
    def test_the_tiles(self, sample):
        week = SAMPLES[sample]
        shown = [text(one) for one in re.findall(r'<p class="figure">(.*?)</p>', page(sample), re.DOTALL)]
        if sample == "nothing":
            assert not shown
            return
        answered, half, kept, quiet = shown
        for tile, figure in ((week.answered_tile, answered), (week.coverage_tile, kept)):
            assert figure == (f"{tile.count} of {tile.of}" if tile.of else "–")
        assert half == ("–" if week.half_tile.value is None else text(words.duration(week.half_tile.value)))
        assert quiet == ("–" if week.quiet_tile.value is None else str(week.quiet_tile.count))

    def test_the_half_way_point_is_the_same_everywhere(self):
        assert HALF
        half = text(words.duration(HALF))
        said = text(page("full"))
        assert f"; half had an answer within {half} of working time" in said
        assert f"Half of those who wrote had an answer within {half}," in said
        assert f"Half had an answer after {half}." in said
        assert f"Half heard back within {half} Quicker than usual" in said
        assert ["14 September", "44", text(words.duration(HALF / 2)), half] == rows(section(page("full"), "weeks"))[-1][
            :4
        ]

    @pytest.mark.parametrize(
        ("value", "said"), [(1.0, "Quicker than usual"), (4.0, "About as usual"), (5.0, "Slower than usual")]
    )
    def test_beside_the_usual(self, value, said):
        found = text(html(replace(FULL, half_tile=replace(FULL.half_tile, value=value))))
        assert said in found
        assert found.count("than usual") == (said != "About as usual")

    @every_sample
    def test_the_curve_in_words_table_and_picture(self, sample):
        week, found = SAMPLES[sample], section(page(sample), "soon")
        if week.curve.turns < 10:
            for hours in week.answer_hours:
                assert text(words.duration(hours)) in text(found)
            assert "<svg" not in found
            return
        table = rows(found)
        for (share, time), hours in zip(table[:3], week.curve.quartiles, strict=True):
            assert share in {"25%", "50%", "75%"}
            over = f"not reached (over {text(words.duration(week.curve.observed_to))})"
            assert time == (over if hours is None else text(words.duration(hours)))
        steps = list(zip(week.curve.hours, week.curve.share, week.curve.low, week.curve.high, strict=True))
        assert table[3:] == [
            [text(words.duration(hours)), words.percent(share), words.between(low, high)]
            for hours, share, low, high in steps[:SHOWN_STEPS]
        ]
        assert f"{week.curve.turns} messages, 14 to 20 September" in text(found)
        assert f"one working day: {words.percent(week.curve.share_in_one_day)}" in found

    def test_counts_of_few_messages_add_up(self):
        assert (
            "With five messages a line would look surer than it is, so here they are one by one: answered after 30 min"
            " and 3 h 15 min of working time; two not answered yet; one answered by a colleague."
        ) in text(page("few"))

    @every_sample
    def test_the_weeks_as_a_table(self, sample):
        week, table = SAMPLES[sample], rows(section(page(sample), "weeks"))
        if sum(point.usable for point in week.weeks) < 5:
            assert not table
            return
        assert len(table) == len(week.weeks)
        for point, cells in zip(week.weeks, table, strict=True):
            assert cells[:2] == [words.day_month(point.start), str(point.turns)]
            if point.usable:
                quartiles = (point.p25, point.p50, point.p75)
                assert cells[2:] == ["not reached" if one is None else text(words.duration(one)) for one in quartiles]
            else:
                assert cells[2:] == ["away" if point.away else "too few to say"]

    def test_the_drift(self):
        assert "from about 5 hours in June to about 3 hours now. The drift is larger" in text(page("full"))
        assert "no drift stands out from that wobble" in text(page("few"))

    @every_sample
    def test_who_was_kept_in_words_and_picture(self, sample):
        keeping, found = SAMPLES[sample].keeping, section(page(sample), "keeping")
        if not keeping.replies:
            assert not found
            return
        said = text(found)
        assert f"On {keeping.full} of {keeping.replies} " in said
        assert f"To: {keeping.to_kept} kept, {keeping.to_dropped} left out." in said
        assert f"Cc: {keeping.cc_kept} kept, {keeping.cc_dropped} left out." in said
        listed = len(re.findall("<li>", found))
        assert listed == min(len(keeping.partial), FOLDED_AT_MOST)
        if len(keeping.partial) > listed:
            assert f"And {len(keeping.partial) - listed} more" in said

    @pytest.mark.parametrize(
        ("to", "cc", "said"),
        [
            (4, 17, "Most of those who dropped off were in Cc."),
            (3, 1, "Most of those who dropped off were in To."),
            (0, 2, "All of those who dropped off were in Cc."),
            (1, 0, "The one who dropped off was in To."),
        ],
    )
    def test_where_those_were_who_dropped_off(self, to, cc, said):
        assert said in text(html(replace(FULL, keeping=replace(FULL.keeping, to_dropped=to, cc_dropped=cc))))
        even = replace(FULL.keeping, to_dropped=2, cc_dropped=2)
        assert "who dropped off w" not in text(html(replace(FULL, keeping=even)))

    def test_messages_that_asked_and_waits_that_began(self):
        assert "48 asked for you" in text(page("full"))
        assert "Of those that asked for you, 46 began a wait; the rest came while one lasted." in text(page("full"))
        assert "began a wait" not in text(page("few"))

    def test_what_could_not_be_used(self):
        every = tuple(Quality(reason, n) for n, reason in enumerate(QUALITY, 1))
        said = text(html(replace(FULL, quality=every)))
        assert all(f"{name}: {n}" in said for n, name in enumerate(QUALITY.values(), 1))


class TestTheStates:
    def test_a_first_week(self):
        said = text(page("first"))
        assert "Your first week in mail" in said
        assert "You answered all 7 messages that asked for you. This is your first report, so there is nothing" in said
        assert "answered after 20 min, 45 min, 1 h 10 min, 2 h, 3 h 30 min, 5 h and 11 h of working time." in said
        assert "Too few to say: 7 messages, we need 10." in said
        assert "The Sent folder held no messages before Wednesday 16 September." in said
        assert not section(page("first"), "weeks")
        assert not section(page("first"), "waiting")

    def test_a_week_without_anything(self):
        assert "A week without mail." in page("nothing")
        assert "The newest mail that mailcare knows is of Saturday 7 March 2026." in text(page("nothing"))
        assert not any(
            section(page("nothing"), name) for name in ("waiting", "usual", "soon", "weeks", "keeping", "quiet")
        )

    def test_all_clear(self):
        assert "Nobody is waiting on you. You answered all 40 messages" in text(page("clear"))
        assert not section(page("clear"), "waiting")
        assert not section(page("clear"), "quiet")

    def test_away(self):
        assert "You were away for most of this week" in text(page("away"))
        assert "Weeks 35 and 38 are left blank: you were away." in text(page("away"))
        assert "most of which you had marked as days off" in text(html(replace(NOTHING, away=True)))

    def test_under_five_usable_weeks(self):
        assert "so far there are two." in text(page("young"))
        assert "so far there is one." in text(html(replace(FULL, weeks=FULL.weeks[-1:])))
        assert "so far there are none." in text(html(replace(FULL, weeks=FEW.weeks[-1:])))
        assert "<svg" not in section(page("young"), "weeks")
        assert text(page("young")).count("Your usual will show after five weeks") == 3

    def test_a_curve_that_does_not_reach_a_half(self):
        said = text(page("unanswered"))
        assert (
            "You answered 2 of the 16 messages that asked for you this week; fewer than half had an answer within 36 h"
            in said
        )
        assert "Half of those who wrote had no answer after 36 h" in said
        assert "In week 38 fewer than half had an answer, so the line has no point there." in said
        assert "Not reached yet: fewer than half have an answer." in said

    def test_nobody_waits_but_conversations_went_quiet(self):
        said = text(html(replace(FULL, waiting=())))
        assert "Nothing from the last ten working days has waited for more than one; older conversations" in said
        assert "Nobody has waited for more than a working day." in text(html(replace(FULL, waiting=(), quiet=())))
        assert "Two conversations went quiet on your turn some time ago" in text(html(replace(FULL, waiting=())))
        assert "some time ago" not in text(page("full") + page("clear"))

    def test_a_tip_at_noon_and_at_the_end_of_the_day(self):
        morning = replace(FULL, suggestion=Suggestion("slow_slot", "", SlowSlot(4, False, 6.2, 3.1, 58, 12)))
        assert "on Friday morning wait longest" in text(html(morning))
        assert "around noon on Friday might be enough" in text(html(morning))
        assert "at the end of Tuesday might be enough" in text(page("full"))


@every_sample
def test_the_same_week_gives_the_same_bytes(sample):
    assert html(SAMPLES[sample]) == page(sample)


@pytest.mark.parametrize("code", languages())
def test_the_golden_page(code):
    """MAILCARE_UPDATE_GOLDEN=1 rewrites it; the change is then to be read like any other."""
    golden = GOLDEN / ("full.html" if code == SOURCE else f"full.{code}.html")
    if os.environ.get("MAILCARE_UPDATE_GOLDEN"):
        golden.write_text(page("full", code), encoding="utf-8")
    assert page("full", code) == golden.read_text(encoding="utf-8")
