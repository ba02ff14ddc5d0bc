"""Lists for the terminal."""

import pytest

from mailcare.values.week import Contact, Suggestion
from reports.lines import suggestion_line
from tests.samples.week import SAMPLES


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        ("full", "ten minutes for short answers on Tuesday afternoon"),
        ("few", "a line to Ida Brandt, to ask how things are"),
        ("clear", "ask Ruth Adeyemi whether being left out of replies suits them"),
        ("young", "hold a message of the evening until the next morning"),
        ("unanswered", "say in a first answer by when the rest will follow"),
        ("huge", "two honest lines to Priya Raghunathan: Which of the two venues do you prefer?"),
        ("nothing", "nothing to try this week"),
    ],
)
def test_a_suggestion_in_one_line(sample, said):
    assert suggestion_line(SAMPLES[sample].suggestion) == said


def test_what_comes_from_headers_is_cleaned():
    evidence = SAMPLES["huge"].waiting[0]
    posed = Contact("\x1b[31mred\u202e", "someone@evil.example")
    found = Suggestion("oldest_open", "", type(evidence)("c0de", posed, "one\ntwo", evidence.since, 3.0))
    assert suggestion_line(found) == "two honest lines to [31mred: one two"
