"""A small IMAP server in this process, for what a real one does not do when asked: fail in every way."""

import contextlib
import re
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal
from zlib import crc32

from connectors.imap.connector import Imap
from mailcare.servers.patience import Patience
from tests.counterparts.counterpart import impatient
from tests.counterparts.vaults import MemoryVault

SECRET = "correct horse battery"
USER = "me@home.example"

Fault = Callable[[str], str | bytes | None]
"""Takes a command without its tag; None: it is answered as usual, "drop": the connection ends, else this is the answer,
``TAG`` standing for the tag."""


@dataclass
class Box:
    """A folder: UID → (raw header, flags)."""

    messages: dict[int, tuple[bytes, str]] = field(default_factory=dict)
    validity: int = 7
    attributes: str = r"\HasNoChildren"

    def put(self, uid: int, *lines: str, flags: str = "") -> None:
        usual = [f"From: ann{uid}@client.example", f"Message-ID: <{uid}@client.example>"]
        self.messages[uid] = ("\r\n".join([*(lines or usual), "", ""]).encode(), flags)


@dataclass
class Script:
    """The server: what it can do, what it holds, how it fails."""

    capabilities: str = "IMAP4rev1"
    greeting: str = "* OK ready"
    separator: str = "."
    boxes: dict[str, Box] = field(default_factory=lambda: {"INBOX": Box(), "Sent": Box()})
    arrived: str = '"03-Aug-2026 10:00:00 +0200"'
    """The INTERNALDATE of every message."""
    fault: Fault = lambda _: None
    asked: list[str] = field(default_factory=list)
    logins: int = 0
    chatters: Callable[[str], bool] = lambda _: False
    """Whether a command is answered by one line after the other, without an end."""

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._closing = threading.Event()
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self.chatters = lambda _: False
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def connector(self, patience: Patience | None = None, **options: object) -> Imap:
        given = {"host": "127.0.0.1", "port": self.port, "user": USER, "security": "none", "timeout": 5}
        return Imap(given | options, MemoryVault(password=SECRET, token=SECRET), patience or impatient())

    def times(self, start: str) -> int:
        """How often such a command was asked."""
        return sum(line.startswith(start) for line in self.asked)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection, connection.makefile("rwb") as stream:
            _send(stream, self.greeting)
            opened = Box()
            while self.greeting.startswith("* OK") and (line := stream.readline().decode().rstrip("\r\n")):
                tag, _, command = line.partition(" ")
                self.asked.append(command)
                answer = self.fault(command)
                if answer == "drop":
                    return
                while self.chatters(command):
                    _send(stream, "* OK still here")
                    self._closing.wait(0.05)
                if answer is None and command.startswith("AUTHENTICATE"):
                    _send(stream, "+ ")
                    stream.readline()
                if command.startswith(("EXAMINE", "SELECT")):
                    opened = self.boxes.get(command.split('"')[1], Box())
                _send(stream, self._answer(command, opened) if answer is None else answer, tag)
                if isinstance(answer, str) and answer.startswith("* BYE"):
                    return

    def _answer(self, command: str, opened: Box) -> bytes:
        word, _, rest = command.partition(" ")
        box = self.boxes.get(rest.split('"')[1]) if '"' in rest and word in ("STATUS", "EXAMINE") else opened
        lines: list[bytes] = []
        if box is None:
            return b"TAG NO [NONEXISTENT] no such folder"
        if word == "CAPABILITY":
            lines.append(f"* CAPABILITY {self.capabilities}".encode())
        elif word in ("LOGIN", "AUTHENTICATE"):
            self.logins += 1
        elif word == "LIST":
            lines += [f'* LIST ({b.attributes}) "{self.separator}" "{n}"'.encode() for n, b in self.boxes.items()]
        elif word == "STATUS":
            next_uid = max(box.messages, default=0) + 1
            counts = f"MESSAGES {len(box.messages)} UIDNEXT {next_uid} UIDVALIDITY {box.validity}"
            counts += f" HIGHESTMODSEQ {crc32(repr(box.messages).encode()) + 1}" if "MODSEQ" in rest else ""
            lines.append(f"* STATUS {rest.split(' (')[0]} ({counts})".encode())
        elif word == "EXAMINE":
            lines += [b"* %d EXISTS" % len(box.messages), b"* OK [UIDVALIDITY %d] valid" % box.validity]
        elif command.startswith("UID SEARCH"):
            found = _searched(box, command.split()[2:])
            lines.append(b" ".join([b"* SEARCH", *(b"%d" % uid for uid in found)]))
        elif command.startswith("UID FETCH"):
            lines += _fetched(box, command, self.arrived)
        elif word == "LOGOUT":
            lines.append(b"* BYE bye")
        return b"\r\n".join([*lines, b"TAG OK done"])


def _searched(box: Box, criteria: list[str]) -> list[int]:
    uids = sorted(box.messages)
    if criteria[0] == "UID":
        ranges = [part.partition(":") for part in criteria[1].split(",")]
        window = [uid for uid in uids if any(int(low) <= uid <= int(high or low) for low, _, high in ranges)]
    else:
        first, last = criteria[0].split(":")
        window = uids[int(first) - 1 : None if last == "*" else int(last)]
    flag = {"DRAFT": r"\Draft", "DELETED": r"\Deleted"}.get(criteria[-1], "")
    return [uid for uid in window if flag in box.messages[uid][1]]


def _fetched(box: Box, command: str, arrived: str) -> list[bytes]:
    uids = [int(uid) for uid in command.split()[2].split(",")]
    octets = int(re.findall(r"<0\.(\d+)>", command)[0])
    lines = []
    for number, uid in enumerate(sorted(box.messages), 1):
        if uid in uids:
            header = box.messages[uid][0][:octets]
            known = f"UID {uid} INTERNALDATE {arrived} RFC822.SIZE 4321".encode()
            field = b"BODY[HEADER.FIELDS (FROM TO)]<0> {%d}\r\n%s" % (len(header), header)
            lines.append(b"* %d FETCH (%s %s)" % (number, known, field))
    return lines


def _send(stream: "socket.SocketIO | object", answer: str | bytes, tag: str = "") -> None:
    octets = answer.encode() if isinstance(answer, str) else answer
    stream.write(octets.replace(b"TAG", tag.encode()) + b"\r\n")  # type: ignore[attr-defined]
    stream.flush()  # type: ignore[attr-defined]


Kind = Literal["drop", "no", "garbled"]


def fails_at(uid: int, how: Kind) -> Fault:
    """Fails at every FETCH in which this message is."""
    answers = {"drop": "drop", "no": "TAG NO [SERVERBUG] internal error", "garbled": "* 1 FETCH (UID\r\nTAG OK done"}

    def fault(command: str) -> str | None:
        asked = command.startswith("UID FETCH") and str(uid) in command.split()[2].split(",")
        return answers[how] if asked else None

    return fault
