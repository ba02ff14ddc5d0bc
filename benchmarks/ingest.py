"""How fast mail is read from an mbox, against the standard library reading the same headers in the same run.

    python -m benchmarks.ingest MBOX [--sample N]

Prints messages per second of CPU, the ratios, and the peak memory of mailcare's reading. The standard library reads the
first N messages only (``mailbox.mbox`` with a headers-only parser, the same header fields decoded); its speed does not
depend on the number.
"""

import argparse
import mailbox
import resource
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import Message as Mail
from email.parser import BytesHeaderParser
from email.policy import compat32, default
from email.utils import getaddresses, parsedate_to_datetime
from itertools import islice
from pathlib import Path

from connectors.files.connector import Files
from connectors.files.formats.mbox import split
from connectors.files.openers import opened
from mailcare.mail.connector import Position
from mailcare.mail.headers import WANTED
from tests.counterparts.vaults import MemoryVault

ADDRESSES = ("from", "sender", "reply-to", "to", "cc", "bcc")


class Nothing:
    """A store that has read nothing yet."""

    def position(self, _: str) -> Position | None:
        return None

    def keys(self, _: str) -> set[str]:
        return set()


def mailcare(path: Path) -> int:
    """Reads every message; their number."""
    return sum(
        len(batch.messages) for batch in Files({"path": str(path)}, MemoryVault()).read(Nothing(), datetime.now(UTC))
    )


def modern(path: Path) -> int:
    """The same with ``email.policy.default``, whose headers come decoded; their number."""
    return _iterated(path, BytesHeaderParser(policy=default).parse, _read_modern)


def _read_modern(mail: Mail) -> None:
    for name in WANTED:
        with suppress(AttributeError, IndexError, LookupError, TypeError, ValueError):  # it raises on real mail
            for value in mail.get_all(name, ()):
                str(value)


def legacy(path: Path) -> int:
    """The same with ``email.policy.compat32`` and ``email.utils``; their number."""
    return _iterated(path, BytesHeaderParser(policy=compat32).parse, _read_legacy)


def _read_legacy(mail: Mail) -> None:
    for name in WANTED:
        values = [str(value) for value in mail.get_all(name, ())]
        if name in ADDRESSES:
            for shown, _ in getaddresses(values):
                _decoded(shown)
        elif name == "date" and values:
            with suppress(ValueError):
                parsedate_to_datetime(values[0])
        elif name == "subject" and values:
            _decoded(values[0])


def _decoded(text: str) -> str:
    try:
        return str(make_header(decode_header(text)))
    except (ValueError, LookupError):
        return text


def _iterated(path: Path, parse: Callable[..., Mail], read: Callable[[Mail], object]) -> int:
    box = mailbox.mbox(path, factory=parse, create=False)  # type: ignore[arg-type]  # typeshed knows no other factory
    count = 0
    for mail in box:
        read(mail)
        count += 1
    box.close()
    return count


def timed(work: Callable[[Path], int], path: Path) -> float:
    """Messages per second of CPU."""
    start = time.process_time()
    count = work(path)
    return count / (time.process_time() - start)


def sample(path: Path, count: int, target: Path) -> None:
    """The first messages of an mbox as a file of their own."""
    with opened(path) as stream:
        ends = [envelope.start for envelope in islice(split(stream), count + 1)]
    with opened(path) as stream:
        target.write_bytes(stream.exactly(ends[-1]) if len(ends) > count else stream.exactly(1 << 40))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("mbox", type=Path)
    arguments.add_argument("--sample", type=int, default=2000, help="messages that the standard library reads")
    given = arguments.parse_args()
    ours = timed(mailcare, given.mbox)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder) / "sample.mbox"
        sample(given.mbox, given.sample, part)
        theirs = {"mailbox + email.policy.default": timed(modern, part), "mailbox + compat32": timed(legacy, part)}
    print(f"{'mailcare':32}{ours:10,.0f} messages per CPU second; peak memory {peak:,.0f} MB")
    for name, speed in theirs.items():
        print(f"{name:32}{speed:10,.0f} messages per CPU second; mailcare is {ours / speed:.1f} times as fast")


if __name__ == "__main__":
    main()
