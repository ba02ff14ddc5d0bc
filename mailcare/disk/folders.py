"""The local disk: folders for the owner alone, file systems that cannot hold a store, errors in the user's words."""

import errno
import os
import re
from pathlib import Path

from mailcare.errors import Exit, MailcareError

MOUNTS = Path("/proc/self/mountinfo")
NETWORK = {
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "davfs"),
    *("fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.gcsfuse", "fuse.mount-s3", "fuse.goofys", "fuse.curlftpfs"),
    *("fuse.glusterfs", "fuse.ceph", "fuse.ceph-fuse", "fuse.davfs2", "fuse.smbnetfs", "fuse.gvfsd-fuse"),
}
"""File systems of other machines: locks and shared memory, which SQLite's write-ahead log needs, fail on them."""

_REASONS = {
    errno.ENOSPC: ("the disk is full", "Free some space and run again: what was stored before is intact."),
    errno.EDQUOT: ("the disk quota is used up", "Free some space and run again: what was stored before is intact."),
    errno.EROFS: ("the file system is read-only", "Choose another folder, or mount this one writable."),
    errno.EACCES: ("no permission", "Let the user that runs mailcare read and write there, or choose another folder."),
    errno.EPERM: ("no permission", "Let the user that runs mailcare read and write there, or choose another folder."),
    errno.EIO: ("the disk reports an error", "Check the disk and its connection, then run again."),
    errno.EISDIR: ("a folder is in the way of the file", "Move it, or choose another place."),
    errno.ENOTDIR: ("a file is in the way of the folder", "Move it, or choose another place."),
    errno.EEXIST: ("a file is in the way of the folder", "Move it, or choose another place."),
}


def failure(number: int | None, path: Path) -> MailcareError:
    """What the system's error ``number`` (errno) at ``path`` means, and what to do about it."""
    unknown = (os.strerror(number) if number else "the disk failed", "Check the folder, then run again.")
    what, todo = _REASONS.get(number or 0, unknown)
    return MailcareError(what, where=str(path), todo=todo)


def home() -> Path:
    """The user's own folder. Raises MailcareError where there is none, as for some users of containers."""
    try:
        return Path.home()
    except RuntimeError:
        todo = "Set HOME; or name the configuration with --config, and in it data_dir."
        raise MailcareError("this user has no home folder", todo=todo, code=Exit.USAGE) from None


def private_folder(folder: Path) -> None:
    """Make ``folder`` and what is missing above it, each for its owner alone (0700); one that exists stays as it is."""
    if not folder.is_dir():
        private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def refuse_network(path: Path) -> None:
    """Raise MailcareError where ``path`` lies on another machine's disk; where that cannot be known, it passes."""
    kind = file_system(path, MOUNTS.read_text(errors="surrogateescape")) if MOUNTS.exists() else ""
    if kind in NETWORK:
        raise MailcareError(
            f"the folder lies on a network file system ({kind}), where a store would be damaged",
            where=str(path.parent),
            todo="Set data_dir to a folder on a local disk.",
        )


def file_system(path: Path, mounts: str) -> str:
    """The kind of file system ``path`` lies on, by the text of proc(5) mountinfo; empty where none holds it."""
    path, best, kind = path.resolve(), 0, ""
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        mount = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), before.split()[4]))
        if path.is_relative_to(mount) and len(mount.parts) >= best:
            best, kind = len(mount.parts), after.split()[0]
    return kind
