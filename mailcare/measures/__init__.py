"""The measures of the contract, one file each: a module that names its section in brackets is a measure, by the
function that bears its name."""

import pkgutil
from importlib import import_module

from mailcare.measures import ways


def definitions() -> tuple[tuple[str, str], ...]:
    """Title and definition of each measure: its module's docstring up to the bracket, and the first paragraph of its
    function's docstring, on one line."""
    folders = (__name__, __path__), (ways.__name__, ways.__path__)
    names = [(found.name, name) for name, path in folders for found in pkgutil.iter_modules(path) if not found.ispkg]
    modules = [import_module(f"{folder}.{name}") for name, folder in sorted(names)]
    measures = [(module, getattr(module, module.__name__.rpartition(".")[2], None)) for module in modules]
    return tuple(
        (title, _first_paragraph(measure.__doc__))
        for module, measure in measures
        for title, section, _ in [(module.__doc__ or "").partition(" (")]
        if section and measure is not None
    )


def _first_paragraph(docstring: str) -> str:
    return " ".join(docstring.strip().split("\n\n")[0].split())
