"""A run measures once: the store is read once, each stage of the pipeline runs once; a list asks for less."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailcare import weekly
from mailcare.measures.week import Measured
from mailcare.pipeline import mailbox
from mailcare.pipeline.mailbox import Mailbox
from mailcare.store.store import Store
from tests.connectors.graph.test_links import AS_OF, Home, home, links, server  # noqa: F401 - two are fixtures
from tests.counterparts.gmail.tools import certificate
from tests.counterparts.graph.server import GraphServer
from tests.counterparts.smtp import PASSWORD, USER, Post, smtp_server

STAGES = ("facts", "threads", "turns", "theirs", "expected", "replies", "states", "weeks")


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the store's mail is loaded, and each stage of the pipeline is run."""
    counts = Counter[str]()

    def count(owner: object, name: str) -> None:
        real = getattr(owner, name)

        def counting(*args: object, **more: object) -> object:
            counts[name] += 1
            return real(*args, **more)

        monkeypatch.setattr(owner, name, counting)

    count(Store, "load")
    for stage in STAGES:
        count(mailbox, stage)
    return counts


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    _, tls = certificate(tmp_path, "127.0.0.1")
    with smtp_server(tls, password=True) as served:
        yield served


def test_a_run_with_new_links_and_an_e_mail_measures_once(
    home: Home,  # noqa: F811
    server: GraphServer,  # noqa: F811
    post: Post,
    tmp_path: Path,
    counted: Counter[str],
) -> None:
    (tmp_path / "password").write_text(PASSWORD)
    email = {"host": "127.0.0.1", "port": post.port, "user": USER}
    email |= {"password_file": str(tmp_path / "password"), "ca_file": str(tmp_path / "certificate.pem")}
    account = replace(home.account, email=email)
    done = weekly.run(account, home.place, now=AS_OF, as_of=AS_OF)
    assert done.page
    assert done.week
    assert links(done.page.read_text())
    assert weekly.send(account, home.place, done.week, done.page, AS_OF)
    assert len(post.messages) == 1
    assert counted == {"load": 1, **dict.fromkeys(STAGES, 1)}


def test_settling_asks_for_no_model_no_replies_and_no_weeks(home: Home, counted: Counter[str]) -> None:  # noqa: F811
    home.run()
    counted.clear()
    weekly.settle(home.account, home.place, {"none"}, AS_OF, undo=False)
    assert counted == dict.fromkeys(("load", "facts", "threads", "turns", "states"), 1)


def test_the_waiting_list_asks_for_no_replies_and_no_weeks(home: Home, counted: Counter[str]) -> None:  # noqa: F811
    home.run()
    counted.clear()
    weekly.waiting(home.account, home.place, AS_OF)
    assert counted == dict.fromkeys(("load", "facts", "threads", "turns", "expected", "states"), 1)


def test_the_suggestion_makes_only_what_it_looks_at(home: Home, counted: Counter[str]) -> None:  # noqa: F811
    home.run()
    counted.clear()
    weekly.suggestion(home.account, home.place, AS_OF)
    assert counted["load"] == 1
    assert not {"theirs", "expected"} & counted.keys()


def test_a_suggestion_about_follow_ups_asks_for_no_model(counted: Counter[str]) -> None:
    from tests.conversation import tables

    week = Measured(tables("Mon 09:00  ann -> me  [a1]", "Mon+1 06:00").mailbox)
    assert week.promptness
    assert "expected" not in counted
    assert week.ways
    assert counted["expected"] == 1


def test_a_stage_is_made_when_it_is_asked_for_and_not_before(counted: Counter[str]) -> None:
    from tests.conversation import tables

    made = tables("Mon 09:00  ann -> me  [a1]").mailbox
    assert isinstance(made, Mailbox)
    assert not counted
    assert len(made.turns) == 1
    assert dict(counted) == {"facts": 1, "threads": 1, "turns": 1}
