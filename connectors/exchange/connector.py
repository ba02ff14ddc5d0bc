"""Mail in a mailbox on an Exchange server of one's own, over Exchange Web Services (EWS).

Exchange Online is the connector ``graph``.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from connectors.exchange import access as exchange_access
from connectors.exchange.about import ABOUT
from connectors.exchange.access import Access, Secret
from connectors.exchange.asking import Asking
from connectors.exchange.mailbox import ExchangeMailbox
from connectors.exchange.sync import Reading
from mailcare.mail.connector import Batch, Known
from mailcare.mail.login import Dialogue, Vault
from mailcare.servers import credentials
from mailcare.servers.options import Options, unusable
from mailcare.servers.patience import Patience, patient
from mailcare.servers.trust import secure

_SERVICES = "https://autodiscover.{0}/autodiscover/autodiscover.svc", "https://{0}/autodiscover/autodiscover.svc"


class Exchange:
    """The ``exchange`` connector. Every folder that holds mail is a source of its own."""

    def __init__(self, options: dict[str, Any], vault: Vault, patience: Patience | None = None) -> None:
        chosen = Options(options, ABOUT.keys)
        self._way = _access(chosen)
        self._vault, self._patience = vault, patience or Patience()
        self._name = "token" if self._way.auth == "oauth" else "password"
        self._secret = credentials.secret(self._name, chosen, vault)
        self._elsewhere = credentials.elsewhere(self._name, chosen)

    def check(self) -> None:
        """Ask for the mailbox's topmost folder. Raises MailcareError."""
        self._mailbox(self._secret).check()

    def read(self, known: Known, now: datetime, since: datetime | None = None) -> Iterator[Batch]:
        """What is new since ``known``; ``now`` is the moment of reading, ``since`` bounds the back-fill. Raises
        MailcareError.
        """
        yield from Reading(self._mailbox(self._secret), known, now, since).batches()

    def login(self, person: Dialogue) -> None:
        """Ask for the password or token, try it, and keep it in the vault. Raises MailcareError."""
        if self._way.auth == "kerberos" or self._elsewhere:
            self._mailbox(self._secret).check()
            person.tell("The server accepts the login.")
            return
        secret = person.ask(f"The {self._name} of {self._way.user}: ")
        self._mailbox(lambda: secret).check()
        self._vault.put(self._name, secret)

    def _mailbox(self, secret: Secret) -> ExchangeMailbox:
        way = self._patience.repeat(lambda: exchange_access.located(self._way, secret), self._way.host)
        asking = Asking(exchange_access.account(way, secret), way.host)
        return ExchangeMailbox(patient(asking, self._patience, way.host))


def _access(options: Options) -> Access:
    """What the configuration says. Raises MailcareError (``Exit.USAGE``)."""
    mailbox = options.text("mailbox")
    name, _, domain = mailbox.rpartition("@")
    if not name or not domain:
        raise unusable("mailbox", "not an address", f"Write {options.example('mailbox')}.")
    auth = options.choice("auth")
    if auth == "kerberos" and not exchange_access.kerberos_is_there():
        todo = 'Install the extra "kerberos" (docs/operations.md, "Extras").'
        raise unusable("auth", "what it needs is not installed", todo)
    way = Access(
        mailbox=mailbox,
        user=options.text("user", mailbox),
        endpoint=_endpoint(options),
        autodiscover=_services(options.value("autodiscover"), domain),
        auth=auth,
        access=options.choice("access"),
        version=options.choice("version"),
        ca_file=options.file("ca_file"),
        timeout=options.number("timeout"),
    )
    if bool(way.endpoint) == bool(way.autodiscover):
        todo = 'Set one of them: server = "mail.example.com", service_endpoint or autodiscover = true.'
        raise unusable("server", "it is not clear where the server is", todo)
    exchange_access.refuse_online(way.host)
    return way


def _endpoint(options: Options) -> str:
    if "service_endpoint" in options:
        url = options.text("service_endpoint")
        if "server" in options:
            raise unusable("server", "`service_endpoint` says where the server is", "Remove one of them.")
        return secure("service_endpoint", url)
    server = options.text("server")
    if any(mark in server for mark in "/@?# "):
        raise unusable("server", "not a host name", f"Write {options.example('server')}.")
    return secure("server", f"https://{server}/EWS/Exchange.asmx") if server else ""


def _services(autodiscover: Any, domain: str) -> tuple[str, ...]:
    if isinstance(autodiscover, str):
        return (secure("autodiscover", autodiscover),)
    if not isinstance(autodiscover, bool | None):
        raise unusable("autodiscover", "neither true nor a web address", "Write autodiscover = true.")
    return tuple(url.format(domain) for url in _SERVICES) if autodiscover else ()
