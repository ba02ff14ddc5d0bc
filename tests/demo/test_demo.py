"""The invented mailbox: what is in it, and that the pipeline recovers its truth exactly."""

import mailbox
import stat
from collections import Counter
from datetime import UTC, datetime
from email.header import decode_header, make_header
from pathlib import Path

import pandas as pd
import pytest

from connectors.files.connector import Files
from mailcare.config import settings as config
from mailcare.demo import AS_OF, Truth, make, truth
from mailcare.demo.worktime import BERLIN, LAST_MONDAY, after, moment, working_hours
from mailcare.pipeline.exported import Tables
from mailcare.pipeline.mailbox import Mailbox
from mailcare.store.store import Store
from tests.counterparts.vaults import MemoryVault


@pytest.fixture(scope="module")
def known() -> Truth:
    return truth()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("demo")).parent


@pytest.fixture(scope="module")
def tables(folder: Path) -> Tables:
    account = config.load(folder / "config.toml").accounts[0]
    with Store.open(folder / "store.sqlite", write=True) as store:
        for batch in Files(account.options, MemoryVault()).read(store, AS_OF):
            store.append(batch)
        return Tables(Mailbox(store.load(), account.owner, AS_OF, store.skipped()), account.name)


class TestTheFile:
    def test_it_is_private(self, folder: Path) -> None:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE((folder / name).stat().st_mode) for name in ("mail.mbox", "config.toml")} == {0o600}

    def test_it_is_the_same_wherever_it_is_made(self, folder: Path, tmp_path: Path) -> None:
        make(tmp_path / "again")
        make(tmp_path / "again")
        for name in ("mail.mbox", "config.toml"):
            assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()

    def test_the_standard_library_reads_each_message_and_copy(self, folder: Path, known: Truth) -> None:
        ids = Counter(mail["Message-ID"] for mail in mailbox.mbox(folder / "mail.mbox"))
        assert ids.keys() == known.kinds.keys()
        assert ids.total() == len(known.kinds) + known.copies

    def test_names_are_encoded_words(self, folder: Path) -> None:
        raw = (folder / "mail.mbox").read_bytes()
        headers = [mail["From"] for mail in mailbox.mbox(folder / "mail.mbox")]
        assert "Tomasz Zieliński <tomasz.zielinski@oakline.example>" in {
            str(make_header(decode_header(header))) for header in headers
        }
        assert "Zieliński".encode() not in raw

    def test_every_address_is_at_a_domain_that_nobody_can_own(self, folder: Path) -> None:
        words = {word for word in (folder / "mail.mbox").read_text().split() if "@" in word}
        assert {word for word in words if ".example" not in word.lower()} == {"<archive@>"}


class TestTheStory:
    def test_it_tells_of_twenty_weeks_and_nothing_later(self, known: Truth) -> None:
        weeks = Counter(turn.asked_at.astimezone(BERLIN).isocalendar().week for turn in known.turns.values())
        assert sorted(weeks) == list(range(19, 39))
        assert all(38 <= count <= 54 for week, count in weeks.items() if week != 33)
        assert all(turn.asked_at < AS_OF for turn in known.turns.values())

    def test_people_wait_three_two_and_one_working_days_and_three_less_than_one(self, known: Truth) -> None:
        recent = [
            turn for turn in known.turns.values() if turn.outcome == "open" and turn.asked_at.date() >= LAST_MONDAY
        ]
        assert sorted(int(turn.working_hours // 8) for turn in recent if turn.working_hours is not None) == [
            0, 0, 0, 1, 2, 3,
        ]  # fmt: skip

    def test_every_state_occurs(self, known: Truth) -> None:
        states = {thread.state for thread in known.threads.values()}
        assert states == {"waiting_on_you", "waiting_on_them", "dropped", "probably_closed", "settled"}

    def test_each_message_is_in_one_thread(self, known: Truth) -> None:
        listed = [message_id for thread in known.threads.values() for message_id in thread.message_ids]
        assert sorted(listed) == sorted(known.kinds)


class TestItsOwnReckoning:
    """Worked out by hand: the truth must not rest on the code that it checks."""

    @pytest.mark.parametrize(
        ("start", "end", "hours"),
        [
            (("2026-09-14", "10:00"), ("2026-09-14", "12:30"), 2.5),
            (("2026-09-18", "16:00"), ("2026-09-21", "09:30"), 1.5),  # over a weekend
            (("2026-09-15", "06:00"), ("2026-09-15", "22:00"), 8),
            (("2026-05-13", "16:00"), ("2026-05-15", "10:00"), 2),  # over Ascension Day
            (("2026-08-07", "16:30"), ("2026-08-17", "09:30"), 1),  # over the week away
            (("2026-06-09", "16:00"), ("2026-06-11", "10:00"), 2),  # over the day she was ill
            (("2026-09-02", "10:15"), ("2026-09-15", "10:15"), 72),  # nine working days
        ],
    )
    def test_working_hours(self, start: tuple[str, str], end: tuple[str, str], hours: float) -> None:
        assert working_hours(moment(*start), moment(*end)) == hours
        assert working_hours(moment(*start), after(moment(*start), hours)) == hours


class TestThePipelineRecoversTheTruth:
    def test_messages_and_their_kinds(self, tables: Tables, known: Truth) -> None:
        owner = tables.messages.loc[tables.messages["direction"] == "sent", "from"].iloc[0]
        kinds = {row["message_id"]: _kind(row, owner) for row in _rows(tables.messages)}
        assert kinds == known.kinds

    def test_threads_with_their_messages_and_states(self, tables: Tables, known: Truth) -> None:
        members = tables.messages.groupby("thread_id")["message_id"].agg(frozenset).to_dict()
        assert members == {thread.id: thread.message_ids for thread in known.threads.values()}
        assert {row["thread_id"]: (row["state"], _instant(row["since"])) for row in _rows(tables.threads)} == {
            thread.id: (thread.state, _utc(thread.since)) for thread in known.threads.values()
        }

    def test_who_waits(self, tables: Tables, known: Truth) -> None:
        waiting = tables.threads[tables.threads["state"].isin(["waiting_on_you", "dropped", "probably_closed"])]
        assert dict(zip(waiting["thread_id"], waiting["waiting_for"], strict=True)) == {
            thread.id: thread.waiting_for for thread in known.threads.values() if thread.waiting_for
        }

    def test_turns(self, tables: Tables, known: Truth) -> None:
        found = {
            row["ask_message_id"]: (
                *(row[name] for name in ("asker", "asks", "chasers", "outcome", "by_message_id")),
                _instant(row["asked_at"]),
            )
            for row in _rows(tables.turns)
        }
        assert found == {
            turn.ask_id: (turn.asker, turn.asks, turn.chasers, turn.outcome, turn.by_id, _utc(turn.asked_at))
            for turn in known.turns.values()
        }

    def test_latencies_on_both_clocks(self, tables: Tables, known: Truth) -> None:
        found = tables.turns.set_index("ask_message_id")[["latency_hours", "working_hours"]].sort_index()
        expected = pd.DataFrame(
            {turn.ask_id: (turn.latency_hours, turn.working_hours) for turn in known.turns.values()},
            index=found.columns,
            dtype=float,
        ).T.sort_index()
        pd.testing.assert_frame_equal(found, expected, check_names=False, check_index_type=False, rtol=0, atol=1e-6)

    def test_circles(self, tables: Tables) -> None:
        circle = tables.turns.groupby("asker")["circle"].agg(set)
        assert circle["jonas.weber@fernhill.example"] == {"colleagues"}
        assert circle["priya@harbour.example"] == {"clients"}
        assert circle["juergen@xn--grnblick-75a.example"] == {"suppliers"}
        assert circle["grace.lin@townhall.example"] == {"others"}

    def test_replies(self, tables: Tables, known: Truth) -> None:
        found = {
            row["message_id"]: (
                row["parent_message_id"],
                _instant(row["at"]),
                row["audience"],
                *(frozenset(row[name]) for name in ("kept", "dropped", "added", "brought_back")),
            )
            for row in _rows(tables.replies)
        }
        assert found == {
            reply.id: (
                reply.parent_id,
                _utc(reply.at),
                len(reply.audience),
                reply.kept,
                reply.dropped,
                reply.added,
                reply.brought_back,
            )
            for reply in known.replies.values()
        }

    def test_weekly_counts(self, tables: Tables, known: Truth) -> None:
        outcomes = Counter((_week(turn.asked_at), turn.outcome) for turn in known.turns.values())
        replies = Counter(_week(reply.at) for reply in known.replies.values())
        full = Counter(_week(reply.at) for reply in known.replies.values() if not reply.dropped)
        for row in _rows(tables.weekly):
            week = row["week"]
            counts = tuple(row[name] for name in ("answered", "covered", "open", "replies", "full_replies"))
            expected = tuple(outcomes[week, outcome] for outcome in ("answered", "covered", "open"))
            assert counts == (*expected, replies[week], full[week]), week
            assert row["turns"] == sum(expected)
        assert tables.weekly["turns"].sum() == len(known.turns)

    def test_quality(self, tables: Tables, known: Truth) -> None:
        assert {reason: count for reason, count in tables.mailbox.quality.items() if count} == known.quality


def _rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    return frame.to_dict("records")


def _kind(row: dict, owner: str) -> str:
    if row["automated"]:
        return "automated"
    if row["direction"] == "sent":
        return "sent"
    if owner in row["to"]:
        return "asking"
    return "kept_informed" if owner in row["cc"] else "by_list"


def _instant(value: object) -> datetime | None:
    return None if pd.isna(value) else pd.Timestamp(value).to_pydatetime()


def _utc(value: datetime | None) -> datetime | None:
    return value and value.astimezone(UTC)


def _week(at: datetime) -> str:
    year, week, _ = at.astimezone(BERLIN).isocalendar()
    return f"{year}-W{week:02d}"
