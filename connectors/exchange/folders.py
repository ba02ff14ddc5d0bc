"""The folders of an Exchange mailbox that hold mail: what each is called, what it is for, and whether it is there.

Protocol: MS-OXWSFOLD (GetFolder), MS-OXWSSYNC (SyncFolderHierarchy). Who may look into some folders only, such as a
delegate with rights on the Inbox, can't open the top of the mailbox: then the well-known folders that answer, and
those below them, are all that is seen.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from exchangelib import Folder, errors, folders
from exchangelib.fields import FieldPath
from exchangelib.items import ID_ONLY
from exchangelib.properties import DistinguishedFolderId, FolderId, Mailbox

from connectors.exchange.asking import Asking, Closed
from connectors.exchange.errors import CLOSED, PUZZLING, WAITED_FOR, endless, explained
from connectors.exchange.services import QUIET, FolderChanges, Folders, is_a
from mailcare.errors import Exit, MailcareError
from mailcare.mail.message import Role

_PATHS = [FieldPath(field=Folder.get_field_by_fieldname(name)) for name in ("name", "parent_folder_id", "folder_class")]
_ROLES = {
    folders.SentItems: Role.SENT,
    folders.Drafts: Role.DRAFTS,
    folders.Outbox: Role.DRAFTS,
    folders.JunkEmail: Role.SPAM,
    folders.DeletedItems: Role.TRASH,
}
_WELL_KNOWN = folders.MsgFolderRoot, folders.Inbox, *_ROLES
_MAIL = "IPF.NOTE", "IPF.IMAP"
_MISSING = errors.ErrorItemNotFound, errors.ErrorFolderNotFound, errors.ErrorInvalidIdMalformed


@dataclass(frozen=True)
class MailFolder:
    """A folder that holds mail."""

    id: str
    path: str
    """Names from the top of the mailbox, joined by slashes, in the mailbox's language."""
    roles: tuple[Role, ...]
    """What it and the folders around it are for."""
    certain: bool = True
    """Whether it is certain that it is for nothing else: the server told of all the folders that are for something."""


@dataclass(frozen=True)
class Listing:
    """The folders that hold mail, and whether these are all of the mailbox."""

    folders: list[MailFolder]
    is_whole: bool


class FolderTree:
    """Asks the server for its folders. Raises MailcareError."""

    def __init__(self, asking: Asking) -> None:
        self._asking = asking
        self._root = folders.Root(account=asking.account)

    def well_known(self) -> dict[type[Any], Any]:
        """Each well-known folder by its kind, or the error that the server gives in its place. Raises MailcareError
        where none can be opened.
        """
        answers = self._get([self._distinguished(kind) for kind in _WELL_KNOWN])
        if all(isinstance(answer, Exception) for answer in answers):
            raise explained(answers[0], self._asking.host)
        return dict(zip(_WELL_KNOWN, answers, strict=True))

    def listing(self) -> Listing:
        """Every folder that may be seen and holds mail."""
        answers = self.well_known()
        top = answers.pop(folders.MsgFolderRoot)
        there = {kind: one for kind, one in answers.items() if not isinstance(one, Exception)}
        unclear = any(isinstance(one, Exception) and not isinstance(one, CLOSED) for one in answers.values())
        tree = None if isinstance(top, Exception) else self._below_top()
        if tree and folders.Inbox in there and there[folders.Inbox].id not in tree:
            raise MailcareError(
                "the list of folders is incomplete",
                where=self._asking.host,
                todo="Run again later.",
                code=Exit.TEMPORARY,
            )
        seen = self._below(there.values()) if tree is None else tree
        roles = {one.id: _ROLES.get(kind) for kind, one in there.items()}
        return Listing(list(_mail_folders(seen, roles, unclear)), tree is not None)

    def is_gone(self, folder: str) -> bool:
        """Whether a folder that is not in the whole listing any more was deleted, and is not merely closed to us."""
        answer = self._get([self._folder(folder)])[0]
        return not isinstance(answer, Exception) or isinstance(answer, _MISSING)

    def _below_top(self) -> dict[str, Any] | None:
        """Every folder of the mailbox by id, mail or not; None where the user may not list them."""
        try:
            return {one.id: one for one in self._hierarchy(self._distinguished(folders.MsgFolderRoot))}
        except Closed:
            return None

    def _below(self, tops: Iterable[Any]) -> dict[str, Any]:
        """These folders and those below them, by id."""
        found: dict[str, Any] = {}
        for top in tops:
            found[top.id] = top
            with suppress(Closed):
                found |= {one.id: one for one in self._hierarchy(self._folder(top.id))}
        return found

    def _hierarchy(self, top: Any) -> Iterator[Any]:
        """Every folder below this one. Raises Closed."""
        state, last, quiet = None, False, 0
        while not last:

            def page(since: str | None = state) -> tuple[list[Any], str | None, bool]:
                service = FolderChanges(account=self._asking.account)
                told = list(service.call(top, ID_ONLY, _PATHS, since))
                return told, service.sync_state, bool(service.includes_last_item_in_range)

            told, after, last = self._asking.ask(page, dict.fromkeys(CLOSED, Closed()))
            last, state, quiet = last or after == state, after, 0 if told else quiet + 1
            if quiet > QUIET:
                raise endless(self._asking.host)
            yield from (one for _, one in told if isinstance(one, Folder))

    def _distinguished(self, kind: type[Any]) -> Any:
        mailbox = Mailbox(email_address=self._asking.account.primary_smtp_address)
        name = DistinguishedFolderId(id=kind.DISTINGUISHED_FOLDER_ID, mailbox=mailbox)
        return kind(root=self._root, _distinguished_id=name)

    def _folder(self, id: str) -> Any:
        return Folder(root=self._root, _id=FolderId(id=id))

    def _get(self, wanted: list[Any]) -> list[Any]:
        """A folder or an error for each; errors that pass are waited for."""

        def answers() -> list[Any]:
            told = list(Folders(account=self._asking.account).call(wanted, _PATHS, ID_ONLY))
            for answer in told:
                if isinstance(answer, WAITED_FOR):
                    raise answer
            if all(isinstance(answer, PUZZLING) for answer in told):
                raise told[0] if told else errors.MalformedResponseError("no folder")
            return told

        return self._asking.ask(answers)


def _mail_folders(tree: dict[str, Any], roles: dict[str, Role | None], unclear: bool) -> Iterator[MailFolder]:
    """Those of the tree that hold mail. ``roles``: what the well-known ones are for; ``unclear``: whether the server
    kept back which folder one of the others is.
    """
    for one in tree.values():
        if not is_a(one.folder_class or "IPF.Note", _MAIL):
            continue
        line = [*reversed([*_upwards(one, tree)])]
        mine = dict.fromkeys(role for part in line if (role := roles.get(part.id)))
        certain = not unclear or any(part.id in roles for part in line)
        yield MailFolder(one.id, "/".join(part.name or "" for part in line), tuple(mine), certain)


def _upwards(one: Any, tree: dict[str, Any]) -> Iterator[Any]:
    """The folder and those around it."""
    seen: set[str] = set()
    while one and one.id not in seen:
        yield one
        seen.add(one.id)
        one = tree.get(one.parent_folder_id.id) if one.parent_folder_id else None
