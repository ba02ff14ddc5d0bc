"""Messages that are wholly another one: filters and archives wrap mail so."""

from pathlib import Path

import pytest

from connectors.files.connector import Files
from mailcare.mail.message import Message
from tests.counterparts.log import Log
from tests.counterparts.vaults import MemoryVault

INNER = "From: Ann <ann@example.com>\nTo: me@example.com\nSubject: Lunch?\nMessage-ID: <1@example.com>\n"
FILTER = "From: filter@example.com\nMessage-ID: <2@example.com>\nSubject: [SPAM] Lunch?\n"


def only(path: Path) -> Message:
    (message,) = Log().read(Files({"path": str(path)}, MemoryVault())).messages()
    return message


@pytest.mark.parametrize("outer", ["", "Content-Disposition: attachment\n", FILTER])
@pytest.mark.parametrize("separator", ["", "From a@example.com Tue Sep  1 10:00:00 2026\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_inner_message_counts(tmp_path: Path, outer: str, separator: str, end: str):
    text = f"{separator}Content-Type: message/rfc822\n{outer}\n{INNER}\n{'body ' * 100_000}\n"
    path = tmp_path / "a.mbox"
    path.write_text(text, newline=end)
    message = only(path)
    assert (message.message_id, message.people[0].address, message.subject) == (
        "<1@example.com>",
        "ann@example.com",
        "Lunch?",
    )


@pytest.mark.parametrize("inside", ["RnJvbTogYW5uQGV4YW1wbGUuY29t", "", INNER])
def test_what_wraps_counts_if_somebody_forwards_or_nothing_can_be_read(tmp_path: Path, inside: str):
    subject = "Fwd: Lunch?" if inside == INNER else "[SPAM] Lunch?"
    path = tmp_path / "a.eml"
    path.write_text(
        f"From: bo@example.com\nSubject: {subject}\nContent-Type:\n message/rfc822\n\n{inside}\n\n{inside}\n"
    )
    assert (only(path).people[0].address, only(path).subject) == ("bo@example.com", subject)


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16(tmp_path: Path, charset: str):
    (tmp_path / "a.eml").write_bytes(
        INNER.replace("Lunch?", "Grüße").encode(charset) + f"\nSubject: {'no ' * 9000}".encode(charset)
    )
    assert only(tmp_path / "a.eml").subject == "Grüße"
