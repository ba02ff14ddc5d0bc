"""Accounts at real servers, through the command line: logging in, reading, and what a user is told when it fails."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from mailcare.errors import Exit
from mailcare.store.store import Store
from tests.counterparts.counterpart import Missing
from tests.counterparts.exchange.server import PASSWORD as EWS_PASSWORD
from tests.counterparts.exchange.server import EwsServer
from tests.counterparts.gmail.front import Request
from tests.counterparts.gmail.server import GmailServer
from tests.counterparts.graph.server import GraphServer
from tests.counterparts.imap.dovecot import PASSWORD, Dovecot
from tests.counterparts.letters import CANARY, OWNER, letter, mailbox

ROOT = Path(__file__).parents[2]
AS_OF = "2026-08-10T06:00+00:00"
AFTER_DATE = timedelta(seconds=9)
"""So much later than its Date a letter arrives; files do not know."""
ACCOUNT = '[[account]]\nname = "{name}"\naddresses = ["' + OWNER + '"]\n{keys}\n'
TABLES = ("messages", "turns", "replies", "threads", "weekly")


def started(make: Callable[[], Dovecot] | Callable[[], GmailServer]) -> Dovecot | GmailServer:
    try:
        return make()
    except Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    there = started(Dovecot)
    assert isinstance(there, Dovecot)
    for one in mailbox():
        there.put(replace(one, arrived=one.arrived - AFTER_DATE))
    yield there
    there.close()


@pytest.fixture
def gmail() -> Iterator[GmailServer]:
    there = started(GmailServer)
    assert isinstance(there, GmailServer)
    for one in mailbox():
        there.put(one)
    yield there
    there.close()


class Home:
    """A folder with a configuration and without a keyring, and mailcare run there as a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def configure(self, **accounts: str) -> None:
        text = "".join(ACCOUNT.format(name=name, keys=keys) for name, keys in accounts.items())
        (self.folder / "config.toml").write_text(f'data_dir = "data"\n{text}')

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "mailcare", *arguments, "--config", str(self.folder / "config.toml")]

    @property
    def environment(self) -> dict[str, str]:
        no_keyring = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        return os.environ | no_keyring | {"PYTHONPATH": str(ROOT), "HOME": str(self.folder)}

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(*arguments), cwd=self.folder, env=self.environment, capture_output=True, text=True
        )

    def typed(self, answer: str, *arguments: str) -> tuple[int, str]:
        """The exit code and what a terminal shows, where a person types this answer at the first question."""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.folder)
            command = self.command(*arguments)
            os.execve(command[0], command, self.environment)
        shown = _shown(terminal, until=b": ")
        os.write(terminal, f"{answer}\n".encode())
        shown += _shown(terminal)
        _, status = os.waitpid(child, 0)
        return os.waitstatus_to_exitcode(status), shown.decode().replace("\r\n", "\n")

    def exported(self, account: str) -> list[str]:
        done = self.run("export", account, "--format", "csv", "--account", account, "--as-of", AS_OF)
        assert done.returncode == 0, done.stderr
        tables = [(self.folder / account / f"{name}.csv").read_text() for name in TABLES]
        return [re.sub(rf"^{account},", "", table, flags=re.MULTILINE) for table in tables]

    def written(self) -> bytes:
        return b"".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())


def _shown(terminal: int, until: bytes = b"\0") -> bytes:
    shown = b""
    while not shown.endswith(until) and select.select([terminal], [], [], 60)[0]:
        try:
            shown += os.read(terminal, 4096)
        except OSError:
            break
    return shown


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def imap(there: Dovecot, **more: str) -> str:
    keys = {"connector": "imap", "host": "127.0.0.1", "user": there.user, "security": "none"} | more
    return "".join(f'{key} = "{value}"\n' for key, value in keys.items()) + f"port = {there.line.port}"


def google(there: GmailServer) -> str:
    return f'connector = "gmail"\nclient_file = "{there.client_file}"\napi_endpoint = "{there.front.address}"'


def keys(options: dict[str, object]) -> str:
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in options.items())


def test_imap_from_the_first_login_to_the_same_export_as_from_files(home: Home, dovecot: Dovecot) -> None:
    home.configure(home=imap(dovecot), files=f'connector = "files"\npath = "{dovecot.root}"')
    before = home.run("run", "--account", "home")
    assert (before.returncode, before.stderr) == (
        Exit.LOGIN,
        "mailcare: home: there is no password. Log in: mailcare login home.\n",
    )
    code, shown = home.typed(PASSWORD, "login", "home")
    assert (code, PASSWORD in shown) == (0, False), shown
    assert shown.endswith("home: logged in. Next: mailcare run --account home\n")
    assert (home.folder / "data" / "secrets" / "home.json").stat().st_mode & 0o777 == 0o600

    ran = home.run("run", "--as-of", AS_OF)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"home: messages read and stored: {len(mailbox())}\n" in ran.stdout
    assert home.exported("home") == home.exported("files")
    assert "messages read and stored: 0\n" in home.run("sync", "--account", "home").stdout
    assert CANARY.encode() not in home.written().replace(dovecot.root.as_posix().encode(), b"")


def test_a_login_that_is_given_up_keeps_nothing(home: Home, dovecot: Dovecot) -> None:
    home.configure(home=imap(dovecot))
    code, shown = home.typed("\x04", "login", "home")
    assert code == Exit.LOGIN
    assert shown.strip().endswith("mailcare: home: nothing was entered, and nothing is kept.")
    without = home.run("login", "home")
    assert without.returncode == Exit.LOGIN
    assert without.stderr.startswith("mailcare: home: there is no terminal to ask for a secret.")
    assert not (home.folder / "data" / "secrets").exists()


def test_a_wrong_password_is_not_kept(home: Home, dovecot: Dovecot) -> None:
    home.configure(home=imap(dovecot))
    code, shown = home.typed("wrong", "login", "home")
    assert code == Exit.LOGIN
    assert shown.strip().splitlines()[-1].startswith("mailcare: home: 127.0.0.1: the server does not accept the user")
    assert "mailcare login home" in shown
    assert not (home.folder / "data" / "secrets").exists()


def test_each_account_that_fails_has_its_line_and_the_others_are_done(home: Home, dovecot: Dovecot) -> None:
    secrets = home.folder / "secrets"
    secrets.mkdir()
    for name in (PASSWORD, "wrong"):
        (secrets / ("right" if name == PASSWORD else "wrong")).write_text(name)
    right, wrong = (str(secrets / name) for name in ("right", "wrong"))
    encrypted = f"port = {dovecot.server.tls_port}"
    plain = f"port = {dovecot.line.port}"
    home.configure(
        good=imap(dovecot, password_file=right),
        password=imap(dovecot, password_file=wrong),
        host=imap(dovecot, host="nowhere.invalid", security="tls", password_file=right),
        certificate=imap(dovecot, security="tls", password_file=right).replace(plain, encrypted),
        no_tls=imap(dovecot, security="tls", password_file=right),
        port=imap(dovecot, password_file=right).replace(plain, "port = 1"),
        files='connector = "files"\npath = "nothing.mbox"',
    )
    done = home.run("run", "--as-of", AS_OF)
    assert done.returncode == Exit.PARTLY
    assert f"good: messages read and stored: {len(mailbox())}\n" in done.stdout
    told = {line.split(": ")[1]: line.split(": ", 2)[2] for line in done.stderr.splitlines()}
    assert list(told) == ["password", "host", "certificate", "no_tls", "port", "files"]
    assert told["password"].startswith("127.0.0.1: the server does not accept the user name or the password")
    assert "mailcare login password" in told["password"]
    assert told["host"].startswith("nowhere.invalid: there is no such host")
    assert "certificate is not trusted" in told["certificate"]
    assert "no TLS at port" in told["no_tls"]
    assert "nothing answers at port 1" in told["port"]
    assert not [word for word in ("wrong", PASSWORD, dovecot.user) if word in done.stderr]


def test_a_mailbox_without_a_sent_folder_is_said_so_once(home: Home, dovecot: Dovecot) -> None:
    with dovecot.person() as client:
        for name in ("Sent", "Drafts", "Trash", "Junk", "Archive"):
            client.delete_folder(name)
    (home.folder / "secret").write_text(PASSWORD)
    home.configure(home=imap(dovecot, password_file="secret"))
    told = "mailboxes without a folder for sent mail, so that answers may be missing: 1"
    assert told in home.run("sync").stdout
    assert told not in home.run("sync").stdout
    assert "without a folder for sent mail" in (_page(home).read_text(encoding="utf-8"))


def _page(home: Home) -> Path:
    done = home.run("report", "--as-of", AS_OF)
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip().rpartition(" ")[2])


def test_gmail_from_the_first_login_to_a_report(home: Home, gmail: GmailServer) -> None:
    home.configure(gmail=google(gmail))
    before = home.run("run")
    assert (before.returncode, before.stderr) == (
        Exit.LOGIN,
        "mailcare: gmail: nobody has logged in yet. Log in: mailcare login gmail.\n",
    )
    with subprocess.Popen(
        home.command("login", "gmail", "--no-browser"),
        env=home.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        address = next(line.strip() for line in process.stderr if line.startswith("http"))
        asked = parse_qs(urlsplit(address).query)
        assert asked["scope"] == ["https://www.googleapis.com/auth/gmail.metadata"]
        with urllib.request.urlopen(address, timeout=20) as agreed:
            assert b"mailcare has its answer" in agreed.read()
        shown, _ = process.communicate(timeout=60)
    assert (process.returncode, shown) == (0, "gmail: logged in. Next: mailcare run --account gmail\n")
    kept = home.folder / "data" / "secrets" / "gmail.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert json.loads(kept.read_text()).keys() == {"token"}

    ran = home.run("run", "--as-of", AS_OF)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"gmail: messages read and stored: {len(mailbox())}\n" in ran.stdout
    gmail.put(letter(90))
    assert "gmail: messages read and stored: 1\n" in home.run("sync").stdout

    gmail.front.oauth.access.clear()
    gmail.front.oauth.refresh.clear()
    revoked = home.run("run")
    assert (revoked.returncode, revoked.stderr) == (
        Exit.LOGIN,
        "mailcare: gmail: 127.0.0.1: the login has been withdrawn or has run out. "
        "Log in again: mailcare login gmail.\n",
    )


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
@pytest.mark.parametrize("at", [2, 8, 20, 40])
def test_stopped_at_any_request_a_run_loses_nothing(
    home: Home, gmail: GmailServer, sent: signal.Signals, code: int, at: int
) -> None:
    home.configure(gmail=google(gmail))
    secrets = home.folder / "data" / "secrets"
    secrets.mkdir(parents=True)
    kept = secrets / "gmail.json"
    kept.touch(0o600)
    login = {"refresh_token": gmail.refresh_token, "scopes": ["https://www.googleapis.com/auth/gmail.metadata"]}
    kept.write_text(json.dumps({"token": json.dumps(login)}))
    process = subprocess.Popen(home.command("sync"), env=home.environment, stdout=subprocess.DEVNULL, stderr=-1)

    def stop(request: Request) -> None:
        if request.number == at:
            process.send_signal(sent)
            process.wait(10)

    gmail.front.seen = stop
    process.communicate(timeout=60)
    assert process.returncode == code
    gmail.front.seen = lambda request: None
    done = home.run("sync")
    assert (done.returncode, done.stderr) == (0, "")
    with Store.open(home.folder / "data" / "gmail.sqlite", write=False) as store:
        assert sorted(store.load()["message_id"].to_pylist()) == sorted(one.id for one in mailbox())
        assert store.unfinished() == 0


def test_graph_from_the_code_that_is_shown_to_an_expired_and_a_revoked_login(home: Home) -> None:
    with closing(GraphServer()) as graph:
        for one in mailbox():
            graph.put(one)
        home.configure(work=f'connector = "graph"\n{keys(graph.options)}')
        logged_in = home.run("login", "work")
        assert (logged_in.returncode, logged_in.stderr) == (
            0,
            "Open https://login.example/device and enter the code ABCD-1234\n",
        )
        ran = home.run("run", "--as-of", AS_OF)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert f"work: messages read and stored: {len(mailbox())}\n" in ran.stdout
        graph.login.expire()
        assert home.run("sync").stdout == "work: messages read and stored: 0\n"
        graph.login.expire()
        graph.login.refresh.clear()
        revoked = home.run("run")
        assert revoked.returncode == Exit.LOGIN
        assert "the login has expired or was revoked" in revoked.stderr
        assert revoked.stderr.endswith("Log in again: mailcare login work.\n")
        assert CANARY.encode() not in home.written()


def test_exchange_from_the_first_login_to_a_report(home: Home) -> None:
    with closing(EwsServer()) as exchange:
        for one in mailbox():
            exchange.put(one)
        options = {"connector": "exchange", "service_endpoint": exchange.url, "mailbox": OWNER, "auth": "basic"}
        home.configure(work=keys(options))
        assert home.run("run").returncode == Exit.LOGIN
        assert home.typed("wrong", "login", "work")[0] == Exit.LOGIN
        code, shown = home.typed(EWS_PASSWORD, "login", "work")
        assert (code, EWS_PASSWORD in shown) == (0, False), shown
        ran = home.run("run", "--as-of", AS_OF)
        assert (ran.returncode, ran.stderr) == (0, "")
        assert f"work: messages read and stored: {len(mailbox())}\n" in ran.stdout
        assert "messages read and stored: 0\n" in home.run("sync").stdout
        assert CANARY.encode() not in home.written()


WATCHED = """
import sys
def watch(event, arguments):
    if event == "socket.connect":
        print("CONNECTS", *arguments[1][:2], file=sys.__stderr__)
    if event == "socket.getaddrinfo":
        print("ASKS FOR", arguments[0], file=sys.__stderr__)
sys.addaudithook(watch)
from mailcare.cli import main
main()
"""


def test_no_connection_but_to_the_configured_servers(home: Home, dovecot: Dovecot, gmail: GmailServer) -> None:
    secrets = home.folder / "data" / "secrets"
    secrets.mkdir(parents=True, mode=0o700)
    login = {"refresh_token": gmail.refresh_token, "scopes": ["https://www.googleapis.com/auth/gmail.metadata"]}
    with closing(GraphServer()) as graph, closing(EwsServer()) as exchange:
        kept = {
            "imap": {"password": PASSWORD},
            "gmail": {"token": json.dumps(login)},
            "graph": graph.vault.secrets,
            "exchange": {"password": EWS_PASSWORD},
        }
        for one in mailbox():
            graph.put(one)
            exchange.put(one)
        for name, secret in kept.items():
            (secrets / f"{name}.json").touch(0o600)
            (secrets / f"{name}.json").write_text(json.dumps(secret))
        ews = {"connector": "exchange", "service_endpoint": exchange.url, "mailbox": OWNER, "auth": "basic"}
        home.configure(
            imap=imap(dovecot),
            gmail=google(gmail),
            graph=f'connector = "graph"\n{keys(graph.options)}',
            exchange=keys(ews),
        )
        done = subprocess.run(
            [sys.executable, "-c", WATCHED, "run", "--config", str(home.folder / "config.toml"), "--as-of", AS_OF],
            env=home.environment,
            capture_output=True,
            text=True,
        )
        ports = [dovecot.line.port, gmail.front.port, *(urlsplit(url).port for url in (graph.address, exchange.url))]
    assert done.returncode == 0, done.stderr
    assert set(done.stderr.splitlines()) == {"ASKS FOR 127.0.0.1", *(f"CONNECTS 127.0.0.1 {port}" for port in ports)}
