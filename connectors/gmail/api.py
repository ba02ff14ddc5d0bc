"""The Gmail API as its client library speaks it, asked within the quota."""

import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import google_auth_httplib2
import httplib2
from google.auth.exceptions import GoogleAuthError
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import BatchHttpRequest

from connectors.gmail.access import Access, ServiceAccess
from connectors.gmail.faults import BROKEN, NoToken, NotThere, Passing, judged, missing
from mailcare.errors import Exit, MailcareError
from mailcare.servers.later import Time

MINUTE = 60.0
T = TypeVar("T")

Ask = Callable[[Any], Any]
"""Makes a request from the resource ``users`` of the client library."""
Answer = dict[str, Any] | Passing | NotThere

_TALKATIVE = (
    "google",
    "googleapiclient",
    "google_auth_httplib2",
    "google_auth_oauthlib",
    "oauthlib",
    "requests_oauthlib",
)


def hush() -> None:
    """Keep the libraries' loggers still: some write down tokens and what errors say about the user."""
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


class Quota:
    """Units that may be spent in any sixty seconds."""

    def __init__(self, units: int, time: Time) -> None:
        self._units, self._time = units, time
        self._spent: deque[tuple[float, int]] = deque()

    def spend(self, units: int) -> None:
        """Wait until so many units are free, then take them."""
        self._pass()
        while self._spent and self._used() + units > self._units:
            moment, _ = self._spent.popleft()
            self._time.sleep(max(0.0, moment + MINUTE - self._time.clock()))
        self._spent.append((self._time.clock(), units))

    def seconds(self, units: int) -> float:
        """How long it takes at least to spend so many units from now on."""
        self._pass()
        beyond = self._used() + units - self._units
        return max(0.0, beyond / self._units * MINUTE)

    def _pass(self) -> None:
        """Forget what was spent more than sixty seconds ago."""
        now = self._time.clock()
        while self._spent and self._spent[0][0] + MINUTE <= now:
            self._spent.popleft()

    def _used(self) -> int:
        return sum(spent for _, spent in self._spent)


class Api:
    """One account's way to the Gmail API. Raises MailcareError, Passing, and what its methods name."""

    def __init__(
        self, endpoint: str, access: Access, *, quota: int, timeout: int, ca_file: Path | None, time: Time
    ) -> None:
        hush()
        self.host = str(urlsplit(endpoint).hostname)
        self._quota, self._service = Quota(quota, time), isinstance(access, ServiceAccess)
        self._reached = False
        self._batch_uri = f"{endpoint}/batch"
        plain = httplib2.Http(timeout=timeout, ca_certs=str(ca_file) if ca_file else None)
        plain.follow_redirects = False
        access.transport = google_auth_httplib2.Request(plain)
        self._http = google_auth_httplib2.AuthorizedHttp(access, plain, max_refresh_attempts=1)
        options = {"api_endpoint": f"{endpoint}/"}
        self._users = build(
            "gmail", "v1", http=self._http, static_discovery=True, cache_discovery=False, client_options=options
        ).users()

    def call(self, ask: Ask, units: int) -> dict[str, Any]:
        """The answer. Raises NotThere."""
        return dict(self._once(ask(self._users).execute, units))

    def mailbox(self, ask: Ask, units: int) -> dict[str, Any]:
        """As ``call``, where only the mailbox itself could be missing."""
        try:
            return self.call(ask, units)
        except NotThere:
            raise self.absent() from None

    def seconds(self, units: int) -> float:
        """How long the quota makes so many units take, at least."""
        return self._quota.seconds(units)

    def absent(self) -> MailcareError:
        """The error where there is no such mailbox."""
        return missing(self.host)

    def errand(self, step: Callable[["Api"], T]) -> T:
        """The outcome of a step that asks as it likes; what it raises as Passing is for the whole step."""
        return step(self)

    def batch(self, asks: list[Ask], units: int) -> list[Answer] | Passing:
        """Each request's own answer, or what all of them failed at; ``units`` is what all cost."""
        answers: dict[str, Any] = {}
        whole = BatchHttpRequest(
            callback=lambda name, answer, error: answers.update({name: error or answer}), batch_uri=self._batch_uri
        )
        for n, ask in enumerate(asks):
            request = ask(self._users)
            request.http = None
            whole.add(request, request_id=str(n))
        try:
            self._once(lambda: self._together(whole), units)
        except Passing as trouble:
            return trouble
        return [self._judged(answers[str(n)]) for n in range(len(asks))]

    def _together(self, whole: BatchHttpRequest) -> None:
        """Raises Passing where what was asked for is too much or unfit to be asked for together."""
        try:
            whole.execute(http=self._http)
        except HttpError as error:
            todo = "Check `api_endpoint`: requests are sent together to its path /batch."
            if error.resp.status in (404, 405):
                raise MailcareError("there is nothing to ask for messages", where=self.host, todo=todo) from None
            if error.resp.status in (400, 413):
                why = f"{self.host}: requests sent together are refused ({error.resp.status}). {todo}"
                raise Passing(why) from None
            raise

    def _judged(self, answer: Any) -> Answer:
        """What an answer in a batch means: what only one message meets with does not end the reading."""
        if isinstance(answer, Exception):
            try:
                return judged(answer, self.host, service=self._service)
            except MailcareError as error:
                if error.code == Exit.TEMPORARY or getattr(getattr(answer, "resp", None), "status", 0) == 401:
                    raise
                return Passing(f"{self.host}: {error.what}")
        return answer if isinstance(answer, dict) else Passing(f"{self.host}: an answer that is none")

    def close(self) -> None:
        """End the connections."""
        self._http.close()

    def _once(self, request: Callable[[], Any], units: int) -> Any:
        """Raises Passing, NotThere."""
        self._quota.spend(units)
        try:
            answer = request()
        except (HttpError, GoogleAuthError, NoToken, *BROKEN) as error:
            if not isinstance(error, HttpError):
                self.close()
            trouble = judged(error, self.host, service=self._service)
            if isinstance(trouble, Passing) and trouble.absent and not self._reached:
                todo = "Check the address and the network, and run again."
                raise MailcareError(str(trouble), todo=todo, code=Exit.TEMPORARY) from None
            raise trouble from None
        self._reached = True
        return answer
