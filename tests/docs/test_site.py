"""The documentation as a site: it builds without a warning, and no page of it loads anything from elsewhere."""

import os
import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import html5lib
import pytest
from playwright.sync_api import sync_playwright

from tests.docs.configuration import ROOT

CHROMIUM = shutil.which("chromium")
LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "srcset", "link": "href", "form": "action"}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site; a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-f", ROOT / ".mkdocs.yml", "-d", folder],
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        check=True,
    )
    return folder


def test_every_page_of_the_documentation_is_there(site):
    pages = {path.with_suffix(".html").name for path in (ROOT / "docs").glob("*.md")}
    assert pages | {"404.html"} == {path.name for path in site.glob("*.html")}


def test_the_readme_points_to_places_that_are_there(site):
    pointed = re.findall(r"\(docs/([\w-]+)\.md#([\w-]+)\)", (ROOT / "README.md").read_text("utf-8"))
    assert len(pointed) >= 5
    for page, place in pointed:
        assert f'id="{place}"' in (site / f"{page}.html").read_text("utf-8"), f"{page}.md#{place}"


def test_no_page_names_anything_to_be_loaded_from_elsewhere(site):
    for page in site.glob("*.html"):
        whole = html5lib.parse(page.read_bytes(), namespaceHTMLElements=False)
        for tag, attribute in LOADED.items():
            for address in (element.get(attribute, "") for element in whole.iter(tag)):
                assert not re.match(r"(\w+:)?//", address), f"{page.name}: {address}"
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*[\"']?(\w+:)?//", sheet.read_text("utf-8")), sheet.name


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: make test-servers")
def test_a_browser_asks_nobody_else_on_any_page_nor_while_searching(site):
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    home = f"http://127.0.0.1:{server.server_port}/"
    asked: list[str] = []
    with sync_playwright() as play:
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--disable-gpu", *as_root])
        context = browser.new_context()
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        for path in sorted(site.glob("*.html")):
            page.goto(home + path.name, wait_until="networkidle")
        page.goto(home + "index.html")
        page.locator(".md-search__input").fill("holidays")
        page.locator(".md-search-result__link").first.wait_for(state="attached")
        browser.close()
    server.shutdown()
    assert any(url.endswith("search_index.json") for url in asked)
    assert [url for url in asked if not url.startswith((home, "data:", f"blob:{home}"))] == []


def test_the_pictures_are_small():
    for picture in (ROOT / "docs").glob("*.png"):
        assert picture.stat().st_size < 150_000, picture.name
