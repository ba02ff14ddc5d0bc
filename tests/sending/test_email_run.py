"""The e-mail summary in a run: after the report, once a week, and the report stays whatever becomes of it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailcare import weekly
from mailcare.config.settings import load
from mailcare.errors import Exit, MailcareError
from tests.counterparts.gmail.tools import certificate
from tests.counterparts.smtp import PASSWORD, USER, Post, smtp_server
from tests.test_cli import AS_OF, Home, mail, told


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    _, tls = certificate(tmp_path, "127.0.0.1")
    with smtp_server(tls, password=True) as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, post: Post) -> Home:
    home = Home(tmp_path)
    (tmp_path / "password").write_text(PASSWORD)
    home.config.write_text(
        home.config.read_text() + f'[account.email]\nhost = "127.0.0.1"\nport = {post.port}\nuser = "{USER}"\n'
        'password_file = "password"\nca_file = "certificate.pem"\n'
    )
    return home


def reports(home: Home) -> list[Path]:
    return list((home.folder / "data" / "reports" / "work").glob("*-W*.html"))


def test_a_run_sends_the_summary_after_the_report_and_only_once(home: Home, post: Post) -> None:
    first, second = home.run("run"), home.run("run")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert "work: its summary went to you by e-mail" in first.stdout
    assert "by e-mail" not in second.stdout
    (message,) = post.messages
    (page,) = reports(home)
    body = message.get_body(("plain",))
    assert body
    assert f"~/data/reports/work/{page.name}" in body.get_content()


def test_what_could_not_be_sent_is_sent_by_the_next_run(home: Home, post: Post) -> None:
    post.answer = "451 later"
    done = home.run("run")
    assert done.returncode == Exit.TEMPORARY
    assert "did not take the summary (its reply is 451)" in told(done)
    assert len(reports(home)) == 1
    assert "the report is at" in done.stdout
    post.answer = "250 taken"
    assert home.run("run").returncode == 0
    assert len(post.messages) == 1


def test_a_report_on_an_earlier_week_is_not_mailed(home: Home, post: Post) -> None:
    assert home.run("run", "--as-of", AS_OF).returncode == 0
    assert len(reports(home)) == 1
    assert post.messages == []


def test_neither_report_nor_sync_nor_a_dry_run_mails_anything(home: Home, post: Post) -> None:
    for arguments in (["sync"], ["report"], ["run", "--dry-run"]):
        assert home.run(*arguments).returncode == 0
    assert post.messages == []


def test_mailcares_own_mail_changes_nothing_in_the_report(home: Home) -> None:
    assert home.run("run", "--as-of", AS_OF).returncode == 0
    (page,) = reports(home)
    before = page.read_text()
    own = mail(9, "me@example.com", "me@example.com").replace("<9@mail.example>", "<0a1b@summary.mailcare>")
    home.mbox.write_text(home.mbox.read_text() + own)
    assert home.run("run", "--as-of", AS_OF).returncode == 0
    assert home.stored() == 7
    assert page.read_text() == before


def test_doctor_tries_the_way_out(home: Home, post: Post) -> None:
    home.run("run")
    assert "work: e-mail: the summary can be sent to me@example.com." in home.run("doctor").stdout
    (home.folder / "password").write_text("wrong")
    done = home.run("doctor")
    assert re.search(r"LOOK  work: e-mail: .*does not take the password", done.stdout)
    assert len(post.messages) == 1


def test_what_is_wrong_with_its_keys_is_told_by_config_check(home: Home) -> None:
    home.config.write_text(home.config.read_text() + 'to = "boss@example.com"\n')
    done = home.run("config", "check")
    assert done.returncode == Exit.USAGE
    assert "account work: email: to: not one of the account's addresses." in done.stderr


def test_login_asks_for_the_password_of_an_account_that_only_sends(
    home: Home, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mailcare.disk.vault._keyring", lambda: None)
    home.config.write_text(home.config.read_text().replace('password_file = "password"\n', ""))
    settings = load(home.config)
    (account,) = settings.accounts
    weekly.login(account, settings.place, Person())
    kept = home.folder / "data" / "secrets" / "work@email.json"
    assert json.loads(kept.read_text()) == {"password": PASSWORD}
    done = home.run("run")
    assert "by e-mail" in done.stdout, done.stderr
    with pytest.raises(MailcareError, match="needs no login"):
        weekly.login(replace(account, email={}), settings.place, Person())


class Person:
    """Somebody at the terminal who knows the password."""

    browser = False

    def tell(self, text: str) -> None:
        raise AssertionError(text)

    def ask(self, prompt: str) -> str:
        return PASSWORD
