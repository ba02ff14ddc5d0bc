"""The command line through a real process: what it prints, what it leaves on the disk, how it ends."""

import csv
import json
import lzma
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mailcare import cli
from mailcare.errors import Exit
from mailcare.store.store import Store
from tests.samples.week import WAYS

ROOT = Path(__file__).parents[1]
AS_OF = "2026-09-21T06:00+02:00"
FOUND = "  files that held messages: 1; files that held none: 0.\n"


def mail(number: int, sender: str = "ada@client.example", to: str = "me@example.com", reply: int | None = None) -> str:
    """One message of an mbox, sent on a weekday of September 2026."""
    answers = f"In-Reply-To: <{reply}@mail.example>\n" if reply is not None else ""
    date = f"{14 + number % 5:02} Sep 2026 {8 + number % 8:02}:{number % 60:02}:00 +0200"
    return (
        f"From - Mon Sep 14 00:00:00 2026\nMessage-ID: <{number}@mail.example>\nDate: {date}\n{answers}"
        f"From: {sender}\nTo: {to}\nSubject: Question {reply if reply is not None else number}\n\nHello.\n\n"
    )


MBOX = "".join([*(mail(number) for number in range(5)), mail(6, "me@example.com", "ada@client.example", reply=0)])


class Home:
    """A folder with a configuration, and mailcare run on it as a process of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "config.toml"
        self.mbox = folder / "all.mbox"
        self.mbox.write_text(MBOX)
        self.configure("work")

    def configure(self, *names: str, **paths: str) -> None:
        """One account for each name; ``path`` is all.mbox unless given."""
        accounts = "".join(
            f'[[account]]\nname = "{name}"\nconnector = "files"\npath = "{paths.get(name, "all.mbox")}"\n'
            'addresses = ["me@example.com"]\ntime_zone = "Europe/Berlin"\n'
            for name in names
        )
        self.config.write_text(f'data_dir = "data"\n{accounts}')

    def command(self, *arguments: str) -> list[str]:
        config = [] if arguments[0] == "demo" else ["--config", str(self.config)]
        return [sys.executable, "-m", "mailcare", *arguments, *config]

    def environment(self, **more: str) -> dict[str, str]:
        return os.environ | {"PYTHONPATH": str(ROOT), "HOME": str(self.folder)} | more

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), cwd=self.folder, env=self.environment(**more), capture_output=True, text=True
        )

    def stored(self, name: str = "work") -> int:
        """How many messages the store holds."""
        with Store.open(self.folder / "data" / f"{name}.sqlite", write=False) as store:
            return store.load().num_rows


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def told(done: subprocess.CompletedProcess[str]) -> str:
    """The one line on standard error."""
    assert done.stderr.startswith("mailcare: ")
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_run_says_how_to_look_back_from_the_newest_mail_where_that_is_old(home):
    lines = home.run("run", "--as-of", "2026-11-02T06:00+01:00").stdout.splitlines()
    (look,) = [line for line in lines if "to look back" in line]
    found = re.fullmatch(
        r"work: the newest mail is of 2026-09-18; to look back from then: mailcare run --as-of (.+)", look
    )
    assert "to look back" not in home.run("run", "--as-of", found[1]).stdout


def test_run_and_doctor_say_that_no_mail_names_the_owner(home):
    home.config.write_text(home.config.read_text().replace("me@example.com", "mine@example.com"))
    said = "none of this mail is to or from mine@example.com. Are these your addresses?"
    assert f"work: {said}" in home.run("run", "--as-of", AS_OF).stdout.splitlines()
    assert "None is to or from mine@example.com: check addresses." in home.run("doctor").stdout


def test_run_says_where_the_report_is_and_keeps_it_private(home):
    done = home.run("run", "--as-of", AS_OF)
    assert (done.returncode, done.stderr) == (0, "")
    page = home.folder / "data" / "reports" / "work" / "2026-W38.html"
    assert done.stdout == f"work: messages read and stored: 6\n{FOUND}work: the report is at {page}\n"
    assert page.read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    assert {mode(page), mode(home.folder / "data" / "work.sqlite")} == {0o600}
    assert {mode(page.parent), mode(home.folder / "data")} == {0o700}


def test_sync_and_report_are_the_halves_of_run(home):
    assert home.run("run", "--as-of", AS_OF, "--out", "whole").returncode == 0
    assert home.run("sync").stdout == f"work: messages read and stored: 0\n{FOUND}"
    assert home.run("report", "--as-of", AS_OF, "--out", "halves").returncode == 0
    whole, halves = (home.folder / out / "work" / "2026-W38.html" for out in ("whole", "halves"))
    assert whole.read_bytes() == halves.read_bytes()


def test_a_grown_mailbox_is_read_on(home):
    assert home.run("sync").stdout == f"work: messages read and stored: 6\n{FOUND}"
    with home.mbox.open("a") as file:
        file.write(mail(7))
    assert home.run("sync").stdout == f"work: messages read and stored: 1\n{FOUND}"
    assert home.stored() == 7


def test_what_waits_is_listed_and_settled_by_its_code(home):
    home.run("sync")
    listed = home.run("waiting", "--as-of", AS_OF)
    assert (listed.returncode, listed.stderr) == (0, "")
    lines = [
        re.fullmatch(r"work: (\w{4})  waits on you since (.+)  (.+): (.*)", line) for line in listed.stdout.splitlines()
    ]
    assert [line and line[4] for line in lines] == ["Question 1", "Question 2", "Question 3"]
    code = lines[1][1]

    settled = home.run("settle", code.upper(), "--as-of", AS_OF)
    assert (settled.returncode, settled.stdout) == (0, f"settled: {code}\n")
    assert code not in home.run("waiting", "--as-of", AS_OF).stdout
    assert told(home.run("settle", code, "--as-of", AS_OF)) == (
        f"mailcare: no conversation waits under the code {code}. mailcare waiting lists the codes. "
        "Those of a report that looks back need its --as-of.\n"
    )
    page = home.folder / "data" / "reports" / "work" / "2026-W38.html"
    home.run("report", "--as-of", AS_OF)
    assert code not in page.read_text(encoding="utf-8")

    undone = home.run("settle", "--undo", code, "--as-of", AS_OF)
    assert (undone.returncode, undone.stdout) == (0, f"back on the lists: {code}\n")
    assert home.run("waiting", "--as-of", AS_OF).stdout == listed.stdout


def test_an_unknown_code_is_said_and_the_known_ones_are_settled(home):
    home.run("sync")
    code = home.run("waiting", "--as-of", AS_OF).stdout[6:10]
    done = home.run("settle", "0000", code, "--as-of", AS_OF)
    assert (done.returncode, told(done).count("0000")) == (Exit.USAGE, 1)
    assert code not in home.run("waiting", "--as-of", AS_OF).stdout


def test_a_suggestion_is_told_and_declined_for_good(home):
    home.run("sync")
    later = ("--as-of", "2026-09-28T06:00+02:00")
    told_first = home.run("try", *later)
    assert re.fullmatch(r"work: two honest lines to ada@client.example: Question 1\n", told_first.stdout)
    page = home.folder / "data" / "reports" / "work" / "2026-W39.html"
    home.run("report", *later)
    before = page.read_bytes()
    home.run("report", *later)
    assert page.read_bytes() == before
    assert b"mailcare try --decline" in before

    declined = home.run("try", "--decline", *later)
    assert (declined.returncode, declined.stdout) == (0, told_first.stdout.replace("work: ", "work: declined: "))
    assert home.run("try", *later).stdout == "work: nothing to try this week\n"
    home.run("report", *later)
    assert b"mailcare try --decline" not in page.read_bytes()


def test_nobody_waits(home):
    home.mbox.write_text(mail(1))
    home.run("sync")
    assert home.run("waiting", "--as-of", "2026-09-15T09:02+02:00").stdout == (
        "work: nobody has waited for a working day, as far as mail can tell\n"
    )


def test_export_writes_the_tables_of_all_accounts(home):
    (home.folder / "home.mbox").write_text(mail(100))
    home.configure("work", "home", home="home.mbox")
    home.run("sync")
    done = home.run("export", "out", "--format", "csv", "--as-of", AS_OF)
    assert (done.returncode, done.stderr) == (0, "")
    names = ["messages", "turns", "replies", "threads", "weekly", "ways"]
    assert done.stdout.split() == [f"out/{name}.csv" for name in names]
    with (home.folder / "out" / "turns.csv").open(newline="") as file:
        turns = {row["ask_message_id"]: row for row in csv.DictReader(file)}
    assert {row["account"] for row in turns.values()} == {"home", "work"}
    assert turns["<0@mail.example>"]["outcome"] == "answered"
    assert turns["<0@mail.example>"]["by_message_id"] == "<6@mail.example>"
    assert turns["<1@mail.example>"]["ended_at"] == "2026-09-21T04:00:00+00:00"
    with (home.folder / "out" / "ways.csv").open(newline="") as file:
        ways = {(row["account"], row["way"], row["figure"]): row for row in csv.DictReader(file)}
    assert {key[0] for key in ways} == {"home", "work"}
    assert {key[1:] for key in ways} == {(way.name, figure.name) for way in WAYS for figure in way.figures}
    learning = ways["work", "continuous_learning", "answered"]
    unanswered = [id for id, row in turns.items() if row["account"] == "work" and row["outcome"] == "open"]
    assert sorted(learning["evidence"].split()) == sorted(unanswered) != []
    assert int(learning["of"]) - int(learning["count"]) == len(unanswered)
    only = home.run("export", "one", "--format", "json", "--as-of", AS_OF, "--account", "home")
    assert only.returncode == 0
    assert [message["account"] for message in json.loads((home.folder / "one" / "messages.json").read_text())] == [
        "home"
    ]


def test_config_check_says_that_nothing_is_wrong(home):
    done = home.run("config", "check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{home.config}: nothing is wrong. Accounts: work\n"


def test_config_check_lists_everything_that_is_wrong_one_thing_a_line(home):
    text = home.config.read_text().replace("Europe/Berlin", "Mars").replace("path", "pfad").replace("data_dir", "dir")
    home.config.write_text(text)
    done = home.run("config", "check")
    assert (done.returncode, done.stdout) == (2, "")
    lines = done.stderr.splitlines()
    assert [re.search(r"(dir|time_zone|pfad|path): ", line)[1] for line in lines] == [
        "dir",
        "time_zone",
        "pfad",
        "path",
    ]
    assert all(line.startswith(str(home.config)) for line in lines)


def test_an_unknown_connector_comes_with_those_there_are(home):
    home.config.write_text(home.config.read_text().replace('"files"', '"file"'))
    done = home.run("config", "check")
    assert done.returncode == 2
    assert (
        done.stderr == f"{home.config}: account work: connector: no connector is called 'file'. Did you mean files?\n"
    )
    assert home.run("sync").returncode == 2


@pytest.mark.parametrize(
    ("arguments", "told_so"),
    [
        (["run", "--as-of", "2026-09-21T06:00"], "Add an offset, such as +02:00"),
        (["report", "--as-of", "monday"], "Write it as 2026-09-21T06:00+02:00"),
        (["report", "--as-of", "2026-09-21"], "Write it as 2026-09-21T06:00+02:00"),
        (["report", "--as-of", "2026-09-21+02:00"], "Write it as 2026-09-21T06:00+02:00"),
        (["export", "out", "--format", "xml"], "csv"),
        (["export", "--format", "csv"], "DIR"),
        (["sync", "--account", "wrk"], "Did you mean work?"),
        (["sink"], "sink"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_is_right(home, arguments, told_so):
    done = home.run(*arguments)
    assert done.returncode == 2
    assert told_so in told(done)
    assert not (home.folder / "data").exists()


def test_a_missing_configuration_and_a_folder_instead_of_one_end_with_2(home):
    home.config.unlink()
    done = home.run("run")
    assert done.returncode == 2
    assert "config.toml: there is no such file. Make one: mailcare init." in told(done)
    home.config.mkdir()
    done = home.run("run")
    assert done.returncode == 2
    assert "config.toml: this is a folder. Name the file in it with --config." in told(done)


def test_without_config_the_file_in_the_users_folder_is_read(home):
    done = subprocess.run(
        [sys.executable, "-m", "mailcare", "sync"],
        env=home.environment(XDG_CONFIG_HOME=str(home.folder / "xdg")),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert str(home.folder / "xdg" / "mailcare" / "config.toml") in told(done)


def test_a_report_before_the_first_reading_says_what_to_run(home):
    done = home.run("report")
    assert done.returncode == 1
    assert "mailcare sync" in told(done)


def test_mail_that_is_not_there_or_empty_is_told_with_its_path(home):
    home.configure("work", work="gone.mbox")
    done = home.run("run")
    assert done.returncode == 1
    assert f"work: {home.folder}/gone.mbox: there is no such file" in told(done)
    home.configure("work")
    home.mbox.write_text("")
    done = home.run("run")
    assert done.returncode == 1
    assert "the file is empty" in told(done)


def test_a_truncated_archive_gives_what_can_be_read_and_says_so(home):
    whole = lzma.compress("".join(mail(number) for number in range(8_000)).encode())
    (home.folder / "all.mbox.xz").write_bytes(whole[: len(whole) // 2])
    home.configure("work", work="all.mbox.xz")
    done = home.run("sync")
    assert (done.returncode, done.stderr) == (0, "")
    assert "compressed files that end early: 1" in done.stdout
    assert 0 < home.stored() < 8_000
    (home.folder / "all.mbox.xz").write_bytes(whole)
    assert home.run("sync").returncode == 0
    assert home.stored() == 8_000


def obeying_modes(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run as a user whom the modes of files stop: from root the capability to pass over them is taken."""
    tamed = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.getuid() == 0 else []
    if tamed and not shutil.which("setpriv"):
        pytest.skip("as root, without setpriv (Debian: apt-get install util-linux)")
    return subprocess.run(
        [*tamed, *home.command(*arguments)], cwd=home.folder, env=home.environment(), capture_output=True, text=True
    )


@pytest.mark.parametrize("name", ["config.toml", "all.mbox"])
def test_a_file_that_may_not_be_read_is_told_with_its_path(home, name):
    (home.folder / name).chmod(0)
    done = obeying_modes(home, "sync")
    assert done.returncode == (2 if name == "config.toml" else 1)
    assert re.search(rf"{name}: .*(read it|permission)", told(done), flags=re.IGNORECASE)


def test_a_folder_that_may_not_be_written_is_told_with_its_path(home):
    (home.folder / "data").mkdir(mode=0o555)
    done = obeying_modes(home, "sync")
    assert done.returncode == 1
    assert str(home.folder / "data") in told(done)
    assert "permission" in done.stderr


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 400 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", disk], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted: {mounted.stderr.strip() or 'no permission'}")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_is_told_and_leaves_the_store_intact(home, small_disk):
    home.config.write_text(home.config.read_text().replace('"data"', f'"{small_disk}/data"'))
    assert home.run("run", "--as-of", AS_OF).returncode == 0
    page = small_disk / "data" / "reports" / "work" / "2026-W38.html"
    before = page.read_bytes()
    with home.mbox.open("a") as file:
        file.writelines(mail(number, "noreply@client.example") for number in range(100, 9_000))
    done = home.run("sync")
    assert done.returncode == 1
    assert "the disk is full. Free some space" in told(done)
    with Store.open(small_disk / "data" / "work.sqlite", write=False) as store:
        assert store.load().num_rows >= 6
    (small_disk / "rest").write_bytes(bytes(os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize))
    for arguments in (["report"], ["export", str(small_disk / "out"), "--format", "csv"]):
        done = home.run(*arguments, "--as-of", AS_OF)
        assert done.returncode == 1
        assert "the disk is full. Free some space" in told(done)
    assert page.read_bytes() == before
    assert {path.name for path in page.parent.iterdir()} == {page.name, "index.html"}


def test_a_second_run_meanwhile_is_refused_with_4_and_a_report_is_not(home):
    home.run("sync")
    with Store.open(home.folder / "data" / "work.sqlite", write=True):
        done = home.run("sync")
        assert done.returncode == 4
        assert "another run holds the lock" in told(done)
        assert home.run("report", "--as-of", AS_OF).returncode == 0


def test_one_failing_account_does_not_stop_the_others(home):
    home.configure("gone", "work", gone="gone.mbox")
    done = home.run("run", "--as-of", AS_OF)
    assert done.returncode == 3
    assert "gone: " in told(done)
    assert (home.folder / "data" / "reports" / "work" / "2026-W38.html").exists()
    home.configure("new", "work")
    done = home.run("export", "out", "--format", "csv")
    assert done.returncode == 3
    assert "new: " in told(done)
    assert (home.folder / "out" / "messages.csv").exists()


def test_where_all_accounts_fail_each_has_its_line(home):
    home.configure("a", "b", a="gone.mbox", b="lost.mbox")
    done = home.run("run")
    assert done.returncode == 1
    assert [line.split(": ")[1] for line in done.stderr.splitlines()] == ["a", "b"]


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_keeps_whole_batches_and_the_next_one_completes_it(home, sent, code):
    home.mbox.write_text("".join(mail(number) for number in range(60_000)))
    process = subprocess.Popen(
        home.command("sync"), cwd=home.folder, env=home.environment(), stderr=subprocess.PIPE, text=True
    )
    log = home.folder / "data" / "work.sqlite-wal"
    while process.poll() is None and not (log.exists() and log.stat().st_size > 100_000):
        time.sleep(0.005)
    process.send_signal(sent)
    _, errors = process.communicate()
    assert process.returncode == code
    assert errors == "mailcare: stopped. What was stored so far is kept; run again to go on.\n"
    kept = home.stored()
    assert 0 < kept < 60_000
    assert kept % 2000 == 0
    assert home.run("sync").returncode == 0
    assert home.stored() == 60_000


def test_on_a_terminal_a_line_counts_the_messages(home):
    reader, writer = os.openpty()
    done = subprocess.run(
        home.command("sync"), cwd=home.folder, env=home.environment(TERM="xterm"), stderr=writer, stdout=subprocess.PIPE
    )
    os.close(writer)
    drawn = b""
    while chunk := _read(reader):
        drawn += chunk
    os.close(reader)
    assert done.returncode == 0
    assert b"work: 6 of 6 messages, " in drawn


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def test_the_demo_writes_a_report(home):
    done = home.run("demo", "--out", "shown")
    assert (done.returncode, done.stderr) == (0, "")
    page = home.folder / done.stdout.strip().rpartition(" ")[2]
    assert page.is_relative_to(home.folder / "shown")
    assert page.read_text(encoding="utf-8").lower().startswith("<!doctype html>")


def test_nothing_printed_names_a_person_or_a_subject(home):
    printed = [home.run(*arguments, "--as-of", AS_OF) for arguments in (["run"], ["export", "out", "--format", "csv"])]
    assert [done.returncode for done in printed] == [0, 0]
    for done in printed:
        assert not re.search(r"@|ada|Question", done.stdout + done.stderr)


def test_an_unforeseen_error_is_one_line_without_its_text(monkeypatch, capsys):
    monkeypatch.delenv("MAILCARE_DEBUG", raising=False)
    assert _main(monkeypatch) == Exit.ERROR
    line = capsys.readouterr().err
    assert re.fullmatch(r"mailcare: unexpected KeyError at mailcare/cli.py:\d+\. .*MAILCARE_DEBUG=1.*\n", line)
    assert "ada" not in line


def test_an_unforeseen_error_shows_its_details_to_whoever_asks(monkeypatch):
    monkeypatch.setenv("MAILCARE_DEBUG", "1")
    with pytest.raises(KeyError, match="ada"):
        _main(monkeypatch)


def _main(monkeypatch) -> int:
    def fail(**_: object) -> None:
        raise KeyError("ada@client.example")

    monkeypatch.setattr(cli, "cli", fail)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code


def test_a_copy_of_the_data_folder_is_a_back_up(tmp_path):
    """Copied while no run is at work and put back, it gives the same report, and the next run reads nothing anew."""
    (tmp_path / "home").mkdir()
    home = Home(tmp_path / "home")
    assert home.run("run", "--as-of", AS_OF).returncode == 0
    data = tmp_path / "home" / "data"
    shutil.copytree(data, tmp_path / "copy")
    (report,) = (data / "reports/work").glob("2026-*.html")
    page = report.read_bytes()
    shutil.rmtree(data)
    shutil.copytree(tmp_path / "copy", data)
    report.unlink()
    assert "messages read and stored: 0" in home.run("run", "--as-of", AS_OF).stdout
    assert report.read_bytes() == page
