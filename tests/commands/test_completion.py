"""Completion in the shell: what a person sees after a tab."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONFIG = """
[[account]]
name = "work"
connector = "files"
addresses = ["me@example.com"]

[[account]]
name = "home"
connector = "files"
addresses = ["me@home.example"]

[[team]]
name = "northshore"
accounts = ["work"]
"""


@pytest.fixture
def home(tmp_path):
    """A home with a configuration, and a program called mailcare."""
    (tmp_path / ".config/mailcare").mkdir(parents=True)
    (tmp_path / ".config/mailcare/config.toml").write_text(CONFIG)
    program = tmp_path / "bin/mailcare"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m mailcare "$@"\n')
    program.chmod(0o700)
    return tmp_path


def offered(home: Path, line: str) -> list[str]:
    """What bash offers after this line and a tab, by the function that ``complete`` names; [""] is nothing."""
    script = f"""
        eval "$(mailcare completion bash)"
        registered=$(complete -p mailcare); function=${{registered#*-F }}; function=${{function%% *}}
        COMP_WORDS=({line}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        $function mailcare
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run([shutil.which("bash"), "-c", script], env=environment(home), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.removesuffix("\n").split("\n")


def environment(home: Path, **more: str) -> dict[str, str]:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
    path = f"{home / 'bin'}{os.pathsep}{clean['PATH']}"
    return clean | {"HOME": str(home), "PATH": path, "PYTHONPATH": str(ROOT)} | more


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("mailcare se", ["settle"]),
        ("mailcare run --qu", ["--quiet"]),
        ("mailcare run --account ''", ["work", "home"]),
        ("mailcare waiting --account w", ["work"]),
        ("mailcare login h", ["home"]),
        ("mailcare forget --account h", ["home"]),
        ("mailcare review --team ''", ["northshore"]),
        ("mailcare export out --team n", ["northshore"]),
        ("mailcare schedule print k", ["kubernetes"]),
        ("mailcare run --account x", [""]),
    ],
)
def test_bash_offers_commands_options_and_names(home, line, names):
    assert offered(home, line) == names


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_the_names_are_those_of_the_configuration_that_the_line_names(home):
    (home / "other.toml").write_text(CONFIG.replace("work", "club"))
    assert offered(home, "mailcare run --config '~/other.toml' --account c") == ["club"]
    assert offered(home, f"mailcare run --config {home}/other.toml --account c") == ["club"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize("text", [None, "[[account", "", "[[account]]\nname = 3"])
def test_without_a_readable_configuration_nothing_is_offered_and_nothing_said(home, text):
    config = home / ".config/mailcare/config.toml"
    config.unlink() if text is None else config.write_text(text)
    assert offered(home, "mailcare run --account ''") == [""]


@pytest.mark.parametrize(("shell", "answer"), [("zsh", "plain\nwork\n_\n"), ("fish", "plain,work\n")])
def test_zsh_and_fish_get_the_names_in_their_own_way(home, shell, answer):
    """By the variables that the printed functions set; the shells themselves are on few machines."""
    program = str(home / "bin/mailcare")
    asked = {"zsh": {"COMP_WORDS": "mailcare run --account w", "COMP_CWORD": "3"}}.get(
        shell, {"COMP_WORDS": "mailcare run --account", "COMP_CWORD": "w"}
    )
    printed = subprocess.run(
        [program, "completion", shell], env=environment(home), capture_output=True, text=True, check=True
    )
    assert f"_MAILCARE_COMPLETE={shell}_complete" in printed.stdout
    done = subprocess.run(
        [program],
        env=environment(home, _MAILCARE_COMPLETE=f"{shell}_complete", **asked),
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == (answer, "")
