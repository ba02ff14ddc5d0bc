"""Microsoft Graph's mail of one mailbox: addresses of pages, one request at a time, and what its refusals mean.

Source: Microsoft Graph REST API v1.0, message and mailFolder.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx

from connectors.microsoft_http import Failing, Http
from connectors.microsoft_login import Tokens
from mailcare.errors import Exit, MailcareError

SELECT = ",".join(
    (
        *("id", "internetMessageId", "conversationId", "conversationIndex", "subject", "from", "sender"),
        *("toRecipients", "ccRecipients", "bccRecipients", "replyTo", "receivedDateTime", "sentDateTime", "isDraft"),
        "internetMessageHeaders",
    )
)
"""The properties of a message that are asked for; nothing of a body is among them."""
PAGE = 200
"""Messages on a page: with their headers, more make the server's gateway run out of time."""

Item = dict[str, Any]


class Gone(Exception):  # noqa: N818
    """There is nothing (any more) at this address, or the server has forgotten a token in it (400, 404, 410)."""

    def __init__(self, status: int, code: str = "") -> None:
        super().__init__(f"{status} {code}")
        self.status = status


class Api:
    """The mailbox's folders and messages. Raises MailcareError, Gone, and Failing for what fails while others work."""

    def __init__(self, http: Http, tokens: Tokens, endpoint: str, user: str) -> None:
        self._http, self._tokens = http, tokens
        self._root = f"{endpoint}/v1.0/{f'users/{quote(user)}' if user else 'me'}"
        self._origin = urlsplit(endpoint)[:2]

    def folders(self, parent: str = "") -> Iterator[Item]:
        """The folders in a folder, or at the top. Raises Gone."""
        below = f"{quote(parent, safe='')}/childFolders" if parent else ""
        asked = {"$select": "id,displayName,childFolderCount,totalItemCount", "$top": "100"}
        link = self._address(f"mailFolders/{below}".rstrip("/"), asked)
        while link:
            page = self.get(link)
            yield from page["value"]
            link = str(page.get("@odata.nextLink", ""))

    def folder_id(self, name: str) -> str:
        """The id of the folder of a well-known name, whatever its language; empty where the mailbox has none."""
        try:
            return str(self.get(self._address(f"mailFolders/{name}", {"$select": "id"}))["id"])
        except Gone:
            return ""

    def delta(self, folder: str, *, ids_only: bool) -> str:
        """Where to begin to read a folder, the newest message first."""
        asked = {"$select": "id" if ids_only else SELECT, "$orderby": "receivedDateTime desc"}
        return self._address(f"mailFolders/{quote(folder, safe='')}/messages/delta", asked)

    def since(self, folder: str, moment: str) -> str:
        """The folder's messages that arrived at this moment (ISO 8601, UTC) or later, the newest first."""
        asked = {"$filter": f"receivedDateTime ge {moment}", "$orderby": "receivedDateTime desc", "$select": SELECT}
        return self._address(f"mailFolders/{quote(folder, safe='')}/messages", asked)

    def message(self, folder: str, key: str) -> Item:
        """One message of a folder. Raises Gone, Failing."""
        path = f"mailFolders/{quote(folder, safe='')}/messages/{quote(key, safe='')}"
        return self.get(self._address(path, {"$select": SELECT}))

    def alive(self, failing: Failing) -> None:
        """Find out whether it is one request that fails. Raises MailcareError (``Exit.TEMPORARY``) where all do."""
        try:
            self.folder_id("inbox")
        except Failing:
            raise MailcareError(
                str(failing), todo="Run again later: what was read is kept.", code=Exit.TEMPORARY
            ) from None

    def get(self, link: str, size: int = PAGE) -> Item:
        """What is at an address, which may be one that the server gave. Raises Gone, Failing, MailcareError."""
        if urlsplit(link)[:2] != self._origin:
            raise Gone(410)
        response = self._answer(link, size, self._tokens.token())
        if response.status_code == 401:
            response = self._answer(link, size, self._tokens.token(renewed=True))
        if response.status_code != 200:
            raise self._refusal(response)
        self._http.patience.progress()
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or not isinstance(answer.get("value", []), list):
            raise Failing(f"{self.host} gave an answer that is none")
        return answer

    def _answer(self, link: str, size: int, token: str) -> httpx.Response:
        prefer = f'odata.maxpagesize={size}, IdType="ImmutableId"'
        return self._http.get(link, headers={"Authorization": f"Bearer {token}", "Prefer": prefer})

    def _refusal(self, response: httpx.Response) -> Exception:
        """What a refusal means."""
        status, code = response.status_code, _code(response)
        if code in _NO_MAILBOX:
            return MailcareError(f"{_NO_MAILBOX[code]} ({code})", where="user", todo="Check the address in user.")
        if status in (400, 404, 410):
            return Gone(status, code)
        if status == 401:
            what, todo = f"the token is not accepted ({code or status})", "Log in again: mailcare login NAME."
            return MailcareError(what, where=self.host, todo=todo, code=Exit.LOGIN)
        if status == 403:
            return MailcareError(
                f"there is no permission to read this mailbox's basic mail ({code or status})",
                where=self.host,
                todo="Grant Mail.ReadBasic and run: mailcare login NAME; for an app with a certificate an administrator"
                " grants Mail.ReadBasic.All, and RBAC for Applications must name this mailbox.",
                code=Exit.LOGIN,
            )
        return MailcareError(f"an answer that was not expected ({status} {code})", where=self.host, todo="Run again.")

    @property
    def host(self) -> str:
        """The server, as errors name it."""
        return self._origin[1]

    def _address(self, path: str, asked: dict[str, str]) -> str:
        return f"{self._root}/{path}?{urlencode(asked, quote_via=quote, safe='$,')}"


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
