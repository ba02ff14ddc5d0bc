"""A connector's own keys: taken as they are meant, or an error that names the key."""

from typing import Any

import pytest

from mailcare.errors import Exit, MailcareError
from mailcare.servers.options import Options

KNOWN = ("host", "port", "security", "password_command", "ca_file")


def test_they_are_taken_as_they_stand() -> None:
    options = Options({"host": " mail.example ", "port": 1993, "security": "STARTTLS"}, KNOWN)
    assert (options.text("host"), options.number("port", 993)) == ("mail.example", 1993)
    assert options.choice("security", ("tls", "starttls")) == "starttls"
    assert ("host" in options, "ca_file" in options) == (True, False)


def test_defaults() -> None:
    options = Options({}, KNOWN)
    assert (options.text("host", "h"), options.number("port", 993)) == ("h", 993)
    assert options.choice("security", ("tls", "starttls")) == "tls"
    assert (options.file("ca_file"), options.command("password_command")) == (None, ())


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"hots": "mail.example"}, "hots"),
        ({}, "host"),
        ({"host": 3}, "host"),
        ({"host": "  "}, "host"),
        ({"host": "h", "port": "993"}, "port"),
        ({"host": "h", "port": True}, "port"),
        ({"host": "h", "port": 0}, "port"),
        ({"host": "h", "security": "ssl"}, "security"),
        ({"host": "h", "password_command": 3}, "password_command"),
        ({"host": "h", "password_command": ["pass", 3]}, "password_command"),
        ({"host": "h", "password_command": "pass 'show"}, "password_command"),
        ({"host": "h", "ca_file": 3}, "ca_file"),
    ],
)
def test_what_does_not_fit_is_named(given: dict[str, Any], where: str) -> None:
    with pytest.raises(MailcareError) as error:
        take_all(given)
    assert (error.value.where, error.value.code) == (where, Exit.USAGE)


def take_all(given: dict[str, Any]) -> None:
    options = Options(given, KNOWN)
    options.text("host", example="mail.example")
    options.number("port", 993)
    options.choice("security", ("tls", "starttls"))
    options.command("password_command")
    options.file("ca_file")
