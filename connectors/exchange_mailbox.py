"""An Exchange mailbox as far as mailcare looks into it: its mail folders, what changed in them, metadata of items.

Protocol: MS-OXWSFOLD (GetFolder), MS-OXWSSYNC (SyncFolderHierarchy, SyncFolderItems), MS-OXWSMSG (GetItem).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from exchangelib import Account, Folder, Message, errors, folders
from exchangelib.fields import FieldPath
from exchangelib.items import ID_ONLY
from exchangelib.properties import DistinguishedFolderId, FolderId, ItemId, Mailbox
from exchangelib.services import GetFolder
from spnego.exceptions import SpnegoError

from connectors.exchange_errors import PUZZLING, WAITED_FOR, Unexpected, explained, unreachable
from connectors.exchange_services import Entry, FolderChanges, ItemChanges
from connectors.patience import Patience
from mailcare.errors import Exit, MailcareError
from mailcare.message import Role

FIELDS = (
    *("author", "sender", "reply_to", "to_recipients", "cc_recipients", "bcc_recipients", "subject", "datetime_sent"),
    *("datetime_received", "message_id", "in_reply_to", "references", "headers", "conversation_id"),
    *("conversation_index", "item_class", "size"),
)
"""All that is ever asked of an item, by exchangelib's names."""

_PATHS = [FieldPath(field=Message.get_field_by_fieldname(name)) for name in FIELDS]
_LISTED = [FieldPath(field=Message.get_field_by_fieldname(name)) for name in ("datetime_received", "item_class")]
_FOLDER_PATHS = [
    FieldPath(field=Folder.get_field_by_fieldname(name)) for name in ("name", "parent_folder_id", "folder_class")
]
PAGE, CHUNK = 512, 50
"""Changes in one answer, the most that Exchange allows; items in one request."""
MANY = 5
"""When more items than these are asked for and there is no telling why all are refused, that is an outage."""

_ROLES = {
    folders.SentItems: Role.SENT,
    folders.Drafts: Role.DRAFTS,
    folders.Outbox: Role.DRAFTS,
    folders.JunkEmail: Role.SPAM,
    folders.DeletedItems: Role.TRASH,
}
_MAIL_FOLDERS = "IPF.NOTE", "IPF.IMAP"
_MISSING = errors.ErrorItemNotFound, errors.ErrorFolderNotFound, errors.ErrorInvalidIdMalformed
_NO_MAILBOX = errors.ErrorNonExistentMailbox, errors.ErrorImpersonateUserDenied, errors.ErrorImpersonationDenied

T = TypeVar("T")


class StaleState(Exception):  # noqa: N818
    """The server has forgotten what this sync state stands for."""


class Closed(Exception):  # noqa: N818
    """The user may see this folder, and not what is in it."""


class _Poison(Exception):  # noqa: N818
    """A request for items that the server could not answer."""

    def __init__(self, error: Exception) -> None:
        self.error = error


QUIET = 100
"""So many pages in a row that tell of nothing have no end."""
_CLOSED = (
    errors.ErrorAccessDenied,
    errors.ErrorFolderCorrupt,
    errors.ErrorFolderNotFound,
    errors.ErrorItemNotFound,
    errors.ErrorSyncFolderNotFound,
)
"""What a server says of a folder that can't be read (any more)."""


@dataclass(frozen=True)
class MailFolder:
    """A folder that holds mail."""

    id: str
    path: str
    """Names from the top of the mailbox, joined by slashes, in the mailbox's language."""
    roles: tuple[Role, ...]
    """What it and the folders around it are for."""


@dataclass
class Changes:
    """A page of what changed in a folder since a sync state, and the state after it."""

    state: str
    last: bool
    anything: bool
    mail: list[Entry] = field(default_factory=list)
    """Created or updated."""
    gone: list[str] = field(default_factory=list)
    """Deleted, or moved elsewhere (where they have another id); also of items that were never told."""


@dataclass
class Fetched:
    """What became of items that were asked for."""

    items: list[tuple[str, Any]] = field(default_factory=list)
    """Id and exchangelib's item."""
    gone: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """The server cannot or will not hand them over."""
    puzzling: int = 0
    """Of these, how many it says nothing in particular about."""


class ExchangeMailbox:
    """Asks the server, with patience. Raises MailcareError for what can't be waited for, or lasts."""

    def __init__(self, account: Account, host: str, patience: Patience) -> None:
        self._account, self._host, self._patience = account, host, patience
        self._root = folders.Root(account=account)
        self._answered = False

    def check(self) -> None:
        """Raises MailcareError where the mailbox can't be opened."""
        self._top(folders.MsgFolderRoot)

    def closed(self) -> MailcareError:
        """What to say where the user may look into no folder at all."""
        return explained(errors.ErrorAccessDenied("no folder"), self._host)

    def folders(self) -> list[MailFolder]:
        """Every folder of the mailbox that holds mail."""
        _, inbox, *special = self._top(folders.MsgFolderRoot, folders.Inbox, *_ROLES)
        roles = {one.id: role for one, role in zip(special, _ROLES.values(), strict=True) if one}
        tree = {one.id: one for one in self._hierarchy()}
        if inbox and inbox.id not in tree:
            raise MailcareError(
                "the list of folders is incomplete", where=self._host, todo="Run again later.", code=Exit.TEMPORARY
            )
        found = []
        for one in tree.values():
            if not (one.folder_class or "IPF.Note").upper().startswith(_MAIL_FOLDERS):
                continue
            line = [*reversed([*_upwards(one, tree)])]
            mine = dict.fromkeys(roles[part.id] for part in line if part.id in roles)
            found.append(MailFolder(one.id, "/".join(part.name or "" for part in line), tuple(mine)))
        return found

    def is_gone(self, folder: str) -> bool:
        """Whether a folder that is not among ``folders()`` any more was deleted, and is not merely closed to us."""
        answer = self._folders([Folder(root=self._root, _id=FolderId(id=folder))])[0]
        return not isinstance(answer, Exception) or isinstance(answer, _MISSING)

    def changes(self, folder: str, state: str) -> Changes:
        """The next page of what changed in the folder since ``state``; from its beginning where that is empty.

        Raises StaleState and Closed.
        """

        def page() -> Changes:
            service = ItemChanges(account=self._account)
            told = list(service.call(FolderId(id=folder), ID_ONLY, _LISTED, state, None, PAGE, "NormalItems"))
            for error in told:
                if isinstance(error, Exception):
                    raise error
            after = service.sync_state or ""
            mail = [entry for _, entry in told if isinstance(entry, Entry)]
            gone = [id for kind, id in told if kind == service.DELETE and isinstance(id, str)]
            last = bool(service.includes_last_item_in_range) or after == state
            return Changes(after, last, bool(told), mail, gone)

        meant = {errors.ErrorInvalidSyncStateData: StaleState()} | dict.fromkeys(_CLOSED, Closed())
        return self._ask(page, meant)

    def pages(self, folder: str, state: str) -> Iterator[Changes]:
        """All pages of what changed in the folder since ``state``. Raises StaleState and Closed."""
        quiet = 0
        while quiet < QUIET:
            page = self.changes(folder, state)
            yield page
            if page.last:
                return
            state, quiet = page.state, 0 if page.anything else quiet + 1
        what = "the server's changes come to no end"
        raise MailcareError(what, where=self._host, todo="Run again later.", code=Exit.TEMPORARY)

    def everything(self, folder: str) -> tuple[dict[str, Entry], str]:
        """All mail in the folder, by id, and the state in which it is so. Raises Closed."""
        found: dict[str, Entry] = {}
        state = ""
        try:
            for page in self.pages(folder, ""):
                state = page.state
                found |= {entry.id: entry for entry in page.mail}
                found = {id: entry for id, entry in found.items() if id not in page.gone} if page.gone else found
        except StaleState:
            what = "the server forgets at once how far a folder was read"
            raise MailcareError(what, where=self._host, todo="Run again later.", code=Exit.TEMPORARY) from None
        return found, state

    def items(self, ids: list[str], again: bool = False) -> Fetched:
        """The items of these ids, read so that one which the server can't hand over keeps back no other.

        ``again``: they were refused before, so that it is no outage when all of them still are.
        """
        fetched = Fetched()
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            self._fetch(chunk, fetched)
            if not again and fetched.puzzling == start + len(chunk) > MANY:
                what = "the server hands over no message"
                raise MailcareError(what, where=self._host, todo="Run again later.", code=Exit.TEMPORARY)
        return fetched

    def _fetch(self, ids: list[str], fetched: Fetched, tried: bool = False) -> None:
        try:
            answers = self._ask(lambda: self._get(ids), poison=True)
        except _Poison as poison:
            if len(ids) > 1:
                self._fetch(ids[: len(ids) // 2], fetched)
                self._fetch(ids[len(ids) // 2 :], fetched)
            elif not tried:
                self._wait(poison.error)
                self._fetch(ids, fetched, tried=True)
            else:
                self.check()
                fetched.refused += ids
                fetched.puzzling += isinstance(poison.error, PUZZLING)
            return
        for id, answer in zip(ids, answers, strict=True):
            if isinstance(answer, errors.ErrorItemNotFound):
                fetched.gone.append(id)
            elif isinstance(answer, Exception):
                fetched.refused.append(id)
            else:
                fetched.items.append((id, answer))

    def _get(self, ids: list[str]) -> list[Any]:
        """An item or an exception for each id. exchangelib yields the begin of an answer again when it has to ask anew
        after a part of it.
        """
        told = self._account.fetch(
            [ItemId(id=id) for id in ids], folder=Folder(root=self._root), only_fields=_PATHS, chunk_size=len(ids)
        )
        answers = [*told][-len(ids) :]
        if len(answers) < len(ids):
            raise errors.MalformedResponseError("fewer items than asked for")
        return answers

    def _hierarchy(self) -> Iterator[Any]:
        """Every folder below the top, mail or not."""
        top, state, last = self._distinguished(folders.MsgFolderRoot), None, False
        while not last:

            def page(since: str | None = state) -> tuple[list[Any], str | None, bool]:
                service = FolderChanges(account=self._account)
                told = list(service.call(top, ID_ONLY, _FOLDER_PATHS, since))
                return told, service.sync_state, bool(service.includes_last_item_in_range)

            told, after, last = self._ask(page)
            last, state = last or after == state, after
            yield from (one for _, one in told if isinstance(one, Folder))

    def _top(self, *kinds: type[Any]) -> list[Any]:
        """The distinguished folders of these kinds, None where the mailbox lacks one; the first has to be there."""
        answers = self._folders([self._distinguished(kind) for kind in kinds])
        if isinstance(answers[0], Exception):
            raise explained(answers[0], self._host)
        return [None if isinstance(answer, Exception) else answer for answer in answers]

    def _distinguished(self, kind: type[Any]) -> Any:
        mailbox = Mailbox(email_address=self._account.primary_smtp_address)
        name = DistinguishedFolderId(id=kind.DISTINGUISHED_FOLDER_ID, mailbox=mailbox)
        return kind(root=self._root, _distinguished_id=name)

    def _folders(self, wanted: list[Any]) -> list[Any]:
        return self._ask(lambda: list(GetFolder(account=self._account).call(wanted, [], ID_ONLY)))

    def _ask(
        self, question: Callable[[], T], meant: Mapping[type[Exception], Exception] = {}, poison: bool = False
    ) -> T:
        """The answer, after as many tries as patience allows; ``meant``: what some errors mean to who asks."""
        while True:
            try:
                answer = question()
            except (errors.UnauthorizedError, SpnegoError) as error:
                if not self._answered:
                    raise explained(error, self._host) from None
                self._answered = False
                self._wait(error)
            except WAITED_FOR as error:
                if not self._answered and unreachable(error):
                    raise explained(error, self._host) from None
                self._wait(error)
            except (errors.EWSError, *PUZZLING) as error:
                if type(error) in meant:
                    raise meant[type(error)] from None
                if poison and not isinstance(error, _NO_MAILBOX):
                    raise _Poison(error) from None
                if not isinstance(error, PUZZLING) or (isinstance(error, Unexpected) and error.status < 500):
                    raise explained(error, self._host) from None
                self._wait(error)
            else:
                self._answered = True
                self._patience.progress()
                return answer

    def _wait(self, error: Exception) -> None:
        try:
            self._patience.wait(explained(error, self._host).what)
        except MailcareError as end:
            raise end.at(self._host) from None


def _upwards(one: Any, tree: dict[str, Any]) -> Iterator[Any]:
    """The folder and those around it."""
    seen: set[str] = set()
    while one and one.id not in seen:
        yield one
        seen.add(one.id)
        one = tree.get(one.parent_folder_id.id) if one.parent_folder_id else None
