"""What goes wrong between here and Google: trouble that passes, and errors that the user has to hear of.

Google's code words: https://developers.google.com/workspace/gmail/api/guides/handle-errors.
"""

import json
import re
import socket
import ssl
from datetime import UTC, datetime
from http.client import HTTPException

from google.auth.exceptions import RefreshError, TransportError
from googleapiclient.errors import BatchError, HttpError
from httplib2 import HttpLib2Error, ServerNotFoundError

from mailcare.errors import Exit, MailcareError
from mailcare.servers.later import Later, retry_after
from mailcare.servers.trust import untrusted

BROKEN = (OSError, HTTPException, HttpLib2Error, TransportError, BatchError, ValueError, LookupError, TypeError)
"""What the libraries raise for a connection that fails and for an answer that is not whole."""

_NO_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}

LOG_IN = "Log in again: mailcare login NAME."
_LATER = "Run again later: what was read is kept."
_CROWDED = {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED"}
_FINAL = {
    "dailyLimitExceeded": ("the Google project's quota for today is used up", _LATER, Exit.TEMPORARY),
    "quotaExceeded": ("the Google project's quota is used up", _LATER, Exit.TEMPORARY),
    "accessNotConfigured": (
        "the Gmail API is not switched on in the Google project",
        "Switch it on in Google's console, under APIs & Services, and run again some minutes later.",
        Exit.USAGE,
    ),
    "insufficientPermissions": ("the login lacks the permission gmail.metadata", LOG_IN, Exit.LOGIN),
    "domainPolicy": ("the Google domain's administrator does not allow this access", "Ask for it.", Exit.LOGIN),
    "failedPrecondition": ("this Google account has no Gmail mailbox", "Check `user`.", Exit.USAGE),
}
_SAME = {
    "SERVICE_DISABLED": "accessNotConfigured",
    "ACCESS_TOKEN_SCOPE_INSUFFICIENT": "insufficientPermissions",
    "FAILED_PRECONDITION": "failedPrecondition",
}
_BY_STATUS = {
    401: ("Google does not accept the login", LOG_IN, Exit.LOGIN),
    403: ("this login may not read the mailbox", f"Check `user`. {LOG_IN}", Exit.LOGIN),
    404: ("there is no such mailbox", "Check `user`.", Exit.USAGE),
}
_GRANT = {
    "invalid_grant": ("the login has been withdrawn or has run out", LOG_IN),
    "invalid_client": ("Google does not know this OAuth client", "Check `client_file`."),
}
_DELEGATION = {
    "invalid_grant": (
        "Google refuses the service account for this mailbox",
        "Check `user`, the key in `service_account_file`, and this machine's clock.",
    ),
    "unauthorized_client": (
        "the domain has not delegated gmail.metadata to this service account",
        "Have exactly this scope added to its client id in Google's admin console, under domain-wide delegation.",
    ),
}


class Passing(Later):
    """Trouble that may be over at the next try.

    ``crowded``: there were too many requests; ``absent``: there is no server, which at the first contact won't pass.
    """

    def __init__(self, why: str, hint: float | None = None, *, crowded: bool = False, absent: bool = False) -> None:
        super().__init__(why, hint)
        self.crowded, self.absent = crowded, absent


class NotThere(Exception):
    """What was asked for does not exist, or no longer."""


class NoToken(Exception):
    """The token server at this host could not be reached; the cause says why."""

    def __init__(self, host: str) -> None:
        super().__init__(host)
        self.host = host


def judged(error: Exception, host: str, *, service: bool) -> Passing | NotThere:
    """What the error means to the caller; ``service`` where a service account asks. Raises MailcareError where
    neither waiting nor going on would help.
    """
    if isinstance(error, NoToken) and isinstance(error.__cause__, Exception):
        return judged(error.__cause__, error.host, service=service)
    if isinstance(error, RefreshError):
        return _refused_token(error, host, _DELEGATION if service else _GRANT)
    if isinstance(error, TransportError) and error.args and isinstance(error.args[0], Exception):
        return judged(error.args[0], host, service=service)
    return _answered(error, host) if isinstance(error, HttpError) else _unreached(error, host)


def _answered(error: HttpError, host: str) -> Passing | NotThere:
    """What an answer with an error's status means."""
    status, words = int(error.resp.status), _words(error.content)
    for word in words:
        if final := _FINAL.get(_SAME.get(word, word)):
            raise MailcareError(final[0], where=host, todo=final[1], code=final[2])
    if status == 429 or (status == 403 and _CROWDED & words):
        return Passing(f"{host}: too many requests for Google", _hint(error), crowded=True)
    if status >= 500:
        return Passing(f"{host}: Google answers {status}", _hint(error))
    if status == 404 or (status == 400 and {"invalidArgument", "INVALID_ARGUMENT"} & words):
        return NotThere(f"{host}: {status}")
    what, todo, code = _BY_STATUS.get(
        status, (f"Google answers {status} {' '.join(sorted(words))}", "Check `api_endpoint`.", Exit.ERROR)
    )
    raise MailcareError(what, where=host, todo=todo, code=code)


def missing(host: str) -> MailcareError:
    """The error where what is not there is the mailbox itself."""
    what, todo, code = _BY_STATUS[404]
    return MailcareError(what, where=host, todo=todo, code=code)


def _words(content: bytes) -> set[str]:
    """The code words by which an answer tells why."""
    try:
        error = json.loads(content)["error"]
        entries = [*error.get("errors", ()), *error.get("details", ()), {"reason": error.get("status", "")}]
        words = {entry.get("reason") for entry in entries}
    except (ValueError, LookupError, TypeError, AttributeError):
        return set()
    return {word for word in words if isinstance(word, str) and re.fullmatch(r"\w+", word)}


def _hint(error: HttpError) -> float | None:
    """The seconds to wait, as the header tells, or the text: ``Retry after 2026-11-22T19:00:00.000Z``."""
    if (told := retry_after(error.resp.get("retry-after"))) is not None:
        return told
    if found := re.search(rb"Retry after (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z", error.content):
        moment = datetime.fromisoformat(found[1].decode()).replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    return None


def _refused_token(error: RefreshError, host: str, known: dict[str, tuple[str, str]]) -> Passing:
    """What it means that there is no new access token."""
    if error.retryable:
        return Passing(f"{host}: Google gives no access token")
    told = error.args[1] if len(error.args) > 1 else {}
    word = str(told.get("error", "")) if isinstance(told, dict) else ""
    what, todo = known.get(word, (f"Google gives no access token {word}".strip(), LOG_IN))
    raise MailcareError(what, where=host, todo=todo, code=Exit.LOGIN)


def _unreached(error: Exception, host: str) -> Passing:
    """What a failed connection means."""
    if isinstance(error, ssl.SSLCertVerificationError):
        raise untrusted(error, host)
    return Passing(f"{host}: {_failure(error)}", absent=_is_absent(error))


def _is_absent(error: Exception) -> bool:
    if isinstance(error, ServerNotFoundError):
        cause = error.__context__
        return isinstance(cause, socket.gaierror) and cause.errno in _NO_NAME
    return isinstance(error, ConnectionRefusedError)


def _failure(error: Exception) -> str:
    if isinstance(error, ServerNotFoundError | socket.gaierror):
        return "there is no such host, or no network"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ConnectionRefusedError):
        return "the connection was refused"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({error.reason})"
    return f"the connection broke ({type(error).__name__})"
