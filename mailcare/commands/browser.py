"""The browsers of this machine: one to show a page in, and a Chromium to print it with."""

import os
import shutil
import subprocess
import sys
import tempfile
import webbrowser
from pathlib import Path

from mailcare.disk import deliver
from mailcare.errors import MailcareError

CHROMIUM = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome", "msedge"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
"""What a Chromium is called, the freest first."""
SECONDS = 60
"""A browser that has not printed a page by then is given up."""


def show(page: Path) -> bool:
    """Open a page in the user's browser; False where there is no display, or no browser on it."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    return webbrowser.open(page.absolute().as_uri())


def print_pdf(page: Path) -> Path:
    """Print a page by an installed Chromium, without a network, into a PDF beside it for its owner alone (0600).

    Returns where that is. Raises MailcareError where there is no Chromium, or it does not print.
    """
    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if chromium is None:
        todo = "Install Chromium, Chrome or Edge, or print the page from your browser."
        raise MailcareError("there is no Chromium to make a PDF with", todo=todo)
    with tempfile.TemporaryDirectory(prefix="mailcare-") as folder:
        made = Path(folder) / "page.pdf"
        try:
            subprocess.run(  # noqa: S603 - a browser of this machine, by its whole path
                [chromium, *_arguments(Path(folder), made), page.absolute().as_uri()],
                check=True,
                timeout=SECONDS,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            content = made.read_bytes()
        except (OSError, subprocess.SubprocessError) as error:
            todo = "Print the page from your browser."
            raise MailcareError(f"no PDF was made ({type(error).__name__})", where=chromium, todo=todo) from None
    pdf = page.with_suffix(".pdf")
    deliver.write(pdf, content)
    return pdf


def _arguments(profile: Path, pdf: Path) -> list[str]:
    """Headless, with a profile of its own, and every name and proxy leading nowhere."""
    quiet = ["background-networking", "component-update", "sync", "default-apps", "extensions", "gpu"]
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [
        "--headless",
        *(f"--disable-{feature}" for feature in quiet),
        "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--proxy-server=127.0.0.1:9",
        f"--user-data-dir={profile}",
        "--no-pdf-header-footer",
        f"--print-to-pdf={pdf}",
        *as_root,
    ]
