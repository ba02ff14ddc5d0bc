"""Microsoft Graph's mail of one mailbox: addresses of pages, one request at a time, and what its refusals mean.

Source: Microsoft Graph REST API v1.0, message and mailFolder.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx

from connectors.graph.http import FAULTS, Failing, Http
from connectors.graph.login import Tokens
from mailcare.errors import Exit, MailcareError

SELECT = ",".join(
    (
        *("id", "internetMessageId", "conversationId", "conversationIndex", "subject", "from", "sender"),
        *("toRecipients", "ccRecipients", "bccRecipients", "replyTo", "receivedDateTime", "sentDateTime", "isDraft"),
        "internetMessageHeaders",
    )
)
"""The properties of a message that are asked for; nothing of a body is among them."""
PAGE, IDS = 200, 1000
"""Messages on a page, with their headers (more make the server's gateway run out of time) and by their ids alone."""
EMPTY = 100
"""Pages in a row with nothing new, before a list is given up."""

Item = dict[str, Any]


class Gone(Exception):
    """There is nothing (any more) at this address (404), or the server has forgotten a token in it (400, 410)."""

    def __init__(self, status: int, code: str = "") -> None:
        super().__init__(f"{status} {code}")
        self.status = status


class Refused(MailcareError):
    """The server refuses what is at one address, while it may well give what is at others."""

    status = 0


class Trail:
    """The pages of one list that were read so far."""

    def __init__(self, host: str) -> None:
        self._host, self._links, self._ids, self._empty = host, set[str](), set[str](), 0

    def following(self, page: Item) -> str:
        """The next page's address, or empty. Raises Refused where the pages come to no end."""
        link = str(page.get("@odata.nextLink") or "")
        ids = {str(item.get("id")) for item in page["value"]} - self._ids
        self._empty = 0 if ids else self._empty + 1
        if link in self._links or self._empty > EMPTY:
            raise endless(self._host)
        self._links.add(link)
        self._ids |= ids
        return link


class Api:
    """The mailbox's folders and messages. Raises MailcareError, Gone, and Failing for what fails while others work."""

    def __init__(self, http: Http, tokens: Tokens, endpoint: str, user: str) -> None:
        self._http, self._tokens = http, tokens
        users = f"users/{quote(user, safe='')}" if user else "me"
        self._root = f"{endpoint}/v1.0/{users}"
        self._origin = urlsplit(endpoint)[:2]

    def folders(self, parent: str = "") -> Iterator[Item]:
        """The folders in a folder, or at the top; hidden ones are not told. Raises Gone."""
        below = f"{quote(parent, safe='')}/childFolders" if parent else ""
        asked = {"$select": "id,displayName,childFolderCount,totalItemCount", "$top": "100"}
        link = self._address(f"mailFolders/{below}".rstrip("/"), asked)
        for page in self.pages(link):
            yield from page["value"]

    def pages(self, link: str, size: int = PAGE, *, faults: int = FAULTS) -> Iterator[Item]:
        """The pages of a list from this address on. Raises as ``page``."""
        trail = Trail(self.host)
        while link:
            page = self.page(link, size, faults=faults)
            yield page
            link = trail.following(page)

    def folder_id(self, name: str) -> str:
        """The id of the folder of a well-known name, whatever its language; empty where the mailbox has none."""
        try:
            return str(self.get(self._address(f"mailFolders/{name}", {"$select": "id"})).get("id") or "")
        except Gone:
            return ""
        except Refused as refused:
            if refused.status != 400:
                raise
            return ""

    def delta(self, folder: str, *, ids_only: bool) -> str:
        """Where to begin to read a folder, the newest message first."""
        asked = {"$select": "id,receivedDateTime" if ids_only else SELECT, "$orderby": "receivedDateTime desc"}
        return self._address(f"mailFolders/{quote(folder, safe='')}/messages/delta", asked)

    def since(self, folder: str, moment: str, *, ids_only: bool = False) -> str:
        """The folder's messages that arrived at this moment (ISO 8601, UTC) or later, the newest first."""
        select = "id" if ids_only else SELECT
        asked = {"$filter": f"receivedDateTime ge {moment}", "$orderby": "receivedDateTime desc", "$select": select}
        return self._address(f"mailFolders/{quote(folder, safe='')}/messages", asked)

    def between(self, folder: str, first: str, last: str) -> str:
        """The folder's messages that arrived in this span of time (ISO 8601, UTC), both ends included."""
        span = f"receivedDateTime ge {first} and receivedDateTime le {last}"
        asked = {"$filter": span, "$orderby": "receivedDateTime desc", "$select": SELECT}
        return self._address(f"mailFolders/{quote(folder, safe='')}/messages", asked)

    def message(self, folder: str, key: str, *, faults: int) -> Item:
        """One message of a folder; ``faults``: times that the server may fail. Raises Gone, Failing."""
        path = f"mailFolders/{quote(folder, safe='')}/messages/{quote(key, safe='')}"
        return self.get(self._address(path, {"$select": SELECT}), faults=faults)

    def link(self, message_id: str) -> str:
        """The address at which a message is opened in Outlook on the web; empty where the server tells none. Raises
        Failing.

        It is made of the id that passes when the message is moved: of an immutable id it leads nowhere.
        """
        named = message_id.replace("'", "''")
        asked = {"$filter": f"internetMessageId eq '{named}'", "$select": "webLink"}
        try:
            page = self.page(self._address("messages", asked), lasting=False)
        except (Gone, Refused):
            return ""
        return next((str(item["webLink"]) for item in page["value"] if item.get("webLink")), "")

    def folder_of(self, key: str) -> str:
        """The id of the folder in which a message lies; empty where there is none any more. Raises Failing."""
        try:
            found = self.get(self._address(f"messages/{quote(key, safe='')}", {"$select": "parentFolderId"}))
        except Gone:
            return ""
        return str(found.get("parentFolderId") or "")

    def alive(self, failing: Failing) -> None:
        """Find out whether it is one request that fails. Raises MailcareError (``Exit.TEMPORARY``) where all do."""
        try:
            self.folder_id("inbox")
        except Failing:
            raise MailcareError(
                str(failing), todo="Run again later: what was read is kept.", code=Exit.TEMPORARY
            ) from None

    def page(self, link: str, size: int = PAGE, *, faults: int = FAULTS, lasting: bool = True) -> Item:
        """A page of a list: what is in its ``value`` are objects, an empty one for what was none. As ``get``."""
        page = self.get(link, size, faults=faults, lasting=lasting)
        if not isinstance(page.get("value"), list):
            raise Failing(f"{self.host} gave a page that is none")
        return page | {"value": [item if isinstance(item, dict) else {} for item in page["value"]]}

    def get(self, link: str, size: int = PAGE, *, faults: int = FAULTS, lasting: bool = True) -> Item:
        """What is at an address, which may be one that the server gave; ids in it are to be ``lasting``, and stay when
        a message is moved. Raises Gone, Failing, MailcareError."""
        if not self._is_own(link):
            raise Gone(410)
        prefer = f"odata.maxpagesize={size}" + (', IdType="ImmutableId"' if lasting else "")
        response = self._answer(link, prefer, self._tokens.token(), faults)
        if response.status_code == 401:
            response = self._answer(link, prefer, self._tokens.token(renewed=True), faults)
        if response.status_code != 200:
            raise self._refusal(response, with_token="token=" in link.lower())
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise Failing(f"{self.host} gave an answer that is none")
        return answer

    def _is_own(self, link: str) -> bool:
        """Whether an address is one of this server's; only there the token is shown."""
        try:
            return urlsplit(link)[:2] == self._origin and bool(httpx.URL(link).host)
        except (ValueError, httpx.InvalidURL):
            return False

    def _answer(self, link: str, prefer: str, token: str, faults: int) -> httpx.Response:
        return self._http.get(link, headers={"Authorization": f"Bearer {token}", "Prefer": prefer}, faults=faults)

    def _refusal(self, response: httpx.Response, *, with_token: bool) -> Exception:
        """What a refusal means."""
        status, code = response.status_code, _code(response)
        if code in _NO_MAILBOX:
            return MailcareError(f"{_NO_MAILBOX[code]} ({code})", where="user", todo="Check the address in user.")
        if status in (404, 410) or (status == 400 and with_token):
            return Gone(status, code)
        if status == 401:
            what, todo = f"the token is not accepted ({code or status})", "Log in again: mailcare login NAME."
            return MailcareError(what, where=self.host, todo=todo, code=Exit.LOGIN)
        if status == 403:
            refused = Refused(
                f"there is no permission to read this mailbox's basic mail ({code or status})",
                where=self.host,
                todo="Grant Mail.ReadBasic (with user: Mail.ReadBasic.Shared) and run: mailcare login NAME; for an app"
                " with a certificate an administrator assigns its service principal in Exchange Online the role"
                " Application Mail.ReadBasic with a scope that holds this mailbox, and consents to nothing in Entra.",
                code=Exit.LOGIN,
            )
        else:
            what = f"an answer that was not expected ({status} {code})"
            refused = Refused(what, where=self.host, todo="Run again.")
        refused.status = status
        return refused

    @property
    def host(self) -> str:
        """The server, as errors name it."""
        return self._origin[1]

    def _address(self, path: str, asked: dict[str, str]) -> str:
        return f"{self._root}/{path}?{urlencode(asked, quote_via=quote, safe='$,')}"


def endless(host: str) -> Refused:
    """The error of a list whose pages come to no end."""
    return Refused(
        "the server's pages come to no end",
        where=host,
        todo="Run again later: what was read is kept.",
        code=Exit.TEMPORARY,
    )


_NO_MAILBOX = {
    "MailboxNotEnabledForRESTAPI": "this mailbox is inactive, or not in Exchange Online",
    "MailboxNotSupportedForRESTAPI": "this mailbox is not in Exchange Online",
    "ErrorInvalidUser": "there is no such user",
    "Request_ResourceNotFound": "there is no such user",
    "ResourceNotFound": "there is no such user or mailbox",
    "ErrorNonExistentMailbox": "there is no such mailbox",
    "ErrorAccountDisabled": "this account is disabled",
}


def _code(response: httpx.Response) -> str:
    """Graph's word for the refusal, letters only; its sentence may name people."""
    try:
        code = str(response.json()["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return ""
    return "".join(letter for letter in code if letter.isalnum() or letter == "_")[:60]
