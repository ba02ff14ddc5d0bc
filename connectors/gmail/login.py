"""A person's login at Google: agreeing in a browser, which sends its answer to this machine (RFC 8252, RFC 7636)."""

import json
import os
import secrets
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from google_auth_oauthlib.flow import InstalledAppFlow
from oauthlib.oauth2 import OAuth2Error
from requests.exceptions import RequestException

from connectors.gmail.access import SCOPE, check
from connectors.gmail.faults import LOG_IN, judged
from connectors.gmail.redirect import listening
from mailcare.errors import Exit, MailcareError
from mailcare.mail.login import Dialogue

MINUTES = 10
"""How long a person has to agree."""


def log_in(client: dict[str, Any], person: Dialogue, ca_file: Path | None, timeout: int) -> str:
    """Have the person agree in a browser, and return what ``user_access`` takes. Raises MailcareError."""
    host = str(urlsplit(client["token_uri"]).hostname)
    flow: InstalledAppFlow = InstalledAppFlow.from_client_config({"installed": client}, scopes=[SCOPE])
    try:
        with _plain_loopback(client["auth_uri"], client["token_uri"]):
            answer = _answer(flow, person)
            verify = str(ca_file) if ca_file else True
            flow.fetch_token(authorization_response=answer, timeout=timeout, verify=verify)
    except OAuth2Error as error:
        raise MailcareError(
            f"Google did not give access ({error.error})", where=host, todo=LOG_IN, code=Exit.LOGIN
        ) from None
    except Warning as changed:
        check(getattr(changed, "new_scope", ()))
        raise MailcareError(
            "Google gave other access than asked for", where=host, todo=LOG_IN, code=Exit.LOGIN
        ) from None
    except RequestException as error:
        trouble = judged(_root(error), host, service=False)
        raise MailcareError(
            str(trouble), todo="Check the address and the network, and log in again.", code=Exit.TEMPORARY
        ) from None
    given = flow.credentials
    check(given.granted_scopes or given.scopes)
    if not given.refresh_token:
        raise MailcareError("Google gave no lasting access", where=host, todo=LOG_IN, code=Exit.LOGIN)
    return json.dumps({"refresh_token": given.refresh_token, "scopes": [SCOPE]})


def _answer(flow: InstalledAppFlow, person: Dialogue) -> str:
    """Where Google sends the person's browser: an address that holds the answer."""
    state = secrets.token_urlsafe()
    with listening(state) as redirect:
        flow.redirect_uri = redirect.address
        url, _ = flow.authorization_url(state=state, prompt="consent")
        opened = person.browser and webbrowser.open(url)
        person.tell("Agree in your browser." if opened else "Open this address in a browser on this machine:")
        person.tell(url)
        answer = redirect.answer(60 * MINUTES)
    if answer is None:
        raise MailcareError(f"nobody agreed within {MINUTES} minutes", todo=LOG_IN, code=Exit.LOGIN)
    return answer.replace("http:", "https:", 1)


def _root(error: Exception) -> Exception:
    """The first of the errors that led to this one."""
    while isinstance(before := error.__cause__ or error.__context__, Exception):
        error = before
    return error


@contextmanager
def _plain_loopback(*addresses: str) -> Iterator[None]:
    """oauthlib takes an address without TLS only where this variable is set; options have made sure of loopback."""
    name = "OAUTHLIB_INSECURE_TRANSPORT"
    before = os.environ.get(name)
    if "http" in {urlsplit(address).scheme for address in addresses}:
        os.environ[name] = "1"
    try:
        yield
    finally:
        os.environ.pop(name, None)
        if before is not None:
            os.environ[name] = before
