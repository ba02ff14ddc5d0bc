"""The languages that pages are written in: English, and each one that has a catalogue."""

from pathlib import Path

CATALOGUES = Path(__file__).parents[1] / "reports" / "locale"
"""One folder a language; in it ``LC_MESSAGES/mailcare.po``."""
SOURCE = "en"
"""The language of the messages themselves."""


def languages() -> tuple[str, ...]:
    """The codes of the languages, such as ``en`` and ``de``; English first."""
    found = sorted(one.name for one in CATALOGUES.iterdir() if (one / "LC_MESSAGES" / "mailcare.po").is_file())
    return (SOURCE, *found)
