"""Short ways to a store and its rows, and a disk that is too small for it."""

import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from mailcare.mail.connector import Batch, Position
from mailcare.store.store import Store
from tests.invented import SOURCE, message


def batch(
    *keys: str, source: str = "", generation: int = 1, complete: bool = True, step: int = 0, **more: Any
) -> Batch:
    return Batch(source, Position(generation, {"step": step}, complete), [message(key) for key in keys], **more)


def stored(path: Path, *, write: bool = False) -> pa.Table:
    with Store.open(path, write=write) as opened:
        return opened.load()


def everything(path: Path) -> tuple[list[dict[str, Any]], Counter[str], Position | None]:
    with Store.open(path, write=False) as reader:
        return reader.load().to_pylist(), reader.skipped(), reader.position(SOURCE)


def keys(path: Path) -> list[str]:
    return [str(key) for key in stored(path)["key"].to_pylist()]


def write(path: Path, *batches: Batch) -> None:
    with Store.open(path, write=True) as writer:
        for one in batches:
            writer.append(one)


def batches(path: Path) -> int:
    with sqlite3.connect(path) as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM batch")
    connection.close()
    return int(count)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """A disk of its own, in memory."""
    folder.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "mailcare-test", folder], capture_output=True, text=True
    )
    if not mounted or mounted.returncode:
        pytest.skip(f"a small disk needs root and mount(8): {mounted.stderr.strip() if mounted else 'no mount'}")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)
