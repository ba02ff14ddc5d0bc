"""The reviews that were made: each period's values, kept as they were published and given out the same ever after."""

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, fields, is_dataclass, replace
from datetime import date, datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

from mailcare.disk import deliver
from mailcare.errors import MailcareError
from mailcare.mail.addresses import canonical
from mailcare.measures.reply_latency import ENOUGH_TURNS
from mailcare.place import REVIEW_PAGE
from mailcare.values.review import Conversation, Review
from mailcare.values.week import Contact


class Pinned:
    """What is kept of one team: its reviews."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def review(self, start: date) -> Review | None:
        """The review of the period that began on this day; None where none was made. Raises MailcareError."""
        path = self._path(start)
        return _read(path) if path.exists() else None

    def pin(self, review: Review) -> None:
        """Keep the review. Raises ValueError where its period has one already."""
        if self._path(review.start).exists():
            raise ValueError(f"the review of {review.start} was made before")
        self._write(review)

    def reviews(self) -> Iterator[Review]:
        """All that were made, oldest first. Raises MailcareError after the last where one could not be read."""
        faults = []
        for path in sorted(self._folder.glob(REVIEW_PAGE.replace(".html", ".json"))):
            try:
                yield _read(path)
            except MailcareError as fault:
                faults.append(fault)
        if faults:
            raise faults[0]

    def leave(self) -> None:
        """Keep no contact and no subject in any review that was made, as a member has left: nobody could tell whose
        mailbox had them. The figures stay as they were published; they were never one person's."""
        for review in self.reviews():
            self._write(_without_words(review, lambda _: True))

    def forget(self, addresses: Collection[str]) -> int:
        """Keep no contact with one of these addresses, nor the subjects of their messages, in any review that was made;
        returns how many reviews named one."""
        named = {canonical(address) for address in addresses}
        changed = 0
        for review in self.reviews():
            without = _without_words(review, lambda contact: canonical(contact.address) in named)
            if without != review:
                self._write(without)
                changed += 1
        return changed

    def _path(self, start: date) -> Path:
        return self._folder / f"{start}.json"

    def _write(self, review: Review) -> None:
        deliver.write(
            self._path(review.start), json.dumps(asdict(review), default=_plain, indent=1, ensure_ascii=False)
        )


def _without_words(review: Review, chosen: Callable[[Contact], bool]) -> Review:
    """The review without the contacts that are chosen and the subjects of their messages."""

    def told(rows: tuple[Conversation, ...]) -> tuple[Conversation, ...]:
        return tuple(
            replace(one, contact=None, subject="") if one.contact and chosen(one.contact) else one for one in rows
        )

    return replace(review, waiting=told(review.waiting), quiet=told(review.quiet))


def _read(path: Path) -> Review:
    try:
        kept: Review = _made(Review, _completed(json.loads(path.read_text("utf-8"))))
        return replace(kept, as_of=kept.as_of.astimezone(ZoneInfo(kept.time_zone)))
    except (OSError, ValueError, KeyError, TypeError):
        todo = "Bring it back from a backup, or delete it."
        raise MailcareError("a review that was made cannot be read", where=str(path), todo=todo) from None


def _completed(kept: dict[str, Any]) -> dict[str, Any]:
    """What was kept, and what the first reviews did not say yet: whether their numbers are enough to say a share."""
    kept = {"enough_turns": ENOUGH_TURNS} | kept
    for part in [*kept["lines"], *kept["weeks"], *([kept["total"]] if kept["total"] else [])]:
        part["promise"] = {"enough": part["promise"]["of"] >= kept["enough_turns"]} | part["promise"]
    return kept


def _plain(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def _made(kind: Any, value: Any) -> Any:
    """The value of JSON as this type: a dataclass, a tuple, or a plain value, any of them perhaps None."""
    if get_origin(kind) is UnionType:
        if value is None:
            return None
        (kind,) = (one for one in get_args(kind) if one is not NoneType)
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{one.name: _made(hints[one.name], value[one.name]) for one in fields(kind)})  # type: ignore[operator]
    if get_origin(kind) is tuple:
        of = get_args(kind)
        kinds = [of[0]] * len(value) if of[-1] is Ellipsis else of
        return tuple(_made(one, item) for one, item in zip(kinds, value, strict=True))
    if kind in (date, datetime):
        return kind.fromisoformat(value)
    if kind is float:
        return float(value)
    return value
