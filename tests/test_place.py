"""Where everything lies: one home for every path, and one list of what a run leaves behind."""

import re
from pathlib import Path

import pytest

from mailcare.place import Kept, Place

ROOT = Path(__file__).parents[1]
JOINED = re.compile(
    r"""data_dir\s*/|data_dir\.(joinpath|glob|rglob)|\.reports\s*/|["'](secrets|mailed|left\.json|runs\.jsonl)["']"""
    r"""|\}\.sqlite|["'][^"']*(\?\?\?\?-|\[0-9\]\*?-)[^"']*["']"""
)
"""A path below ``data_dir``, or the form of a page's name."""


def modules() -> list[Path]:
    return [path for folder in ("mailcare", "connectors", "reports") for path in (ROOT / folder).rglob("*.py")]


def test_no_other_module_puts_a_path_below_data_dir_together() -> None:
    found = {
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in modules()
        if path != ROOT / "mailcare/place.py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if JOINED.search(line)
    }
    assert found == set()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Of each kind one file of the account ann, and the same of ann.b and of a team."""
    made = Place(tmp_path)
    for name in ("ann", "ann.b", "north"):
        files = [
            made.store(name),
            made.secrets(name),
            made.secrets(f"{name}@email"),
            made.secrets(f"{name}@team"),
            made.page(name, "2026-W38.html"),
            made.page(name, "2026-W38.pdf"),
            made.page(name, "index.html"),
            made.page(name, "2026-08-24.html"),
            made.mailed(name, "2026-W38"),
            made.reviews(name) / "2026-08-24.json",
        ]
        for file in files:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
    return made


def test_every_kind_is_found_and_nothing_of_anybody_else(place: Place) -> None:
    for kind in Kept:
        assert place.kept("ann", kind), kind
    everything = place.kept("ann")
    assert len(everything) == 10
    assert not set(everything) & set(place.kept("ann.b"))


def test_names_are_those_of_which_anything_is_kept(place: Place) -> None:
    assert place.names() == {"ann", "ann.b", "north"}
    (place.data_dir / "notes.txt").touch()
    place.page("mine").mkdir()
    place.page("mine", "notes.html").touch()
    assert place.names() == {"ann", "ann.b", "north"}


@pytest.mark.parametrize("part", ["store", "secrets", "page", "paper", "shelf", "review"])
def test_what_a_power_cut_left_is_found_too(place: Place, part: str) -> None:
    store = place.store("ann")
    left = {
        "store": store.with_name(f"{store.name}-wal"),
        "secrets": place.secrets("ann").with_name(".ann.json-x1"),
        "page": place.page("ann", ".2026-W38.html-x1"),
        "paper": place.page("ann", ".2026-W38.pdf-x1"),
        "shelf": place.page("ann", ".index.html-x1"),
        "review": place.reviews("ann") / ".2026-08-24.json-x1",
    }[part]
    left.touch()
    assert left in place.kept("ann")
    assert place.names() == {"ann", "ann.b", "north"}


def test_folders_with_something_of_the_users_own_stay(place: Place) -> None:
    place.page("ann", "mine.txt").touch()
    for file in place.kept("ann"):
        file.unlink()
    place.tidy("ann")
    assert [path.name for path in place.data_dir.rglob("*") if path.parent.name == "ann"] == ["mine.txt"]
    assert not (place.data_dir / "mailed" / "ann").exists()


def test_pages_that_went_elsewhere_are_the_users(place: Place, tmp_path: Path) -> None:
    elsewhere = Place(place.data_dir, tmp_path / "mine")
    assert elsewhere.page("ann", "2026-W38.html") == tmp_path / "mine" / "ann" / "2026-W38.html"
    assert elsewhere.kept("ann") == place.kept("ann")
