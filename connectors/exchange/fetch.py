"""Items of an Exchange mailbox by their ids, read so that one which the server can't hand over keeps back no other.

Protocol: MS-OXWSMSG (GetItem).
"""

from dataclasses import dataclass, field
from typing import Any

from exchangelib import Message, errors
from exchangelib.fields import FieldPath
from exchangelib.items import ID_ONLY
from exchangelib.properties import ItemId

from connectors.exchange.asking import Asking, Poison, later
from connectors.exchange.errors import LIMITED, PUZZLING, is_no_mailbox
from connectors.exchange.folders import FolderTree
from connectors.exchange.services import Items
from mailcare.errors import Exit, MailcareError
from mailcare.servers.later import Due

FIELDS = (
    *("author", "sender", "reply_to", "to_recipients", "cc_recipients", "bcc_recipients", "subject", "datetime_sent"),
    *("datetime_received", "message_id", "in_reply_to", "references", "headers", "conversation_id"),
    *("conversation_index", "item_class", "size"),
)
"""All that is ever asked of an item, by exchangelib's names."""

_PATHS = [FieldPath(field=Message.get_field_by_fieldname(name)) for name in FIELDS]
CHUNK = 50
"""Items in one request; fewer where the server answers a part of them only."""
MANY = 5
"""When more items than these are asked for and there is no telling why all are refused, that is an outage."""
_GONE = errors.ErrorItemNotFound, errors.ErrorInvalidId
"""What a server says of an item that was moved or deleted meanwhile."""


@dataclass
class Fetched:
    """What became of items that were asked for."""

    items: list[tuple[str, Any]] = field(default_factory=list)
    """Id and exchangelib's item."""
    gone: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """The server cannot or will not hand them over."""
    puzzling: int = 0
    """Of those gone or refused, how many for a reason that is hardly the item's own."""

    @property
    def answered(self) -> int:
        return len(self.items) + len(self.gone) + len(self.refused)


class Fetching:
    """Asks for items. Raises MailcareError."""

    def __init__(self, asking: Asking, tree: FolderTree) -> None:
        self._asking, self._tree = asking, tree
        self._due = Due()

    def items(self, ids: list[str], again: bool = False) -> Fetched:
        """The items of these ids. ``again``: they were refused before, so that it is no outage when all still are."""
        fetched, waiting, size, stubborn = Fetched(), ids, CHUNK, set[str]()
        while waiting:
            chunk, waiting = waiting[:size], waiting[size:]
            if limited := self._fetch(chunk, fetched):
                size = max(1, len(chunk) // 2)
                if len(limited) == len(chunk):
                    self._due.keep(later(limited[chunk[0]], self._asking.host))
                if len(chunk) == 1 and chunk[0] in stubborn:
                    fetched.refused += chunk
                    fetched.puzzling += 1
                    continue
                stubborn.update(chunk if len(chunk) == 1 else ())
                waiting = [*limited, *waiting]
            if not again and fetched.puzzling == fetched.answered > MANY:
                what = "the server hands over no message"
                raise MailcareError(what, where=self._asking.host, todo="Run again later.", code=Exit.TEMPORARY)
        return fetched

    def _fetch(self, ids: list[str], fetched: Fetched, tried: bool = False) -> dict[str, Exception]:
        """Note what becomes of the items, but for those that this request was too large for, which are returned."""
        try:
            answers = self._answers(ids)
        except Poison as poison:
            if len(ids) > 1:
                half = len(ids) // 2
                return self._fetch(ids[:half], fetched) | self._fetch(ids[half:], fetched)
            if not tried:
                self._due.keep(later(poison.error, self._asking.host))
                return self._fetch(ids, fetched, tried=True)
            answers = [poison.error]
        if all(isinstance(answer, Exception) and not isinstance(answer, LIMITED) for answer in answers):
            self._tree.well_known()
        limited = {}
        for id, answer in zip(ids, answers, strict=True):
            if isinstance(answer, LIMITED):
                limited[id] = answer
            elif isinstance(answer, _GONE):
                fetched.gone.append(id)
                fetched.puzzling += isinstance(answer, errors.ErrorInvalidId)
            elif isinstance(answer, Exception):
                fetched.refused.append(id)
                fetched.puzzling += isinstance(answer, (*PUZZLING, errors.ErrorInvalidPropertyRequest))
            else:
                fetched.items.append((id, answer))
        return limited

    def _answers(self, ids: list[str]) -> list[Any]:
        """An item or an error for each id. Raises Poison."""

        def question() -> list[Any]:
            self._due.tell()
            service = Items(account=self._asking.account, chunk_size=len(ids))
            told = list(service.call([ItemId(id=id) for id in ids], _PATHS, ID_ONLY))
            for answer in told:
                if isinstance(answer, Exception) and is_no_mailbox(answer):
                    raise answer
            if len(told) != len(ids):
                raise errors.MalformedResponseError("not as many items as asked for")
            if all(isinstance(answer, LIMITED) for answer in told):
                raise _AllLimited(told)
            return told

        try:
            return self._asking.ask(question, poison=True)
        except _AllLimited as none:
            return none.told


class _AllLimited(Exception):
    """An answer that brings nothing, so that it is no progress."""

    def __init__(self, told: list[Any]) -> None:
        self.told = told
