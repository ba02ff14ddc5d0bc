"""Where everything of an installation lies: every path below ``data_dir``, and what a run may leave behind there.

Nothing else puts such a path together. ``data``, ``forget`` and ``doctor`` go by the one list here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import translate
from glob import escape
from pathlib import Path


class Kept(StrEnum):
    """What is kept of an account or a team."""

    STORE = "store"
    """The mail's metadata, and what SQLite and mailcare put beside it for a while."""
    SECRETS = "secrets"
    """Logins and keys: the account's own, those of its e-mail, those of a team."""
    PAGES = "pages"
    """The weekly reports, on paper too, and parts of one that a power cut left."""
    SHELF = "shelf"
    """The page that lists the reports."""
    MAILED = "mailed"
    """Which weeks' summaries went out."""
    REVIEWS = "reviews"
    """The client reviews of a team, as they were published."""
    REVIEW_PAGES = "review pages"


LOCK = ".lock"
STORE_ENDINGS = ("", "-wal", "-shm", "-journal", "-encrypting", LOCK)
"""What the names of a store's files end in."""
WEEK_PAGE = "[0-9][0-9][0-9][0-9]-W[0-9][0-9].html"
REVIEW_PAGE = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].html"
"""The names of a week's report and of a client review, as ``glob`` takes them."""
SHELF_PAGE = "index.html"
_NAME = "[A-Za-z0-9][A-Za-z0-9._-]*"


def _written(folder: str, *names: str) -> tuple[str, ...]:
    """Files that ``disk.deliver`` writes, and the parts of one that a power cut left."""
    return tuple(f"{folder}/{form}" for name in names for form in (name, f".{name}-*"))


_FORMS = {
    Kept.STORE: tuple(f"{{name}}.sqlite{ending}" for ending in STORE_ENDINGS),
    Kept.SECRETS: _written("secrets", "{name}.json", "{name}@email.json", "{name}@team.json"),
    Kept.PAGES: _written("reports/{name}", WEEK_PAGE, WEEK_PAGE.replace(".html", ".pdf")),
    Kept.SHELF: _written("reports/{name}", SHELF_PAGE),
    Kept.MAILED: ("mailed/{name}/" + WEEK_PAGE.removesuffix(".html"),),
    Kept.REVIEWS: _written("teams/{name}", REVIEW_PAGE.replace(".html", ".json")),
    Kept.REVIEW_PAGES: _written("reports/{name}", REVIEW_PAGE),
}
"""The names of the files of each kind, as ``glob`` takes them; ``{name}`` is the account's or team's."""


@dataclass(frozen=True, slots=True)
class Place:
    """The data folder of an installation."""

    data_dir: Path
    out: Path | None = None
    """Where the pages go instead of below ``data_dir`` (``--out``); there they are the user's, and none of ``kept``."""

    def store(self, account: str) -> Path:
        """The account's mail metadata."""
        return self.data_dir / f"{account}.sqlite"

    def secrets(self, name: str) -> Path:
        """The file of secrets of this name."""
        return self.data_dir / "secrets" / f"{name}.json"

    @property
    def reports(self) -> Path:
        """The folder of the pages, one folder an account or team in it."""
        return self.out or self.data_dir / "reports"

    def page(self, name: str, page: str = "") -> Path:
        """A page of an account or team, or, without a ``page``, the folder of all of them."""
        return self.reports / name / page

    def mailed(self, account: str, week: str) -> Path:
        """The mark that the account's summary of a week, such as ``2026-W38``, went out."""
        return self.data_dir / "mailed" / account / week

    def reviews(self, team: str) -> Path:
        """The folder of the team's reviews as they were published."""
        return self.data_dir / "teams" / team

    @property
    def left(self) -> Path:
        """Digests of who has left a team."""
        return self.data_dir / "left.json"

    @property
    def runs(self) -> Path:
        """The record of the runs."""
        return self.data_dir / "runs.jsonl"

    def kept(self, name: str, *kinds: Kept) -> list[Path]:
        """The files of these kinds that an account or team has; of all kinds if none is named."""
        forms = [form.format(name=escape(name)) for kind in kinds or Kept for form in _FORMS[kind]]
        return sorted({path for form in forms for path in self.data_dir.glob(form)})

    def everything(self) -> list[Path]:
        """The data folder and all that lies in it."""
        return [self.data_dir, *self.data_dir.rglob("*")]

    def names(self) -> set[str]:
        """Every account and team that has any of these files."""
        return set(self._names())

    def tidy(self, name: str) -> None:
        """Remove the folders of an account or team that hold nothing any more."""
        for folder in (self.page(name), self.mailed(name, "week").parent, self.reviews(name)):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()

    def _names(self) -> Iterator[str]:
        for form in (form for forms in _FORMS.values() for form in forms):
            before, _, after = form.partition("{name}")
            wanted = re.compile(f"{re.escape(before)}({_NAME}){translate(after)}")
            for path in self.data_dir.glob(f"{before}*{after}"):
                if found := wanted.fullmatch(path.relative_to(self.data_dir).as_posix()):
                    yield found[1]
