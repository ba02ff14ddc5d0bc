"""A secret from a command, a file or the vault."""

import sys
from pathlib import Path

import pytest

from mailcare.errors import Exit, MailcareError
from mailcare.servers.credentials import keys, secret
from mailcare.servers.options import Options
from tests.counterparts.vaults import MemoryVault

SECRET = "correct horse"


def asked(vault: MemoryVault | None = None, **given: object) -> str:
    return secret("password", Options(given, keys("password")), vault or MemoryVault())()


def printing(text: str) -> list[str]:
    return [sys.executable, "-c", f"print({text!r})"]


def test_a_commands_first_line() -> None:
    assert asked(password_command=printing(f"{SECRET}\nuser: me")) == SECRET


def test_a_command_written_as_one_text() -> None:
    assert asked(password_command=f'{sys.executable} -c "print(6 * 7)"') == "42"


def test_a_command_is_run_each_time(tmp_path: Path) -> None:
    counter = tmp_path / "count"
    code = f"open({str(counter)!r}, 'a').write('x'); print(len(open({str(counter)!r}).read()))"
    ask = secret("token", Options({"token_command": [sys.executable, "-c", code]}, keys("token")), MemoryVault())
    assert (ask(), ask()) == ("1", "2")


def test_a_file_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"\ufeff{SECRET}\r\n", encoding="utf-8")
    assert asked(password_file=str(tmp_path / "secret")) == SECRET


def test_the_vault() -> None:
    assert asked(MemoryVault(password=SECRET)) == SECRET


def test_none_at_all_asks_to_log_in() -> None:
    with pytest.raises(MailcareError, match="mailcare login NAME") as error:
        asked()
    assert error.value.code == Exit.LOGIN


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ([sys.executable, "-c", f"print({SECRET!r}); raise SystemExit(3)"], "exit code 3"),
        (["no-such-program-anywhere"], "there is no program called no-such-program-anywhere"),
        ([sys.executable, "-c", ""], "printed nothing"),
        ([sys.executable, "-c", r"import sys; sys.stdout.buffer.write(b'\xff')"], "UnicodeDecodeError"),
    ],
)
def test_a_command_that_fails_is_told_without_what_it_printed(command: list[str], why: str) -> None:
    with pytest.raises(MailcareError, match=why) as error:
        asked(password_command=command)
    assert (error.value.where, error.value.code) == ("password_command", Exit.LOGIN)
    assert SECRET not in str(error.value)
    assert error.value.__cause__ is None


def test_a_secret_in_the_configuration_is_refused() -> None:
    with pytest.raises(MailcareError, match="does not belong") as error:
        asked(password=SECRET)
    assert error.value.code == Exit.USAGE
    assert SECRET not in str(error.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MailcareError, match="no such file") as error:
        asked(password_file=str(tmp_path / "nothing"))
    assert (error.value.where, error.value.code) == ("password_file", Exit.USAGE)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("\n")
    with pytest.raises(MailcareError, match="the file is empty") as error:
        asked(password_file=str(tmp_path / "secret"))
    assert error.value.where == "password_file"


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xff\xfe")
    with pytest.raises(MailcareError, match="cannot be read") as error:
        asked(password_file=str(tmp_path / "secret"))
    assert error.value.where == "password_file"
