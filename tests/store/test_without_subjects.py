"""A mailbox of which no subject is kept: not in any file, page, list, export or log; and the figures as with them."""

import csv
import re
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pytest

from mailcare import access, weekly
from mailcare.config import settings as config
from mailcare.demo import AS_OF as DEMO_AS_OF
from mailcare.demo import make
from mailcare.errors import Exit
from mailcare.place import Place
from mailcare.store.keeping import SUBJECT_KEY
from mailcare.store.store import Store
from tests.store.test_keeping import in_files, packed
from tests.test_cli import AS_OF, Home, mail
from tests.test_holdings import NO_KEYRING, files, holding

SUBJECT = "Velvet ledger"
NOT_KEPT = "Subject not kept"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Three messages that wait, one of which asks anew without naming what it answers."""
    made = Home(tmp_path)
    bare = mail(8).replace("Subject: Velvet", "Subject: Re: Velvet")
    made.mbox.write_text("".join([*(mail(number) for number in range(5)), bare]).replace("Question", SUBJECT))
    return made


def keep(home: Home, subjects: bool) -> None:
    rest = home.config.read_text().removeprefix("subjects = false\n")
    home.config.write_text(rest if subjects else f"subjects = false\n{rest}")


def run(home: Home, *arguments: str) -> str:
    done = home.run(*arguments, **NO_KEYRING)
    assert done.returncode == Exit.DONE, done.stderr
    return done.stdout + done.stderr


def test_no_file_and_no_line_has_a_subject(home: Home) -> None:
    keep(home, False)
    printed = run(home, "run", "--as-of", AS_OF, "--log", "json") + run(home, "sync") + run(home, "data")
    listed = run(home, "waiting", "--as-of", AS_OF) + run(home, "try", "--as-of", AS_OF)
    assert SUBJECT not in printed + listed
    assert holding(home, SUBJECT) == []
    run(home, "run", "--as-of", AS_OF, "--log", "human", "--out", str(home.folder / "data" / "out"))
    assert holding(home, "velvet") == []
    assert "; keeps 400 days, no subjects; " in printed
    assert f"; secrets: {SUBJECT_KEY}\n" in printed
    secret = home.folder / "data" / "secrets" / "work.json"
    assert secret.stat().st_mode & 0o777 == 0o600


def test_nor_has_a_file_whose_mail_lies_in_files_named_by_it(home: Home) -> None:
    folder = home.folder / "exported"
    folder.mkdir()
    for number in range(3):
        message = mail(number).replace("Question", SUBJECT).partition("\n")[2]
        (folder / f"{SUBJECT} {number}.eml").write_text(message)
    (folder / f"{SUBJECT} 9.eml").write_text("")
    home.configure("work", work="exported")
    keep(home, False)
    run(home, "run", "--as-of", AS_OF)
    assert home.stored() == 3
    assert holding(home, "velvet") == []


def test_who_and_when_are_shown_and_no_digest(home: Home) -> None:
    keep(home, False)
    run(home, "run", "--as-of", AS_OF)
    page = (home.folder / "data" / "reports" / "work" / "2026-W38.html").read_text(encoding="utf-8")
    with Store.open(home.folder / "data" / "work.sqlite", write=False) as store:
        veils = {part.strip("[]") for subject in store.load()["subject"].to_pylist() for part in subject.split()}
    digests = [veil for veil in veils if len(veil) == 32]
    assert len(digests) >= 10
    lines = run(home, "waiting", "--as-of", AS_OF)
    run(home, "export", "tables", "--format", "csv", "--as-of", AS_OF)
    exported = "".join(path.read_text(encoding="utf-8") for path in (home.folder / "tables").iterdir())
    assert not [digest for digest in digests if digest in page + lines + exported]
    assert page.count(NOT_KEPT) == len(lines.splitlines()) >= 3
    assert all(line.endswith("ada@client.example: subject not kept") for line in lines.splitlines())
    with (home.folder / "tables" / "messages.csv").open(encoding="utf-8") as table:
        assert {row["subject"] for row in csv.DictReader(table)} == {""}


def test_what_was_stored_with_subjects_is_veiled_by_the_next_reading(home: Home) -> None:
    run(home, "sync")
    path = home.folder / "data" / "work.sqlite"
    rows, before = packed(path), run(home, "waiting", "--as-of", AS_OF)
    assert in_files(path, rows)
    keep(home, False)
    run(home, "sync")
    assert not in_files(path, rows)
    assert holding(home, "velvet") == []
    after = run(home, "waiting", "--as-of", AS_OF)
    assert re.sub(r": subject not kept\n", "\n", after) == re.sub(r": (Re: )?Velvet ledger \d\n", "\n", before)


def test_what_is_still_stored_is_shown_no_more_from_the_moment_on(home: Home) -> None:
    run(home, "sync")
    keep(home, False)
    lines = run(home, "waiting", "--as-of", AS_OF)
    run(home, "report", "--as-of", AS_OF)
    run(home, "export", "tables", "--format", "csv", "--as-of", AS_OF)
    written = [*(home.folder / "tables").iterdir(), *(home.folder / "data/reports/work").iterdir()]
    assert "velvet" not in "".join([lines, *(path.read_text(encoding="utf-8") for path in written)]).casefold()
    assert "subject not kept" in lines


def test_veiling_is_cut_off_as_a_whole(home: Home) -> None:
    home.configure("work")
    (account,) = config.load(home.config).accounts
    place = Place(home.folder / "data")
    weekly.sync(account, place, DEMO_AS_OF)
    with Store.open(place.store(account.name), write=True) as store:
        before = store.load()
        with patch.object(Store, "_insert", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
            store.resubject(str.upper)
        assert store.load().equals(before)


def test_turned_off_again_what_is_veiled_stays_so_and_new_mail_has_its_subject(home: Home) -> None:
    keep(home, False)
    run(home, "sync")
    veiled = files(home)
    key = (home.folder / "data" / "secrets" / "work.json").read_bytes()
    keep(home, True)
    home.mbox.write_text(home.mbox.read_text() + mail(7).replace("Question", "Amber"))
    run(home, "sync")
    lines = run(home, "waiting", "--as-of", AS_OF)
    assert lines.count("Amber 7") == 1
    assert lines.count("subject not kept") == len(lines.splitlines()) - 1
    keep(home, False)
    run(home, "sync")
    assert holding(home, "amber") == []
    assert (home.folder / "data" / "secrets" / "work.json").read_bytes() == key
    assert set(veiled) <= set(files(home))


def test_an_account_may_keep_none_where_the_rest_does(home: Home) -> None:
    home.configure("work", "quiet")
    home.config.write_text(f"{home.config.read_text()}subjects = false\n")
    run(home, "sync")
    assert set(holding(home, "velvet")) == {"work.sqlite"}


def test_the_demo_has_the_same_figures_with_and_without(tmp_path: Path) -> None:
    settings = config.load(make(tmp_path / "demo"))
    (account,) = settings.accounts
    made = []
    for kept in (True, False):
        one = replace(account, subjects=kept)
        place = Place(tmp_path / str(kept))
        weekly.sync(one, place, DEMO_AS_OF)
        snapshot = access.snapshot(one, place)
        made.append((weekly.tables(one, place, DEMO_AS_OF), weekly.week_of(snapshot, one, DEMO_AS_OF)))
    (plain, week), (veiled, veiled_week) = made
    for name in ("messages", "turns", "replies", "threads", "weekly"):
        frames = [getattr(tables, name).drop(columns="subject", errors="ignore") for tables in (plain, veiled)]
        pd.testing.assert_frame_equal(*frames, obj=name)
    assert {one.subject for one in (*veiled_week.waiting, *veiled_week.quiet, *veiled_week.waiting_for)} == {None}
    blank = [replace(one, subject=None) for one in week.waiting]
    assert list(veiled_week.waiting) == blank
    assert (veiled_week.counts, veiled_week.curve, veiled_week.weeks, veiled_week.ways) == (
        *(week.counts, week.curve, week.weeks),
        week.ways,
    )
    assert plain.mailbox.quality == veiled.mailbox.quality
