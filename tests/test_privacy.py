"""What must never leave the mailbox: no connection, no body in anything that is written, nothing for other eyes."""

import subprocess
import sys
from pathlib import Path

import pytest

WATCHED = """
import sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind"):
        sys.stderr.write(f"NETWORK {event}\\n")
sys.addaudithook(watch)
if sys.argv[1:] == ["control"]:
    import socket
    socket.socket().connect_ex(("127.0.0.1", 9))
    sys.exit()
from mailcare.cli import main
main()
"""
BODY = "nobody may keep this sentence"
MAIL = f"""From ann@elsewhere.example Mon Sep 14 09:00:00 2026
From: Ann <ann@elsewhere.example>
To: me@home.example
Date: Mon, 14 Sep 2026 09:00:00 +0000
Message-ID: <a1@elsewhere.example>
Subject: Lunch
Content-Type: multipart/mixed; boundary=x

--x
Content-Disposition: attachment; filename="{BODY}.txt"

{BODY}
--x--

"""


def mailcare(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", WATCHED, *arguments], capture_output=True, text=True, check=False)


@pytest.fixture
def configured(tmp_path: Path) -> Path:
    (tmp_path / "all.mbox").write_text(MAIL)
    path = tmp_path / "config.toml"
    path.write_text(
        'data_dir = "data"\n[[account]]\nname = "home"\nconnector = "files"\npath = "all.mbox"\n'
        'addresses = ["me@home.example"]\n'
    )
    return path


def test_a_connection_would_be_seen() -> None:
    assert "NETWORK socket.connect" in mailcare("control").stderr


def test_run_and_export_connect_to_nothing(configured: Path) -> None:
    as_of = "2026-09-21T06:00+00:00"
    ran = mailcare("run", "--config", str(configured), "--as-of", as_of)
    out = str(configured.parent / "out")
    exported = mailcare("export", out, "--format", "parquet", "--config", str(configured), "--as-of", as_of)
    assert (ran.returncode, exported.returncode) == (0, 0), ran.stderr + exported.stderr
    assert "NETWORK" not in ran.stderr + exported.stderr


def test_nothing_that_is_written_holds_a_body_or_is_for_other_eyes(configured: Path) -> None:
    as_of = "2026-09-21T06:00+00:00"
    ran = mailcare("run", "--config", str(configured), "--as-of", as_of)
    out = str(configured.parent / "out")
    mailcare("export", out, "--format", "csv", "--config", str(configured), "--as-of", as_of)
    folders = [configured.parent / "data", configured.parent / "out"]
    written = [path for folder in folders for path in folder.rglob("*")]
    files = [path for path in written if path.is_file()]
    assert any(b"ann@elsewhere.example" in path.read_bytes() for path in files)
    assert not [path for path in files if BODY.encode() in path.read_bytes()]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in [*folders, *written] if path.is_dir()} == {0o700}
    assert "ann" not in ran.stdout + ran.stderr
    assert "Lunch" not in ran.stdout + ran.stderr
