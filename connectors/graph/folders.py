"""The folders of a mailbox: what each is called, and what it is for."""

from dataclasses import dataclass, replace

from connectors.graph.api import Api, Gone, Refused
from mailcare.mail.message import Role

WELL_KNOWN = {
    "sentitems": Role.SENT,
    "drafts": Role.DRAFTS,
    "outbox": Role.DRAFTS,
    "junkemail": Role.SPAM,
    "deleteditems": Role.TRASH,
}
"""Graph's names of the folders that have a role; the names that people see are localised."""

NO_MAIL = ("conversationhistory", "syncissues", "conflicts", "localfailures", "serverfailures")
"""Graph's names of the folders that hold chats and reports of mail programs."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that holds mail."""

    id: str
    path: str
    """Its name as people see it, after those of the folders around it."""
    roles: tuple[Role, ...]
    """What it is for; a folder is for what those around it are for."""
    count: int
    """Messages in it."""
    is_closed_inside: bool = False
    """Whether the server refuses to tell the folders in it."""


def folders(api: Api) -> list[Folder]:
    """Every folder, nested ones too; search folders, ``NO_MAIL`` and what lies in it are left out. Raises
    MailcareError, Failing."""
    special = {_id(api, name): role for name, role in WELL_KNOWN.items()}
    without = {"", *(_id(api, name) for name in NO_MAIL)}
    found: dict[str, Folder] = {}
    around = [Folder("", "", (), 0)]
    while around:
        parent = around.pop()
        try:
            children = list(api.folders(parent.id))
        except (Gone, Refused):
            if not parent.id:
                raise
            found[parent.id] = replace(parent, is_closed_inside=True)
            continue
        for child in children:
            id, count = str(child.get("id") or ""), child.get("totalItemCount")
            if id in without or child.get("@odata.type") == "#microsoft.graph.mailSearchFolder":
                continue
            role = special.get(id)
            folder = Folder(
                id=id,
                path="/".join(filter(None, (parent.path, str(child.get("displayName") or "")))),
                roles=(*parent.roles, role) if role and role not in parent.roles else parent.roles,
                count=count if isinstance(count, int) else 0,
            )
            found[id] = folder
            if child.get("childFolderCount"):
                around.append(folder)
    return list(found.values())


def _id(api: Api, name: str) -> str:
    """The id of a well-known folder; empty where the mailbox has none, or the server refuses it."""
    try:
        return api.folder_id(name)
    except Refused:
        return ""
