"""Links into the owner's mail program: they lead to one message, and a hostile Message-ID leads nowhere else."""

import re
from urllib.parse import unquote, urlsplit

import pytest

from mailcare.mail.discovery import about
from mailcare.mail.links import Clues, Link, link
from mailcare.measures.waiting_lists import waiting_lists
from tests.conversation import Tables, told
from tests.samples.hostile import TEXTS


def links_of(connector: str, kind: str = "auto", **options: object) -> Link:
    said = about(connector)
    assert said
    return link(kind, said.link, Clues("me+x@example.com", options or {"server": "mail.example.com"}))


@pytest.mark.parametrize(
    ("connector", "links", "expected"),
    [
        ("imap", "auto", "mid:CAF%2Bx%2F1%3D%3D@mail.example"),
        ("files", "auto", "mid:CAF%2Bx%2F1%3D%3D@mail.example"),
        ("gmail", "mid", "mid:CAF%2Bx%2F1%3D%3D@mail.example"),
        (
            "gmail",
            "auto",
            "https://mail.google.com/mail/?authuser=me%2Bx%40example.com#search/rfc822msgid%3ACAF%2Bx%2F1%3D%3D%40mail.example",
        ),
        ("graph", "auto", ""),
        ("exchange", "mid", "mid:CAF%2Bx%2F1%3D%3D@mail.example"),
        (
            "exchange",
            "auto",
            "https://mail.example.com/owa/?ItemID=AAMk%2BAD%2F8%3D&exvsurl=1&viewmodel=ReadMessageItem",
        ),
        ("imap", "off", ""),
    ],
)
def test_each_account_has_the_links_that_suit_it(connector: str, links: str, expected: str) -> None:
    assert links_of(connector, links)("<CAF+x/1==@mail.example>", "AAMk+AD/8=") == expected


@pytest.mark.parametrize("links", ["gmail", "mid"])
def test_a_link_leads_back_to_the_id_and_nowhere_else(links: str) -> None:
    to = links_of("imap", links)
    hostile = ["javascript:alert(1)//", "//evil.example/", '"><script>', "a&b=c#d?e", "%0d%0aBcc:", "../../x", "'x'"]
    for text in hostile:
        found = to(f"<{text}@{text}>", text)
        if not found:
            continue
        assert re.fullmatch(
            r"(mid:|https://mail\.google\.com/mail/\?authuser=[\w%.]+#search/rfc822msgid%3A)[\w%.~@-]+", found
        )
        assert unquote(found).endswith(f"{text}@{text}")
        assert urlsplit(found).netloc == ("mail.google.com" if links == "gmail" else "")


@pytest.mark.parametrize("links", ["gmail", "mid"])
def test_what_is_no_message_id_has_no_link(links: str) -> None:
    to = links_of("imap", links)
    strange = [
        "",
        "<>",
        "no brackets@x",
        "<no-at-sign>",
        "<a b@x>",
        "<a@x",
        "<a@x>\n",
        "<a@" + "x" * 600 + ">",
        "<ü@x>",
    ]
    for text in [*strange, *TEXTS, "<0123456789abcdef@without-id.mailcare>"]:
        assert to(text, text) == ""


@told(as_of="Mon+1 06:00")
def test_what_waits_is_opened_by_the_ask(mail: Tables) -> None:
    """
    Mon 09:00  bob -> ann, cc me  "Budget"             [b0@x]
    Tue 09:00  ann -> me          "Re: Budget"         [a1@x < b0@x]
    Tue 10:00  me -> lee          "Can you join us?"   [m1@x]
    """
    dropped = waiting_lists(mail.mailbox)
    assert [one.message_id for one in dropped.waiting] == ["<a1@x>"]
    assert [one.message_id for one in dropped.waiting_for] == ["<m1@x>"]


@pytest.mark.parametrize(
    ("options", "host"),
    [
        ({"service_endpoint": "https://ews.example.com:444/EWS/Exchange.asmx"}, "ews.example.com:444"),
        ({"autodiscover": True}, ""),
    ],
)
def test_outlook_is_where_the_exchange_server_is(options: dict[str, object], host: str) -> None:
    found = links_of("exchange", **options)("", "AAMk=")
    assert found.startswith(f"https://{host}/owa/?ItemID=AAMk%3D&") if host else found == ""


@pytest.mark.parametrize("key", ["", "a b", "a&b=c", '"><script>', "x" * 501, "ä", "a#b", "a\n"])
def test_what_is_no_item_id_has_no_link(key: str) -> None:
    assert links_of("exchange")("<a@b.example>", key) == ""
