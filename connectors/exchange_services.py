"""exchangelib's services for changes, made to take what it stumbles over; and what counts as mail.

Protocol: MS-OXWSSYNC. Of an item nothing but its id, class and time of arrival is looked at here.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from exchangelib.services import SyncFolderHierarchy, SyncFolderItems
from exchangelib.services.common import EWSService
from exchangelib.util import TNS

_MAIL = "IPM.NOTE", "IPM.SCHEDULE.MEETING", "REPORT", "IPM.OUTLOOK.RECALL", "IPM.RECALL.REPORT", "IPM.SHARING"
_CHATS = "IPM.NOTE.MICROSOFT.CONVERSATION"


class Entry(NamedTuple):
    """An item of mail, as a list of changes names it."""

    arrived: datetime
    id: str


def is_mail(item_class: str | None) -> bool:
    """Whether items of this class are mail, meeting messages and reports included (MS-OXCMSG, MS-OXOCAL)."""
    name = (item_class or "IPM.Note").upper()
    return name.startswith(_MAIL) and not name.startswith(_CHATS)


class _Told:
    """An error in an answer about changes is that error, also where the answer lacks a sync state beside it; an answer
    without a list of changes tells of none (MS-OXWSSYNC).
    """

    def _get_element_container(self, message: Any, name: str | None = None) -> Any:
        if message.get("ResponseClass") == "Success":
            if name and message.find(name) is None:
                message.append(message.makeelement(name))
            return super()._get_element_container(message=message, name=name)  # type: ignore[misc]
        return EWSService._get_element_container(self, message=message, name=name)


class ItemChanges(_Told, SyncFolderItems):  # type: ignore[misc]
    """Kinds of changes with an ``Entry`` of mail, or an id; items of every class exchangelib knows and doesn't."""

    def _elem_to_obj(self, elem: Any) -> tuple[str, Entry | str | None]:
        kind = self.change_types_map.get(elem.tag, "")
        item_id = next(elem.iter(f"{{{TNS}}}ItemId"), None)
        id = None if item_id is None else item_id.get("Id")
        if id is None or kind not in (self.CREATE, self.UPDATE):
            return kind, id
        item_class, arrived = (elem[0].findtext(f"{{{TNS}}}{name}") for name in ("ItemClass", "DateTimeReceived"))
        return kind, Entry(_instant(arrived), id) if is_mail(item_class) else None


class FolderChanges(_Told, SyncFolderHierarchy):  # type: ignore[misc]
    """Kinds of changes with a folder, or None for what is no plain folder, such as a search."""

    def _elem_to_obj(self, elem: Any) -> tuple[str, Any]:
        plain = elem[0].tag == f"{{{TNS}}}Folder"
        kind, one = super()._elem_to_obj(elem)
        return kind, one if plain else None


def _instant(text: str | None) -> datetime:
    """When an item arrived; the latest of all moments where the server doesn't say, so that it is read at once."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return datetime.max.replace(tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
