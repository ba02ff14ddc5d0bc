"""Who may read a Gmail mailbox: a person who agreed in a browser, a service account with delegation; nobody else."""

import json
import logging
import socket
import webbrowser
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, quote, urlsplit
from urllib.request import urlopen

import certifi
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.gmail import login as google_login
from connectors.gmail.connector import Gmail
from mailcare.errors import Exit, MailcareError
from tests.counterparts.counterpart import impatient
from tests.counterparts.gmail.front import Front, refusal
from tests.counterparts.gmail.memory import Memory
from tests.counterparts.gmail.oauth import METADATA
from tests.counterparts.gmail.server import GmailServer
from tests.counterparts.gmail.tools import certificate, plain
from tests.counterparts.letters import OWNER
from tests.counterparts.log import Log
from tests.counterparts.vaults import MemoryVault

READONLY = "https://www.googleapis.com/auth/gmail.readonly"
ROBOT = "robot@project.example"


@pytest.fixture
def box() -> Iterator[GmailServer]:
    server = GmailServer(Memory)
    plain(server, 3)
    yield server
    server.close()


@pytest.fixture
def loud(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Every logger as it is in a fresh process that logs all it can."""
    caplog.set_level(logging.DEBUG)
    loggers = [logging.getLogger(name) for name in list(logging.root.manager.loggerDict)]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.NOTSET)
    yield caplog
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


class Visitor:
    """Follows every address that is told, as a person with a browser would."""

    def __init__(self, browser: bool = False, change: Callable[[str], str] = lambda address: address) -> None:
        self.browser, self.told = browser, []
        self._change = change
        self._visits: list[Thread] = []

    def tell(self, text: str) -> None:
        self.told.append(text)
        if text.startswith("http"):
            self._visits.append(Thread(target=self._visit, args=(self._change(text),)))
            self._visits[-1].start()

    def ask(self, prompt: str) -> str:
        raise AssertionError(prompt)

    def leave(self) -> None:
        for visit in self._visits:
            visit.join()

    def _visit(self, address: str) -> None:
        with urlopen(address, timeout=10) as page:
            page.read()


def gmail(box: GmailServer, vault: MemoryVault, **options: Any) -> Gmail:
    return Gmail(
        {"client_file": str(box.client_file), "api_endpoint": box.front.address, **options}, vault, impatient()
    )


def service(box: GmailServer, folder: Path, subject: str = OWNER, scope: str = METADATA, **options: Any) -> Gmail:
    """A connector with a service account's key, and what the domain has delegated to it."""
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    file = folder / "key.json"
    entries = {
        "client_email": ROBOT,
        "private_key": pem,
        "private_key_id": "1",
        "token_uri": f"{box.front.address}/token",
    }
    file.write_text(json.dumps({"type": "service_account", **entries}))
    box.front.oauth.delegated[ROBOT] = (subject, public, scope)
    given = {"service_account_file": str(file), "user": OWNER, "api_endpoint": box.front.address, **options}
    return Gmail(given, MemoryVault(), impatient())


def told(connector: Gmail) -> MailcareError:
    with pytest.raises(MailcareError) as error:
        Log().read(connector)
    return error.value


@pytest.mark.parametrize("browser", [False, True])
def test_a_person_logs_in_and_the_mailbox_can_be_read(box, browser, loud, capfd, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda address: not opened.append(address))
    vault, person = MemoryVault(), Visitor(browser)
    connector = gmail(box, vault)
    connector.login(person)
    person.leave()
    assert json.loads(vault.secrets["token"])["scopes"] == [METADATA]
    assert len(Log().read(connector).messages()) == 3
    address = next(text for text in person.told if text.startswith("http"))
    asked = parse_qs(urlsplit(address).query)
    assert asked["scope"] == [METADATA]
    assert asked["prompt"] == ["consent"]
    assert opened == ([address] if browser else [])
    written = capfd.readouterr()
    everything = loud.text + written.out + written.err + "".join(person.told)
    assert box.front.oauth.ever
    assert not [secret for secret in box.secrets if secret in everything]


def test_a_reading_logs_neither_tokens_nor_addresses(box, loud, capfd):
    faults = iter([refusal(403, "rateLimitExceeded", f"Slow down, {OWNER}")] * 2)
    box.front.fault = lambda request: next(faults, None) if request.kind != "batch" else None
    connector = box.connector(user=OWNER)
    Log().read(connector)
    written = capfd.readouterr()
    everything = loud.text + written.out + written.err
    assert next(faults, None) is None
    assert not [secret for secret in (*box.secrets, OWNER, quote(OWNER)) if secret in everything]


@pytest.mark.parametrize("relaxed", [False, True])
@pytest.mark.parametrize(
    ("given", "words"), [((METADATA, READONLY), "allows more than gmail.metadata"), ((READONLY,), "was not given")]
)
def test_a_login_with_other_permissions_is_refused_and_not_kept(box, given, words, relaxed, monkeypatch):
    if relaxed:
        monkeypatch.setenv("OAUTHLIB_RELAX_TOKEN_SCOPE", "1")
    box.front.oauth.given = given
    vault, person = MemoryVault(), Visitor()
    with pytest.raises(MailcareError, match=words) as error:
        gmail(box, vault).login(person)
    person.leave()
    assert error.value.code == Exit.LOGIN
    assert vault.secrets == {}
    assert len(box.front.oauth.calls) == 1


def test_a_person_who_does_not_agree_is_told_so(box):
    def refuse(address: str) -> str:
        asked = parse_qs(urlsplit(address).query)
        return f"{asked['redirect_uri'][0]}?error=access_denied&state={asked['state'][0]}"

    vault, person = MemoryVault(), Visitor(change=refuse)
    with pytest.raises(MailcareError, match="access_denied") as error:
        gmail(box, vault).login(person)
    person.leave()
    assert error.value.code == Exit.LOGIN
    assert "mailcare login NAME" in str(error.value)
    assert vault.secrets == {}


class Crowd(Visitor):
    """Before the person agrees, other things come to the address that waits for the answer."""

    def tell(self, text: str) -> None:
        if text.startswith("http"):
            home = parse_qs(urlsplit(text).query)["redirect_uri"][0]
            self.silent = socket.create_connection(("127.0.0.1", urlsplit(home).port))
            for stray in ("favicon.ico", "?code=stolen&state=another", "?code=stolen", "?state="):
                with pytest.raises(HTTPError) as refused:
                    urlopen(home + stray, timeout=10)
                refused.value.close()
        super().tell(text)


def test_only_the_answer_to_the_question_is_taken_whatever_else_comes(box):
    vault, person = MemoryVault(), Crowd()
    gmail(box, vault).login(person)
    person.leave()
    person.silent.close()
    assert json.loads(vault.secrets["token"])["scopes"] == [METADATA]
    assert "stolen" not in str(box.front.oauth.calls)


class Idle(Visitor):
    """Visits nothing."""

    def tell(self, text: str) -> None:
        self.told.append(text)


def test_a_person_who_does_nothing_is_waited_for_no_longer_than_told(box, monkeypatch):
    monkeypatch.setattr(google_login, "MINUTES", 0)
    with pytest.raises(MailcareError, match="nobody agreed") as error:
        gmail(box, MemoryVault()).login(Idle())
    assert error.value.code == Exit.LOGIN


def test_a_machine_without_a_free_port_is_told_so(box, monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(ThreadingHTTPServer, "server_bind", refuse)
    with pytest.raises(MailcareError, match=r"no port.*Permission denied"):
        gmail(box, MemoryVault()).login(Visitor())


@pytest.mark.parametrize("answer", [{}, {"historyid": "1"}])
def test_a_login_to_a_server_that_is_not_gmail_is_told_so_and_not_kept(box, answer):
    box.front.fault = lambda request: (200, {}, answer) if request.kind == "profile" else None
    vault, person = MemoryVault(), Visitor()
    with pytest.raises(MailcareError, match="not understood"):
        gmail(box, vault).login(person)
    person.leave()
    assert vault.secrets == {}


@pytest.mark.parametrize(
    ("host", "trusted", "code", "words"),
    [
        ("127.0.0.1", False, Exit.USAGE, "not trusted.*ca_file"),
        ("elsewhere.example", True, Exit.USAGE, "for another host"),
    ],
)
def test_a_login_tells_what_is_wrong_with_a_certificate(box, tmp_path, host, trusted, code, words, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certifi.where())
    file, context = certificate(tmp_path, host)
    secure = Front(Memory(), OWNER, box.front.oauth, tls=context)
    entries = json.loads(box.client_file.read_text())
    entries["installed"]["token_uri"] = f"{secure.address}/token"
    box.client_file.write_text(json.dumps(entries))
    person = Visitor()
    try:
        with pytest.raises(MailcareError, match=words) as error:
            gmail(box, MemoryVault(), **({"ca_file": str(file)} if trusted else {})).login(person)
        person.leave()
    finally:
        secure.close()
    assert error.value.code == code


def test_a_login_tells_that_nobody_is_there(box):
    entries = json.loads(box.client_file.read_text())
    entries["installed"]["token_uri"] = "http://127.0.0.1:1/token"
    box.client_file.write_text(json.dumps(entries))
    person = Visitor()
    with pytest.raises(MailcareError, match="refused") as error:
        gmail(box, MemoryVault()).login(person)
    person.leave()
    assert error.value.code == Exit.TEMPORARY


def test_a_login_to_another_mailbox_is_not_kept(box):
    vault, person = MemoryVault(), Visitor()
    with pytest.raises(MailcareError, match="may not read the mailbox"):
        gmail(box, vault, user="other@home.example").login(person)
    person.leave()
    assert vault.secrets == {}


def test_a_revoked_login_is_asked_for_once(box):
    box.front.oauth.refresh.clear()
    error = told(box.connector())
    assert error.code == Exit.LOGIN
    assert "withdrawn" in str(error)
    assert "mailcare login NAME" in str(error)
    assert len(box.front.oauth.calls) == 1
    assert box.front.requests == []


def test_a_login_revoked_in_the_middle_keeps_what_was_read(box):
    plain(box, 60, start=10)

    def revoke(request):
        if request.number == 40:
            box.front.oauth.refresh.clear()
            box.front.oauth.expire()

    box.front.seen = revoke
    log = Log()
    with pytest.raises(MailcareError) as error:
        log.read(box.connector())
    assert error.value.code == Exit.LOGIN
    assert len(log.messages()) == 25
    assert len(box.front.oauth.calls) == 2


def test_a_kept_login_with_wider_permissions_is_not_used(box):
    kept = json.dumps({"refresh_token": box.refresh_token, "scopes": [METADATA, READONLY]})
    error = told(gmail(box, MemoryVault(token=kept)))
    assert error.code == Exit.LOGIN
    assert "gmail.readonly" in str(error)
    assert box.front.oauth.calls == []


@pytest.mark.parametrize("scopes", [(METADATA, READONLY), (READONLY,)])
def test_a_token_with_other_permissions_is_not_used(box, scopes):
    box.front.oauth.refresh[box.refresh_token] = scopes
    assert told(box.connector()).code == Exit.LOGIN
    assert box.front.requests == []


@pytest.mark.parametrize("kept", [None, "{", "[]", '{"refresh_token": "x"}'])
def test_without_a_usable_login_nothing_is_asked(box, kept):
    error = told(gmail(box, MemoryVault(**({"token": kept} if kept else {}))))
    assert error.code == Exit.LOGIN
    assert "mailcare login NAME" in str(error)
    assert box.front.oauth.calls == []


def test_an_unknown_client_is_named(box):
    box.front.oauth.client = ("another", "client")
    error = told(box.connector())
    assert error.code == Exit.LOGIN
    assert "client_file" in str(error)


def test_an_unreachable_token_server_is_named(box):
    entries = json.loads(box.client_file.read_text())
    entries["installed"]["token_uri"] = "http://localhost:1/token"
    box.client_file.write_text(json.dumps(entries))
    error = told(box.connector())
    assert error.code == Exit.TEMPORARY
    assert "localhost" in str(error)
    assert "refused" in str(error)


def test_a_service_account_reads_the_mailbox_delegated_to_it(box, tmp_path):
    assert len(Log().read(service(box, tmp_path)).messages()) == 3
    assert len(box.front.oauth.calls) == 1


@pytest.mark.parametrize(("subject", "scope"), [("other@home.example", METADATA), (OWNER, READONLY)])
def test_what_is_not_delegated_is_refused(box, tmp_path, subject, scope):
    error = told(service(box, tmp_path, subject, scope))
    assert error.code == Exit.LOGIN
    assert "delegat" in str(error)
    assert len(box.front.oauth.calls) == 1
    assert box.front.requests == []


def test_a_service_account_needs_no_login(box, tmp_path):
    with pytest.raises(MailcareError, match="needs no login"):
        service(box, tmp_path).login(Visitor())


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"client_file": None}, "client_file"),
        ({"service_account_file": "CLIENT"}, "service_account_file"),
        ({"service_account_file": "CLIENT", "client_file": None}, "user"),
        ({"client_file": "/nowhere/client.json"}, "client_file"),
        ({"api_endpoint": "http://gmail.example"}, "api_endpoint"),
        ({"api_endpoint": "gmail.example"}, "api_endpoint"),
        ({"quota_per_minute": 10}, "quota_per_minute"),
        ({"timeout": 0}, "timeout"),
        ({"clientfile": "x"}, "clientfile"),
    ],
)
def test_wrong_options_are_named(box, options, key):
    given = {"client_file": str(box.client_file)} | {
        name: str(box.client_file) if value == "CLIENT" else value for name, value in options.items()
    }
    with pytest.raises(MailcareError) as error:
        Gmail({name: value for name, value in given.items() if value is not None}, MemoryVault())
    assert error.value.code == Exit.USAGE
    assert error.value.where == key


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        '{"web": {"client_id": "x"}}',
        '{"installed": {"client_id": "a", "client_secret": "b", "auth_uri": "http://g.example", "token_uri": "http://g.example"}}',
    ],
)
def test_an_unusable_client_file_is_named(box, content):
    connector = box.connector()
    box.client_file.write_text(content)
    error = told(connector)
    assert error.code == Exit.USAGE
    assert "client_file" in error.where


def test_an_unusable_service_account_file_is_named(box, tmp_path):
    connector = service(box, tmp_path)
    file = tmp_path / "key.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"private_key": "no key"}))
    assert told(connector).where == "service_account_file"
