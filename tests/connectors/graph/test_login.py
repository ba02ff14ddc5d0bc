"""How the graph connector gets its token, what it refuses, and what it tells where it may not read."""

import logging
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.graph.connector import CLOUDS, Graph
from mailcare.errors import Exit, MailcareError
from mailcare.servers.patience import Patience
from tests.counterparts.counterpart import impatient
from tests.counterparts.graph.faults import Time
from tests.counterparts.graph.login import certificate
from tests.counterparts.graph.server import GraphServer
from tests.counterparts.graph.service import Refusal
from tests.counterparts.letters import OWNER, letter
from tests.counterparts.log import Log
from tests.counterparts.vaults import MemoryVault


class Person:
    browser = False

    def __init__(self) -> None:
        self.told: list[str] = []

    def tell(self, text: str) -> None:
        self.told.append(text)

    def ask(self, prompt: str) -> str:
        raise AssertionError(prompt)


@pytest.fixture
def server() -> Iterator[GraphServer]:
    started = GraphServer()
    started.put(letter(1))
    yield started
    started.close()


@pytest.fixture
def nobody(server: GraphServer) -> GraphServer:
    """The server, nobody being logged in."""
    server.vault.secrets.clear()
    server.login.refresh.clear()
    return server


def graph(server: GraphServer, patience: Patience | None = None, **options: Any) -> Graph:
    given = {name: value for name, value in (server.options | options).items() if value is not None}
    return Graph(given, server.vault, patience or impatient())


def failure(server: GraphServer, **options: Any) -> MailcareError:
    with pytest.raises(MailcareError) as caught:
        Log().read(graph(server, **options))
    return discreet(server, caught.value)


def refused_login(server: GraphServer, **options: Any) -> MailcareError:
    with pytest.raises(MailcareError) as caught:
        graph(server, **options).login(Person())
    assert server.vault.secrets == {}
    return discreet(server, caught.value)


def discreet(server: GraphServer, error: MailcareError) -> MailcareError:
    """The error, which names neither a secret nor a person."""
    chain = repr((error, str(error), error.__cause__, error.__context__))
    assert not [secret for secret in (*server.secrets, OWNER) if secret in chain]
    return error


# A person logs in


def test_the_code_is_shown_and_the_login_is_kept(nobody):
    nobody.login.pending, time, person = 3, Time(), Person()
    graph(nobody, time.patience()).login(person)
    assert person.told == ["Open https://login.example/device and enter the code ABCD-1234"]
    assert time.waits == [5, 5, 5]
    (renewal,) = nobody.login.refresh
    assert renewal in nobody.vault.secrets["token"]
    assert len(Log().read(graph(nobody)).messages()) == 1


def test_only_basic_mail_is_asked_for(nobody):
    graph(nobody).login(Person())
    nobody.login.expire()
    Log().read(graph(nobody))
    scopes = {scope for form in nobody.login.asked for scope in form.get("scope", "").split()}
    assert scopes == {"https://graph.microsoft.com/Mail.ReadBasic", "openid", "profile", "offline_access"}


def test_for_anothers_mailbox_what_is_shared_is_asked_for(nobody):
    nobody.login.scope, nobody.login.grants = "Mail.ReadBasic.Shared", ["Mail.ReadBasic.Shared"]
    graph(nobody, user=OWNER).login(Person())
    assert len(Log().read(graph(nobody, user=OWNER)).messages()) == 1


def test_a_code_that_is_never_entered_expires(nobody):
    nobody.login.pending, time = 10_000, Time()
    error = refused_login(nobody, patience=time.patience())
    assert error.code == Exit.LOGIN
    assert "not entered in time" in str(error)
    assert time.now() == 900


@pytest.mark.parametrize(
    ("declined", "told"),
    [
        ("authorization_declined", "declined"),
        ("expired_token", "not entered in time"),
        ("invalid_client", "allow public client flows"),
    ],
)
def test_a_declined_login_is_told(nobody, declined, told):
    nobody.login.declined = declined
    error = refused_login(nobody)
    assert error.code == Exit.LOGIN
    assert told in str(error)
    assert "AADSTS70020" in str(error)


def test_a_login_that_may_not_read_the_mailbox_is_not_kept(nobody):
    def forbid(*_: Any) -> None:
        raise Refusal(403, "ErrorAccessDenied")

    nobody.fault = forbid
    assert refused_login(nobody).code == Exit.LOGIN


def test_nobody_logged_in(nobody):
    error = failure(nobody)
    assert error.code == Exit.LOGIN
    assert "mailcare login NAME" in str(error)
    assert nobody.requests == []


def test_a_revoked_login_is_tried_once_and_leads_to_a_login(server):
    server.login.expire()
    server.login.revoked = True
    error = failure(server)
    assert error.code == Exit.LOGIN
    assert "expired or was revoked" in str(error)
    assert "AADSTS50173" in str(error)
    assert "mailcare login NAME" in str(error)
    assert server.login.refreshes == 1


def test_a_renewed_token_is_kept_for_the_next_run(server):
    server.login.expire()
    Log().read(graph(server))
    Log().read(graph(server))
    assert server.login.refreshes == 1


def test_a_token_that_is_never_accepted_is_renewed_once(server):
    def reject(*_: Any) -> None:
        raise Refusal(401, "InvalidAuthenticationToken")

    server.fault = reject
    assert failure(server).code == Exit.LOGIN
    assert server.login.refreshes == 1


def test_a_damaged_login_leads_to_a_login(server):
    server.vault.put("token", "{")
    assert failure(server).code == Exit.LOGIN


# No wider permission


@pytest.mark.parametrize("wide", ["Mail.Read", "Mail.ReadWrite", "Mail.Send", "Calendars.Read", "Mail.Read.Shared"])
def test_a_token_that_may_do_more_is_refused(nobody, wide):
    nobody.login.grants.append(wide)
    error = refused_login(nobody)
    assert error.code == Exit.LOGIN
    assert wide.lower() in str(error)
    assert nobody.requests == []


def test_a_wider_token_is_refused_when_it_is_renewed(server):
    server.login.expire()
    server.login.grants.append("Mail.ReadWrite")
    assert "mail.readwrite" in str(failure(server))


def test_what_every_app_may_know_of_a_person_is_no_wider_permission(nobody):
    nobody.login.grants.append("User.Read")
    graph(nobody).login(Person())
    assert len(Log().read(graph(nobody)).messages()) == 1


def test_a_token_that_tells_nothing_is_taken(nobody):
    nobody.login.opaque = True
    graph(nobody).login(Person())
    assert len(Log().read(graph(nobody)).messages()) == 1


# An app by itself


@pytest.fixture
def app(server: GraphServer, tmp_path: Path) -> tuple[GraphServer, dict[str, Any]]:
    """The server that knows the app's certificate, and the keys that name it."""
    key, public, server.login.certificate = certificate("app")
    path = tmp_path / "app.pem"
    path.write_bytes(public + key)
    server.vault.secrets.clear()
    return server, {"certificate_file": str(path), "user": OWNER}


def test_an_app_proves_itself_by_its_certificate(app):
    server, keys = app
    assert len(Log().read(graph(server, **keys)).messages()) == 1
    assert server.vault.secrets == {}
    assert {target.split("/")[2] for target in server.requests} == {"users"}


def test_an_apps_token_is_renewed_in_mid_run(app):
    server, keys = app
    whole = Log().read(graph(server, **keys))

    def expire(server: GraphServer, target: str) -> None:
        if "delta" in target and server.login.refreshes == 2:
            server.login.expire()
            raise Refusal(401, "InvalidAuthenticationToken")

    server.fault = expire
    assert Log().read(graph(server, **keys)).messages() == whole.messages()
    assert server.login.refreshes == 3


def test_another_certificate_is_refused(app, tmp_path):
    server, keys = app
    key, public, _ = certificate("stranger")
    (tmp_path / "app.pem").write_bytes(key + public)
    error = failure(server, **keys)
    assert error.code == Exit.LOGIN
    assert "AADSTS700027" in str(error)
    assert server.login.refreshes == 1


@pytest.mark.parametrize("role", ["Mail.Read", "Mail.ReadWrite", "Sites.Read.All"])
def test_an_app_that_may_do_more_is_refused(app, role):
    server, keys = app
    server.login.roles.append(role)
    error = failure(server, **keys)
    assert role.lower() in str(error)
    assert server.requests == []


@pytest.mark.parametrize("content", ["", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----", "é"])
def test_a_file_without_key_and_certificate_is_told(app, tmp_path, content):
    server, keys = app
    (tmp_path / "app.pem").write_text(content, encoding="utf-8")
    error = failure(server, **keys)
    assert (error.code, error.where) == (Exit.USAGE, "certificate_file")


def test_a_broken_key_is_told(app, tmp_path):
    server, keys = app
    _, public, _ = certificate("app")
    (tmp_path / "app.pem").write_bytes(public + b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    error = failure(server, **keys)
    assert (error.code, error.where) == (Exit.USAGE, "certificate_file")


def test_with_a_certificate_nobody_logs_in(app):
    server, keys = app
    assert "nobody logs in" in str(refused_login(server, **keys))


# What the server denies


@pytest.mark.parametrize(
    ("status", "code", "exit_code", "told"),
    [
        (403, "ErrorAccessDenied", Exit.LOGIN, "Application Mail.ReadBasic"),
        (403, "Authorization_RequestDenied", Exit.LOGIN, "Mail.ReadBasic"),
        (404, "MailboxNotEnabledForRESTAPI", Exit.ERROR, "not in Exchange Online"),
        (404, "ErrorInvalidUser", Exit.ERROR, "no such user"),
        (404, "Unheard_Of", Exit.ERROR, "no mailbox here"),
        (418, "Teapot", Exit.ERROR, "418 Teapot"),
    ],
)
def test_each_refusal_says_what_to_do(server, status, code, exit_code, told):
    def refuse(*_: Any) -> None:
        raise Refusal(status, code)

    server.fault = refuse
    error = failure(server)
    assert error.code == exit_code
    assert told in str(error)


def test_another_persons_mailbox_is_told(server):
    assert "no such user" in str(failure(server, user="stranger@else.example"))


def test_an_unknown_tenant_is_told(server):
    error = failure(server, tenant="other.example")
    assert (error.code, error.where) == (Exit.USAGE, "tenant")


def test_an_unknown_app_is_told(nobody):
    error = refused_login(nobody, client_id="22222222-2222-3333-4444-555555555555")
    assert error.code == Exit.LOGIN
    assert "client_id" in str(error)


# The way there


@pytest.mark.parametrize("cloud", CLOUDS)
def test_every_cloud_has_its_own_scope(nobody, cloud):
    nobody.login.resource = CLOUDS[cloud][0]
    graph(nobody, cloud=cloud).login(Person())
    assert len(Log().read(graph(nobody, cloud=cloud)).messages()) == 1


@pytest.mark.parametrize("cloud", CLOUDS)
def test_every_cloud_has_its_own_servers(server, cloud, monkeypatch):
    reached = []

    def reach(_: Any, method: str, url: str, **rest: Any) -> httpx.Response:
        reached.append(url)
        raise httpx.ConnectError("no")

    monkeypatch.setattr(httpx.Client, "request", reach)
    with pytest.raises(MailcareError):
        Log().read(graph(server, cloud=cloud, api_endpoint=None, authority=None))
    assert {url.partition("/home.example")[0] for url in reached} == {CLOUDS[cloud][1]}


def test_plain_http_serves_on_this_machine(server):
    assert len(Log().read(graph(server, api_endpoint=server.plain())).messages()) == 1


@pytest.mark.parametrize(
    "keys",
    [
        {"api_endpoint": "http://graph.example"},
        {"authority": "http://127.0.0.1:1"},
        {"api_endpoint": "https://user:pass@graph.example"},
        {"cloud": "moon"},
        {"cloud": "china"},
        {"tenant": None},
        {"tenant": "a/b"},
        {"client_id": None},
        {"client_id": 7},
        {"timeout": 0},
        {"ca_file": "no/such/file"},
        {"password": "x"},
    ],
)
def test_what_cannot_be_configured_is_told(server, keys):
    with pytest.raises(MailcareError) as caught:
        graph(server, **keys)
    assert caught.value.code == Exit.USAGE
    assert caught.value.where in keys


def test_an_app_reads_no_mailbox_that_is_not_named(app):
    server, keys = app
    with pytest.raises(MailcareError) as caught:
        graph(server, **keys | {"user": None})
    assert (caught.value.code, caught.value.where) == (Exit.USAGE, "user")


def test_an_unknown_authority_is_told_with_the_key_that_helps(server):
    assert "ca_file" in str(failure(server, ca_file=None))


def test_a_certificate_of_another_host_is_told(server):
    elsewhere = server.address.replace("127.0.0.1", "localhost")
    assert "certificate is for another host name" in str(failure(server, authority=elsewhere))


def test_a_ca_file_that_holds_no_certificate_is_told(server, tmp_path):
    (tmp_path / "ca.pem").write_text("nothing")
    error = failure(server, ca_file=str(tmp_path / "ca.pem"))
    assert (error.code, error.where) == (Exit.USAGE, "ca_file")


def test_a_server_that_is_not_there_is_told(server):
    server.plain()
    address = server.stop_plain()
    time = Time()
    error = failure(server, api_endpoint=address, patience=time.patience())
    assert error.code == Exit.TEMPORARY
    assert time.waits == []
    assert "refuses the connection" in str(error)


def test_a_host_that_is_not_there_is_told(server, monkeypatch):
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    time = Time()
    error = failure(server, patience=time.patience())
    assert error.code == Exit.TEMPORARY
    assert time.waits == []
    assert "no such host: 127.0.0.1" in str(error)


def test_a_server_that_says_nothing_is_given_up(server):
    done = threading.Event()
    server.fault = lambda *_: done.wait() and None
    error = failure(server, timeout=1)
    done.set()
    assert error.code == Exit.TEMPORARY
    assert "no answer" in str(error)


def test_logs_tell_no_secret_and_no_person(server, caplog):
    caplog.set_level(logging.DEBUG)
    server.login.expire()
    Log().read(graph(server, user=OWNER))
    assert not [secret for secret in (*server.secrets, OWNER) if secret in caplog.text]


def test_the_vault_of_an_account_is_all_that_is_written(server):
    server.vault = MemoryVault(token=server.vault.secrets["token"])
    Log().read(graph(server))
    assert server.vault.secrets.keys() == {"token"}
