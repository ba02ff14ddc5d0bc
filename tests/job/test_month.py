"""A month of scheduled runs in which everything happens that happens to machines; its reports are those of calm ones.

Thirty days around the end of summer time. Every day mail arrives and a run is made; some runs are killed at any moment,
find no mail file, a full disk or another run at work. Every Monday's report is the one that a single run would have
written that day from all the mail so far.
"""

import random
import signal
import subprocess
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from mailcare.errors import Exit
from tests.store.stores import small_disk
from tests.test_cli import Home

SEED = 26
BERLIN = ZoneInfo("Europe/Berlin")
FIRST = date(2026, 10, 5)
DAYS = 30
CLIENTS = ("ada@client.example", "bo@client.example", "cy@other.example")


def letters(day: int) -> str:
    """The mail of a day: some questions, and answers to some of the days before."""
    rng = random.Random(f"{SEED} {day}")
    written = []
    for number in range(rng.randint(2, 6)):
        at = datetime.combine(FIRST + timedelta(days=day), datetime.min.time(), BERLIN).replace(hour=rng.randint(0, 23))
        stamp = at.replace(minute=rng.randint(0, 59)).strftime("%d %b %Y %H:%M:%S %z")
        asked = day - rng.randint(0, 4)
        client, me = rng.choice(CLIENTS), "me@example.com"
        answer = number > 0 and asked >= 0 and rng.random() < 0.6
        sender, to = (me, client) if answer else (client, me)
        thread = f"In-Reply-To: <{asked}.0@mail.example>\n" if answer else ""
        written.append(
            f"From - Mon Oct  5 00:00:00 2026\nMessage-ID: <{day}.{number}@mail.example>\nDate: {stamp}\n{thread}"
            f"From: {sender}\nTo: {to}\nSubject: Day {asked if answer else day}\n\nHello.\n\n"
        )
    return "".join(written)


def morning(day: int) -> str:
    """Seven o'clock in Berlin, the day after."""
    return datetime.combine(FIRST + timedelta(days=day + 1), datetime.min.time(), BERLIN).replace(hour=7).isoformat()


def test_thirty_runs_with_every_trouble_write_the_reports_of_calm_ones(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    (tmp_path / "calm").mkdir()
    troubled, calm = tmp_path / "troubled", Home(tmp_path / "calm")
    endings, weeks = list[str](), 0
    with small_disk(troubled, "6m"):
        home = Home(troubled)
        home.mbox.write_text("")
        mail = ""
        for day in range(DAYS):
            mail += letters(day)
            home.mbox.write_text(mail)
            trouble = rng.choice(["none", "killed", "killed", "no file", "full disk", "stopped"])
            endings.append(trouble)
            disturb(home, trouble, morning(day), rng)
            if (FIRST + timedelta(days=day + 1)).weekday() == 0:
                calm.mbox.write_text(mail)
                page, expected = (monday(one, morning(day)) for one in (home, calm))
                assert page == expected
                weeks += 1
    assert weeks == 4
    assert {"none", "killed", "no file", "full disk", "stopped"} == set(endings), "the seed brings every trouble"


def monday(home: Home, as_of: str) -> bytes:
    """The report that an undisturbed run writes now."""
    done = home.run("run", "--as-of", as_of, "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return max((home.folder / "data/reports/work").glob("2026-W*.html")).read_bytes()


def disturb(home: Home, trouble: str, as_of: str, rng: random.Random) -> None:
    """The day's run, and what happens to it."""
    if trouble in {"killed", "stopped"}:
        number = signal.SIGKILL if trouble == "killed" else signal.SIGTERM
        process = subprocess.Popen(
            home.command("run", "--as-of", as_of),
            env=home.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        time.sleep(rng.uniform(0.05, 1.2))
        process.send_signal(number)
        process.communicate()
    elif trouble == "no file":
        aside = home.mbox.rename(home.mbox.with_suffix(".aside"))
        assert home.run("run", "--as-of", as_of).returncode == Exit.ERROR
        aside.rename(home.mbox)
    elif trouble == "full disk":
        filler = home.folder / "filler"
        fill(filler)
        assert home.run("run", "--as-of", as_of).returncode in {Exit.DONE, Exit.ERROR}
        filler.unlink()
    else:
        assert home.run("run", "--as-of", as_of).returncode == Exit.DONE


def fill(path: Path) -> None:
    """Take all the room there is."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return
