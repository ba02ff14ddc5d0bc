"""What is stored of an account, as one snapshot; and that of a team's mailbox alone nothing is told."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailcare import weekly
from mailcare.access import snapshot
from mailcare.config.settings import Account
from mailcare.errors import MailcareError
from mailcare.owner import Owner
from mailcare.place import Place
from mailcare.store.store import Store
from tests.store.stores import batch, write

NOW = datetime(2026, 9, 21, tzinfo=UTC)
ANN = Account("work", "files", Owner(("me@example.com",)))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Two copies of one source, read to its end."""
    made = Place(tmp_path)
    write(made.store("work"), batch("1", "2", skipped={"not_a_message": 3}))
    return made


def test_a_snapshot_is_all_that_is_stored(place: Place) -> None:
    with Store.open(place.store("work"), write=True) as store:
        store.settle(["<a@x>"], NOW)
        store.decline("code", NOW)
        store.link({"<a@x>": "https://mail.example/1"})
    kept = snapshot(ANN, place)
    assert kept.log.num_rows == 2
    assert kept.skipped == {"not_a_message": 3}
    assert kept.settled == {"<a@x>": int(NOW.timestamp())}
    assert kept.declined == {"code"}
    assert kept.links == {"<a@x>": "https://mail.example/1"}


def test_a_source_that_is_not_read_to_its_end_is_counted(place: Place) -> None:
    write(place.store("work"), batch("3", source="other", complete=False))
    assert snapshot(ANN, place).skipped["unfinished"] == 1


def test_without_mail_there_is_no_snapshot(tmp_path: Path) -> None:
    place = Place(tmp_path)
    write(place.store("work"), batch())
    with pytest.raises(MailcareError, match="no mail is stored"):
        snapshot(ANN, place)


@pytest.mark.parametrize("tell", [weekly.report, weekly.tables, weekly.waiting, weekly.suggestion])
def test_of_a_teams_mailbox_alone_nothing_is_told(place: Place, tell: object) -> None:
    of_a_team = Account("work", "files", ANN.owner, team="north")
    with pytest.raises(MailcareError, match="is read for the team north alone"):
        tell(of_a_team, place, NOW)  # type: ignore[operator]
