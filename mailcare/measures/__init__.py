"""The measures of the contract, one file each: a module that names its section in brackets is a measure, by the
function that bears its name."""

import pkgutil
from importlib import import_module


def definitions() -> tuple[tuple[str, str], ...]:
    """Title and definition of each measure: its module's docstring up to the bracket, and the first paragraph of its
    function's docstring, on one line."""
    modules = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    measures = [(module, getattr(module, module.__name__.rpartition(".")[2], None)) for module in modules]
    return tuple(
        (title, _first_paragraph(measure.__doc__))
        for module, measure in measures
        for title, section, _ in [(module.__doc__ or "").partition(" (")]
        if section and measure is not None
    )


def _first_paragraph(docstring: str) -> str:
    return " ".join(docstring.strip().split("\n\n")[0].split())
