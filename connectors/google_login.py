"""A person's login at Google: agreeing in a browser, which sends its answer to this machine (RFC 8252, RFC 7636)."""

import json
import os
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from google_auth_oauthlib.flow import InstalledAppFlow, WSGITimeoutError
from oauthlib.oauth2 import OAuth2Error
from requests.exceptions import RequestException

from connectors.google_access import SCOPE, check
from connectors.google_faults import LOG_IN
from mailcare.errors import Exit, MailcareError
from mailcare.login import Dialogue

MINUTES = 10
"""How long a person has to agree."""


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
        check(getattr(changed, "new_scope", ()))
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
