"""Who reads along may go away: the work is done all the same, and said so by the exit code."""

import os
import subprocess
from pathlib import Path

import pytest

from mailcare.commands import output
from tests.test_cli import AS_OF, Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def piped(home: Home, rest: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a shell that goes on with ``rest``; its exit code is told on standard error."""
    command = " ".join(f"'{word}'" for word in home.command(*arguments))
    text = f"({command}; echo code $? >&2){rest}"
    return subprocess.run(
        ["bash", "-c", text], cwd=home.folder, env=home.environment(), capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("rest", [" | true", " >&-"])
def test_a_reader_that_goes_away_changes_nothing(home: Home, rest: str) -> None:
    done = piped(home, rest, "run", "--as-of", AS_OF)
    assert (done.stdout, done.stderr) == ("", "code 0\n")
    assert home.stored() == 6
    assert '"code": 0' in (home.folder / "data/runs.jsonl").read_text()
    again = piped(home, rest, "waiting", "--as-of", AS_OF)
    assert again.stderr == "code 0\n"


def test_what_could_not_be_told_is_said_once_all_is_done(home: Home) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    done = piped(home, " >/dev/full", "run", "--as-of", AS_OF)
    assert done.stderr.splitlines() == [
        "mailcare: not all could be told: No space left on device (standard output). All is done.",
        "code 1",
    ]
    assert home.stored() == 6


def test_an_error_that_nobody_hears_still_has_its_code(home: Home) -> None:
    home.config.unlink()
    done = subprocess.run(
        ["bash", "-c", " ".join(home.command("data")) + " 2>&-; echo code $?"],
        cwd=home.folder,
        env=home.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "code 2\n"


def test_text_goes_through_as_it_is(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w", encoding="utf-8") as stream:
        written = output.Output(stream)
        assert written.write("Zoë") == 3
        written.flush()
        assert (written.encoding, written.fault) == ("utf-8", None)
        assert os.fstat(written.fileno()).st_size == 4
