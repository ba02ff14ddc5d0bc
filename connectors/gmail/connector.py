"""Gmail through Google's API, with the permission gmail.metadata alone: it can read no body.

A person logs in to their own mailbox; a service account reads those of a Google domain that has delegated it this
permission.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.gmail.about import ABOUT
from connectors.gmail.files import client, service_key
from mailcare.errors import Exit, MailcareError
from mailcare.mail.connector import Batch, Known
from mailcare.mail.login import Dialogue, Vault
from mailcare.servers.options import Options, unusable
from mailcare.servers.patience import Patience, patient
from mailcare.servers.trust import secure

if TYPE_CHECKING:
    from connectors.gmail.access import Access
    from connectors.gmail.mailbox import Mailbox

TOKEN = "token"  # noqa: S105 - its name in the vault
"""The vault's name for what a login brought."""


class Gmail:
    """The ``gmail`` connector; the account is one source, and a message's key is its Gmail id."""

    def __init__(self, options: dict[str, Any], vault: Vault, patience: Patience | None = None) -> None:
        given = Options(options, ABOUT.keys)
        self._vault, self._patience = vault, patience or Patience()
        self._client_file, self._key_file = given.file("client_file"), given.file("service_account_file")
        if bool(self._client_file) == bool(self._key_file):
            raise unusable(
                "client_file" if self._client_file is None else "service_account_file",
                "one of client_file and service_account_file is needed",
                'Write client_file = "client.json" for a mailbox of your own.',
            )
        self._user = given.text("user", needed=bool(self._key_file))
        if self._key_file and "@" not in self._user:
            raise unusable("user", "not an address", 'Write whose mailbox it is, such as user = "ann@example.com".')
        self._endpoint = secure("api_endpoint", given.text("api_endpoint"))
        self._ca_file = given.file("ca_file")
        self._quota = given.number("quota_per_minute")
        self._timeout = given.number("timeout")

    def login(self, person: Dialogue) -> None:
        """Have the person agree in a browser, try the mailbox, and keep the token. Raises MailcareError."""
        if self._client_file is None:
            raise MailcareError("a service account needs no login", todo="Run: mailcare run.", code=Exit.USAGE)
        from connectors.gmail.access import user_access
        from connectors.gmail.api import hush
        from connectors.gmail.login import log_in

        hush()
        app = client(self._client_file)
        with self._understood():
            token = log_in(app, person, self._ca_file, self._timeout)
        with self._mailbox(user_access(app, token)) as mailbox:
            mailbox.now()
        self._vault.put(TOKEN, token)

    def check(self) -> None:
        """Ask how far the mailbox's history has come. Raises MailcareError."""
        with self._mailbox(self._access()) as mailbox:
            mailbox.now()

    def read(self, known: Known, now: datetime, since: datetime | None = None) -> Iterator[Batch]:
        """What is new since ``known``: deliveries, deletions and changes of labels; then older mail, newest first.
        ``now`` is the moment of reading. Raises MailcareError.
        """
        from connectors.gmail.reading import Reading

        with self._mailbox(self._access()) as mailbox:
            yield from Reading(mailbox, known, now).batches(since)

    @contextmanager
    def _understood(self) -> Iterator[None]:
        """Raises MailcareError where an answer is none of Google's."""
        try:
            yield
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            raise MailcareError(
                f"Gmail's answer is not understood ({type(error).__name__})",
                where=self._endpoint,
                todo="Check `api_endpoint`; if it is Google's, please report this.",
            ) from error

    def _access(self) -> "Access":
        from connectors.gmail.access import service_access, user_access

        if self._key_file:
            return service_access(service_key(self._key_file), self._key_file, self._user)
        assert self._client_file
        return user_access(client(self._client_file), self._vault.get(TOKEN))

    @contextmanager
    def _mailbox(self, access: "Access") -> "Iterator[Mailbox]":
        """The mailbox, as long as it is read."""
        from connectors.gmail.api import Api
        from connectors.gmail.mailbox import Mailbox

        patience = self._patience
        api = Api(
            self._endpoint, access, quota=self._quota, timeout=self._timeout, ca_file=self._ca_file, time=patience
        )
        try:
            with self._understood():
                yield Mailbox(patient(api, patience), self._user)
        finally:
            api.close()
