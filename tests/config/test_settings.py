"""The configuration: what is read, and how every mistake is told."""

import json
import re
from datetime import date
from pathlib import Path

import pytest

from mailcare.access import connect, connector_faults
from mailcare.config.settings import Settings, default_path, load, read
from mailcare.errors import Exit, MailcareError
from mailcare.place import Place

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
MINIMAL = """
[[account]]
name = "work"
connector = "files"
addresses = ["me@example.com"]
"""


@pytest.fixture
def settings_of(tmp_path):
    def settings(text: str) -> Settings:
        return load(_written(tmp_path, text))

    return settings


@pytest.fixture
def problems_of(tmp_path):
    def problems(text: str) -> list[str]:
        return [str(problem) for problem in read(_written(tmp_path, text))[1]]

    return problems


def _written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_is_right_and_says_what_its_comments_say(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    settings = load(EXAMPLE)
    (account,) = settings.accounts
    assert settings.place.data_dir == Path("/home/ada/.local/share/mailcare")
    assert (account.name, account.connector) == ("work", "files")
    assert account.owner.addresses == ("me@example.com", "me@old.example")
    assert account.options == {"path": "/home/ada/mail/all.mbox"}
    assert account.owner.working_time.time_zone == "Europe/Berlin"
    assert account.owner.working_time.holidays == "DE"
    assert account.owner.working_time.days_off == (
        (date(2026, 8, 3), date(2026, 8, 21)),
        (date(2026, 12, 24), date(2026, 12, 24)),
    )
    assert account.owner.working_time.hours_off == ((date(2026, 12, 31), 720, 1020),)
    assert account.owner.circles == {"colleagues": ("example.com",), "clients": (), "suppliers": ()}


def test_every_key_in_a_comment_of_the_example_is_right_too(tmp_path):
    """Each commented key, taken in for itself, leaves the example without a problem."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    keys = [number for number, line in enumerate(lines) if line.startswith(("# ", '# "')) and " = " in line]
    assert len(keys) >= 5
    for number in keys:
        taken = [*lines[:number], lines[number].removeprefix("# "), *lines[number + 1 :]]
        if number == len(lines) - 1:
            taken[number - 1] = taken[number - 1].removeprefix("# ")
        assert read(_written(tmp_path, "\n".join(taken)))[1] == [], lines[number]


def test_every_account_in_a_comment_of_the_example_is_right_too(tmp_path, monkeypatch):
    """Each connector's own keys are taken, where its files are there."""
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    settings, problems = read(_written(tmp_path, "\n".join(re.sub(r"^#(?=\S)", "", line) for line in lines)))
    assert problems == []
    client = {"client_id": "c", "client_secret": "s", "auth_uri": "https://a.example", "token_uri": "https://t.example"}
    (tmp_path / "client_secret.json").write_text(json.dumps({"installed": client}))
    (tmp_path / "app.pem").write_text("")
    further = settings.accounts[1:]
    assert [account.connector for account in further] == ["imap", "gmail", "graph", "exchange", "files"]
    for account in further:
        connect(account, Place(tmp_path))


def test_everything_that_is_wrong_with_a_connectors_keys_is_told(settings_of, tmp_path):
    keys = 'hostname = "h"\nusername = "u"\nPort = 993\nsecurity = "ssl"\n'
    (account,) = settings_of(MINIMAL.replace("files", "imap") + keys).accounts
    faults = [(fault.where, fault.what) for fault in connector_faults(account, Place(tmp_path))]
    assert [where for where, _ in faults] == ["Port", "hostname", "username", "security"]


@pytest.mark.parametrize("name", ["options", "patience", "servers", "credentials", "mbox"])
def test_a_part_of_a_connector_is_none(tmp_path, name):
    settings, (fault,) = read(_written(tmp_path, MINIMAL.replace("files", name)))
    assert fault.todo == "There are exchange, files, gmail, graph, imap."
    assert list(connector_faults(settings.accounts[0], settings.place)) == []


def test_a_connectors_name_in_capitals_is_understood(tmp_path):
    _, problems = read(_written(tmp_path, MINIMAL.replace("files", "IMAP")))
    assert [problem.todo for problem in problems] == ["Did you mean imap?"]


def test_what_is_left_out_has_the_documented_default(settings_of, monkeypatch):
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/ada")
    settings = settings_of(MINIMAL)
    (account,) = settings.accounts
    assert settings.place.data_dir == Path("/home/ada/.local/share/mailcare")
    assert account.owner.exclude_folders == ("drafts", "spam", "trash")
    assert account.owner.working_time.hours == "Mon-Fri 09:00-17:00"
    assert account.owner.grace_days == {"default": 3.0}
    assert not account.owner.shared
    assert account.owner.circles == {}


def test_the_default_places_follow_the_xdg_variables(settings_of, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", "/etc/ada")
    monkeypatch.setenv("XDG_DATA_HOME", "/data/ada")
    assert default_path() == Path("/etc/ada/mailcare/config.toml")
    assert settings_of(MINIMAL).place.data_dir == Path("/data/ada/mailcare")


def test_files_of_a_connector_count_from_there_too(settings_of, tmp_path):
    account = settings_of(
        MINIMAL.replace("files", "imap") + 'ca_file = "ca.pem"\npassword_file = "/run/secret"\nsync_minutes = 5'
    ).accounts[0]
    assert account.options == {"ca_file": str(tmp_path / "ca.pem"), "password_file": "/run/secret"}
    assert account.sync_minutes == 5


def test_relative_paths_count_from_the_folder_of_the_configuration(settings_of, tmp_path):
    settings = settings_of('data_dir = "data"' + MINIMAL + 'path = ["mail/a.mbox", "/var/mail/ada"]')
    assert settings.place.data_dir == tmp_path / "data"
    assert settings.accounts[0].options == {"path": [str(tmp_path / "mail/a.mbox"), "/var/mail/ada"]}


def test_grace_may_be_one_number_or_one_for_each_circle(settings_of):
    assert settings_of(MINIMAL + "grace_days = 2.5").accounts[0].owner.grace_days == {"default": 2.5}
    by_circle = settings_of(MINIMAL + "grace_days = { clients = 1 }").accounts[0].owner.grace_days
    assert by_circle == {"default": 3.0, "clients": 1.0}


def test_addresses_are_trimmed_and_lower_cased(settings_of):
    text = MINIMAL.replace("me@example.com", " Me@Example.COM ") + '[aliases]\nAda = ["A@x.example", "b@x.example"]'
    (account,) = settings_of(text).accounts
    assert account.owner.addresses == ("me@example.com",)
    assert account.owner.aliases == (("a@x.example", "b@x.example"),)


def test_journeys_may_follow_one_another_in_any_order(settings_of):
    (account,) = settings_of(
        MINIMAL + 'travel = ["2026-03-06/2026-03-09 Asia/Seoul", "2026-03-02/2026-03-05 Asia/Tokyo"]'
    ).accounts
    assert account.owner.working_time.journeys == (
        (date(2026, 3, 2), date(2026, 3, 5), "Asia/Tokyo"),
        (date(2026, 3, 6), date(2026, 3, 9), "Asia/Seoul"),
    )


def test_holidays_may_be_those_of_several_places(settings_of):
    (account,) = settings_of(MINIMAL + 'holidays = "de-by,AT"').accounts
    assert account.owner.working_time.holidays == "DE-BY, AT"


def test_days_off_may_be_toml_dates(settings_of):
    (account,) = settings_of(MINIMAL + "days_off = [2026-05-01]").accounts
    assert account.owner.working_time.days_off == ((date(2026, 5, 1), date(2026, 5, 1)),)


WRONG = {
    'time_zone = "Europe/Berln"': ("time_zone", "Europe/Berlin"),
    'time_zone = "../etc/passwd"': ("time_zone", "no time zone"),
    "time_zone = 2": ("time_zone", "quotes"),
    'working_hours = "nine to five"': ("working_hours", "Mon-Fri 09:00-17:00"),
    'working_hours = "Mon-Fri 17:00-17:00"': ("working_hours", "ends when"),
    'holidays = "Atlantis"': ("holidays", "such as DE"),
    'holidays = "DE-XX"': ("holidays", "DE-XX"),
    'days_off = "2026-08-03"': ("days_off", "brackets"),
    'days_off = ["2026-08-21/2026-08-03"]': ("days_off", "ends before"),
    'days_off = ["soon"]': ("days_off", "2026-08-03"),
    'days_off = ["2026-12-24 noon-17:00"]': ("days_off", "'noon-17:00'"),
    'days_off = ["2026-12-24 17:00-12:00"]': ("days_off", "ends before"),
    'days_off = ["Mon 12:00-17:00"]': ("days_off", "Write a part of a day as"),
    'days_off = ["2026-12-24 12:00-25:00"]': ("days_off", "'25:00' is not a time of day"),
    'holidays = "DE, Atlantis"': ("holidays", "'ATLANTIS'"),
    'holidays = "DE,"': ("holidays", "such as DE"),
    'travel = "2026-03-02 America/New_York"': ("travel", "brackets"),
    'travel = ["2026-03-02"]': ("travel", "names no place"),
    'travel = ["2026-03-02 America/New_Yrk"]': ("travel", "America/New_York"),
    'travel = ["2026-03-13/2026-03-02 Asia/Tokyo"]': ("travel", "ends before"),
    'travel = ["2026-03-02/2026-03-05 Asia/Tokyo", "2026-03-05 Asia/Seoul"]': ("travel", "share the day 2026-03-05"),
    'shared = "yes"': ("shared", "true or false"),
    'owner_name = ""': ("owner_name", "quotes"),
    'language = "DE"': ("language", "de"),
    'language = "../de"': ("language", "no report can be written in"),
    "language = true": ("language", "quotes"),
    "automated = [1]": ("automated", "quotes"),
    'exclude_folders = "spam"': ("exclude_folders", "brackets"),
    "grace_days = 0": ("grace_days", "above 0"),
    "sync_minutes = 0": ("sync_minutes", "1 to 1440"),
    "sync_minutes = true": ("sync_minutes", "number of minutes"),
    'sync_minutes = "60"': ("sync_minutes", "number of minutes"),
    "keep_days = 90": ("keep_days", "from 180 to 36500"),
    "keep_days = 1000000": ("keep_days", "or 0 to keep everything"),
    'days_off = ["0001-01-01/9999-12-31"]': ("days_off", "outside the years 1990 to 2100"),
    "days_off = [0001-01-01]": ("days_off", "outside the years 1990 to 2100"),
    "keep_days = -1": ("keep_days", "0 to keep everything"),
    "keep_days = true": ("keep_days", "number of days"),
    'subjects = "no"': ("subjects", "true or false"),
    "grace_days = true": ("grace_days", "working days"),
    "grace_days = nan": ("grace_days", "working days"),
    "grace_days = { client = 1 }": ("grace_days", "Did you mean clients?"),
    '[circles]\ncollegues = ["example.com"]': ("circles", "Did you mean colleagues?"),
    '[circles]\ncolleagues = ["*.example.com"]': ("circles", "example.com"),
    '[circles]\ncolleagues = ["a.example"]\nclients = ["a.example"]': ("circles", "twice"),
    '[aliases]\nAda = ["a@x.example"]\nBob = ["A@x.example"]': ("aliases", "twice"),
    '[aliases]\nAda = "a@x.example"': ("aliases", "brackets"),
    '[aliases]\nAda = ["Ada <a@x.example>"]': ("aliases", "bare"),
}


@pytest.mark.parametrize(("line", "told"), WRONG.items(), ids=WRONG.keys())
def test_a_wrong_value_is_told_with_its_key_and_what_to_do(problems_of, tmp_path, line, told):
    (problem,) = problems_of(MINIMAL + line)
    key, advice = told
    assert problem.startswith(str(tmp_path / "config.toml"))
    assert f"{key}: " in problem
    assert advice in problem
    assert "\n" not in problem


def test_what_is_kept_is_said_for_all_accounts_and_for_each(settings_of):
    other = MINIMAL.replace("work", "home") + "keep_days = 0\nsubjects = true\n"
    kept = [(one.keep_days, one.subjects) for one in settings_of(MINIMAL).accounts]
    assert kept == [(400, True)]
    accounts = settings_of(f"keep_days = 200\nsubjects = false\n{MINIMAL}{other}").accounts
    assert [(one.keep_days, one.subjects) for one in accounts] == [(200, False), (0, True)]


@pytest.mark.parametrize("key", ["name", "connector", "addresses"])
def test_a_key_that_must_be_there_is_asked_for(problems_of, key):
    text = "\n".join(line for line in MINIMAL.splitlines() if not line.startswith(key))
    (problem,) = problems_of(text)
    assert f"{key}: missing. Add {key} = " in problem


@pytest.mark.parametrize("name", ["../work", "my work", ".hidden", "a/b", "ä"])
def test_an_account_is_called_by_a_name_that_can_stand_in_a_path(problems_of, name):
    (problem,) = problems_of(MINIMAL.replace("work", name))
    assert ": name: " in problem
    assert "Use letters, digits" in problem


def test_two_accounts_differ_in_more_than_case(problems_of):
    (problem,) = problems_of(MINIMAL + MINIMAL.replace("work", "Work"))
    assert "another account has this name" in problem


def test_an_unknown_key_comes_with_the_likely_one(problems_of):
    (problem,) = problems_of('data_dr = "x"' + MINIMAL)
    assert "data_dr: unknown key. Did you mean data_dir?" in problem


def test_a_slip_of_the_pen_in_a_key_of_an_account_is_told_and_not_left_to_the_connector(problems_of):
    (problem,) = problems_of(MINIMAL + 'timezone = "Europe/Berlin"\npath = "~/mail"')
    assert "account work: timezone: unknown key. Did you mean time_zone?" in problem


@pytest.mark.parametrize("text", ["", "account = []", 'account = "work"', '[account]\nname = "work"'])
def test_a_configuration_without_an_account_says_how_to_add_one(problems_of, text):
    (problem,) = problems_of(text)
    assert "[[account]]" in problem


def test_everything_wrong_is_listed_and_a_run_names_the_first_and_how_many_more(tmp_path):
    path = _written(tmp_path, MINIMAL.replace("me@example.com", "me") + 'time_zone = "X"\nholidays = "X"')
    assert len(read(path)[1]) == 3
    with pytest.raises(MailcareError, match=r"addresses: 'me' is no address.*2 more: mailcare config check") as raised:
        load(path)
    assert raised.value.code == Exit.USAGE


def test_a_file_that_is_no_toml_is_told_with_the_line(tmp_path):
    with pytest.raises(MailcareError, match=r"config.toml: this is not TOML.*line 2") as raised:
        read(_written(tmp_path, "\nname = work"))
    assert raised.value.code == Exit.USAGE


def test_a_file_that_is_not_utf8_is_told(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff\xfe[")
    with pytest.raises(MailcareError, match="not TOML"):
        read(path)


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    with pytest.raises(MailcareError, match=r"no such file.*mailcare init"):
        read(tmp_path / "config.toml")
    with pytest.raises(MailcareError, match=r"folder.*--config"):
        read(tmp_path)


def test_a_home_folder_that_is_not_there_is_told_by_its_key(tmp_path):
    _, (problem,) = read(_written(tmp_path, MINIMAL + 'path = "~nobody-of-this-name/mail"'))
    assert str(problem).endswith("path: there is no such home folder. Set HOME, or write the path whole.")
