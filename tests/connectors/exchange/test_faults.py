"""The exchange connector while everything goes wrong: what is stored equals an undisturbed reading in the end."""

import logging
import random
import socket
import ssl
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from mailcare.errors import Exit, MailcareError
from mailcare.mail.message import Message
from mailcare.servers.patience import Patience
from tests.counterparts.exchange.server import PASSWORD, EwsServer
from tests.counterparts.letters import CANARY, OWNER, Letter, Place, letter, mailbox
from tests.counterparts.log import Log

BUDGET = 120.0


@pytest.fixture
def there() -> Iterator[EwsServer]:
    server = EwsServer()
    yield server
    server.close()


@pytest.fixture
def filled(there: EwsServer) -> EwsServer:
    for one in mailbox():
        there.put(one)
    return there


class Clock:
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        self.now, self.stretch, self.longest = 0.0, 0.0, 0.0
        """``stretch``: the waiting since the last answer; ``longest``: the most of it that there was."""
        self.waits: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.stretch += seconds
        self.longest = max(self.longest, self.stretch)
        self.waits.append(seconds)

    def answered(self) -> None:
        self.stretch = 0.0

    def patience(self, tries: int = 8) -> Patience:
        return Patience(tries=tries, budget=BUDGET, clock=lambda: self.now, sleep=self.sleep)


def failure(connector: Any, log: Log) -> MailcareError:
    with pytest.raises(MailcareError) as error:
        log.read(connector)
    return error.value


@contextmanager
def temporarily() -> Iterator[None]:
    """Trouble may end the reading, as long as it says that the next one may succeed."""
    try:
        yield
    except MailcareError as error:
        if error.code != Exit.TEMPORARY:
            raise


def contents(log: Log) -> list[Message]:
    return sorted(log.messages(), key=lambda one: one.key)


def many(count: int) -> list[Letter]:
    places: list[Place] = ["inbox", "inbox", "sent", "archive", "spam"]
    return [letter(number, place=places[number % len(places)]) for number in range(count)]


class Troubles:
    """This share of the requests meets trouble of every kind. A 401 follows only a request that was answered."""

    def __init__(self, there: EwsServer, clock: Clock, seed: int, share: float) -> None:
        self._kinds, self._chance, self._share = there.TROUBLES, random.Random(seed), share
        self._clock = clock
        self.met: Counter[str] = Counter()
        self.answered = False
        there.trouble = self

    def begin(self) -> None:
        """Another connector comes: nobody has waited yet, and nothing was answered."""
        self.answered = False
        self._clock.answered()

    def __call__(self) -> str:
        kind = self._chance.choice(self._kinds) if self._chance.random() < self._share else ""
        if "401" in kind and not self.answered:
            kind = "503"
        self.answered = not kind
        if self.answered:
            self._clock.answered()
        self.met[kind] += 1
        return kind


def test_three_thousand_messages_through_every_fault(there, caplog):
    letters = many(3000)
    for one in letters:
        there.put(one)
    poisoned = [there.id(letters[number]) for number in (17, 1234, 2999)]
    there.operations.corrupt.add(poisoned[0])
    there.operations.explosive.add(poisoned[1])
    there.operations.private.add(poisoned[2])
    caplog.set_level(logging.DEBUG)
    clock, log = Clock(), Log()
    troubles = Troubles(there, clock, 4, 0.3)
    for _ in range(200):
        troubles.begin()
        with temporarily():
            log.read(there.connector(clock.patience()), batches=2)
        if log.positions and all(one.complete for one in log.positions.values()):
            break
    assert troubles.met.keys() == {"", *there.TROUBLES}
    assert 0 < clock.longest <= BUDGET
    assert log.skipped == {"refused": 3}
    there.trouble = str
    for name in ("corrupt", "explosive", "private"):
        getattr(there.operations, name).clear()
    log.read(there.connector(clock.patience()))
    assert contents(log) == contents(Log().read(there.connector()))
    assert len(log.messages()) == len(letters)
    assert +log.skipped == {}
    assert there.asked_for_bodies() == []
    assert CANARY.encode() not in there.wire()
    assert not [secret for secret in there.secrets if secret in caplog.text]


def test_changes_in_the_midst_of_every_fault(filled):
    letters, clock, log = mailbox(), Clock(), Log()
    troubles = Troubles(filled, clock, 11, 0.3)
    here = {one.id: one for one in letters}
    chance = random.Random(5)
    for number in range(100, 130):
        troubles.begin()
        with temporarily():
            log.read(filled.connector(clock.patience()), batches=3)
        filled.put(new := letter(number))
        here[new.id] = new
        moved, gone = chance.sample(sorted(here), 2)
        filled.move(here[moved], "archive")
        filled.remove(here.pop(gone))
        if number % 10 == 0:
            filled.expire()
    filled.trouble = str
    log.read(filled.connector())
    assert contents(log) == contents(Log().read(filled.connector()))
    assert log.ids() == sorted(here)


@pytest.mark.parametrize("kind", EwsServer.TROUBLES)
def test_trouble_that_lasts_ends_in_time_and_keeps_what_was_read(filled, kind):
    log = Log().read(filled.connector(), batches=12)
    before, clock = log.ids(), Clock()
    filled.put(letter(60))
    calls = iter([""])
    filled.trouble = lambda: next(calls, kind)
    error = failure(filled.connector(clock.patience()), log)
    assert error.code == (Exit.LOGIN if "401" in kind else Exit.TEMPORARY)
    assert error.where == "127.0.0.1"
    assert 0 < clock.now <= BUDGET
    assert log.ids() == before


def test_the_server_says_how_long_to_wait(filled):
    for kind, seconds in (("busy with hint", 7), ("503 with hint", 5)):
        clock, troubles = Clock(), iter(["", kind, kind])
        filled.trouble = lambda troubles=troubles: next(troubles, "")
        Log().read(filled.connector(clock.patience()))
        assert [int(wait) for wait in clock.waits] == [seconds, seconds]


def test_a_wait_beyond_the_budget_is_not_begun(filled, monkeypatch):
    monkeypatch.setattr("tests.counterparts.exchange.server.BACK_OFF", 3_600_000)
    clock = Clock()
    filled.trouble = lambda: "busy with hint"
    error = failure(filled.connector(clock.patience()), Log())
    assert (error.code, clock.waits) == (Exit.TEMPORARY, [])
    assert "3600 seconds" in error.what


def test_a_throttling_401_is_tried_once_more_and_a_withdrawn_password_not_again(filled):
    clock, troubles = Clock(), iter(["", "throttled 401"])
    filled.trouble = lambda: next(troubles, "")
    log = Log().read(filled.connector(clock.patience()))
    assert (log.ids(), len(clock.waits)) == (sorted(one.id for one in mailbox()), 1)
    calls = iter([""])
    filled.trouble = lambda: next(calls, "throttled 401")
    sent = len(filled.logins)
    assert failure(filled.connector(clock.patience()), Log()).code == Exit.LOGIN
    assert len(filled.logins) == sent + 3


def test_poison_is_set_aside_and_everything_else_read(filled):
    letters = mailbox()
    filled.operations.explosive.add(filled.id(letters[3]))
    filled.operations.corrupt.add(filled.id(letters[9]))
    filled.operations.private.add(filled.id(letters[19]))
    log = Log().read(filled.connector())
    assert log.ids() == sorted(one.id for number, one in enumerate(letters) if number not in (3, 9, 19))
    assert log.skipped == {"refused": 3}
    assert all(position.complete for position in log.positions.values())
    assert log.read(filled.connector()).skipped == {"refused": 3}
    filled.operations.explosive.clear()
    filled.remove(letters[9])
    assert log.read(filled.connector()).skipped == {"refused": 1}
    filled.operations.private.clear()
    log.read(filled.connector())
    assert +log.skipped == {}
    assert log.ids() == sorted(one.id for number, one in enumerate(letters) if number != 9)


def test_a_server_that_hands_over_nothing_is_an_outage_and_no_poison(filled):
    filled.operations.explosive |= {*filled.mailbox.items}
    log = Log()
    assert failure(filled.connector(Clock().patience()), log).code == Exit.TEMPORARY
    assert not log.skipped
    filled.operations.explosive.clear()
    assert log.read(filled.connector()).ids() == sorted(one.id for one in mailbox())


def test_much_poison_does_not_block_the_way(there):
    for number in range(60):
        there.put(letter(number))
    there.operations.explosive |= {there.id(letter(number)) for number in range(0, 60, 3)}
    log = Log().read(there.connector())
    assert log.skipped == {"refused": 20}
    there.put(letter(70))
    assert len(log.read(there.connector()).ids()) == 41
    assert log.skipped == {"refused": 20}


def test_a_server_that_forgets_at_once_is_given_up(filled):
    filled.operations.before = lambda asked: filled.expire() if asked == "SyncFolderItems" else None
    for number in range(100, 700):
        filled.put(letter(number))
    error = failure(filled.connector(), Log())
    assert (error.code, "forgets" in error.what) == (Exit.TEMPORARY, True)


def test_a_server_that_stalls_is_given_up(there):
    there.trouble = lambda: "stall"
    clock, start = Clock(), time.monotonic()
    error = failure(there.connector(clock.patience(tries=1), timeout=1), Log())
    assert (error.code, error.what) == (Exit.TEMPORARY, "the server does not answer in time")
    assert time.monotonic() - start < 30


def test_killed_at_every_request(filled):
    expected = contents(Log().read(filled.connector()))
    requests = len(filled.operations.asked)

    for last in range(requests):
        log, asked = Log(), len(filled.operations.asked)

        def kill(_: str, at: int = asked + last) -> None:
            if len(filled.operations.asked) > at:
                filled.cut(0)

        filled.operations.before = kill
        with suppress(MailcareError):
            log.read(filled.connector(Patience(tries=0)))
        filled.operations.before = lambda _: None
        filled.cut(None)
        assert contents(log.read(filled.connector())) == expected


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a self-signed certificate for localhost, in one file."""
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    try:
        subprocess.run([*command, "-keyout", key, "-out", certificate, *names], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed; make test-servers brings it")
    (folder / "both.pem").write_bytes(key.read_bytes() + certificate.read_bytes())
    return folder / "both.pem"


def encrypted(there: EwsServer, certificate: Path, host: str) -> str:
    """The server's URL after it has begun to speak TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    there.encrypt(context)
    return there.url.replace("http://127.0.0.1", f"https://{host}")


def test_a_certificate_of_ones_own(filled, certificate, monkeypatch):
    url = encrypted(filled, certificate, "localhost")
    error = failure(filled.connector(service_endpoint=url), Log())
    assert (error.code, "not trusted" in error.what, "ca_file" in error.todo) == (Exit.USAGE, True, True)
    assert filled.logins == []
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", __file__)
    trusting = filled.connector(service_endpoint=url, ca_file=str(certificate))
    assert Log().read(trusting).ids() == sorted(one.id for one in mailbox())


def test_a_certificate_for_another_name(there, certificate):
    url = encrypted(there, certificate, "127.0.0.1")
    error = failure(there.connector(service_endpoint=url, ca_file=str(certificate)), Log())
    assert (error.code, "another host name" in error.what, there.logins) == (Exit.USAGE, True, [])


def test_no_tls_where_it_is_expected(there):
    error = failure(there.connector(service_endpoint=there.url.replace("http:", "https:")), Log())
    assert (error.what, there.logins) == ("TLS fails", [])


def test_no_such_host(there, monkeypatch):
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    clock = Clock()
    error = failure(there.connector(clock.patience(), service_endpoint="https://mail.home.example/EWS"), Log())
    assert (error.code, error.where, clock.waits) == (Exit.TEMPORARY, "mail.home.example", [])
    assert "no such host" in error.what


def test_no_error_tells_of_the_mail_or_the_password(filled, caplog):
    caplog.set_level(logging.DEBUG)
    told = []
    for kind in filled.TROUBLES:
        filled.trouble = lambda kind=kind: kind
        error = failure(filled.connector(Clock().patience()), Log())
        told += [str(error), repr(error), repr(error.__cause__), repr(error.__context__)]
    filled.trouble = str
    filled.rights.clear()
    told.append(str(failure(filled.connector(user="desk@home.example"), Log())))
    everything = "".join(told) + caplog.text
    assert not [word for word in (*filled.secrets, OWNER, "client.example", CANARY) if word in everything]


def test_an_endless_list_of_changes_comes_to_an_end(filled, monkeypatch):
    log = Log().read(filled.connector())
    honest = filled.mailbox.changes
    monkeypatch.setattr(filled.mailbox, "changes", lambda folder, after, most: ([], after, False))
    assert log.read(filled.connector()).ids() == sorted(one.id for one in mailbox())
    monkeypatch.setattr(filled.mailbox, "changes", honest)
    filled.put(letter(60))
    assert letter(60).id in log.read(filled.connector()).ids()


def test_a_page_told_twice_changes_nothing(filled, monkeypatch):
    log, honest = Log(), filled.mailbox.changes
    monkeypatch.setattr(
        filled.mailbox,
        "changes",
        lambda folder, after, most: (honest(folder, 0, most)[0], *honest(folder, after, 3)[1:]),
    )
    assert log.read(filled.connector()).ids() == sorted(one.id for one in mailbox())
    monkeypatch.setattr(filled.mailbox, "changes", honest)
    assert contents(log.read(filled.connector())) == contents(Log().read(filled.connector()))


def test_the_password_is_asked_for_at_each_reading(filled, tmp_path):
    path = tmp_path / "password"
    path.write_text("old", encoding="utf-8")
    connector = filled.connector(password_file=str(path))
    assert failure(connector, Log()).code == Exit.LOGIN
    path.write_text(PASSWORD, encoding="utf-8")
    assert Log().read(connector).ids() == sorted(one.id for one in mailbox())
