"""How fast each connector reads the same invented mailbox from its server on this machine, against files, in one run.

    python -m benchmarks.connectors [--messages N]

Prints messages per second of real time through the store, the ratio to files, and the seconds of a second run with
nothing new. Gmail's own quota (300 messages a minute) is left out. The servers are those of the tests: a real Dovecot,
the Gmail emulator behind a front, and strict servers in this process, whose time counts too; what is missing on the
machine is said and left out.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from mailcare.store.store import Store
from tests.counterparts.counterpart import Counterpart, Missing
from tests.counterparts.exchange.server import EwsServer
from tests.counterparts.files import MaildirFiles
from tests.counterparts.gmail.server import GmailServer
from tests.counterparts.gmail.tools import Clock
from tests.counterparts.graph.server import GraphServer
from tests.counterparts.imap.dovecot import Dovecot
from tests.counterparts.letters import letter
from tests.counterparts.log import NOW

SERVERS: dict[str, Callable[[], Counterpart]] = {
    "files": MaildirFiles,
    "imap": Dovecot,
    "gmail": GmailServer,
    "graph": GraphServer,
    "exchange": EwsServer,
}


def seconds(there: Counterpart, path: Path) -> float:
    """Reads what is new into the store; how long it took."""
    connector = there.connector(Clock().patience()) if isinstance(there, GmailServer) else there.connector()
    start = time.perf_counter()
    with Store.open(path, write=True) as store:
        for batch in connector.read(store, NOW):
            store.append(batch)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=300)
    count = parser.parse_args().messages
    files = 0.0
    for name, make in SERVERS.items():
        try:
            there = make()
        except Missing as missing:
            print(f"{name:9} {missing}")
            continue
        with closing(there), tempfile.TemporaryDirectory() as folder:
            for number in range(count):
                there.put(letter(number))
            first, again = (seconds(there, Path(folder) / "store.sqlite") for _ in range(2))
            files = files or first
            print(
                f"{name:9} {count / first:8,.0f} messages/s  {files / first:6.3f} of files  again {again:6.3f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
