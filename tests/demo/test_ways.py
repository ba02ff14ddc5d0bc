"""The demo's truth of the ten ways, both by the measures and by a plain reading of the story."""

from pathlib import Path

import pytest

from connectors.files.connector import Files
from mailcare import demo
from mailcare.config import settings as config
from mailcare.demo import AS_OF, make
from mailcare.measures import week as individual
from mailcare.pipeline.mailbox import Mailbox
from mailcare.store.store import Store
from mailcare.values.week import Figure, Week
from tests.counterparts.vaults import MemoryVault
from tests.demo.plain_ways import Plain


@pytest.fixture(scope="module")
def plain() -> Plain:
    story, truth = demo._tell()
    return Plain(truth, story.mails)


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Week:
    folder: Path = make(tmp_path_factory.mktemp("demo")).parent
    account = config.load(folder / "config.toml").accounts[0]
    with Store.open(folder / "store.sqlite", write=True) as store:
        for batch in Files(account.options, MemoryVault()).read(store, AS_OF):
            store.append(batch)
        return individual.week(Mailbox(store.load(), account.owner, AS_OF))


SHARES = (
    *("active_listening", "engagement", "inclusivity", "follow_through", "empathy"),
    *("proactiveness", "accountability", "continuous_learning"),
)


def figure(week: Week, name: str) -> Figure:
    return next(way.figure for way in week.ways if way.name == name)


@pytest.mark.parametrize("name", SHARES)
def test_a_share_is_that_of_the_story(week: Week, plain: Plain, name: str) -> None:
    found = figure(week, name)
    assert (found.count, found.of) == getattr(plain, name)()
    assert found.of > 0, "the story has cases of each"


def test_the_other_figures_are_those_of_the_story(week: Week, plain: Plain) -> None:
    assert figure(week, "active_listening").value == pytest.approx(plain.mean_coverage())
    assert figure(week, "promptness").value == pytest.approx(plain.half())
    assert figure(week, "integrity").value == pytest.approx(plain.integrity())
    empathy = next(way for way in week.ways if way.name == "empathy")
    assert empathy["median_audience"].value == plain.audience()
    assert week.rhythm.sent == plain.sent()
