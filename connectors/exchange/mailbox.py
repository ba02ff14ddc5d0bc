"""An Exchange mailbox as far as mailcare looks into it: its mail folders, what changed in them, metadata of items.

Protocol: MS-OXWSSYNC (SyncFolderItems).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from exchangelib import Message, errors
from exchangelib.fields import FieldPath
from exchangelib.items import ID_ONLY
from exchangelib.properties import FolderId

from connectors.exchange.asking import Asking, Closed
from connectors.exchange.errors import CLOSED, endless, explained
from connectors.exchange.fetch import Fetched, Fetching
from connectors.exchange.folders import FolderTree, Listing
from connectors.exchange.services import QUIET, Entry, ItemChanges
from mailcare.errors import Exit, MailcareError

_LISTED = [FieldPath(field=Message.get_field_by_fieldname(name)) for name in ("datetime_received", "item_class")]
PAGE = 512
"""Changes in one answer, the most that Exchange allows."""


class StaleState(Exception):
    """The server has forgotten what this sync state stands for."""


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


class ExchangeMailbox:
    """What there is to be asked. Raises MailcareError."""

    def __init__(self, asking: Asking) -> None:
        self._asking, self._account, self._host = asking, asking.account, asking.host
        self._tree = FolderTree(self._asking)
        self._fetching = Fetching(self._asking, self._tree)

    def check(self) -> None:
        """Raises MailcareError where no folder of the mailbox can be opened."""
        self._tree.well_known()

    def closed(self) -> MailcareError:
        """What to say where the user may look into no folder at all."""
        return explained(errors.ErrorAccessDenied("no folder"), self._host)

    def folders(self) -> Listing:
        """The folders of the mailbox that hold mail."""
        return self._tree.listing()

    def is_gone(self, folder: str) -> bool:
        """Whether a folder that is not in the whole listing any more was deleted, and is not merely closed to us."""
        return self._tree.is_gone(folder)

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

        meant = {errors.ErrorInvalidSyncStateData: StaleState()} | dict.fromkeys(CLOSED, Closed())
        return self._asking.ask(page, meant)

    def pages(self, folder: str, state: str) -> Iterator[Changes]:
        """All pages of what changed in the folder since ``state``. Raises StaleState and Closed."""
        quiet = 0
        while quiet < QUIET:
            page = self.changes(folder, state)
            yield page
            if page.last:
                return
            state, quiet = page.state, 0 if page.anything else quiet + 1
        raise endless(self._host)

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
        """The items of these ids. ``again``: they were refused before, so that it is no outage when all still are."""
        return self._fetching.items(ids, again)
