"""The e-mail summary on its way: a real server takes it over real TLS, once, and each fault ends clearly."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mailcare.errors import Exit, MailcareError
from mailcare.sending import smtp
from mailcare.sending.smtp import Outgoing
from tests.counterparts.dripping import dripping
from tests.counterparts.gmail.tools import certificate
from tests.counterparts.smtp import PASSWORD, TOKEN, USER, Post, smtp_server
from tests.counterparts.vaults import MemoryVault
from tests.counterparts.wire import Wire

NOW = datetime(2026, 9, 21, 6, tzinfo=UTC)
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Told:
    subject: str = "Your week in mail, 14 to 20 September 2026"
    text: str = "Zoë\n.\n.. and dots\nFrom here on\n" + "long" * 300
    html: str = "<p>Zoë</p>"


class Way:
    """An account's way to one server."""

    def __init__(self, folder: Path) -> None:
        self.ca, self.tls = certificate(folder, HOST)
        self.sent = folder / "mailed" / "work" / "2026-W38"
        self.vault = MemoryVault(password=PASSWORD)

    def out(self, port: int, **more: Any) -> Outgoing:
        keys = {"host": HOST, "port": port, "ca_file": str(self.ca), "timeout": 5}
        given = {key: value for key, value in (keys | more).items() if value is not None}
        return Outgoing(given, ("me@example.com", "me@old.example"), self.vault)

    def send(self, port: int, told: Any = Told(), **more: Any) -> bool:
        return self.out(port, **more).send(told, NOW, self.sent)

    def fault(self, port: int, **more: Any) -> MailcareError:
        with pytest.raises(MailcareError) as caught:
            self.send(port, **more)
        assert "\n" not in str(caught.value)
        return caught.value


@pytest.fixture
def way(tmp_path: Path) -> Way:
    return Way(tmp_path)


@pytest.fixture
def post(way: Way) -> Iterator[Post]:
    with smtp_server(way.tls, password=True) as server:
        yield server


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_it_is_delivered_encrypted_and_logged_in(way: Way, security: str) -> None:
    with smtp_server(way.tls, security, password=security == "starttls") as post:
        assert way.send(post.port, security=security, user=USER if security == "starttls" else None)
    assert post.tls == [True]
    assert [(one.mail_from, one.rcpt_tos) for one in post.envelopes] == [("me@example.com", ["me@example.com"])]


def test_on_this_machine_it_may_go_unencrypted(way: Way) -> None:
    with smtp_server(None, "none") as post:
        assert way.send(post.port, security="none")
    assert post.tls == [False]


def test_it_says_what_it_is_and_arrives_as_it_was_written(way: Way, post: Post) -> None:
    way.send(post.port, user=USER)
    (message,) = post.messages
    assert message["From"] == "mailcare <me@example.com>"
    assert message["To"] == "me@example.com"
    assert message["Subject"] == Told().subject
    assert message["Date"].datetime == NOW
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@summary.mailcare>")
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert not any(part.get_filename() or part.get_content_disposition() for part in message.walk())
    assert _content(message, "plain") == Told().text + "\n"
    assert _content(message, "html") == Told().html + "\n"


def test_it_can_go_to_another_address_of_the_owners(way: Way, post: Post) -> None:
    way.send(post.port, user=USER, to="Me@old.example")
    assert post.envelopes[0].rcpt_tos == ["me@old.example"]


def test_it_goes_out_once(way: Way, post: Post) -> None:
    assert [way.send(post.port, user=USER) for _ in range(3)] == [True, False, False]
    assert len(post.envelopes) == 1
    assert oct(way.sent.stat().st_mode & 0o777) == "0o600"


def test_of_two_that_send_at_once_one_does(way: Way, post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = smtp.deliver.mark
    monkeypatch.setattr(smtp.deliver, "mark", lambda path: mark(path) and mark(path))
    assert not way.send(post.port, user=USER)
    assert post.envelopes == []


def test_a_server_that_dies_after_the_message_may_have_it_so_it_is_not_sent_again(way: Way, post: Post) -> None:
    post.dies = "after"
    fault = way.fault(post.port, user=USER)
    assert "before the server said whether it took the summary" in fault.what
    assert fault.code == Exit.ERROR
    post.dies = ""
    assert not way.send(post.port, user=USER)
    assert len(post.envelopes) == 1


def test_a_server_that_dies_before_the_message_gets_it_the_next_time(way: Way, post: Post) -> None:
    post.dies = "before"
    assert way.fault(post.port, user=USER).code == Exit.TEMPORARY
    post.dies = ""
    assert way.send(post.port, user=USER)
    assert len(post.envelopes) == 1


@pytest.mark.parametrize(("answer", "code"), [("451 later", Exit.TEMPORARY), ("554 no", Exit.ERROR)])
def test_a_message_that_is_refused_is_tried_again(way: Way, post: Post, answer: str, code: Exit) -> None:
    post.answer = answer
    fault = way.fault(post.port, user=USER)
    assert (fault.what, fault.code) == (f"the server did not take the summary (its reply is {answer[:3]})", code)
    post.answer = "250 ok"
    assert way.send(post.port, user=USER)


def test_cut_off_anywhere_it_is_sent_once_or_said_to_be_in_doubt(way: Way) -> None:
    with smtp_server(None, "none") as post:
        wire = Wire(post.port)
        way.send(wire.port, security="none")
        way.sent.unlink()
        doubts = []
        for after in range(1, len(wire.recorded) - len(wire.asked), 7):
            post.envelopes.clear()
            wire.cut(after)
            with contextlib.suppress(MailcareError):
                way.send(wire.port, security="none")
            wire.cut(None)
            doubts.append(not way.send(wire.port, security="none"))
            assert len(post.envelopes) in ({0, 1} if doubts[-1] else {1}), after
            way.sent.unlink()
        wire.close()
    assert True in doubts
    assert False in doubts


def test_an_untrusted_certificate_gets_nothing(way: Way, post: Post) -> None:
    fault = way.fault(post.port, ca_file=None, user=USER)
    assert "certificate is not trusted" in fault.what
    assert "ca_file" in fault.todo
    assert fault.code == Exit.USAGE
    assert post.envelopes == []


def test_a_certificate_for_another_host_gets_nothing(tmp_path: Path, way: Way) -> None:
    (tmp_path / "other").mkdir()
    way.ca, other = certificate(tmp_path / "other", "mail.example.com")
    with smtp_server(other) as post:
        assert "for another host name" in way.fault(post.port).what
    assert post.envelopes == []


def test_without_starttls_nothing_is_sent_not_even_the_password(way: Way) -> None:
    with smtp_server(None, "none") as post:
        wire = Wire(post.port)
        fault = way.fault(wire.port, user=USER)
        wire.close()
    assert fault.what == "the server offers no STARTTLS"
    assert fault.code == Exit.USAGE
    assert b"AUTH" not in wire.asked
    assert b"MAIL" not in wire.asked


def test_plain_text_where_tls_is_expected_is_said_so(way: Way) -> None:
    with smtp_server(None, "none") as post:
        fault = way.fault(post.port, security="tls")
    assert (fault.what, fault.todo) == ("no encrypted connection comes about", 'Try security = "starttls".')


def test_a_wrong_password_asks_for_a_login_and_does_not_say_it(way: Way, post: Post) -> None:
    way.vault = MemoryVault(password="wrong secret")
    fault = way.fault(post.port, user=USER)
    assert fault.what == "the server does not take the password for sending"
    assert fault.code == Exit.LOGIN
    assert "wrong secret" not in str(fault)
    assert not way.sent.exists()


@pytest.mark.parametrize("mechanism", ["xoauth2", "oauthbearer"])
def test_a_token_from_a_command_opens_the_way(way: Way, tmp_path: Path, mechanism: str) -> None:
    (tmp_path / "token").write_text(TOKEN)
    with smtp_server(way.tls, tokens=True) as post:
        assert way.send(post.port, user=USER, auth=mechanism, token_command=f"cat {tmp_path / 'token'}")
    assert (post.tls, post.after_the_error) == ([True], None)


@pytest.mark.parametrize(("mechanism", "answered"), [("xoauth2", b""), ("oauthbearer", b"\1")])
def test_a_token_that_has_expired_is_told_and_not_said(way: Way, mechanism: str, answered: bytes) -> None:
    with smtp_server(way.tls, tokens=True) as post:
        way.vault = MemoryVault(token="expired" * 9)
        fault = way.fault(post.port, user=USER, auth=mechanism)
    assert post.after_the_error == answered
    assert fault.what == "the server does not take the token for sending"
    assert "token_command" in fault.todo
    assert fault.code == Exit.LOGIN
    assert "expired" not in str(fault)
    assert not way.sent.exists()


def test_a_server_that_wants_a_password_gets_no_token(way: Way, post: Post) -> None:
    way.vault = MemoryVault(token=TOKEN)
    fault = way.fault(post.port, user=USER, auth="xoauth2")
    assert (fault.what, fault.code) == ("the server offers no XOAUTH2", Exit.USAGE)
    assert post.envelopes == []


def test_a_server_that_wants_a_token_gets_no_password(way: Way) -> None:
    with smtp_server(way.tls, tokens=True) as post:
        fault = way.fault(post.port, user=USER)
    assert fault.code == Exit.USAGE
    assert 'auth = "xoauth2"' in fault.todo


def test_a_token_is_asked_for_only_where_none_is_led_to(way: Way) -> None:
    assert way.out(25, user=USER, auth="xoauth2").asks
    assert not way.out(25, user=USER, auth="xoauth2", token_command="print-token").asks


def test_a_password_is_asked_for_tried_and_kept(way: Way, post: Post) -> None:
    way.vault = MemoryVault()

    class Person:
        browser = False

        def __init__(self, answer: str) -> None:
            self.answer = answer

        def tell(self, text: str) -> None:
            raise AssertionError(text)

        def ask(self, prompt: str) -> str:
            assert USER in prompt
            return self.answer

    with pytest.raises(MailcareError, match="does not take the password"):
        way.out(post.port, user=USER).login(Person("wrong"))
    assert way.vault.secrets == {}
    way.out(post.port, user=USER).login(Person(PASSWORD))
    assert way.vault.secrets == {"password": PASSWORD}


def test_nobody_there_is_worth_another_try(way: Way) -> None:
    with smtp_server(None, "none") as post:
        pass
    fault = way.fault(post.port, security="none")
    assert fault.code == Exit.TEMPORARY
    assert "next run" in fault.todo


def test_a_server_that_says_nothing_is_given_up(way: Way) -> None:
    with smtp_server(None, "none") as post:
        wire = Wire(post.port)
        wire.stall(True)
        fault = way.fault(wire.port, security="none", timeout=1)
        wire.close()
    assert fault.code == Exit.TEMPORARY


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_a_server_that_drips_octets_is_given_up(way: Way, monkeypatch: pytest.MonkeyPatch, security: str) -> None:
    """Each octet comes well within the timeout, and the answer never ends; with TLS it is the handshake's.

    Python ends a handshake after its timeout, too: what is allowed in all is well below that here.
    """
    monkeypatch.setattr(smtp, "IN_ALL", 0.1)
    first = b"\x16\x03\x03\x20\x00" if security == "tls" else b"220-test\r\n"
    with dripping(first) as port:
        fault = way.fault(port, security=security, timeout=10)
    assert fault.what == "the server for sending was not done within 1.0 seconds"
    assert fault.code == Exit.TEMPORARY
    assert not way.sent.exists()


def test_a_server_that_drips_its_last_answer_leaves_a_doubt(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "IN_ALL", 1)
    with dripping(b"220 test\r\n", [b"250 test\r\n", *2 * [b"250 ok\r\n"], b"354 go on\r\n"]) as port:
        fault = way.fault(port, security="none", timeout=1)
    assert "before the server said whether it took the summary" in fault.what
    assert way.sent.exists()


@pytest.mark.parametrize(
    ("keys", "where"),
    [
        ({"auth": "oauth"}, "auth"),
        ({"auth": "xoauth2"}, "user"),
        ({"auth": "xoauth2", "user": USER, "token": TOKEN}, "token"),
        ({"to": "boss@example.com"}, "to"),
        ({"to": "me@example.com\r\nBcc: boss@example.com"}, "to"),
        ({"security": "none", "host": "mail.example.com"}, "security"),
        ({"security": "ssl"}, "security"),
        ({"password": "secret"}, "password"),
        ({"host": None}, "host"),
        ({"cc": "boss@example.com"}, "cc"),
        ({"ca_file": "nowhere.pem"}, "ca_file"),
    ],
)
def test_keys_that_cannot_be_right(way: Way, keys: dict[str, Any], where: str) -> None:
    with pytest.raises(MailcareError) as caught:
        way.out(25, **keys)
    assert (caught.value.where, caught.value.code) == (where, Exit.USAGE)


def test_no_header_can_be_smuggled_in(way: Way, post: Post) -> None:
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        way.send(post.port, Told(subject="Week\r\nBcc: boss@example.com"), user=USER)
    assert post.envelopes == []
    assert not way.sent.exists()


def _content(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part
    return str(part.get_content()).replace("\r\n", "\n")
