"""The teams of the configuration, and how every mistake in them is told."""

import re
from pathlib import Path

import pytest

from mailcare.config.settings import Settings, read
from mailcare.owner import Client

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
ACCOUNT = '[[account]]\nname = "{0}"\nconnector = "files"\naddresses = ["{0}@home.example"]\n'
ACCOUNTS = ACCOUNT.format("ann") + ACCOUNT.format("bob")
TEAM = '[[team]]\nname = "north"\naccounts = ["ann"]\n'
CLIENT = '[[team.client]]\nname = "Alder"\n'


def settings_of(folder: Path, text: str) -> tuple[Settings, list[str]]:
    path = folder / "config.toml"
    accounts = ACCOUNTS.replace("[[account]]", "[[account]]\nsubjects = false", 1) if "#veiled" in text else ACCOUNTS
    path.write_text(accounts + text, encoding="utf-8")
    settings, problems = read(path)
    return settings, [str(problem) for problem in problems]


def test_the_team_of_the_example(tmp_path: Path) -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    path = tmp_path / "config.toml"
    path.write_text("\n".join(re.sub(r"^#(?=\S)", "", line) for line in lines), encoding="utf-8")
    (team,) = read(path)[0].teams
    assert (team.name, team.accounts, team.shared) == ("northshore", ("graph", "exchange"), ("support@example.com",))
    assert (team.promise_hours, team.min_group) == (8.0, 5)
    assert team.clients == (Client("Alder Valley Trust", ("alder.example", "alder.valley@free.example"), 4.0),)


def test_an_account_knows_its_team(tmp_path: Path) -> None:
    settings, problems = settings_of(tmp_path, TEAM)
    assert problems == []
    assert {account.name: account.team for account in settings.accounts} == {"ann": "north", "bob": ""}


def test_a_client_has_the_teams_promise_or_its_own(tmp_path: Path) -> None:
    text = TEAM + "promise_hours = 6\n" + CLIENT + 'domains = ["a.example"]\n'
    text += '[[team.client]]\nname = "Birch"\naddresses = ["b@b.example"]\npromise_hours = 2\n'
    (team,) = settings_of(tmp_path, text)[0].teams
    assert [client.promise_hours for client in team.clients] == [6.0, 2.0]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[[team]]\nname = "north"\n', "accounts: missing"),
        ('[[team]]\naccounts = ["ann"]\n', "name: missing"),
        (TEAM.replace('"ann"', '"amn"'), "no account is called 'amn'. Did you mean ann?"),
        (TEAM + TEAM.replace("north", "south"), "'ann' is in the team north already"),
        (TEAM + TEAM.replace('"ann"', '"bob"'), "another team or an account has this name"),
        (TEAM.replace('"north"', '"Ann"'), "another team or an account has this name"),
        (TEAM.replace('["ann"]', "[]"), "accounts: empty"),
        (TEAM + "min_group = 2\n", "a group of 2 is too small"),
        (TEAM + 'min_group = "5"\n', "is no number of people"),
        (TEAM + "min_group = true\n", "is no number of people"),
        (TEAM + "promise_hours = 0\n", "is no number of working hours"),
        (TEAM + 'colour = "teal"\n', "colour: unknown key"),
        (TEAM + 'shared = ["support"]\n', "'support' is no address"),
        (TEAM + CLIENT, "neither domains nor addresses"),
        (TEAM + CLIENT + 'domains = ["a@b.example"]\n', "is no domain"),
        (TEAM + CLIENT + 'domain = ["b.example"]\n', "domain: unknown key. Did you mean domains?"),
        (TEAM + 2 * (CLIENT + 'domains = ["b.example"]\n'), "another client has this name"),
        (
            TEAM + CLIENT + 'domains = ["b.example"]\n[[team.client]]\nname = "B"\ndomains = ["b.example"]\n',
            "'b.example' is Alder's already",
        ),
        (
            TEAM + CLIENT + 'domains = ["bücher.example"]\n[[team.client]]\nname = "B"\n'
            'domains = ["XN--bcher-kva.example."]\n',
            "'xn--bcher-kva.example.' is Alder's already",
        ),
        (
            TEAM
            + CLIENT
            + 'addresses = ["pia@b.example"]\n[[team.client]]\nname = "B"\naddresses = ["pia+x@b.example"]\n',
            "'pia+x@b.example' is Alder's already",
        ),
        (TEAM.replace('"ann"', '"ann", "bob"') + "#veiled", "some keep subjects, and some do not"),
    ],
)
def test_every_mistake_is_told(tmp_path: Path, text: str, told: str) -> None:
    _, problems = settings_of(tmp_path, text)
    assert [problem for problem in problems if told in problem], problems


def test_three_is_the_smallest_group(tmp_path: Path) -> None:
    settings, problems = settings_of(tmp_path, TEAM + "min_group = 3\n")
    assert (settings.teams[0].min_group, problems) == (3, [])
