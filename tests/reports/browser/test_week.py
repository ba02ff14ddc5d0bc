"""The page in a real browser: at every width, in both schemes, printed, and without JavaScript."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from mailcare.languages import languages
from reports.email_summary import render as email
from reports.individual import SHOWN_ON_PAPER
from reports.language import language
from tests.reports.test_index import listing
from tests.samples.pages import every_page, page
from tests.samples.week import SAMPLES

CHROMIUM = shutil.which("chromium")
QUIET = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
WIDTHS = (1180, 375, 320)
SMALLEST = 11
"""Pixels of the smallest text."""
PAGES = 6
"""Sheets of A4 that a printed report may take."""

AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: make test-servers")

OPEN = "document.querySelectorAll('details').forEach(one => one.open = true)"
SIDEWAYS = """() => {
    const width = document.documentElement.clientWidth;
    const out = [...document.querySelectorAll('svg text, p, h1, h2, summary, bdi, code')]
        .filter(one => !one.closest('.scroll') && one.checkVisibility())
        .map(one => [one.textContent.slice(0, 40), one.getBoundingClientRect()])
        .filter(([_, box]) => box.width && (box.left < 0 || box.right > width + 0.5))
        .map(([words, box]) => `${words} (${box.left} to ${box.right} of ${width})`);
    const scrolled = document.documentElement.scrollWidth;
    return scrolled > width ? [`scrolls to ${scrolled}`, ...out] : out;
}"""
TEXT_SIZES = """() => {
    const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const one = walk.currentNode.parentElement;
        if (!walk.currentNode.data.trim() || !one.checkVisibility()) continue;
        if (one.closest('svg') && !one.closest('text')) continue;
        const scale = one.closest('svg') ? one.getScreenCTM().a : 1;
        found.push([walk.currentNode.data.trim().slice(0, 40), parseFloat(getComputedStyle(one).fontSize) * scale]);
    }
    return found;
}"""
FOLDED_AND_NOT_SHOWN = """async () => {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    return [...document.querySelectorAll('details > :not(summary, .paper)')]
        .filter(one => !one.checkVisibility() || !one.getBoundingClientRect().height)
        .map(one => one.textContent.slice(0, 40));
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        arguments = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else QUIET
        started = play.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield started
        started.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pages")
    for code in languages():
        for sample in SAMPLES:
            (made / f"{sample}.{code}.html").write_text(page(sample, code), encoding="utf-8")
    return made


class Visit:
    """A page opened once, and what it asked for and complained of since."""

    def __init__(self, browser: Browser, path: Path, **options: Any) -> None:
        self.page: Page = browser.new_page(**options)
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(path.as_uri())

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *_: object) -> None:
        self.page.close()

    def faults(self, width: int) -> list[str]:
        """What is wrong with the layout at this width, with everything unfolded."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.evaluate(OPEN)
        tiny = [f"{words}: {size:.1f} px" for words, size in self.page.evaluate(TEXT_SIZES) if size < SMALLEST]
        return [*self.page.evaluate(SIDEWAYS), *tiny]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@every_page
def test_a_page_asks_for_nothing_and_fits_every_width(browser, folder, sample, code, scheme):
    with Visit(browser, folder / f"{sample}.{code}.html", color_scheme=scheme) as visit:
        assert {width: visit.faults(width) for width in WIDTHS} == {width: [] for width in WIDTHS}
        assert visit.requests == [(folder / f"{sample}.{code}.html").as_uri()]
        assert visit.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("sample", ["full", "hostile", "nothing"])
def test_an_e_mail_asks_for_nothing_and_fits_every_width(browser, tmp_path, sample, scheme, code):
    path = tmp_path / "email.html"
    path.write_text(
        email(SAMPLES[sample], language=language(code), page="~/reports/2026-W38.html").html, encoding="utf-8"
    )
    with Visit(browser, path, color_scheme=scheme) as visit:
        assert {width: visit.faults(width) for width in WIDTHS} == {width: [] for width in WIDTHS}
        assert visit.requests == [path.as_uri()]
        assert [rule for rule, _ in violations(visit.page) if rule == "color-contrast"] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_list_of_reports_asks_for_nothing_fits_and_can_be_read(browser, tmp_path, scheme):
    path = tmp_path / "index.html"
    path.write_text(listing(30), encoding="utf-8")
    with Visit(browser, path, color_scheme=scheme) as visit:
        assert {width: visit.faults(width) for width in WIDTHS} == {width: [] for width in WIDTHS}
        assert visit.requests == [path.as_uri()]
        assert visit.complaints == []
        assert violations(visit.page) == []


@every_page
def test_it_says_the_same_without_javascript(browser, folder, sample, code):
    with (
        Visit(browser, folder / f"{sample}.{code}.html") as scripted,
        Visit(browser, folder / f"{sample}.{code}.html", java_script_enabled=False) as plain,
    ):
        assert plain.page.inner_text("body") == scripted.page.inner_text("body") != ""


@pytest.mark.parametrize(
    ("code", "said"), [("en", {"this week", "half", "25%"}), ("de", {"diese Woche", "die Hälfte", "50 %"})]
)
@pytest.mark.parametrize("width", [1180, 700, 375])
def test_charts_are_as_wide_as_they_can_be_read(browser, folder, width, code, said):
    with Visit(browser, folder / f"full.{code}.html", viewport={"width": width, "height": 900}) as visit:
        sizes = [
            size for words, size in visit.page.evaluate(TEXT_SIZES) if words.replace("\N{NO-BREAK SPACE}", " ") in said
        ]
        assert len(sizes) == 3
        assert all(SMALLEST <= size <= 20 for size in sizes)


@every_page
def test_print_is_short_and_shows_what_is_folded(browser, folder, sample, code):
    with Visit(browser, folder / f"{sample}.{code}.html", color_scheme="dark") as visit:
        assert visit.page.evaluate(FOLDED_AND_NOT_SHOWN) != []
        visit.page.emulate_media(media="print")
        assert visit.page.evaluate(FOLDED_AND_NOT_SHOWN) == []
        assert visit.page.evaluate("getComputedStyle(document.body).color") == "rgb(32, 36, 44)"
        sheets = re.findall(rb"/Type\s*/Page\b", visit.page.pdf(format="A4"))
        assert 0 < len(sheets) <= PAGES


def test_print_says_where_a_list_is_cut(browser, folder):
    with Visit(browser, folder / "huge.en.html") as visit:
        cut = f"On paper the list ends after {SHOWN_ON_PAPER}; the page itself goes on."
        assert visit.page.get_by_text(cut).filter(visible=True).count() == 0
        visit.page.emulate_media(media="print")
        assert visit.page.get_by_text(cut).filter(visible=True).count() == 5
        rows = visit.page.locator("details ul.rows, details ol.card, details ul.folded")
        shown = [rows.nth(n).locator("li").filter(visible=True).count() for n in range(rows.count())]
        assert shown == [SHOWN_ON_PAPER] * 5
        assert visit.page.locator("a").filter(visible=True).count() == 0


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize(("width", "media"), [(1180, "screen"), (718, "print")])
def test_tables_are_shown_whole(browser, folder, width, media, code):
    with Visit(browser, folder / f"full.{code}.html", viewport={"width": width, "height": 900}) as visit:
        visit.page.emulate_media(media=media)
        visit.page.evaluate(OPEN)
        held = "[...document.querySelectorAll('.scroll')].map(one => [one.scrollWidth, one.clientWidth])"
        needed = visit.page.evaluate(held)
        assert len(needed) == 5
        assert all(inner <= outer for inner, outer in needed)


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe-core finds against WCAG 2.2 AA and best practice: rule and first place."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="no axe-playwright-python here").Axe()
    found = axe.run(page, options={"runOnly": AXE_RULES}).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found]


@pytest.mark.parametrize("colours", ["light", "dark", "forced"])
@pytest.mark.parametrize(("sample", "code"), [("full", "en"), ("full", "de"), ("first", "en"), ("hostile", "en")])
def test_axe_finds_nothing(browser, folder, sample, code, colours):
    options = {"forced_colors": "active"} if colours == "forced" else {"color_scheme": colours}
    with Visit(browser, folder / f"{sample}.{code}.html", **options) as visit:
        for width in WIDTHS if sample == "full" else WIDTHS[-1:]:
            visit.page.set_viewport_size({"width": width, "height": 900})
            visit.page.evaluate(OPEN)
            assert violations(visit.page) == []


def test_axe_finds_a_planted_fault(browser, tmp_path):
    path = tmp_path / "control.html"
    path.write_text(CONTROL, encoding="utf-8")
    with Visit(browser, path) as visit:
        assert {"color-contrast", "landmark-one-main"} <= {rule for rule, _ in violations(visit.page)}


CONTROL = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Planted</title>
<meta http-equiv="Content-Security-Policy" content="script-src 'none'">
<style>.wide { width: 2000px } .tiny { font-size: 8px; color: #ccc } svg { width: 100px }</style></head><body>
<p class="wide">wide</p><p class="tiny">tiny</p>
<svg viewBox="0 0 440 40"><text x="0" y="20" font-size="13">shrunk</text></svg>
<details><summary>More</summary><p>folded</p></details>
<img src="second.png" alt=""><script>document.body.append("written by a script")</script></body></html>"""


def test_planted_faults_are_found(browser, tmp_path):
    path = tmp_path / "control.html"
    path.write_text(CONTROL, encoding="utf-8")
    with Visit(browser, path) as visit:
        faults = visit.faults(375)
        assert any(one.startswith("scrolls to 20") for one in faults)
        assert any(one.startswith("wide (") for one in faults)
        assert "tiny: 8.0 px" in faults
        assert any(one.startswith("shrunk: ") for one in faults)
        assert [url.rpartition("/")[2] for url in visit.requests] == ["control.html", "second.png"]
        assert any("Content Security Policy" in one for one in visit.complaints)
        visit.page.evaluate("document.querySelector('details').open = false")
        assert visit.page.evaluate(FOLDED_AND_NOT_SHOWN) == ["folded"]
