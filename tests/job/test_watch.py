"""What others learn of a run: a real HTTP server is called, and a file is written that Prometheus' format allows."""

import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from mailcare.errors import MailcareError
from mailcare.job.runs import Run
from mailcare.job.watch import metrics, ping, write_metrics
from tests.test_cli import AS_OF, Home

BEGAN = datetime(2026, 11, 23, 6, tzinfo=UTC)
RUN = Run(BEGAN, BEGAN + timedelta(seconds=90), 3, {"work": 0, "home": 5})


class Watcher:
    """An HTTP server that notes what it is told."""

    def __init__(self, status: int = 200) -> None:
        self.called: list[tuple[str, str, bytes]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(handler) -> None:  # noqa: N805
                body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
                self.called.append((handler.path, str(handler.headers), body))
                handler.send_response(status)
                handler.end_headers()

            def log_message(handler, *_: object) -> None:  # noqa: N805
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/ping/one"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    one = Watcher()
    yield one
    one.close()


@pytest.mark.parametrize(("code", "path"), [(None, "/ping/one/start"), (0, "/ping/one"), (3, "/ping/one/fail")])
def test_the_health_check_is_called_where_its_service_expects_it(watcher: Watcher, code: int | None, path: str) -> None:
    ping(watcher.address, code)
    ((called, _, body),) = watcher.called
    assert (called, body) == (path, b"")


def test_a_health_check_that_refuses_or_is_not_there_is_told() -> None:
    refusing = Watcher(500)
    with pytest.raises(MailcareError, match="does not answer"):
        ping(refusing.address, 0)
    refusing.close()
    with pytest.raises(MailcareError, match="does not answer"):
        ping(refusing.address, 0)


def test_the_metrics_are_in_prometheus_format(tmp_path: Path) -> None:
    text = metrics(RUN)
    line = re.compile(r'# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"\\]*"\})? -?[0-9.e+]+')
    assert text.endswith("\n")
    assert all(line.fullmatch(one) for one in text.splitlines())
    values = dict(one.rsplit(" ", 1) for one in text.splitlines() if not one.startswith("#"))
    assert float(values["mailcare_last_run_timestamp_seconds"]) == RUN.ended.timestamp()
    assert float(values["mailcare_last_run_duration_seconds"]) == 90
    assert values["mailcare_last_run_exit_code"] == "3"
    assert values['mailcare_account_exit_code{account="home"}'] == "5"
    write_metrics(tmp_path / "mailcare.prom", RUN)
    assert (tmp_path / "mailcare.prom").read_text() == text
    assert (tmp_path / "mailcare.prom").stat().st_mode & 0o777 == 0o644


def job(home: Home, text: str) -> None:
    home.config.write_text(home.config.read_text() + f"[job]\n{text}\n")


def test_a_run_tells_its_watchers_and_names_nobody(tmp_path: Path, watcher: Watcher) -> None:
    home = Home(tmp_path)
    home.configure("work", "gone", gone="nothing.mbox")
    job(home, f'healthcheck = "{watcher.address}"\nmetrics_file = "mailcare.prom"')
    done = home.run("run", "--quiet", "--log", "json", "--as-of", AS_OF)
    assert done.returncode == 3
    assert [path for path, _, _ in watcher.called] == ["/ping/one/start", "/ping/one/fail"]
    events = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert [event["event"] for event in events] == ["run began", "account done", "account not done", "run ended"]
    assert events[1]["messages"] == 6
    assert (events[2]["account"], events[2]["code"], events[3]["code"]) == ("gone", 1, 3)
    written = (tmp_path / "mailcare.prom").read_text() + json.dumps(events) + repr(watcher.called)
    assert not re.search(r"ada|example\.com|Question|client", written)
    assert done.stdout == ""


def test_a_watcher_that_is_not_there_stops_no_run(tmp_path: Path) -> None:
    gone = Watcher()
    gone.close()
    home = Home(tmp_path)
    job(home, f'healthcheck = "{gone.address}"')
    done = home.run("run", "--as-of", AS_OF)
    assert done.returncode == 0
    assert done.stderr.count("the health check does not answer") == 2
    assert "the report is at" in done.stdout


def test_a_dry_run_tries_the_mail_and_leaves_nothing_behind(tmp_path: Path) -> None:
    home = Home(tmp_path)
    told = home.run("run", "--dry-run", "--as-of", AS_OF)
    assert told.returncode == 0
    assert not (tmp_path / "data").exists()
    page = told.stdout.split(" write ")[1].strip()
    assert f"the report is at {page}\n" in home.run("run", "--as-of", AS_OF).stdout
    home.mbox.unlink()
    assert home.run("run", "--dry-run").returncode == 1


def test_a_job_that_is_wrong_in_the_configuration_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    job(home, 'healthcheck = "example.com/x"\nminute = 3')
    told = home.run("config", "check").stderr
    assert "job: healthcheck: no web address" in told
    assert "Did you mean minutes?" in told


def test_nothing_is_sent_to_the_health_check_but_that_it_ran(watcher: Watcher) -> None:
    ping(watcher.address, 3)
    ((_, headers, _),) = watcher.called
    assert {line.split(":")[0].lower() for line in headers.splitlines() if line} <= {
        *("host", "user-agent", "accept-encoding", "connection", "content-length", "content-type")
    }
