"""The connector ``files``: mail in files on this machine."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from mailcare.mail import links
from mailcare.mail.about import About, Closed, Nearby, Paths, Question


def _nearby(home: Path, environ: Mapping[str, str]) -> Iterable[Nearby | Closed]:
    """What ``nearby.nearby`` finds; it knows all formats, which nothing else here needs."""
    from connectors.files.nearby import nearby

    return nearby(home, environ)


ABOUT = About(
    title="files on this machine: an mbox, a Maildir, a folder of messages",
    order=100,
    keys=(
        Paths(
            "path",
            "an mbox, a Maildir, a folder with one message per file, or a list of them",
            more="Google Takeout's mbox, archives of these (zip, tar) and Outlook's files (.pst, .ost, .msg, .olm) "
            "too; each may be compressed",
            example="~/mail/all.mbox",
        ),
    ),
    questions=(Question("path", "The file or folder", there=True),),
    link=links.mid,
    nearby=_nearby,
)
