"""The folders of a mailbox: what each is called, and what it is for."""

from dataclasses import dataclass

from connectors.graph_api import Api, Gone
from mailcare.message import Role

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


def folders(api: Api) -> list[Folder]:
    """Every folder, nested ones too; search folders, ``NO_MAIL`` and what lies in it are left out. Raises
    MailcareError, Failing."""
    special = {api.folder_id(name): role for name, role in WELL_KNOWN.items()}
    without = {"", *(api.folder_id(name) for name in NO_MAIL)}
    found: list[Folder] = []
    around = [Folder("", "", (), 0)]
    while around:
        parent = around.pop()
        try:
            children = list(api.folders(parent.id))
        except Gone:
            if not parent.id:
                raise
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
            found.append(folder)
            if child.get("childFolderCount"):
                around.append(folder)
    return found
