"""What each figure counts: every definition stands on the page, once, in the order that is written down."""

import re

import pytest

from mailcare.languages import SOURCE, languages
from reports.definitions import definitions
from reports.language import language
from tests.samples.pages import page, section


@pytest.mark.parametrize("code", languages())
def test_the_page_has_them_in_their_order(code: str) -> None:
    (told,) = re.findall(r"<details>(.*?)</details>", section(page("first", code), "worked"), re.DOTALL)
    assert re.findall(r"<dt>(.*?)</dt>", told) == [title for title, _ in definitions(language(code))]


def test_each_is_of_one_line() -> None:
    made = definitions(language(SOURCE))
    assert len(made) == len(dict(made)) == 18
    assert all(text.endswith(".") and not set("\n`") & set(text) for _, text in made)
