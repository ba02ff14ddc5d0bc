"""exchangelib's services, made to take what it stumbles over; and what counts as mail.

Protocol: MS-OXWSSYNC, MS-OXWSFOLD, MS-OXWSMSG. Of an item in a list of changes nothing but its id, class and time of
arrival is looked at.
"""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from exchangelib import Message
from exchangelib.errors import ErrorServerBusy, EWSError
from exchangelib.folders import BaseFolder
from exchangelib.services import GetFolder, GetItem, SyncFolderHierarchy, SyncFolderItems
from exchangelib.services.common import EWSService
from exchangelib.util import TNS

_MAIL = "IPM.NOTE", "IPM.SCHEDULE.MEETING", "REPORT", "IPM.OUTLOOK.RECALL", "IPM.RECALL.REPORT", "IPM.SHARING"
_CHATS = ("IPM.NOTE.MICROSOFT.CONVERSATION",)


QUIET = 100
"""So many pages of changes in a row that tell of nothing have no end."""


class Entry(NamedTuple):
    """An item of mail, as a list of changes names it."""

    arrived: datetime
    id: str


def is_mail(item_class: str | None) -> bool:
    """Whether items of this class are mail, meeting messages and reports included (MS-OXCMSG, MS-OXOCAL)."""
    name = item_class or "IPM.Note"
    return is_a(name, _MAIL) and not is_a(name, _CHATS)


def is_a(name: str, classes: tuple[str, ...]) -> bool:
    """Whether a class of items or folders is one of these (in capitals), or derived from one."""
    return f"{name.upper()}.".startswith(tuple(f"{one}." for one in classes))


class _Each:
    """An answer or an error for each that is asked for, whatever the error; one that says how long to wait keeps that,
    and one without a text is an error too.
    """

    ERRORS_TO_CATCH_IN_RESPONSE = EWSError

    @staticmethod
    def _get_exception(code: str, text: str | None, msg_xml: Any = None, rule_errors: Any = None) -> Exception:
        error: Exception = EWSService._get_exception(code, text or "", msg_xml, rule_errors)
        if isinstance(error, ErrorServerBusy) and msg_xml is not None:
            told = {value.get("Name"): value.text or "" for value in msg_xml.iter(f"{{{TNS}}}Value")}
            hint = told.get("BackOffMilliseconds", "")
            error.back_off = int(hint) / 1000 if hint.isdecimal() else None
        return error


class Folders(_Each, GetFolder):
    pass


class Items(_Each, GetItem):
    """Elements of kinds that exchangelib doesn't know are read as messages."""

    def _elem_to_obj(self, elem: Any) -> Any:
        known = BaseFolder.ITEM_MODEL_MAP.get(elem.tag, Message)
        return known.from_xml(elem=elem, account=self.account)


class _Told:
    """An error in an answer about changes is that error, also where the answer lacks a sync state beside it; an answer
    without a list of changes tells of none, and one that doesn't say that it is the last may not be (MS-OXWSSYNC).
    """

    last_in_range_name: str

    def _get_element_container(self, message: Any, name: str | None = None) -> Any:
        if message.get("ResponseClass") == "Success":
            for needed in filter(None, (name, self.last_in_range_name)):
                if message.find(needed) is None:
                    message.append(message.makeelement(needed))
            last = message.find(self.last_in_range_name)
            last.text = "true" if (last.text or "").strip() in ("true", "1") else "false"
            return super()._get_element_container(message=message, name=name)  # type: ignore[misc]  # untyped base
        return EWSService._get_element_container(self, message=message, name=name)


class ItemChanges(_Told, SyncFolderItems):
    """Kinds of changes with an ``Entry`` of mail, or an id; items of every class exchangelib knows and doesn't."""

    def _elem_to_obj(self, elem: Any) -> tuple[str, Entry | str | None]:
        kind = self.change_types_map.get(elem.tag, "")
        item_id = next(elem.iter(f"{{{TNS}}}ItemId"), None)
        id = None if item_id is None else item_id.get("Id")
        if id is None or kind not in (self.CREATE, self.UPDATE):
            return kind, id
        item_class, arrived = (elem[0].findtext(f"{{{TNS}}}{name}") for name in ("ItemClass", "DateTimeReceived"))
        return kind, Entry(_instant(arrived), id) if is_mail(item_class) else None


class FolderChanges(_Told, SyncFolderHierarchy):
    """Kinds of changes with a folder, or None for what is no plain folder, such as a search."""

    def _elem_to_obj(self, elem: Any) -> tuple[str, Any]:
        if elem.tag not in self.change_types_map:
            return "", None
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
