"""When two display names are one person's."""

import pytest

from mailcare.mail.names import full_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Lovelace", "Lovelace, Ada"),
        ("Ada Lovelace", "ADA LOVELACE"),
        ("Ada Lovelace", "Ada B. Lovelace"),
        ("Ada Lovelace", "Ada Lovelace (Example)"),
        ("Søren Łukasz", "Soren Lukasz"),
        ("Zoë Müller", "zoe muller"),
        ("Jean-Luc O'Neil", "O'Neil, Jean Luc"),
        ("İpek Işık", "Ipek Isik"),
        ("山田太郎", "山田 太郎"),
    ],
)
def test_the_same_name_is_known_however_it_is_written(one: str, other: str) -> None:
    assert full_name(one) == full_name(other) != ()


@pytest.mark.parametrize("name", ["", "Ada", "Lovelace", "A. Lovelace", "ada.lovelace@example.com", "山田", "42 7"])
def test_a_part_of_a_name_is_no_full_name(name: str) -> None:
    assert full_name(name) == ()


def test_a_sister_has_another_name() -> None:
    assert full_name("Ada Lovelace") != full_name("Eva Lovelace")
