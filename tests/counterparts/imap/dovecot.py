"""A real IMAP server: Debian's Dovecot, one for all tests, with a fresh user for each of them."""

import atexit
import base64
import contextlib
import hashlib
import hmac
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path

from imapclient import IMAPClient

from connectors.imap.connector import Imap
from tests.counterparts.counterpart import Missing, impatient
from tests.counterparts.letters import Letter, Place
from tests.counterparts.vaults import MemoryVault
from tests.counterparts.wire import Wire

FOLDERS: dict[Place, str] = {
    "inbox": "INBOX",
    "archive": "Archive",
    "sent": "Sent",
    "drafts": "Drafts",
    "spam": "Junk",
    "trash": "Trash",
}
PASSWORD = 'pass word"\\ ünd more'
ASKED = re.compile(rb"UID FETCH [\d,]+ (.*)\r\n")
_KEY = os.urandom(32)
_CONFIG = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
mail_location = maildir:{root}/mail/%n
mail_fsync = never
mail_max_userip_connections = 0
first_valid_uid = 1
ssl = yes
ssl_cert = <{root}/cert.pem
ssl_key = <{root}/key.pem
ssl_min_protocol = TLSv1.2
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {root}/oauth2.conf
}}
userdb {{
  driver = static
  args = allow_all_users=yes uid={uid} gid={gid} home={root}/mail/%n
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    special_use = \\Drafts
  }}
  mailbox Junk {{
    special_use = \\Junk
  }}
  mailbox Trash {{
    special_use = \\Trash
  }}
  mailbox Sent {{
    special_use = \\Sent
  }}
  mailbox Ausgangskorb {{
    special_use = \\Sent
  }}
}}
namespace public {{
  type = public
  prefix = Public/
  separator = /
  location = maildir:{root}/public
  list = yes
}}
service imap-login {{
  process_min_avail = 1
  service_count = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""
_OAUTH = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={root}/keys/
username_attribute = sub
"""


class Server:
    """Dovecot in the foreground, with a folder of its own for everything it writes."""

    def __init__(self) -> None:
        if os.geteuid() != 0 or not shutil.which("dovecot") or not shutil.which("openssl"):
            raise Missing("Dovecot as root is not here; make test-servers brings it")
        self.root = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.root.chmod(0o755)
        self.port, self.tls_port = _free_ports(2)
        self.authority = self.root / "cert.pem"
        nobody = pwd.getpwnam("nobody")
        self.owner = nobody.pw_uid, nobody.pw_gid
        self._users = count(1)
        for folder in ("mail", "public/.Shared/cur", "public/.Shared/new", "public/.Shared/tmp"):
            (self.root / folder).mkdir(parents=True)
        self.own(self.root / "mail")
        self.own(self.root / "public")
        _certificate(self.root)
        key = self.root / "keys" / "default" / "HS256" / "default"
        key.parent.mkdir(parents=True)
        key.write_bytes(base64.b64encode(_KEY))
        (self.root / "oauth2.conf").write_text(_OAUTH.format(root=self.root))
        values = {"uid": self.owner[0], "gid": self.owner[1], "port": self.port, "tls_port": self.tls_port}
        config = _CONFIG.format(
            root=self.root, password="{PLAIN.b64}" + base64.b64encode(PASSWORD.encode()).decode(), **values
        )
        (self.root / "dovecot.conf").write_text(config)
        self._process = subprocess.Popen(["dovecot", "-F", "-c", self.root / "dovecot.conf"], stderr=subprocess.PIPE)
        atexit.register(self.stop)
        self._wait()

    def user(self) -> str:
        """The name of one who had no mail before."""
        return f"user{next(self._users)}@home.example"

    def mail(self, user: str) -> Path:
        return self.root / "mail" / user.partition("@")[0]

    def own(self, path: Path) -> None:
        """Give a folder and all in it to the user under whom Dovecot reads mail."""
        for one in (path, *path.rglob("*")):
            os.chown(one, *self.owner)

    def doveadm(self, *words: str) -> str:
        done = subprocess.run(
            ["doveadm", "-c", str(self.root / "dovecot.conf"), *words], capture_output=True, text=True, check=True
        )
        return done.stdout

    def stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()
        shutil.rmtree(self.root, ignore_errors=True)

    def _wait(self) -> None:
        end = time.monotonic() + 20
        while time.monotonic() < end and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as there:
                there.settimeout(5)
                if there.recv(4).startswith(b"* OK"):
                    return
            time.sleep(0.02)
        log = self.root / "log"
        raise Missing(f"Dovecot does not start here: {log.read_text() if log.exists() else ''}")


@cache
def server() -> Server:
    return Server()


class Dovecot:
    """A fresh mailbox at the server, seen through a ``Wire``."""

    loses: frozenset[str] = frozenset()
    loses_in_sent: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.server = server()
        self.user = self.server.user()
        self.token = token(self.user)
        self.secrets: tuple[str, ...] = (PASSWORD, self.token)
        self.line = Wire(self.server.port)
        self.root = self.server.mail(self.user)
        self._number = count()
        self.make(*FOLDERS.values())

    def make(self, *folders: str) -> None:
        """Make folders, named as the server writes them."""
        for folder in folders:
            for part in ("cur", "new", "tmp"):
                (self.place(folder) / part).mkdir(parents=True, exist_ok=True)
        self.server.own(self.root)

    def place(self, folder: str) -> Path:
        """The Maildir of a folder."""
        return self.root if folder == "INBOX" else self.root / f".{folder.replace('/', '.')}"

    def put(self, letter: Letter) -> None:
        self.deliver(FOLDERS[letter.place], letter.raw, letter.arrived)

    def deliver(self, folder: str, raw: bytes, arrived: datetime, flags: str = "S") -> Path:
        """Write a message into a folder's Maildir; it arrives at the time of the file."""
        seconds = int(arrived.timestamp())
        path = self.place(folder) / "cur" / f"{seconds}.{next(self._number):06}.host:2,{flags}"
        path.write_bytes(raw)
        os.utime(path, (seconds, seconds))
        os.chown(path, *self.server.owner)
        return path

    def remove(self, letter: Letter) -> None:
        with self.person() as client:
            for folder in FOLDERS.values():
                client.select_folder(folder)
                if found := client.search(["HEADER", "Message-ID", letter.id]):
                    client.delete_messages(found)
                    client.uid_expunge(found)

    def move(self, letter: Letter, place: Place) -> None:
        with self.person() as client:
            client.select_folder(FOLDERS[letter.place])
            client.move(client.search(["HEADER", "Message-ID", letter.id]), FOLDERS[place])

    @contextlib.contextmanager
    def person(self) -> Iterator[IMAPClient]:
        """The owner's own mail program."""
        with IMAPClient("127.0.0.1", self.server.port, ssl=False, timeout=20) as client:
            client.plain_login(self.user, PASSWORD)
            yield client

    def connector(self, vault: MemoryVault | None = None, **options: object) -> Imap:
        given = {"host": "127.0.0.1", "port": self.line.port, "user": self.user, "security": "none", "timeout": 20}
        return Imap(given | options, vault or MemoryVault(password=PASSWORD, token=self.token), impatient())

    def expire(self) -> None:
        for number, folder in enumerate(FOLDERS.values(), int(time.time()) + 1000):
            self.server.doveadm("mailbox", "update", "-u", self.user, "--uid-validity", str(number), folder)

    def cut(self, after: int | None) -> None:
        self.line.cut(after)

    def wire(self) -> bytes:
        return bytes(self.line.recorded)

    def asked_for_bodies(self) -> list[str]:
        """Every FETCH but those of certain header fields, a time and a size; every way to open a folder but EXAMINE."""
        harmless = rb"\(BODY\.PEEK\[HEADER\.FIELDS \([A-Z -]+\)\]<0\.\d+> INTERNALDATE RFC822\.SIZE\)"
        return [
            line.decode(errors="replace")
            for line in bytes(self.line.asked).splitlines(keepends=True)
            if re.search(rb"\b(?:FETCH|SELECT|STORE|COPY|MOVE|APPEND|EXPUNGE|CLOSE)\b", line)
            and not ((found := ASKED.search(line)) and re.fullmatch(harmless, found[1]))
        ]

    def close(self) -> None:
        self.line.close()


def token(user: str, life: timedelta = timedelta(hours=1)) -> str:
    """An access token (JWT, HS256) that the server takes for the user."""
    end = int((datetime.now(UTC) + life).timestamp())
    claims = {"sub": user, "iat": end - 7200, "nbf": end - 7200, "exp": end, "iss": "https://tests.example"}
    signed = b".".join(_base64(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "HS256"}, claims))
    return b".".join([signed, _base64(hmac.digest(_KEY, signed, hashlib.sha256))]).decode()


def _base64(octets: bytes) -> bytes:
    return base64.urlsafe_b64encode(octets).rstrip(b"=")


def _certificate(root: Path) -> None:
    """A certificate for 127.0.0.1, signed by itself."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-keyout", root / "key.pem", "-out", root / "cert.pem", "-days", "30", "-subj", "/CN=127.0.0.1"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )


def _free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [one.getsockname()[1] for one in sockets]
