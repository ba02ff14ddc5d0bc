"""What can go wrong between us and an Exchange server, each as one line for the user.

Codes: Microsoft's reference of EWS response codes, and exchangelib's classes of the same names.
"""

import re
import socket
import ssl
from collections.abc import Iterator

from exchangelib import errors
from requests import RequestException, Timeout
from spnego.exceptions import SpnegoError

from mailcare.errors import Exit, MailcareError
from mailcare.servers.trust import untrusted

WAITED_FOR = (
    errors.CASError,
    errors.ErrorADUnavailable,
    errors.ErrorConnectionFailed,
    errors.ErrorConnectionFailedTransientError,
    errors.ErrorExceededConnectionCount,
    errors.ErrorInsufficientResources,
    errors.ErrorInternalServerTransientError,
    errors.ErrorMailboxFailover,
    errors.ErrorMailboxMoveInProgress,
    errors.ErrorMailboxStoreUnavailable,
    errors.ErrorServerBusy,
    errors.ErrorTimeoutExpired,
    errors.ErrorTooManyObjectsOpened,
)
"""The server, or the way there, is in trouble: another try may succeed."""
PUZZLING = (
    errors.ErrorInternalServerError,
    errors.MalformedResponseError,
    errors.SOAPError,
    RequestException,
    *(ValueError, TypeError, AttributeError, KeyError, IndexError),
)
"""No answer in EWS's terms, or none that exchangelib understands: trouble, or what was asked for is broken."""
LIMITED = (
    *WAITED_FOR,
    errors.ErrorBatchProcessingStopped,
    errors.ErrorDataSizeLimitExceeded,
    errors.ErrorExceededFindCountLimit,
)
"""Said of one item among others: the request was too large for the server as it is now."""
CLOSED = (
    errors.ErrorAccessDenied,
    errors.ErrorFolderCorrupt,
    errors.ErrorFolderNotFound,
    errors.ErrorItemNotFound,
    errors.ErrorSyncFolderNotFound,
)
"""What a server says of a folder that can't be read (any more)."""

_LATER = "Run again later: what was read is kept."
_TOLD = {
    "ErrorNonExistentMailbox": (
        "the server has no such mailbox",
        "Correct `mailbox`: it is the primary SMTP address.",
        Exit.USAGE,
    ),
    "ErrorAccessDenied": (
        "the user may not open this mailbox",
        'Have full access granted to it, or the right to impersonate it and access = "impersonation".',
        Exit.ERROR,
    ),
    "ErrorImpersonateUserDenied": (
        "the user may not impersonate this mailbox",
        'Have the role ApplicationImpersonation granted, or full access and access = "delegate".',
        Exit.ERROR,
    ),
    "ErrorPasswordExpired": ("the password has expired", "Change it, then run mailcare login NAME.", Exit.LOGIN),
    "ErrorAccountDisabled": ("the user's account is disabled", "Ask its administrator.", Exit.LOGIN),
    "ErrorInvalidServerVersion": (
        "the server accepts no version of the protocol that we know",
        'Set `version`, such as version = "Exchange2016".',
        Exit.USAGE,
    ),
}
_SAME = {
    "ErrorCannotFindUser": "ErrorNonExistentMailbox",
    "ErrorImpersonationDenied": "ErrorImpersonateUserDenied",
    "ErrorImpersonationFailed": "ErrorImpersonateUserDenied",
    "ErrorPasswordChangeRequired": "ErrorPasswordExpired",
    "ErrorFolderNotFound": "ErrorAccessDenied",
    "ErrorItemNotFound": "ErrorAccessDenied",
    "ErrorInvalidSchemaVersionForMailboxVersion": "ErrorInvalidServerVersion",
}


_NO_MAILBOX = "ErrorNonExistentMailbox", "ErrorImpersonateUserDenied"


class Unexpected(errors.MalformedResponseError):
    """An HTTP status that says nothing in EWS's own terms."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


def explained(error: Exception, host: str) -> MailcareError:
    """The error as the user sees it, without what the server's text may hold of the mail."""
    if isinstance(error, errors.UnauthorizedError | SpnegoError):
        offers = f" (it offers {error})" if isinstance(error, errors.UnauthorizedError) and str(error) else ""
        return MailcareError(
            f"the server refuses the login{offers}",
            where=host,
            todo="Check `user` and `auth`, then log in again: mailcare login NAME.",
            code=Exit.LOGIN,
        )
    if isinstance(error, errors.RedirectError):
        return MailcareError(
            f"the server sends us elsewhere, to {error.server}",
            where=host,
            todo="Set `service_endpoint` to the address of Exchange Web Services.",
            code=Exit.USAGE,
        )
    if isinstance(error, Unexpected) and error.status < 500:
        return MailcareError(
            f"no Exchange Web Services for this user there (HTTP {error.status})",
            where=host,
            todo="Check `server` or `service_endpoint`, and whether EWS is enabled for the user.",
            code=Exit.USAGE if error.status == 404 else Exit.ERROR,
        )
    code = _code(error)
    if told := _TOLD.get(_SAME.get(code, code)):
        what, todo, exit_code = told
        return MailcareError(what, where=host, todo=todo, code=exit_code)
    return trouble(error, host) or _network(
        f"the server answers {code}" if code else "the server answers nonsense", host
    )


def is_no_mailbox(error: Exception) -> bool:
    """Whether there is no such mailbox, or none for this user, whatever is asked of it."""
    code = _code(error)
    return _SAME.get(code, code) in _NO_MAILBOX


def _code(error: Exception) -> str:
    """The response code or HTTP status; empty where there is none."""
    if isinstance(error, Unexpected):
        return str(error)
    if isinstance(error, errors.ResponseMessageError):
        return type(error).__name__
    named = re.search(r"\bError[A-Z][A-Za-z]+\b", str(error)) if isinstance(error, errors.TransportError) else None
    return named[0] if named else ""


def trouble(error: Exception, host: str) -> MailcareError | None:
    """What kept us from talking to the server at all; None where it has answered."""
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return untrusted(cause, host)
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return MailcareError("TLS fails", where=host, todo="Check the server's address and port.")
        if isinstance(cause, socket.gaierror):
            return _network("there is no such host, or no network", host)
        if isinstance(cause, ConnectionRefusedError):
            return _network("the server refuses the connection", host)
        if isinstance(cause, TimeoutError | Timeout):
            return _network("the server does not answer in time", host)
    if isinstance(error, errors.ErrorTimeoutExpired):
        return _network("the connection broke off", host)
    return None


def endless(host: str) -> MailcareError:
    """The error of changes whose pages come to no end."""
    return _network("the server's changes come to no end", host)


def unreachable(error: Exception) -> bool:
    """Whether the server isn't there at all, so that at the first contact another try would tell nothing new."""
    return any(isinstance(cause, socket.gaierror | ConnectionRefusedError) for cause in _causes(error))


def _network(what: str, host: str) -> MailcareError:
    return MailcareError(what, where=host, todo=_LATER, code=Exit.TEMPORARY)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything that led to it, wherever requests and urllib3 keep it."""
    waiting, seen = [error], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = one.__cause__, one.__context__, getattr(one, "reason", None), *one.args
        waiting += [cause for cause in inner if isinstance(cause, BaseException)]
