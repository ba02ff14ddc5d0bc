"""Which connectors there are: each folder below ``connectors`` with ``about.py`` in it. None is loaded to list them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mailcare.mail.about import About


def connectors() -> list[str]:
    """The names of the connectors, in alphabetical order."""
    folders = (folder for path in import_module("connectors").__path__ for folder in Path(path).iterdir())
    return sorted(folder.name for folder in folders if (folder / "about.py").is_file())


def about(name: str) -> About | None:
    """What the connector of this name says of itself; None if there is none."""
    if name not in connectors():
        return None
    said: About = import_module(f"connectors.{name}.about").ABOUT
    return said
