"""A connector's own keys: taken as they are meant, or an error that names the key."""

from typing import Any

import pytest

from mailcare.errors import Exit, MailcareError
from mailcare.mail.about import Choice, Command, File, Number, Paths, Text
from mailcare.servers.options import Options

KNOWN = (
    Text("host", "the server's name", example="mail.example"),
    Text("user", "", "me"),
    Number("port", "", 993),
    Choice("security", "", choices={"tls": "", "starttls": ""}),
    Number("times", "tries", example=3),
    Command("password_command", "", example="pass show mail"),
    File("ca_file", "certificates", example="ca.pem"),
    Paths("path", "a folder", more="or several", example="~/mail"),
)


def test_they_are_taken_as_they_stand() -> None:
    options = Options({"host": " mail.example ", "port": 1993, "security": "STARTTLS"}, KNOWN)
    assert (options.text("host"), options.number("port")) == ("mail.example", 1993)
    assert options.choice("security") == "starttls"
    assert ("host" in options, "ca_file" in options) == (True, False)


def test_defaults() -> None:
    options = Options({}, KNOWN)
    assert (options.text("user"), options.number("port")) == ("me", 993)
    assert options.choice("security") == "tls"
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


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, """host: missing. Add host = "mail.example": the server's name."""),
        ({"host": "h"}, 'path: missing. Write path = "~/mail": a folder.'),
        ({"host": "h", "path": 3}, 'path: neither a text nor a list of texts. Write path = "~/mail": a folder.'),
        ({"host": 3}, 'host: not a text. Write it in quotes, such as host = "mail.example".'),
        ({"host": "h", "ca_file": 3}, 'ca_file: not a text. Write it in quotes, such as ca_file = "ca.pem".'),
        ({"host": "h", "security": 3}, 'security: not a text. Write it in quotes, such as security = "tls".'),
        ({"host": "h", "password_command": 3}, "not a command. Write it as password_command = "),
        ({"host": "h", "path": "p", "times": 0}, "that fits. Write one from 1 to 1000000, such as 3: tries."),
        ({"host": "h", "ca_file": "/none"}, "ca_file: there is no such file: /none. Correct the path: certificates."),
    ],
)
def test_an_error_says_what_to_write_and_what_that_is(given: dict[str, Any], told: str) -> None:
    with pytest.raises(MailcareError) as error:
        take_all(given)
    assert told in str(error.value)


def test_a_backslash_in_an_example_stands_as_it_is() -> None:
    assert Text("user", "", example=r"EXAMPLE\me").shown == r"user = 'EXAMPLE\me'"


def test_what_holds_without_a_key_may_depend_on_others() -> None:
    options = Options({}, KNOWN)
    assert (options.text("user", "you"), options.number("port", 143)) == ("you", 143)
    with pytest.raises(MailcareError, match="user: missing"):
        options.text("user", needed=True)


def test_a_key_is_taken_as_it_is_declared() -> None:
    with pytest.raises(TypeError, match="host is declared as Text, and taken as Number"):
        Options({"host": "h"}, KNOWN).number("host")


def take_all(given: dict[str, Any]) -> None:
    options = Options(given, KNOWN)
    options.text("host")
    options.number("port")
    options.choice("security")
    options.command("password_command")
    options.file("ca_file")
    options.paths("path")
    options.number("times")
