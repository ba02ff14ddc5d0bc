"""Circles, rhythm, the ten ways, one small thing to try: that the sections say what their values say."""

import re
from dataclasses import replace

import pytest

from mailcare.values.week import Circle, Figure, Heard, LeftOut, Rhythm, SlowSlot, Suggestion
from reports.individual import SHOWN_GONE_QUIET
from tests.samples.pages import NO_SCORE, html, page, rows, section, text
from tests.samples.pages import english as words
from tests.samples.week import FULL, RUTH, SAMPLES, heard, way

every_sample = pytest.mark.parametrize("sample", [name for name in SAMPLES if name not in {"nothing", "away"}])
NAMES = [
    "Active listening", "Engagement", "Inclusivity", "Promptness", "Follow-through", "Empathy", "Proactiveness",
    "Accountability", "Continuous learning", "Integrity",
]  # fmt: skip


def said_of(week, name: str) -> str:
    return text(section(html(week), name))


def circle(mine: Heard, theirs: Heard, people: int = 3) -> str:
    return said_of(replace(FULL, circles=(Circle("clients", people, mine, theirs),), both_ways=()), "circles")


class TestCircles:
    @every_sample
    def test_they_stand_side_by_side_in_their_order(self, sample):
        shown = re.findall(r"<h3>(\w+)</h3>", section(page(sample), "circles"))
        assert shown == [one.name.title() for one in SAMPLES[sample].circles]

    @every_sample
    def test_words_and_bars_have_the_same_figures(self, sample):
        found = section(page(sample), "circles")
        for one in SAMPLES[sample].circles:
            said = text(found)
            for side, who in ((one.mine, "you answered"), (one.theirs, "they answered")):
                if side.half is not None:
                    assert f"{text(words.duration(side.half))} until" in said
                    assert f"{who} {side.answered} of {side.turns} " in said
            described = re.search(rf'<desc id="{one.name}-desc">(.*?)</desc>', found)
            assert bool(described) == (one.mine.half is not None or one.theirs.half is not None)
            if described and one.mine.half is not None:
                assert f"heard from you within: {words.duration(one.mine.half)}." in described[1]

    @pytest.mark.parametrize(
        ("mine", "said"),
        [
            (heard(0, 0), "They hear from you – They asked you nothing."),
            (heard(1, 1), "They hear from you – Too few to say: you answered 1 of 1 message."),
            (heard(4, 2), "They hear from you – Too few to say: you answered 2 of 4 messages."),
            (heard(5, 2), "They hear from you – Fewer than half have heard from you: 2 of 5."),
            (
                heard(10, 6, 1.5),
                "They hear from you 1 h 30 min until half heard from you; you answered 6 of 10 messages",
            ),
        ],
    )
    def test_how_they_hear_from_the_reader(self, mine, said):
        assert said in circle(mine, Heard())

    @pytest.mark.parametrize(
        ("theirs", "said"),
        [
            (heard(0, 0), "You hear from them – You asked them nothing."),
            (heard(1, 0), "You hear from them – Too few to say: they answered 0 of 1 message."),
            (heard(10, 3), "You hear from them – You have heard from fewer than half: 3 of 10."),
            (heard(10, 6, 0.5), "You hear from them 30 min until you heard from half; they answered 6 of 10 messages"),
        ],
    )
    def test_how_the_reader_hears_from_them(self, theirs, said):
        assert said in circle(Heard(), theirs)

    def test_one_person_and_one_week(self):
        assert "Clients 1 person They" in circle(heard(1, 1), Heard(), people=1)
        assert "over one week, in your working time" in said_of(replace(FULL, weeks=FULL.weeks[-1:]), "circles")
        assert "over twelve weeks, in your working time" in said_of(FULL, "circles")

    def test_the_people_both_ways(self):
        assert rows(section(page("full"), "circles")) == [
            [
                "Priya Raghunathan priya@harbour.example Clients",
                "2 h 12 min (29 of 31)",
                "4 h (19 of 22)",
                "yours since 16 September",
            ],
            [
                "Ruth Adeyemi ruth@fernhill.example Colleagues",
                "1 h 6 min (25 of 26)",
                "2 h 24 min (27 of 30)",
                "nobody’s",
            ],
            [
                "Sven Lindqvist sven@fernhill.example Colleagues",
                "3 of 4",
                "3 h (20 of 24)",
                "theirs since 11 September",
            ],
        ]

    def test_who_has_gone_quiet(self):
        said = said_of(FULL, "circles")
        assert (
            "Two people with whom you used to write at least once a month, just the two of you, have not been" in said
        )
        assert "Ida Brandt ida@atelier.example 26 messages in the year before; the last one was yours." in said
        assert "joao@riverside.example 14 messages in the year before; the last one was theirs." in said
        assert "silent since 17 August" in said
        one = said_of(replace(FULL, gone_quiet=FULL.gone_quiet[:1]), "circles")
        assert "One person with whom you used to write at least once a month, just the two of you, has not been" in one
        assert "Gone quiet" not in said_of(replace(FULL, gone_quiet=()), "circles")
        assert "Gone quiet" in said_of(replace(FULL, circles=(), both_ways=()), "circles")

    @pytest.mark.parametrize(("people", "folded"), [(3, ""), (4, "One more"), (10, "Seven more")])
    def test_more_who_have_gone_quiet_are_folded(self, people, folded):
        found = section(html(replace(FULL, gone_quiet=FULL.gone_quiet[:1] * people, both_ways=())), "circles")
        assert found.count("silent since") == people
        assert found.split("<details>")[0].count("silent since") == min(people, SHOWN_GONE_QUIET)
        assert re.findall("<summary>(.*?)</summary>", found) == [folded] * bool(folded)

    def test_without_anybody_there_is_no_section(self):
        assert not section(html(replace(FULL, circles=(), both_ways=(), gone_quiet=())), "circles")


class TestRhythm:
    @every_sample
    def test_the_table_holds_what_the_sentence_says(self, sample):
        rhythm, found = SAMPLES[sample].rhythm, section(page(sample), "rhythm")
        assert f"{rhythm.sent - rhythm.outside} of the {rhythm.sent} messages that you sent in" in text(found)
        body = re.findall(r"<tr><th scope=\"row\">(\w+)</th>(.*?)</tr>", found)
        assert [day for day, _ in body] == [words.weekday_called(day) for day in range(7)]
        assert (
            sum(int(count) for _, cells in body for count in re.findall(r"<td[^>]*>(\d+)</td>", cells)) == rhythm.sent
        )

    def test_every_hour_has_its_column(self):
        found = section(page("full"), "rhythm")
        assert re.findall(r'<th scope="col">(\d+)</th>', found) == [str(hour) for hour in range(9, 21)]
        assert "between 9:00 and 21:00 lie all of them" in text(found)
        assert re.findall(r'<tr><th scope="row">Sunday</th>.*<td class="h2">6</td></tr>', found)

    def test_one_week(self):
        assert "40 of the 40 messages that you sent in one week went out" in text(section(page("first"), "rhythm"))
        assert "425 of the 431 messages that you sent in twelve weeks went out" in text(section(page("full"), "rhythm"))

    def test_without_a_message_there_is_no_section(self):
        assert not section(html(replace(FULL, rhythm=Rhythm())), "rhythm")


def only(name: str, **told: tuple[float | int, ...]) -> str:
    """What the section says of one way with these figures, from the value on; the others say nothing."""
    kinds = {figure.name: figure.kind for figure in way(name).figures}
    figures = {figure: Figure(figure, kinds[figure], *values) for figure, values in told.items()}
    return said_of(replace(FULL, ways=(way(name, **figures),)), "ways")


class TestTheTenWays:
    @every_sample
    def test_all_ten_stand_in_their_order_and_are_no_score(self, sample):
        found = section(page(sample), "ways")
        assert re.findall(r"<div><h3>(.*?)</h3>", found) == NAMES
        assert page(sample).count(NO_SCORE) == 1

    @every_sample
    def test_a_tick_has_a_fact_and_an_open_circle_a_question(self, sample):
        items = re.findall(r"<li>(.*?)</li>", section(page(sample), "ways"), re.DOTALL)
        for one, item in zip(SAMPLES[sample].ways, items, strict=True):
            sentence = text(item.split("</h3>")[1])
            if one.name != "continuous_learning":
                assert ('aria-label="Tick"' in item) == (one.figure.value is not None)
            assert ('aria-label="Tick"' in item) != ('aria-label="Open circle"' in item)
            assert sentence.endswith("." if 'aria-label="Tick"' in item else "?")

    @pytest.mark.parametrize(
        ("name", "figures", "said"),
        [
            ("active_listening", {"mean_coverage": (1.0, 1, 1)}, "You kept everyone on 1 of 1 reply to a group."),
            (
                "active_listening",
                {"mean_coverage": (0.9, 22, 27), "askers_answered": (0.9, 18, 20)},
                "on 22 of 27 replies to a group. Where several people asked, 18 of 20 had an answer.",
            ),
            (
                "engagement",
                {"wrote_back": (0.8, 31, 38)},
                "Of the 38 people whom you wrote to first, in conversations with",
            ),
            (
                "inclusivity",
                {"people_still_on": (0.9, 88, 96)},
                "88 of the 96 people on the first message were still on the last.",
            ),
            (
                "promptness",
                {"km_p50": (2.4, 40, 46), "within_one_day": (0.83, 38, 46)},
                "who wrote heard back within 2 h 24 min of working time. Within one working day it was 83%.",
            ),
            (
                "follow_through",
                {"later_turns_answered": (1.0, 1, 1)},
                "1 more message asked for you; 1 had an answer too.",
            ),
            (
                "follow_through",
                {"later_turns_answered": (0.83, 15, 18)},
                "18 more messages asked for you; 15 had an answer too.",
            ),
            (
                "empathy",
                {"outside_working_hours": (0.1, 6, 54)},
                "6 of the 54 messages that you sent to colleagues left outside",
            ),
            (
                "proactiveness",
                {"followed_up": (0.6, 9, 14)},
                "In 9 of the 14 conversations that waited on somebody else",
            ),
            (
                "accountability",
                {"recovered": (0.6, 3, 5)},
                "You came back to 3 of the 5 messages that had waited for days.",
            ),
            (
                "accountability",
                {"recovered": (0.0, 0, 1)},
                "You came back to 0 of the 1 message that had waited for days.",
            ),
            ("integrity", {"widest_gap": (0.12, 0, 0)}, "differs by at most 12 percentage points."),
        ],
    )
    def test_the_facts(self, name, figures, said):
        assert said in only(name, **figures)

    @pytest.mark.parametrize(
        ("low", "high", "said"),
        [
            (0.72, 0.94, "The difference is within what chance brings."),
            (0.90, 0.97, "That is further apart than chance would bring."),
            (0.50, 0.80, "That is further apart than chance would bring."),
        ],
    )
    def test_learning_is_told_from_chance(self, low, high, said):
        found = only("continuous_learning", answered=(0.87, 40, 46, 0.84, low, high))
        assert f"40 of this week’s 46 messages have an answer; in the eight weeks before it was 84%. {said}" in found

    def test_where_nothing_can_be_compared_learning_is_a_question(self):
        assert "What did you do differently this week" in said_of(SAMPLES["young"], "ways")

    def test_the_figures_as_a_table(self):
        table = rows(section(page("full"), "ways"))
        assert table[0] == ["Active listening, people kept on a reply, on average", "93%", "90%", "86% to 95%"]
        assert table[1] == ["askers answered where several asked", "90%", "85%", "–"]
        assert ["Promptness, half heard back within", "2 h 24 min", "4 h 6 min", "3 h 12 min to 5 h 18 min"] in table
        assert ["times asked again, for 100 messages", "6.5", "8", "–"] in table
        assert ["the oldest open one, working time", "112 h", "90 h", "–"] in table
        assert ["mail that could not be used", "under 1%", "under 1%", "–"] in table
        assert ["Integrity, widest gap between circles", "too few to say", "–", "–"] in table
        assert len(table) == 10 + 11

    def test_where_no_figure_is_known_there_is_no_table(self):
        assert "<table" not in section(page("first"), "ways")

    def test_without_values_there_is_no_section(self):
        assert not section(html(replace(FULL, ways=())), "ways")


class TestOneSmallThingToTry:
    @pytest.mark.parametrize(
        ("sample", "said"),
        [
            (
                "full",
                "From 58 messages in twelve weeks. If it does not fit your week, leave it: mailcare try --decline",
            ),
            ("few", "You have not written with Ida Brandt ida@atelier.example since 17 August."),
            ("few", "The two of you wrote 26 messages in the year before that"),
            (
                "clear",
                "ruth@fernhill.example was on messages that you answered, and not on your answer, 9 times.",
            ),
            ("clear", "From the replies to a group in twelve weeks."),
            ("young", "143 of the 431 messages that you sent left outside the hours you set as yours."),
            ("young", "From the messages that you sent in twelve weeks."),
            ("unanswered", "half of what came next waited for 6 h 15 min or longer."),
            ("unanswered", "From 18 messages of this week that came after an answer of yours."),
            ("huge", "is “Which of the two venues do you prefer?” from Priya Raghunathan priya@harbour.example."),
            ("huge", "Your turn since 16 September: 2 working days."),
        ],
    )
    def test_what_it_says_and_rests_on(self, sample, said):
        assert said in said_of(SAMPLES[sample], "usual")

    def test_there_is_none_without_a_suggestion(self):
        assert "One small thing to try" not in page("first")

    def test_one_week(self):
        slot = Suggestion("slow_slot", "", SlowSlot(1, True, 6.2, 3.1, 58, 1))
        assert "From 58 messages in one week." in said_of(replace(FULL, suggestion=slot), "usual")
        left_out = replace(FULL, suggestion=Suggestion("left_out", "", LeftOut(RUTH, 3)), weeks=FULL.weeks[-1:])
        assert "From the replies to a group in one week." in said_of(left_out, "usual")


QUESTIONS = ("help", "attention", "rest", "awaiting", "thanks", "audience", "silence", "easier", "voice")


def test_each_question_is_an_open_one():
    asked = {
        name: said_of(replace(FULL, question=name), "ways").partition("into a one-to-one ")[2] for name in QUESTIONS
    }
    assert len(set(asked.values())) == len(QUESTIONS)
    assert all(re.match(r"(What|Which|Who|Whom|With whom) .*\?$", words) for words in asked.values())
    assert "one-to-one" not in said_of(replace(FULL, question=""), "ways")


def test_how_the_page_knows_that_a_message_looks_finished():
    said = said_of(FULL, "worked")
    assert "learnt from 1 843 of your own past messages" in said
    assert "the squared error of these guesses was 0.112 on average" in said
    assert "every message would give 0.187." in said
    rule = "Which messages expect an answer"
    assert f"nothing surer could be learnt than the rule under “{rule}”" in said_of(SAMPLES["few"], "worked")
    assert f"<dt>{rule}</dt>" in page("few")
