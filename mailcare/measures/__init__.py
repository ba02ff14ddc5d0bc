"""The measures of the contract, one file each: a module whose function bears its name is a measure."""

import pkgutil
from importlib import import_module


def definitions() -> tuple[tuple[str, str], ...]:
    """Name and definition of each measure: the first paragraph of its function's docstring, on one line."""
    found = []
    for module in pkgutil.iter_modules(__path__):
        measure = getattr(import_module(f"{__name__}.{module.name}"), module.name, None)
        if measure is not None:
            found.append((module.name.replace("_", " ").capitalize(), _first_paragraph(measure.__doc__)))
    return tuple(found)


def _first_paragraph(docstring: str) -> str:
    return " ".join(docstring.strip().split("\n\n")[0].split())
