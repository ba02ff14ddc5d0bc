"""Whose mail it is: what the figures rest on, and a team as the owner of its members' mail."""

from dataclasses import fields, replace

import pytest

from mailcare.hours.worktime import WorkingTime
from mailcare.owner import COLLEAGUES, Client, Owner, Team

ANN = Owner(("ann@home.example",), circles={COLLEAGUES: ("home.example",)}, automated=("*@bot.example",))
BOB = Owner(("bob@home.example", "bob@old.example"), automated=("*@bot.example", "cron@*"))
TEAM = Team(
    "north",
    ("ann", "bob"),
    shared=("support@home.example",),
    addresses=("cy@home.example",),
    grace_days=2.0,
    clients=(Client("Alder", ("alder.example",)), Client("Birch", ("birch.example",))),
)
CHANGES = {
    "addresses": ("ann@old.example",),
    "name": "Ann",
    "shared": True,
    "aliases": (("x@a.example", "x@b.example"),),
    "circles": {},
    "working_time": WorkingTime(hours="Mon-Thu 09:00-17:00"),
    "grace_days": {"default": 5.0},
    "exclude_folders": (),
    "automated": (),
}


@pytest.mark.parametrize("part", [field.name for field in fields(Owner)])
def test_the_code_changes_with_everything_that_the_figures_rest_on(part: str) -> None:
    assert replace(ANN, **{part: CHANGES[part]}).fingerprint != ANN.fingerprint


def test_the_code_is_the_same_for_the_same_settings() -> None:
    assert ANN.fingerprint == replace(ANN).fingerprint
    assert len(ANN.fingerprint) == 8


def test_a_team_owns_the_mail_of_its_members() -> None:
    made = TEAM.owner([ANN, BOB], gone=["dan@home.example"])
    assert made.addresses == (
        "ann@home.example",
        "bob@home.example",
        "bob@old.example",
        "support@home.example",
        "cy@home.example",
    )
    assert made.circles == {
        "Alder": ("alder.example",),
        "Birch": ("birch.example",),
        COLLEAGUES: ("home.example", "dan@home.example"),
    }
    assert made.shared
    assert made.automated == ("*@bot.example", "cron@*")
    assert made.grace_days == {"default": 2.0}
    assert made.exclude_folders == ()  # each mailbox leaves out its own


def test_a_team_without_a_mailbox_has_an_owner_too() -> None:
    assert TEAM.owner([]).addresses == ("support@home.example", "cy@home.example")
