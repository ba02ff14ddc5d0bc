"""The links to messages at Exchange Online: the server is asked for them, and they lead to what is listed."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from mailcare import weekly
from mailcare.config.settings import Account, load
from mailcare.disk.vault import Vault
from mailcare.errors import Exit, MailcareError
from mailcare.store.store import Store
from tests.counterparts.graph.server import GraphServer
from tests.counterparts.graph.service import Refusal
from tests.counterparts.letters import OWNER, START, Letter, letter

AS_OF = START + timedelta(days=10)
ASK, ASKED = letter(0, "Subject: Plans"), letter(1, "Subject: A favour", "To: ann@client.example", place="sent")


@pytest.fixture
def server() -> Iterator[GraphServer]:
    started = GraphServer()
    for one in (ASK, ASKED, letter(2, "Subject: Thanks", "From: dan@client.example")):
        started.put(one)
    yield started
    started.close()


class Home:
    """A configured account at the server."""

    def __init__(self, folder: Path, server: GraphServer, links: str = "auto") -> None:
        options = "\n".join(
            f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}"
            for key, value in server.options.items()
        )
        file = folder / "config.toml"
        file.write_text(
            f'data_dir = "data"\n[[account]]\nname = "work"\nconnector = "graph"\naddresses = ["{OWNER}"]\n'
            f'links = "{links}"\n{options}\n'
        )
        file.chmod(0o600)
        settings = load(file)
        self.account: Account = settings.accounts[0]
        self.place = settings.place
        Vault(self.place.secrets("work")).put("token", server.vault.secrets["token"])

    def run(self) -> str:
        page = weekly.run(self.account, self.place, now=AS_OF, as_of=AS_OF).page
        assert page
        return page.read_text()

    def report(self) -> str:
        return weekly.report(self.account, self.place, AS_OF).read_text()

    def stored(self) -> dict[str, str]:
        with Store.open(self.place.store("work"), write=False) as store:
            return store.links()


@pytest.fixture
def home(tmp_path: Path, server: GraphServer) -> Home:
    return Home(tmp_path, server)


def links(page: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="(https:[^"]*)"', page)]


def web(server: GraphServer, one: Letter) -> str:
    """The address at which Outlook on the web opens a letter where it lies now."""
    key = server.mailbox.key(one)
    id = f"passing-{server.mailbox.mails[key].folder}-{key}".replace("=", "%3D")
    return f"https://outlook.office365.com/owa/?ItemID={id}&exvsurl=1&viewmodel=ReadMessageItem"


def asked(server: GraphServer) -> list[str]:
    return [target for target in server.requests if "webLink" in target]


def test_each_listed_message_opens_in_outlook_where_it_lies(home: Home, server: GraphServer) -> None:
    page = home.run()
    assert {web(server, ASK), web(server, ASKED)} <= set(links(page))
    assert len(asked(server)) == len(links(page)) == 3
    assert server.asked_for_bodies() == []


def test_of_many_only_those_that_the_page_has_room_for_are_asked_for(home: Home, server: GraphServer) -> None:
    for number in range(10, 60):
        server.put(letter(number))
    page = home.run()
    assert len(links(page)) > 24
    assert len(asked(server)) < len(links(page)) + 10


def test_a_message_that_was_moved_has_its_new_link_after_the_next_run(home: Home, server: GraphServer) -> None:
    before = home.run()
    server.move(ASK, "archive")
    after = home.run()
    assert web(server, ASK) in links(after)
    assert web(server, ASK) not in links(before)


def test_a_report_written_again_without_the_server_has_the_same_links(home: Home, server: GraphServer) -> None:
    page = home.run()
    requests = len(server.requests)
    assert home.report() == page
    assert len(server.requests) == requests


@pytest.mark.parametrize(("links_", "there"), [("off", 0), ("mid", 3)])
def test_other_links_ask_nothing_of_the_server(tmp_path: Path, server: GraphServer, links_: str, there: int) -> None:
    page = Home(tmp_path, server, links_).run()
    assert (page.count('href="mid:'), links(page), asked(server)) == (there, [], [])


def test_a_message_that_the_server_refuses_to_find_has_no_link(home: Home, server: GraphServer) -> None:
    def refuse(_: GraphServer, target: str) -> None:
        if "webLink" in target and "letter-0" in target:
            raise Refusal(400, "ErrorInvalidUrlQuery")

    server.fault = refuse
    page = home.run()
    assert web(server, ASKED) in links(page)
    assert web(server, ASK) not in links(page)


def test_where_the_server_fails_the_report_is_there_with_the_links_of_before(home: Home, server: GraphServer) -> None:
    before = home.run()

    def fail(_: GraphServer, target: str) -> None:
        if "webLink" in target:
            raise Refusal(500, "ErrorInternalServerError")

    server.fault = fail
    with pytest.raises(MailcareError) as caught:
        home.run()
    assert caught.value.code == Exit.TEMPORARY
    assert home.report() == before


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "http://outlook.example/", 'https://x.example/"><script>', "https://a b", "", 7]
)
def test_what_is_no_web_address_becomes_no_link(home: Home, server: GraphServer, address: object) -> None:
    for mail in server.mailbox.mails.values():
        mail.item["webLink"] = address
    assert links(home.run()) == []
    assert home.stored() == {}


def test_an_id_with_quotes_is_found(home: Home, server: GraphServer) -> None:
    odd = letter(5, "Subject: Odd", "Message-ID: <it's&a+b#c@ann.example>")
    server.put(odd)
    assert web(server, odd) in links(home.run())


def test_forgetting_leaves_no_link(home: Home) -> None:
    home.run()
    assert home.stored()
    with Store.open(home.place.store("work"), write=True) as store:
        store.forget(["ann@client.example"])
        assert store.links() == {}
