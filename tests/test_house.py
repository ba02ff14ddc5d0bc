"""The house itself: what is locked, what is shipped, what a command line costs before it does anything."""

import re
import subprocess
import sys
import tomllib
from collections import Counter
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

import grimp
import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = Path(__file__).parents[1]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
HEAVY = (
    "pandas", "pyarrow", "numpy", "scipy", "sklearn", "rich", "exchangelib", "googleapiclient", "jinja2", "holidays",
)  # fmt: skip


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["run", "--help"], ["export", "--help"]])
def test_help_loads_nothing_heavy(arguments):
    code = f"""
import sys
sys.argv = ["mailcare", *{arguments!r}]
from mailcare.cli import main
try:
    main()
finally:
    print(sorted(set({HEAVY!r}) & sys.modules.keys()), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout
    assert done.stderr.strip() == "[]"


def test_the_lock_holds_versions_and_hashes_only():
    pins = re.sub(r" \\\n\s+", " ", re.sub(r"^#.*\n", "", LOCK, flags=re.MULTILINE)).strip().split("\n")
    for pin in filter(None, pins):
        assert re.fullmatch(r"[a-z0-9.-]+==[\w.!+]+( --hash=sha256:[0-9a-f]{64})+", pin), pin[:80]


def test_the_lock_names_no_address():
    assert "//" not in LOCK
    assert not re.search(r"^\s*-(?!-hash=)", LOCK, flags=re.MULTILINE)


def test_everything_declared_is_locked():
    optional = PROJECT["project"]["optional-dependencies"]["dev"]
    declared = PROJECT["project"]["dependencies"] + optional + PROJECT["build-system"]["requires"]
    locked = set(re.findall(r"^([a-z0-9.-]+)==", LOCK, flags=re.MULTILINE))
    assert {re.split(r"[\[<>=!~; ]", name)[0].lower() for name in declared} <= locked


def test_everything_locked_installs_on_the_first_python_that_is_promised():
    first = Version(PROJECT["project"]["requires-python"].removeprefix(">=") + ".0")
    wants = {one.name: one.metadata.get("Requires-Python") for one in distributions()}
    locked = re.findall(r"^([a-z0-9.-]+)==", LOCK, flags=re.MULTILINE)
    here = {re.sub(r"[-_.]+", "-", name).lower(): SpecifierSet(python or "") for name, python in wants.items()}
    assert len(here.keys() & set(locked)) > 100
    assert [name for name in locked if name in here and first not in here[name]] == []


def test_the_documents_name_only_files_that_are_there():
    for document in ("README.md", "CONTRIBUTING.md"):
        text = (ROOT / document).read_text(encoding="utf-8")
        named = re.findall(r"\]\(([^):#]+)[^):]*\)|^\| `([\w/.]*[/.][\w/.]*)`", text, flags=re.MULTILINE)
        for path in filter(None, (path for pair in named for path in pair)):
            assert (ROOT / path).exists(), f"{document}: {path}"


def test_the_readme_tells_every_command():
    from mailcare.cli import cli

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name in cli.commands:
        assert f"`mailcare {name}" in text, name


def test_a_newcomers_configuration_in_the_readme_is_right(tmp_path):
    from mailcare.config.settings import load

    (example,) = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.DOTALL)
    path = tmp_path / "config.toml"
    path.write_text(example, encoding="utf-8")
    assert load(path).accounts[0].owner.circles == {"colleagues": ("example.com",)}


def test_no_room_holds_more_than_can_be_seen_at_once():
    rooms = Counter(
        path.parent.relative_to(ROOT).as_posix()
        for folder in ("mailcare", "connectors", "reports", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "__init__.py" and "node_modules" not in path.parts
    )
    assert {room: count for room, count in rooms.items() if count > 16} == {}


def test_no_chain_of_imports_is_longer_than_nineteen_files():
    graph = grimp.build_graph("mailcare", "connectors", "reports", cache_dir=None)

    @cache
    def longest(module: str) -> int:
        return 1 + max(map(longest, graph.find_modules_directly_imported_by(module)), default=0)

    assert max(map(longest, graph.modules)) <= 19
