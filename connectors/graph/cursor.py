"""What is kept of a folder's reading until the next one."""

from dataclasses import dataclass, field


@dataclass
class Cursor:
    """What is kept between readings; plain JSON values."""

    place: list[str] = field(default_factory=list)
    """The folder's path and roles, which its messages were stored with."""
    link: str = ""
    """The next page, or the next round's first; empty before the first page."""
    newest: str = ""
    """When the newest message arrived that the back-fill has seen (ISO 8601, UTC)."""
    reached: str = ""
    """Since when all mail was read: when the oldest one arrived, or the bound of a reading that stopped before it."""
    gone: list[str] = field(default_factory=list)
    """Keys that left the folder, and are stored until it is sure that their new copies are."""
    poison: list[str] = field(default_factory=list)
    """Keys of messages that the server could not give."""
    ids_only: bool = False
    """Whether pages hold ids only, because the server failed at a page of messages."""
    closed: bool = False
    """Whether the server refused the folder, which was counted."""
