"""Ways to an access token of Google's: a person's refresh token, or a service account with delegation.

One permission is asked for, and none wider is accepted: gmail.metadata, which can read no body.
Definitions: RFC 6749, RFC 8252 (loopback redirect), RFC 7523 (signed by the service account).
"""

import json
import os
import webbrowser
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import google_auth_httplib2
from google.auth.exceptions import GoogleAuthError, TransportError
from google.oauth2.credentials import Credentials
from google.oauth2.service_account import Credentials as ServiceCredentials
from google_auth_oauthlib.flow import InstalledAppFlow, WSGITimeoutError
from oauthlib.oauth2 import OAuth2Error
from requests.exceptions import RequestException

from connectors.google_faults import LOG_IN, NoToken
from connectors.options import unusable
from mailcare.errors import Exit, MailcareError
from mailcare.login import Dialogue

SCOPE = "https://www.googleapis.com/auth/gmail.metadata"
MINUTES = 10
"""How long a person has to agree."""


class _Renewing:
    """Credentials that are renewed over the connection they are given: googleapiclient would take one of its own,
    without a timeout.
    """

    transport: google_auth_httplib2.Request
    _token_uri: str

    def refresh(self, _: object) -> None:
        """Get a new access token. Raises NoToken, google.auth's RefreshError, MailcareError."""
        try:
            super().refresh(self.transport)  # type: ignore[misc]
        except (OSError, TransportError) as error:
            raise NoToken(str(urlsplit(self._token_uri).hostname)) from error
        check(getattr(self, "granted_scopes", None) or [SCOPE])


class UserAccess(_Renewing, Credentials):
    """A person's access."""


class ServiceAccess(_Renewing, ServiceCredentials):
    """A service account's access to one mailbox of its domain."""


Access = UserAccess | ServiceAccess


def user_access(client: dict[str, Any], token: str | None) -> UserAccess:
    """The access that ``log_in`` left in the vault. Raises MailcareError (``Exit.LOGIN``) without one."""
    if not token:
        raise MailcareError("nobody has logged in yet", todo="Log in: mailcare login NAME.", code=Exit.LOGIN)
    try:
        kept = json.loads(token)
        refresh_token, scopes = str(kept["refresh_token"]), [str(scope) for scope in kept["scopes"]]
    except (ValueError, LookupError, TypeError):
        raise MailcareError("the kept login is damaged", todo=LOG_IN, code=Exit.LOGIN) from None
    check(scopes)
    return UserAccess(  # type: ignore[no-untyped-call]
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
        access: ServiceAccess = ServiceAccess.from_service_account_info(key, scopes=[SCOPE], subject=user)  # type: ignore[no-untyped-call]
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


def log_in(client: dict[str, Any], person: Dialogue, ca_file: Path | None, timeout: int) -> str:
    """Have the person agree in a browser, and return what ``user_access`` takes. Raises MailcareError."""
    host = str(urlsplit(client["token_uri"]).hostname)
    try:
        flow: _Flow = _Flow.from_client_config({"installed": client}, scopes=[SCOPE])
        flow.person, flow.timeout = person, timeout
        flow.oauth2session.verify = str(ca_file) if ca_file else True
        with _plain_loopback(client["token_uri"]):
            given = flow.run_local_server(
                host="127.0.0.1",
                port=0,
                open_browser=False,
                authorization_prompt_message=None,
                success_message="mailcare is connected. You may close this window.",
                timeout_seconds=60 * MINUTES,
                prompt="consent",
            )
    except WSGITimeoutError:
        raise MailcareError(f"nobody agreed within {MINUTES} minutes", todo=LOG_IN, code=Exit.LOGIN) from None
    except OAuth2Error as error:
        raise MailcareError(
            f"Google did not give access ({error.error})", where=host, todo=LOG_IN, code=Exit.LOGIN
        ) from None
    except Warning as changed:
        check(getattr(changed, "new_scope", []))
        raise
    except RequestException as error:
        raise MailcareError(
            f"the token server cannot be reached ({type(error).__name__})",
            where=host,
            todo="Check the network, and `ca_file` where your network has its own certificates.",
            code=Exit.TEMPORARY,
        ) from None
    check(given.granted_scopes or given.scopes)
    if not given.refresh_token:
        raise MailcareError("Google gave no lasting access", where=host, todo=LOG_IN, code=Exit.LOGIN)
    return json.dumps({"refresh_token": given.refresh_token, "scopes": [SCOPE]})


class _Flow(InstalledAppFlow):  # type: ignore[misc]
    """Tells the person where to agree, and bounds the waiting for the token."""

    person: Dialogue
    timeout: int

    def authorization_url(self, **arguments: Any) -> tuple[str, str]:
        url, state = super().authorization_url(**arguments)
        opened = self.person.browser and webbrowser.open(url)
        self.person.tell("Agree in your browser." if opened else "Open this address in a browser on this machine:")
        self.person.tell(url)
        return url, state

    def fetch_token(self, **arguments: Any) -> Any:
        return super().fetch_token(timeout=self.timeout, **arguments)


@contextmanager
def _plain_loopback(address: str) -> Iterator[None]:
    """oauthlib takes an address without TLS only where this variable is set; options have made sure of loopback."""
    name = "OAUTHLIB_INSECURE_TRANSPORT"
    before = os.environ.get(name)
    if urlsplit(address).scheme == "http":
        os.environ[name] = "1"
    try:
        yield
    finally:
        os.environ.pop(name, None)
        if before is not None:
            os.environ[name] = before
