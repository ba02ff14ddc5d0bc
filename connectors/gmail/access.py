"""Ways to an access token of Google's: a person's refresh token, or a service account with delegation.

One permission is asked for, and none wider is accepted: gmail.metadata, which can read no body.
Definitions: RFC 6749, and RFC 7523 (signed by the service account).
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import google_auth_httplib2
from google.auth.exceptions import GoogleAuthError, TransportError
from google.oauth2.credentials import Credentials
from google.oauth2.service_account import Credentials as ServiceCredentials

from connectors.gmail.faults import LOG_IN, NoToken
from mailcare.errors import Exit, MailcareError
from mailcare.servers.options import unusable

SCOPE = "https://www.googleapis.com/auth/gmail.metadata"


class _Renewing:
    """Credentials that are renewed over the connection they are given: googleapiclient would take one of its own,
    without a timeout.
    """

    transport: google_auth_httplib2.Request
    _token_uri: str

    def refresh(self, _: object) -> None:
        """Get a new access token. Raises NoToken, google.auth's RefreshError, MailcareError."""
        try:
            super().refresh(self.transport)  # type: ignore[misc]  # untyped base
        except (OSError, TransportError) as error:
            raise NoToken(str(urlsplit(self._token_uri).hostname)) from error
        check(getattr(self, "granted_scopes", None) or [SCOPE])


class UserAccess(_Renewing, Credentials):
    """A person's access."""


class ServiceAccess(_Renewing, ServiceCredentials):
    """A service account's access to one mailbox of its domain."""


Access = UserAccess | ServiceAccess


def user_access(client: dict[str, Any], token: str | None) -> UserAccess:
    """The access that ``login.log_in`` left in the vault. Raises MailcareError (``Exit.LOGIN``) without one."""
    if not token:
        raise MailcareError("nobody has logged in yet", todo="Log in: mailcare login NAME.", code=Exit.LOGIN)
    try:
        kept = json.loads(token)
        refresh_token, scopes = str(kept["refresh_token"]), [str(scope) for scope in kept["scopes"]]
    except (ValueError, LookupError, TypeError):
        raise MailcareError("the kept login is damaged", todo=LOG_IN, code=Exit.LOGIN) from None
    check(scopes)
    return UserAccess(  # type: ignore[no-untyped-call]  # untyped base
        None,
        refresh_token=refresh_token,
        token_uri=client["token_uri"],
        client_id=client["client_id"],
        client_secret=client["client_secret"],
        scopes=[SCOPE],
    )


def service_access(key: dict[str, Any], path: Path, user: str) -> ServiceAccess:
    """The service account's access to this user's mailbox. Raises MailcareError where the key is unusable."""
    try:
        access: ServiceAccess = ServiceAccess.from_service_account_info(  # type: ignore[no-untyped-call]  # untyped base
            key, scopes=[SCOPE], subject=user
        )
    except (ValueError, GoogleAuthError):
        raise unusable("service_account_file", f"no usable key in {path}", "Create a new JSON key.") from None
    return access


def check(scopes: Iterable[str]) -> None:
    """Raises MailcareError (``Exit.LOGIN``) unless exactly the one permission was given."""
    given = set(scopes)
    if SCOPE not in given:
        raise MailcareError("the permission gmail.metadata was not given", todo=LOG_IN, code=Exit.LOGIN)
    if wider := sorted(scope.rpartition("/")[2] or scope for scope in given - {SCOPE}):
        raise MailcareError(
            f"the login allows more than gmail.metadata ({', '.join(wider)}), which mailcare does not accept",
            todo=f"Remove mailcare's access in your Google account. {LOG_IN}",
            code=Exit.LOGIN,
        )
