"""What is found on a machine in the usual places: each program's tree, made here, and what may not be looked at."""

import gzip
import io
import os
import re
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from connectors.files import glimpse
from connectors.files.nearby import MOST, nearby
from connectors.files.openers import REACH
from connectors.files.programs import PROGRAMS, UNREADABLE
from mailcare.mail.about import Closed, Nearby
from tests.connectors.files.mails import numbers, read

LETTER = b"From: ada@client.example\nTo: me@example.com\nMessage-ID: <1@client.example>\nSubject: x\n\nx\n"
MBOX = b"From ada@client.example Mon Sep 14 08:00:00 2026\n" + LETTER
EMLX = str(len(LETTER)).encode() + b"\n" + LETTER
PST = b"!BDN" + bytes(4) + b"SM" + bytes(600)


def zipped(name: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(name, MBOX)
    return packed.getvalue()


def tarred(name: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        info = tarfile.TarInfo(name)
        info.size = len(MBOX)
        archive.addfile(info, io.BytesIO(MBOX))
    return packed.getvalue()


def contents(path: str) -> bytes:
    """What a program writes to such a path."""
    suffix = path.rpartition(".")[2].lower()
    packed = {"zip": zipped, "olm": zipped, "tgz": tarred}
    if suffix in packed:
        return packed[suffix]("Takeout/Mail/All mail.mbox")
    if path.endswith(".eml.gz"):
        return gzip.compress(LETTER)
    by_suffix = {
        "emlx": EMLX,
        "meta": b"{}",
        "plist": b"",
        "pst": PST,
        "ost": PST,
        "eml": LETTER,
        "msf": b"// index",
        "json": b"{}",
    }
    name = path.rpartition("/")[2]
    of_its_own = name.isdigit() or "/cur/" in path or "/new/" in path
    return b"" if name == "table_of_contents" else by_suffix.get(suffix, LETTER if of_its_own else MBOX)


def made(top: Path, *paths: str) -> None:
    """Files of a program; the folders of a Maildir get what belongs to one."""
    for path in paths:
        file = top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(contents(path))
        if file.parent.name in ("cur", "new"):
            for part in ("cur", "new", "tmp"):
                (file.parent.parent / part).mkdir(exist_ok=True)


def offered(home: Path, environ: Mapping[str, str] | None = None, drives: Path = Path("/no/drives")) -> list[Nearby]:
    return [one for one in nearby(home, environ or {}, drives) if isinstance(one, Nearby)]


def closed(home: Path, environ: Mapping[str, str] | None = None) -> list[str]:
    found = nearby(home, environ or {}, Path("/no/drives"))
    return [f"{one.what}. {one.todo}" for one in found if isinstance(one, Closed)]


def paths(found: list[Nearby], home: Path) -> list[str]:
    return sorted(Path(one.options["path"]).relative_to(home).as_posix() for one in found)


PROFILE = "abcd.default/ImapMail/imap.example.com/INBOX"
PLACES = [
    # What it is called, the files, and what is offered.
    *[
        (program, [f"{root}/{PROFILE}", f"{root}/{PROFILE}.msf"], [f"{root}/{PROFILE.removesuffix('/INBOX')}"])
        for program, root in [
            ("Thunderbird", ".thunderbird"),
            ("Thunderbird", "snap/thunderbird/common/.thunderbird"),
            ("Thunderbird", ".var/app/org.mozilla.Thunderbird/.thunderbird"),
            ("Thunderbird", ".var/app/org.mozilla.thunderbird/.thunderbird"),
            ("Thunderbird", ".config/thunderbird"),
            ("Thunderbird", "Library/Thunderbird/Profiles"),
            ("Thunderbird", "AppData/Roaming/Thunderbird/Profiles"),
            (
                "Thunderbird",
                "AppData/Local/Packages/MozillaThunderbird.MZLA_x/LocalCache/Roaming/Thunderbird/Profiles",
            ),
            ("Betterbird", ".var/app/eu.betterbird.Betterbird/.thunderbird"),
            ("Icedove", ".icedove"),
            ("SeaMonkey", ".mozilla/seamonkey"),
            ("Postbox", "AppData/Roaming/PostboxApp/Profiles"),
        ]
    ],
    (
        "Thunderbird",
        [".thunderbird/x.y/Mail/Local Folders/Archive.sbd/2026", ".thunderbird/x.y/Mail/Local Folders/Sent"],
        [".thunderbird/x.y/Mail/Local Folders"],
    ),
    ("Thunderbird", [".thunderbird/x/Mail/pop.example.com/Inbox/cur/1.eml"], [".thunderbird/x/Mail/pop.example.com"]),
    (
        "Evolution",
        [".local/share/evolution/mail/local/cur/1:2,S", ".local/share/evolution/mail/local/.Sent/cur/1:2,S"],
        [".local/share/evolution/mail/local"],
    ),
    (
        "Evolution",
        [".var/app/org.gnome.Evolution/data/evolution/mail/local/cur/1:2,S"],
        [".var/app/org.gnome.Evolution/data/evolution/mail/local"],
    ),
    (
        "what Evolution has downloaded",
        [".cache/evolution/mail/abc/folders/INBOX/cur/3f/17"],
        [".cache/evolution/mail/abc"],
    ),
    ("KMail", [".local/share/local-mail/inbox/cur/1"], [".local/share/local-mail"]),
    ("KMail", [".kde/share/apps/kmail/mail/inbox/cur/1"], [".kde/share/apps/kmail/mail"]),
    ("a folder of messages", ["Mail/inbox/1", "Mail/inbox/2", "Mail/sent/1"], ["Mail"]),
    (
        "what Claws Mail has",
        [".claws-mail/imapcache/imap.example.com/me/INBOX/1"],
        [".claws-mail/imapcache/imap.example.com/me"],
    ),
    ("a Maildir", ["Maildir/cur/1:2,S", "Maildir/.Sent/cur/1:2,S"], ["Maildir"]),
    ("a Maildir", [".local/share/mail/me@example.com/INBOX/cur/1"], [".local/share/mail/me@example.com"]),
    (
        "a Maildir",
        ["Maildir/work/INBOX/cur/1", "Maildir/work/Sent/cur/1", "Maildir/home/Inbox/new/1"],
        ["Maildir/home", "Maildir/work"],
    ),
    ("a Maildir", [".mail/Inbox/cur/1", ".mail/Sent/cur/1", ".mail/lists/cur/1"], [".mail"]),
    ("an mbox", ["mail/sent-mail", "mail/saved"], ["mail"]),
    ("an mbox", ["mbox"], ["mbox"]),
    (
        "Apple Mail",
        ["Library/Mail/V10/0A-1B/INBOX.mbox/0C/Data/1/2/Messages/12.emlx", "Library/Mail/V10/MailData/x.plist"],
        ["Library/Mail/V10"],
    ),
    ("an mbox", ["Desktop/INBOX.mbox/mbox", "Desktop/INBOX.mbox/table_of_contents"], ["Desktop/INBOX.mbox"]),
    (
        "Outlook",
        ["AppData/Local/Microsoft/Outlook/me@example.com.ost"],
        ["AppData/Local/Microsoft/Outlook/me@example.com.ost"],
    ),
    *[
        ("Outlook", [f"{folder}/archive.pst"], [f"{folder}/archive.pst"])
        for folder in [
            *("Documents/Outlook Files", "Documents/Outlook-Dateien", "Documents/Fichiers Outlook"),
            *("Documents/Archivos de Outlook", "Документы/Файлы Outlook", "OneDrive - Example/Documents/Outlook Files"),
        ]
    ],
    ("an export of Outlook for Mac", ["Downloads/Export.olm"], ["Downloads/Export.olm"]),
    (
        "Windows Live Mail",
        [
            f"AppData/Local/Microsoft/Windows Live Mail/Example (me)/{one}"
            for one in ("Inbox/1.eml", "Sent Items/2.eml")
        ],
        ["AppData/Local/Microsoft/Windows Live Mail/Example (me)"],
    ),
    *[
        ("Google Takeout", [f"{place}/{mbox}"], [f"{place}/{mbox}"])
        for place, mbox in [
            ("Downloads/Takeout/Mail", "All mail Including Spam and Trash.mbox"),
            ("Descargas/Takeout/Correo", "Todo el correo, incluido Spam y Papelera.mbox"),
            ("下载/Takeout/邮件", "所有邮件.mbox"),
            ("Takeout/E-Mail", "Alle E-Mails, einschließlich Spam und Papierkorb.mbox"),
            ("Downloads/takeout-20260915T080000Z-001/Takeout/Mail", "All mail.mbox"),
        ]
    ],
    ("Google Takeout", [f"Downloads/Takeout/Mail/{one}.mbox" for one in ("Inbox", "Sent")], ["Downloads/Takeout/Mail"]),
    (
        "Google Takeout's archive, 3 parts",
        [f"Téléchargements/takeout-20260915T080000Z-00{number}.zip" for number in (1, 2, 3)],
        ["Téléchargements/takeout-20260915T080000Z-001.zip"],
    ),
    (
        "Google Takeout's archive",
        ["Загрузки/takeout-20260915T080000Z-001.tgz"],
        ["Загрузки/takeout-20260915T080000Z-001.tgz"],
    ),
    (
        "an export of Proton's",
        ["Documents/me@example.com/mail_20260915_080000/abc.eml"],
        ["Documents/me@example.com/mail_20260915_080000"],
    ),
    (
        "Got Your Back",
        ["GYB-GMail-Backup-me@example.com/2026/9/15/abc.eml"],
        ["GYB-GMail-Backup-me@example.com"],
    ),
    ("gmvault", ["gmvault-db/db/2026-09/123.eml.gz", "gmvault-db/db/2026-09/123.meta"], ["gmvault-db"]),
    ("an mbox", ["Downloads/old.MBX"], ["Downloads/old.MBX"]),
    ("a folder of messages", ["Downloads/saved/one.eml", "Downloads/saved/two.eml"], ["Downloads/saved"]),
]


@pytest.mark.parametrize(("program", "files", "expected"), PLACES)
def test_each_programs_mail_is_found(tmp_path: Path, program: str, files: list[str], expected: list[str]) -> None:
    made(tmp_path, *files)
    found = offered(tmp_path)
    assert paths(found, tmp_path) == expected
    assert all(f"({program}" in one.title for one in found)
    assert not closed(tmp_path)


@pytest.mark.parametrize(("program", "files", "expected"), [place for place in PLACES if place[0] != "Outlook"])
def test_what_is_offered_can_be_read(tmp_path: Path, program: str, files: list[str], expected: list[str]) -> None:
    """Outlook's data files are read in test_outlook.py: here they have a beginning alone."""
    made(tmp_path, *files)
    for one in offered(tmp_path):
        assert numbers(read(Path(one.options["path"]))) == ["1"], (program, expected)


def test_the_documentation_names_every_program() -> None:
    told = (Path(__file__).parents[3] / "docs/first-report.md").read_text("utf-8")
    part = told[told.index("### Where `init` looks") : told.index("### Google Takeout")]
    names = [re.sub(r"^(an export of|what) | has downloaded.*|'s.*| for Mac$", "", one.name) for one in PROGRAMS]
    assert [name for name in names if name not in part] == []
    assert [one.what for one in UNREADABLE if one.what.removeprefix("the ").split()[0] not in part] == []


def test_nothing_is_found_in_an_empty_home(tmp_path: Path) -> None:
    assert nearby(tmp_path, {}, tmp_path / "drives") == []


def test_what_is_no_mail_is_not_offered(tmp_path: Path) -> None:
    made(tmp_path, ".thunderbird/x/Mail/smart mailboxes/Inbox.msf", ".thunderbird/x/Mail/Feeds/feeds.json")
    made(tmp_path, ".thunderbird/x/Mail/Feeds/News", "Downloads/takeout.zip")
    for path, text in [
        ("Downloads/notes.mbox", b"just a text"),
        ("Downloads/empty.mbox", b""),
        ("Documents/Outlook Files/other.pst", b"no such file"),
        ("Mail/readme", b"nothing here"),
        ("Maildir/cur/.keep", b""),
    ]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(text)
    (tmp_path / "Maildir/cur/.keep").unlink()
    os.mkfifo(tmp_path / "Downloads/pipe.mbox")
    assert nearby(tmp_path, {}, tmp_path / "drives") == []


def test_a_profile_that_lies_elsewhere_is_found_by_the_programs_own_list(tmp_path: Path) -> None:
    made(tmp_path, "data/mail profile/Mail/Local Folders/Sent", "home/.thunderbird/Profiles/in.default/Mail/pop/Inbox")
    elsewhere = tmp_path / "data/mail profile"
    (tmp_path / "home/.thunderbird/profiles.ini").write_text(
        f"[Profile0]\nIsRelative=1\nPath=Profiles/in.default\n\n[Profile1]\nIsRelative=0\nPath={elsewhere}\n"
    )
    assert paths(offered(tmp_path / "home"), tmp_path) == [
        "data/mail profile/Mail/Local Folders",
        "home/.thunderbird/Profiles/in.default/Mail/pop",
    ]


def test_kmails_sub_folders_beside_a_maildir_belong_to_it(tmp_path: Path) -> None:
    made(tmp_path, ".local/share/local-mail/cur/1", ".local/share/.local-mail.directory/inbox/cur/1")
    (found,) = offered(tmp_path)
    share = tmp_path / ".local/share"
    assert found.options["path"] == [str(share / "local-mail"), str(share / ".local-mail.directory")]
    assert "2 folders" in found.title


def test_the_environment_names_places(tmp_path: Path) -> None:
    home, there = tmp_path / "home", tmp_path / "there"
    home.mkdir()
    made(there, "data/evolution/mail/local/cur/1", "roaming/Thunderbird/Profiles/x/Mail/pop/Inbox", "md/cur/1", "spool")
    made(there, "local/Microsoft/Outlook/me.ost", "cache/evolution/mail/a/folders/INBOX/cur/1")
    environ = {
        **{
            "XDG_DATA_HOME": str(there / "data"),
            "XDG_CACHE_HOME": str(there / "cache"),
            "APPDATA": str(there / "roaming"),
        },
        **{"LOCALAPPDATA": str(there / "local"), "MAILDIR": str(there / "md"), "MAIL": str(there / "spool")},
    }
    assert paths(offered(home, environ), there) == [
        "cache/evolution/mail/a",
        "data/evolution/mail/local",
        "local/Microsoft/Outlook/me.ost",
        "md",
        "roaming/Thunderbird/Profiles/x/Mail/pop",
        "spool",
    ]
    assert offered(home, {"APPDATA": "relative", "MAIL": ""}) == []


def test_the_desktop_says_where_downloads_are(tmp_path: Path) -> None:
    made(tmp_path, "home/Heruntergeladenes/all.mbox", "big/dokumente/Outlook-Dateien/me.pst", "home/.config/x.json")
    (tmp_path / "home/.config/user-dirs.dirs").write_text(
        "# This file is written by xdg-user-dirs-update\n"
        'XDG_DESKTOP_DIR="$HOME/"\n'
        'XDG_DOWNLOAD_DIR="$HOME/Heruntergeladenes"\n'
        f'XDG_DOCUMENTS_DIR="{tmp_path}/big/dokumente"\n'
    )
    assert paths(offered(tmp_path / "home"), tmp_path) == [
        "big/dokumente/Outlook-Dateien/me.pst",
        "home/Heruntergeladenes/all.mbox",
    ]


def test_in_windows_subsystem_for_linux_windows_mail_is_found(tmp_path: Path) -> None:
    made(tmp_path, "mnt/c/Users/Ada/AppData/Roaming/Thunderbird/Profiles/x/Mail/pop/Inbox", "mnt/d/mail/Mail/pop/Inbox")
    made(tmp_path, "mnt/c/Users/Public/Downloads/all.mbox")
    ini = tmp_path / "mnt/c/Users/Ada/AppData/Roaming/Thunderbird/profiles.ini"
    ini.write_text("[Profile0]\r\nIsRelative=0\r\nPath=D:\\mail\r\n")
    (tmp_path / "home").mkdir()
    found = offered(tmp_path / "home", {"WSL_DISTRO_NAME": "Debian"}, tmp_path / "mnt")
    assert paths(found, tmp_path / "mnt") == [
        "c/Users/Ada/AppData/Roaming/Thunderbird/Profiles/x/Mail/pop",
        "d/mail/Mail/pop",
    ]
    assert offered(tmp_path / "home", {}, tmp_path / "mnt") == []


def test_the_newest_comes_first_and_there_is_an_end(tmp_path: Path) -> None:
    count = MOST + 3
    for number in range(count):
        made(tmp_path, f"Downloads/{number:02}.mbox")
        os.utime(tmp_path / f"Downloads/{number:02}.mbox", (0, 86_400 * (number + 1)))
    os.utime(tmp_path / "Downloads/07.mbox", (0, 1 << 40))
    titles = [one.title for one in offered(tmp_path)]
    assert len(titles) == MOST
    assert titles[0].startswith("~/Downloads/07.mbox (an mbox, ")
    assert titles[1].endswith(", changed 1970-01-24)")
    assert "there are 3 more places with mail" in closed(tmp_path)[0]


def test_thunderbirds_folders_that_are_only_on_the_server_are_told(tmp_path: Path) -> None:
    made(tmp_path, ".thunderbird/x/ImapMail/imap.example.com/INBOX.msf")
    assert offered(tmp_path) == []
    (told,) = closed(tmp_path)
    assert "imap.example.com (Thunderbird) has indexes alone, no mail. Let the program keep the messages" in told


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("Library/Group Containers/UBF8T346G9.Office/Outlook/Outlook 15 Profiles/x", "put the .olm into Downloads"),
        ("AppData/Local/Microsoft/Olk/x", "the new Outlook for Windows leaves its mail on the server"),
        (".local/share/geary/account_01/geary.db", "Geary keeps its mail in a database"),
    ],
)
def test_programs_whose_mail_cannot_be_read_are_told(tmp_path: Path, file: str, told: str) -> None:
    made(tmp_path, file)
    assert offered(tmp_path) == []
    assert [told in one for one in closed(tmp_path)] == [True]


def test_a_folder_that_may_not_be_read_is_told_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As macOS refuses Apple Mail's, whatever the user's permissions."""
    made(tmp_path, "Library/Mail/V10/x.mbox/Messages/1.emlx", "Maildir/cur/1")
    scandir = os.scandir

    def refused(path: Path) -> object:
        if Path(path).name == "Mail":
            raise PermissionError(1, "Operation not permitted", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    assert paths(offered(tmp_path), tmp_path) == ["Maildir"]
    (told,) = closed(tmp_path)
    assert told.startswith(f"{tmp_path}/Library/Mail can't be looked at (Operation not permitted). ")
    assert "Full Disk Access" in told


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_folders_and_files_without_permission_are_told_once(tmp_path: Path) -> None:
    made(tmp_path, ".var/app/x/y", "Downloads/all.mbox", "Maildir/cur/1")
    (tmp_path / ".var").chmod(0)
    (tmp_path / "Downloads/all.mbox").chmod(0)
    try:
        assert paths(offered(tmp_path), tmp_path) == ["Maildir"]
        assert [one.partition(" can't")[0] for one in closed(tmp_path)] == [
            str(tmp_path / ".var"),
            str(tmp_path / "Downloads/all.mbox"),
        ]
    finally:
        (tmp_path / ".var").chmod(0o700)


def test_links_are_not_followed_out_of_the_home_folder(tmp_path: Path) -> None:
    home = tmp_path / "home"
    made(
        tmp_path,
        "disk/Maildir/cur/1",
        "home/data/thunderbird/x/Mail/pop/Inbox",
        "disk/all.mbox",
        "home/Downloads/x.json",
    )
    (home / "Maildir").symlink_to(tmp_path / "disk/Maildir")
    (home / "Downloads/all.mbox").symlink_to(tmp_path / "disk/all.mbox")
    (home / ".thunderbird").symlink_to(home / "data/thunderbird")
    assert paths(offered(home), home) == [".thunderbird/x/Mail/pop"]
    told = closed(home)
    assert f"{home}/Maildir is a link to {tmp_path}/disk/Maildir. Name that, if your mail is there." in told
    assert len(told) == 2


def test_loops_end_and_what_is_reached_twice_is_offered_once(tmp_path: Path) -> None:
    made(tmp_path, "Mail/work/INBOX/cur/1")
    (tmp_path / "mail").symlink_to("Mail")
    (tmp_path / "Mail/work/round").symlink_to("..")
    (tmp_path / "Maildir").symlink_to("Maildir")
    (tmp_path / "Downloads").symlink_to(".")
    assert paths(offered(tmp_path), tmp_path) == ["Mail/work"]
    assert closed(tmp_path) == []


def test_a_name_that_the_configuration_cannot_hold_is_told(tmp_path: Path) -> None:
    (tmp_path / "Downloads").mkdir()
    (tmp_path / os.fsdecode(b"Downloads/gr\xfc\xdfe.mbox")).write_bytes(MBOX)
    assert offered(tmp_path) == []
    assert "its name is not in UTF-8" in closed(tmp_path)[0]
    closed(tmp_path)[0].encode()


def test_what_is_told_can_be_shown_whatever_a_name_is(tmp_path: Path) -> None:
    (tmp_path / "Downloads").mkdir()
    (tmp_path / os.fsdecode(b"Downloads/gr\xfc\xdfe\n.mbox")).symlink_to("/")
    (told,) = closed(tmp_path)
    assert told.isprintable()
    told.encode()


def test_settings_that_lead_round_or_nowhere_are_no_error(tmp_path: Path) -> None:
    made(tmp_path, ".config/x.json", ".thunderbird/x.json", "Maildir/cur/1")
    (tmp_path / "round").symlink_to("round")
    (tmp_path / ".config/user-dirs.dirs").write_text('XDG_DOWNLOAD_DIR="$HOME/round"\nXDG_DESKTOP_DIR="/a\0b"\n')
    (tmp_path / ".thunderbird/profiles.ini").write_text("Path=a\0b\nPath=\nPath=gone\n[")
    assert paths(offered(tmp_path), tmp_path) == ["Maildir"]
    assert closed(tmp_path) == []


def test_a_title_keeps_to_its_line(tmp_path: Path) -> None:
    made(tmp_path, "Downloads/a\n\x1b[31m.mbox")
    (found,) = offered(tmp_path)
    assert found.title.startswith("~/Downloads/a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}[31m.mbox (")


def test_the_search_is_bounded_and_never_goes_through_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path, "projects/deep/down/all.mbox", *(f"Downloads/d{number:04}/x" for number in range(400)))
    made(tmp_path, *(f"Mail/work/f{number:04}/1" for number in range(400)), "Mail/work/INBOX/1")
    looked: list[Path] = []
    scandir = os.scandir

    def counted(path: Path) -> object:
        looked.append(Path(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", counted)
    (found,) = offered(tmp_path)
    assert "at least 200 folders" in found.title or "at least 199 folders" in found.title
    assert not any("projects" in path.parts for path in looked)
    assert len(looked) <= glimpse.WIDTH + glimpse.INSIDE + 50


def test_when_too_much_is_there_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glimpse, "LISTINGS", 5)
    made(tmp_path, *(f"Downloads/d{number}/one.eml" for number in range(10)))
    assert any("more folders than init looks into" in one for one in closed(tmp_path))


def test_only_the_first_octets_of_a_file_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path, "Downloads/all.mbox")
    (tmp_path / "Downloads/all.mbox").write_bytes(MBOX * 10_000)
    read: list[int] = []

    class Watched(io.BufferedReader):
        def close(self) -> None:
            if not self.closed:
                read.append(self.tell())
            super().close()

    monkeypatch.setattr(Path, "open", lambda path, mode: Watched(io.FileIO(path, mode)))
    assert len(offered(tmp_path)) == 1
    assert read
    assert max(read) <= REACH
