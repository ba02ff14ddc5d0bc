"""The log of a run, for machines and people: events with accounts' names, counts and codes, and nothing of the mail."""

import sys
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from mailcare.mail.synced import Synced

FORMATS = ("human", "json")


class Log(Protocol):
    """Where events go."""

    def info(self, event: str, **values: Any) -> None:
        """Something went as it should."""

    def error(self, event: str, **values: Any) -> None:
        """Something did not."""


class Silence:
    """A log that nobody keeps."""

    def info(self, event: str, **values: Any) -> None:
        """Nothing."""

    def error(self, event: str, **values: Any) -> None:
        """Nothing."""


def log(form: str | None) -> Log:
    """A log on standard error, in lines for people or in JSON; silence where no form is asked for."""
    if form is None:
        return Silence()
    import structlog

    renderer = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    made: Log = structlog.get_logger()
    return made


def counts(synced: "Synced") -> dict[str, Any]:
    """What a reading brought, as an event's values."""
    return {
        "messages": synced.messages,
        "removed": synced.removed,
        "let_go": synced.let_go,
        "left": synced.left,
        "seconds": round(synced.seconds, 1),
        "skipped": dict(sorted(synced.skipped.items())),
    }
