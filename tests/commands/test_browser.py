"""The last report is shown, earlier ones are listed, and a PDF is printed where a Chromium is."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_cli import AS_OF, Home, home, mode, told  # noqa: F401 - home is a fixture

EARLIER = "2026-09-14T06:00+02:00"


@pytest.fixture
def written(home: Home) -> Path:  # noqa: F811
    """The reports' folder, after reports on two weeks, the later one first."""
    home.run("run", "--as-of", AS_OF)
    home.run("report", "--as-of", EARLIER)
    return home.folder / "data" / "reports" / "work"


def browser(folder: Path) -> dict[str, str]:
    """The environment of a desktop whose browser notes what it was asked to show in shown.txt."""
    noting = folder / "browser"
    noting.write_text(f'#!{sys.executable}\nimport sys\nopen("{folder}/shown.txt", "a").write(sys.argv[1] + "\\n")\n')
    noting.chmod(0o700)
    return {"BROWSER": f"{noting} %s", "DISPLAY": ":9", "WAYLAND_DISPLAY": ""}


def test_open_shows_the_report_on_the_latest_week(home: Home, written: Path) -> None:  # noqa: F811
    (written / "2026-W99.html").write_text("no week")
    done = home.run("open", **browser(home.folder))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (home.folder / "shown.txt").read_text() == (written / "2026-W38.html").as_uri() + "\n"


def test_without_a_display_open_says_where_it_is(home: Home, written: Path) -> None:  # noqa: F811
    done = home.run("open", **browser(home.folder) | {"DISPLAY": ""})
    assert done.stdout == f"work: the last report is at {written / '2026-W38.html'}\n"
    assert not (home.folder / "shown.txt").exists()


def test_open_before_the_first_report_says_what_to_do(home: Home) -> None:  # noqa: F811
    done = home.run("open")
    assert done.returncode == 1
    assert "there is no report yet. Run: mailcare run." in told(done)


def test_each_run_lists_the_reports_so_far(written: Path) -> None:
    page = (written / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'href="([^"]+)"', page) == ["2026-W38.html", "2026-W37.html"]
    assert mode(written / "index.html") == 0o600


def test_a_pdf_is_printed_beside_the_page_for_its_owner_alone(home: Home, written: Path) -> None:  # noqa: F811
    if not shutil.which("chromium"):
        pytest.skip("no chromium here: make test-servers")
    done = home.run("report", "--as-of", AS_OF, "--pdf")
    pdf = written / "2026-W38.pdf"
    assert done.stdout.endswith(f"work: its PDF is at {pdf}\n"), done.stderr
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert mode(pdf) == 0o600


def test_without_a_chromium_that_is_said_and_the_page_is_there(home: Home) -> None:  # noqa: F811
    home.run("sync")
    done = home.run("report", "--as-of", AS_OF, "--pdf", PATH="")
    assert done.returncode == 1
    assert "there is no Chromium to make a PDF with. Install Chromium, Chrome or Edge" in told(done)
    assert (home.folder / "data" / "reports" / "work" / "2026-W38.html").exists()


def test_a_chromium_that_does_not_print_is_said(home: Home) -> None:  # noqa: F811
    home.run("sync")
    (home.folder / "chromium").symlink_to("/bin/true")
    done = home.run("report", "--as-of", AS_OF, "--pdf", PATH=str(home.folder))
    assert "no PDF was made (FileNotFoundError)" in told(done)


def test_printing_needs_no_network(tmp_path: Path) -> None:
    """A page that would load something prints, and a server on loopback hears nothing of it."""
    if not shutil.which("chromium"):
        pytest.skip("no chromium here: make test-servers")
    page = tmp_path / "page.html"
    code = """
import socket, sys, threading
from pathlib import Path
from mailcare.commands.browser import print_pdf
listener = socket.create_server(("127.0.0.1", 0))
heard = []
threading.Thread(target=lambda: heard.append(listener.accept()), daemon=True).start()
page = Path(sys.argv[1])
page.write_text(f"<img src='http://localhost:{listener.getsockname()[1]}/x.png'>")
print_pdf(page)
print(len(heard))
"""
    done = subprocess.run([sys.executable, "-c", code, page], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("0\n", "")


def test_a_pdf_of_a_page_that_has_changed_does_not_stay(home: Home, written: Path) -> None:  # noqa: F811
    pdf = written / "2026-W38.pdf"
    pdf.write_text("printed")
    home.run("report", "--as-of", AS_OF)
    assert pdf.exists()
    home.config.write_text(home.config.read_text() + 'owner_name = "Somebody"\n')
    home.run("report", "--as-of", AS_OF)
    assert not pdf.exists()
