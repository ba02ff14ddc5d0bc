"""The client review in a real browser: the checks of ``test_browser``, for its pages."""

from pathlib import Path

import pytest

from mailcare.languages import languages
from tests.reports.browser.test_week import OPEN, PAGES, WIDTHS, Visit, browser, pytestmark, violations
from tests.reports.test_client_review import page as source
from tests.samples.review import REVIEWS

__all__ = ["browser", "pytestmark"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("reviews")
    for sample in REVIEWS:
        for code in languages():
            (made / f"{sample}.{code}.html").write_text(source(sample, code), encoding="utf-8")
    return made


every_language = pytest.mark.parametrize("code", languages())


@every_language
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("sample", REVIEWS)
def test_a_page_asks_for_nothing_and_fits_every_width(browser, folder, sample, scheme, code):
    file = folder / f"{sample}.{code}.html"
    with Visit(browser, file, color_scheme=scheme) as visit:
        assert {width: visit.faults(width) for width in WIDTHS} == {width: [] for width in WIDTHS}
        assert visit.requests == [file.as_uri()]
        assert visit.complaints == []


@every_language
@pytest.mark.parametrize("colours", ["light", "dark", "forced"])
@pytest.mark.parametrize("sample", ["full", "too_small", "hostile"])
def test_axe_finds_nothing(browser, folder, sample, colours, code):
    options = {"forced_colors": "active"} if colours == "forced" else {"color_scheme": colours}
    with Visit(browser, folder / f"{sample}.{code}.html", **options) as visit:
        for width in WIDTHS if sample == "full" else WIDTHS[-1:]:
            visit.page.set_viewport_size({"width": width, "height": 900})
            visit.page.evaluate(OPEN)
            assert violations(visit.page) == []


def test_it_says_the_same_without_javascript(browser, folder):
    with (
        Visit(browser, folder / "full.en.html") as scripted,
        Visit(browser, folder / "full.en.html", java_script_enabled=False) as plain,
    ):
        assert plain.page.inner_text("body") == scripted.page.inner_text("body") != ""


@every_language
@pytest.mark.parametrize("sample", REVIEWS)
def test_print_is_short(browser, folder, sample, code):
    with Visit(browser, folder / f"{sample}.{code}.html") as visit:
        visit.page.emulate_media(media="print")
        assert 1 <= visit.page.pdf(format="A4").count(b"/Type /Page\n") <= PAGES
