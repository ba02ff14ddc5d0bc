"""The operations of Exchange Web Services that a reader needs, as strict as Exchange is about them.

Written from Microsoft's EWS reference and the protocols MS-OXWSFOLD, MS-OXWSSYNC, MS-OXWSSRCH and MS-OXWSMSG. Whatever
could return a body, a preview, MIME content or an attachment is refused and noted; so is every other operation.
"""

from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from tests.counterparts.exchange.answers import Fault, envelope_xml
from tests.counterparts.exchange.items import BODIES, PROPERTIES, element, item_xml
from tests.counterparts.exchange.mailbox import Folder, StoredMailbox

S = "{http://schemas.xmlsoap.org/soap/envelope/}"
T = "{http://schemas.microsoft.com/exchange/services/2006/types}"
M = "{http://schemas.microsoft.com/exchange/services/2006/messages}"
VERSIONS = {"Exchange2007_SP1", "Exchange2010", "Exchange2010_SP1", "Exchange2010_SP2", "Exchange2013"} | {
    "Exchange2013_SP1",
    "Exchange2016",
}
SYNC_PAGE, FIND_PAGE = 512, 1000
FOLDER_PROPERTIES = {"folder:DisplayName", "folder:ParentFolderId", "folder:FolderClass", "folder:TotalCount"}
CHILDREN = {
    "GetFolder": ["FolderShape", "FolderIds"],
    "SyncFolderHierarchy": ["FolderShape", "SyncFolderId", "SyncState"],
    "SyncFolderItems": ["ItemShape", "SyncFolderId", "SyncState", "Ignore", "MaxChangesReturned", "SyncScope"],
    "FindItem": ["ItemShape", "IndexedPageItemView", "SortOrder", "ParentFolderIds"],
    "GetItem": ["ItemShape", "ItemIds"],
}
"""What stands in each request, in the schema's order."""


class Failure(Exception):
    """One part of a request is answered by an error."""

    def __init__(self, code: str, back_off: int | None = None) -> None:
        super().__init__(code)
        self.back_off = back_off


class Operations:
    """Answers one authenticated user's requests."""

    def __init__(self, mailboxes: dict[str, StoredMailbox], rights: dict[tuple[str, str], str]) -> None:
        self.mailboxes, self.rights = mailboxes, rights
        """``rights``: who, at whose mailbox → ``delegate`` or ``impersonation``."""
        self.asked: list[str] = []
        """The operations so far."""
        self.bodies: list[str] = []
        """Requests that could have returned a body, and operations that no reader needs."""
        self.corrupt: set[str] = set()
        self.private: set[str] = set()
        self.explosive: set[str] = set()
        """Items whose id answers with an error of its own, with access denied, with HTTP 500 for the whole request."""
        self.closed: set[str] = set()
        """Folders that nobody may see."""
        self.denial = "ErrorAccessDenied"
        """What is told of these."""
        self.closed_inside: set[str] = set()
        """Folders that everybody may see, and nobody look into."""
        self.odd: dict[str, str] = {}
        """Folders, by their id, of which GetFolder tells this error when they are asked for by their name."""
        self.most_items = 1000
        """So many items of one GetItem are answered; for the others the server is busy."""
        self.busy_items: set[str] = set()
        """Items at which the server always is."""
        self.item_back_off: int | None = None
        """Milliseconds that it then asks to wait."""
        self.vanished = "ErrorItemNotFound"
        """What is told of an item that has another id by now."""
        self.unknown_mailbox = ""
        """The fault with which every request about a mailbox that is none ends; empty: an error in the answer."""
        self.hierarchy_page = 1000
        self.before: Callable[[str], None] = lambda _: None
        """Is told the name of every operation before it is carried out."""

    def answer(self, user: str, request: bytes) -> bytes:
        """The response's XML. Raises Fault."""
        try:
            envelope = etree.fromstring(request)
        except etree.XMLSyntaxError:
            raise Fault("ErrorSchemaValidation") from None
        version = envelope.find(f"{S}Header/{T}RequestServerVersion")
        if version is not None and version.get("Version") not in VERSIONS:
            raise Fault("ErrorInvalidServerVersion")
        body = envelope.find(f"{S}Body")
        if body is None or len(body) != 1:
            raise Fault("ErrorSchemaValidation")
        asked = etree.QName(body[0]).localname
        user = self._impersonated(user, envelope)
        self.asked.append(asked)
        self._check(asked, body[0])
        self.before(asked)
        told = getattr(self, f"_{asked}")(user, body[0])
        response = f"<m:{asked}Response><m:ResponseMessages>{told}</m:ResponseMessages></m:{asked}Response>"
        return envelope_xml(response)

    def _impersonated(self, user: str, envelope: Any) -> str:
        sid = envelope.find(f"{S}Header/{T}ExchangeImpersonation/{T}ConnectingSID")
        if sid is None:
            return user
        if len(sid) != 1 or etree.QName(sid[0]).localname not in ("PrimarySmtpAddress", "SmtpAddress", "PrincipalName"):
            raise Fault("ErrorSchemaValidation")
        target = (sid[0].text or "").lower()
        if target not in self.mailboxes:
            raise Fault("ErrorNonExistentMailbox")
        if self.rights.get((user, target)) != "impersonation":
            raise Fault("ErrorImpersonateUserDenied")
        return target

    def _check(self, asked: str, request: Any) -> None:
        if asked not in CHILDREN:
            self.bodies.append(asked)
            raise Fault("ErrorInvalidRequest")
        children = [etree.QName(child).localname for child in request]
        if children != [name for name in CHILDREN[asked] if name in children]:
            raise Fault("ErrorSchemaValidation")
        shape = request[0]
        uris = _uris(shape)
        shapes = {child.text for child in shape if etree.QName(child).localname == "BaseShape"}
        others = [etree.QName(child).localname for child in shape.iter() if isinstance(child.tag, str)]
        known = ("ItemShape", "FolderShape", "BaseShape", "AdditionalProperties", "FieldURI")
        strange = [name for name in others if name not in known]
        if asked.endswith("Item") or asked.endswith("Items"):
            wide = shapes - {"IdOnly"}
            if wide or strange or BODIES & {*uris}:
                self.bodies.append(f"{asked} {sorted(wide)} {strange} {sorted(BODIES & {*uris})}")
                raise Fault("ErrorInvalidRequest")
            valid = PROPERTIES.keys()
        else:
            valid = FOLDER_PROPERTIES
        if shapes != {"IdOnly"} or strange or not valid >= {*uris}:
            raise Fault("ErrorSchemaValidation")

    def _mailbox(self, user: str, address: str) -> StoredMailbox:
        mailbox = self.mailboxes.get(address.lower())
        if mailbox is None and self.unknown_mailbox:
            raise Fault(self.unknown_mailbox)
        if mailbox is None:
            raise Failure("ErrorNonExistentMailbox")
        if user != mailbox.address and (user, mailbox.address) not in self.rights:
            raise Failure("ErrorAccessDenied")
        return mailbox

    def _folder(self, user: str, id: Any) -> tuple[StoredMailbox, Folder]:
        if id.tag == f"{T}DistinguishedFolderId":
            address = id.findtext(f"{T}Mailbox/{T}EmailAddress") or user
            mailbox = self._mailbox(user, address)
            found = mailbox.special(id.get("Id"))
        else:
            mailbox = next((one for one in self.mailboxes.values() if id.get("Id") in one.folders), None)
            if mailbox is None:
                raise Failure("ErrorItemNotFound")
            self._mailbox(user, mailbox.address)
            found = mailbox.folders[id.get("Id")]
        if found is None:
            raise Failure("ErrorFolderNotFound")
        if found.id in self.closed:
            raise Failure(self.denial)
        return mailbox, found

    def _GetFolder(self, user: str, request: Any) -> str:  # noqa: N802
        def one(id: Any) -> str:
            _, folder = self._folder(user, id)
            if folder.id in self.odd and id.tag == f"{T}DistinguishedFolderId":
                raise Failure(self.odd[folder.id])
            return f"<m:Folders>{_folder_xml(folder, _uris(request))}</m:Folders>"

        return "".join(_message("GetFolder", one, id, "<m:Folders/>") for id in request.find(f"{M}FolderIds"))

    def _SyncFolderHierarchy(self, user: str, request: Any) -> str:  # noqa: N802
        def one(id: Any) -> str:
            mailbox, top = self._folder(user, id)
            start = int(request.findtext(f"{M}SyncState") or 0)
            below = [one for one in mailbox.below(top.id) if one.id not in self.closed]
            page = below[start : start + self.hierarchy_page]
            changes = "".join(f"<t:Create>{_folder_xml(folder, _uris(request))}</t:Create>" for folder in page)
            end = start + len(page)
            return (
                element("SyncState", str(end), "m")
                + element("IncludesLastFolderInRange", "true" if end == len(below) else "false", "m")
                + (f"<m:Changes>{changes}</m:Changes>" if changes else "")
            )

        return _message("SyncFolderHierarchy", one, request.find(f"{M}SyncFolderId")[0])

    def _SyncFolderItems(self, user: str, request: Any) -> str:  # noqa: N802
        most = int(request.findtext(f"{M}MaxChangesReturned"))
        if not 1 <= most <= SYNC_PAGE:
            raise Fault("ErrorSchemaValidation")

        def one(id: Any) -> str:
            mailbox, folder = self._folder(user, id)
            if folder.id in self.closed_inside:
                raise Failure("ErrorAccessDenied")
            after = mailbox.number(folder.id, request.findtext(f"{M}SyncState") or "")
            if after is None:
                raise Failure("ErrorInvalidSyncStateData")
            told, end, last = mailbox.changes(folder.id, after, most)
            changes = "".join(_change_xml(kind, id, mailbox, _uris(request)) for kind, id in told)
            return (
                element("SyncState", mailbox.state(folder.id, end), "m")
                + element("IncludesLastItemInRange", "true" if last else "false", "m")
                + (f"<m:Changes>{changes}</m:Changes>" if changes else "")
            )

        empty = "<m:SyncState/><m:IncludesLastItemInRange>true</m:IncludesLastItemInRange>"
        return _message("SyncFolderItems", one, request.find(f"{M}SyncFolderId")[0], empty)

    def _FindItem(self, user: str, request: Any) -> str:  # noqa: N802
        view = request.find(f"{M}IndexedPageItemView")
        offset = int(view.get("Offset")) if view is not None else 0
        most = min(int(view.get("MaxEntriesReturned")) if view is not None else FIND_PAGE, FIND_PAGE)

        def one(id: Any) -> str:
            mailbox, folder = self._folder(user, id)
            mine = [item for item in mailbox.items.values() if item.folder == folder.id]
            here = sorted(mine, key=lambda item: item.arrived, reverse=True)
            page = here[offset : offset + most]
            end = offset + len(page)
            last = "true" if end >= len(here) else "false"
            items = "".join(item_xml(item, _uris(request), whole=False) for item in page)
            return (
                f'<m:RootFolder IndexedPagingOffset="{end}" TotalItemsInView="{len(here)}" '
                f'IncludesLastItemInRange="{last}"><t:Items>{items}</t:Items></m:RootFolder>'
            )

        return "".join(_message("FindItem", one, id) for id in request.find(f"{M}ParentFolderIds"))

    def _GetItem(self, user: str, request: Any) -> str:  # noqa: N802
        ids = [id.get("Id") for id in request.find(f"{M}ItemIds")]
        if self.explosive & {*ids}:
            raise Fault("", status=500)

        def one(id: str) -> str:
            if id in ids[self.most_items :] or id in self.busy_items:
                raise Failure("ErrorServerBusy", self.item_back_off)
            mailbox = next((one for one in self.mailboxes.values() if id in one.items), None)
            if mailbox is None:
                raise Failure(self.vanished if len(id) > 90 else "ErrorInvalidIdMalformed")
            self._mailbox(user, mailbox.address)
            if id in self.corrupt:
                raise Failure("ErrorItemCorrupt")
            if id in self.private:
                raise Failure("ErrorAccessDenied")
            return f"<m:Items>{item_xml(mailbox.items[id], _uris(request), whole=True)}</m:Items>"

        return "".join(_message("GetItem", one, id, "<m:Items/>") for id in ids)


def _uris(request: Any) -> list[str]:
    return [field.get("FieldURI") for field in request.iter(f"{T}FieldURI")]


def _message(operation: str, make: Callable[[Any], str], of: Any, empty: str = "") -> str:
    try:
        told, kind, code, back_off = make(of), "Success", "NoError", None
    except Failure as failure:
        told, kind, code, back_off = empty, "Error", str(failure), failure.back_off
    hint = f'<m:MessageXml><t:Value Name="BackOffMilliseconds">{back_off}</t:Value></m:MessageXml>' if back_off else ""
    text = f"<m:MessageText>{escape(code)} about zebra@client.example</m:MessageText>" if kind == "Error" else ""
    return (
        f"<m:{operation}ResponseMessage ResponseClass={quoteattr(kind)}>{text}"
        f"<m:ResponseCode>{code}</m:ResponseCode>{hint}{told}</m:{operation}ResponseMessage>"
    )


def _folder_xml(folder: Folder, asked: list[str]) -> str:
    told = {
        "folder:ParentFolderId": f"<t:ParentFolderId Id={quoteattr(folder.parent)}/>" if folder.parent else "",
        "folder:FolderClass": element("FolderClass", folder.folder_class),
        "folder:DisplayName": element("DisplayName", folder.name),
    }
    properties = "".join(xml for uri, xml in told.items() if uri in asked)
    return f'<t:{folder.tag}><t:FolderId Id={quoteattr(folder.id)} ChangeKey="AQAAAB"/>{properties}</t:{folder.tag}>'


def _change_xml(kind: str, id: str, mailbox: StoredMailbox, asked: list[str]) -> str:
    if kind == "delete":
        return f'<t:Delete><t:ItemId Id={quoteattr(id)} ChangeKey="CQAAAB"/></t:Delete>'
    return f"<t:{kind.capitalize()}>{item_xml(mailbox.items[id], asked, whole=False)}</t:{kind.capitalize()}>"
