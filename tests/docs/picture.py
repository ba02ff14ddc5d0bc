"""The pictures of a report in the README: the top of the demo's, in daylight and in the dark.

``python -m tests.docs.picture`` takes them anew, with an installed Chromium.
"""

import base64
import os
import shutil
import struct
import tempfile
import zlib
from pathlib import Path

import numpy as np
from click.testing import CliRunner
from playwright.sync_api import sync_playwright

from mailcare.cli import cli
from mailcare.commands.browser import CHROMIUM
from tests.docs.configuration import ROOT

SIZE = {"width": 1180, "height": 940}
PICTURES = {"light": ROOT / "docs/report.png", "dark": ROOT / "docs/report-dark.png"}
PIXELS = """async picture => {
    const image = new Image();
    image.src = 'data:image/png;base64,' + picture;
    await image.decode();
    const canvas = document.createElement('canvas').getContext('2d');
    [canvas.canvas.width, canvas.canvas.height] = [image.width, image.height];
    canvas.drawImage(image, 0, 0);
    return Array.from(new Uint32Array(canvas.getImageData(0, 0, image.width, image.height).data.buffer));
}"""
COLOURS = 256


def take() -> None:
    """Both pictures, into ``docs``."""
    chromium = next(filter(None, map(shutil.which, CHROMIUM)))
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        CliRunner().invoke(cli, ["demo", "--out", folder], catch_exceptions=False)
        (report,) = Path(folder).glob("demo/2*.html")
        browser = play.chromium.launch(executable_path=chromium, args=["--disable-gpu", *as_root])
        desk = browser.new_page()
        for scheme, picture in PICTURES.items():
            page = browser.new_page(viewport=SIZE, color_scheme=scheme)
            page.goto(report.as_uri())
            pixels = desk.evaluate(PIXELS, base64.b64encode(page.screenshot()).decode())
            picture.write_bytes(png(np.array(pixels, np.uint32).reshape(SIZE["height"], SIZE["width"])))
        browser.close()


def png(pixels: np.ndarray) -> bytes:
    """A PNG in the most frequent colours, each pixel in the nearest; ``pixels`` are ABGR in 32 bits, row by row."""
    colours, which, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    channels = np.stack([colours >> shift & 255 for shift in (0, 8, 16)], axis=1).astype(np.int64)
    kept = channels[np.argsort(-counts)[:COLOURS]]
    nearest = ((channels[:, None] - kept) ** 2).sum(axis=2).argmin(axis=1)
    rows = np.pad(nearest[which].reshape(pixels.shape), ((0, 0), (1, 0))).astype(np.uint8)
    head = struct.pack(">2I5B", pixels.shape[1], pixels.shape[0], 8, 3, 0, 0, 0)
    parts = [(b"IHDR", head), (b"PLTE", kept.astype(np.uint8).tobytes()), (b"IDAT", zlib.compress(rows.tobytes(), 9))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in [*parts, (b"IEND", b"")])


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


if __name__ == "__main__":
    take()
