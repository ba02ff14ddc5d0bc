"""What others may learn of a run: a health check's address is called, and a file for Prometheus is written.

Both say when a run was and how it ended, and name accounts; nothing of the mail.
"""

import urllib.error
import urllib.request
from pathlib import Path

from mailcare import __version__
from mailcare.disk import deliver
from mailcare.errors import MailcareError
from mailcare.job.runs import Run

SECONDS = 10
"""A health check that has not answered by then is left alone."""


def ping(url: str, code: int | None) -> None:
    """Call the health check's address: ``/start`` below it at the beginning of a run (code None), then the address
    itself, or ``/fail`` below it where the code is not 0. Raises MailcareError where nobody answers."""
    address = url.rstrip("/") + ("/start" if code is None else "/fail" if code else "")
    request = urllib.request.Request(address, method="POST", headers={"User-Agent": f"mailcare/{__version__}"})  # noqa: S310 - http or https, by config.values
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310 - http or https, by config.values
            pass
    except (urllib.error.URLError, OSError, ValueError) as error:
        why = getattr(error, "reason", "") or type(error).__name__
        todo = "Check `healthcheck` in the configuration; the run itself is done."
        raise MailcareError(f"the health check does not answer ({why})", where="job", todo=todo) from None


def write_metrics(path: Path, run: Run) -> None:
    """Write the run's figures for node_exporter's textfile collector, which reads as another user (0644).

    Raises MailcareError where the disk fails.
    """
    deliver.write(path, metrics(run))
    path.chmod(0o644)


def metrics(run: Run) -> str:
    """The run's figures in Prometheus' text format."""
    single = {
        "last_run_timestamp_seconds": ("When the last run ended.", run.ended.timestamp()),
        "last_run_duration_seconds": ("How long the last run took.", (run.ended - run.began).total_seconds()),
        "last_run_exit_code": ("How the last run ended; 0 is well.", run.code),
    }
    lines = [
        f"# HELP mailcare_{name} {meaning}\n# TYPE mailcare_{name} gauge\nmailcare_{name} {value:g}\n"
        if isinstance(value, int)
        else f"# HELP mailcare_{name} {meaning}\n# TYPE mailcare_{name} gauge\nmailcare_{name} {value:.3f}\n"
        for name, (meaning, value) in single.items()
    ]
    accounts = "".join(
        f'mailcare_account_exit_code{{account="{name}"}} {code}\n' for name, code in run.accounts.items()
    )
    head = "# HELP mailcare_account_exit_code How the last run ended for an account.\n"
    return "".join([*lines, head, "# TYPE mailcare_account_exit_code gauge\n", accounts])
