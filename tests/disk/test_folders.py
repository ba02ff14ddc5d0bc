"""What kind of disk a path lies on, and which ones are refused."""

import errno
import os
from pathlib import Path
from unittest.mock import patch

import pytest

from mailcare.config import settings as config
from mailcare.disk import folders as disk
from mailcare.errors import MailcareError
from mailcare.store.store import Store

MOUNTS = r"""
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
28 27 0:40 / /home rw,relatime shared:1 - nfs4 server:/home rw
29 28 0:41 / /home/ann/local\040disk rw - xfs /dev/vdb rw
30 27 0:42 / /mnt rw - ext4 /dev/vdc rw
31 30 0:43 / /mnt rw - fuse.sshfs host: rw
""".strip()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/data/work.sqlite", "ext4"),
        ("/home/ann/work.sqlite", "nfs4"),
        ("/home/ann/local disk/work.sqlite", "xfs"),
        ("/homes/work.sqlite", "ext4"),
        ("/mnt/work.sqlite", "fuse.sshfs"),
    ],
)
def test_the_innermost_and_last_mount_counts(path: str, kind: str) -> None:
    assert disk.file_system(Path(path), MOUNTS) == kind


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs"])
@pytest.mark.parametrize("write", [True, False])
def test_a_store_on_another_machines_disk_is_refused(tmp_path: Path, kind: str, write: bool) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 0 0:1 / / rw - ext4 /dev/vda rw\n2 1 0:2 / {tmp_path}/far rw - {kind} server:/x rw\n")
    with patch.object(disk, "MOUNTS", mounts), pytest.raises(MailcareError, match=rf"\({kind}\).*local disk"):
        Store.open(tmp_path / "far" / "work.sqlite", write=write)
    assert not (tmp_path / "far").exists()


def test_where_mounts_are_not_known_nothing_is_refused(tmp_path: Path) -> None:
    with patch.object(disk, "MOUNTS", tmp_path / "absent"):
        disk.refuse_network(tmp_path / "work.sqlite")


def test_an_error_without_words_of_its_own_keeps_the_systems() -> None:
    assert disk.failure(errno.ELOOP, Path("page")).what == os.strerror(errno.ELOOP)


def test_a_user_without_a_home_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container with a random user: no HOME, and no entry in passwd."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)

    def unknown(*_: object) -> None:
        raise KeyError

    monkeypatch.setattr("pwd.getpwuid", unknown)
    path = tmp_path / "config.toml"
    account = '[[account]]\nname = "work"\nconnector = "files"\npath = "all.mbox"\naddresses = ["me@example.com"]\n'
    path.write_text(f'data_dir = "data"\n{account}')
    settings, problems = config.read(path)
    assert (settings.place.data_dir, problems) == (tmp_path / "data", [])
    path.write_text(account)
    with pytest.raises(MailcareError, match="no home folder") as told:
        config.read(path)
    assert "Set HOME" in told.value.todo
    path.write_text(f'data_dir = "~/data"\n{account}')
    with pytest.raises(MailcareError, match="home folder"):
        config.load(path)
