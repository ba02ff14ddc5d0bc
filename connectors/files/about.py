"""The connector ``files``: mail in files on this machine."""

from connectors.files.nearby import nearby
from mailcare.mail import links
from mailcare.mail.about import About, Paths, Question

ABOUT = About(
    title="files on this machine: an mbox, a Maildir, a folder of messages",
    order=100,
    keys=(
        Paths(
            "path",
            "an mbox (Google Takeout's too), a Maildir, a folder with one message per file, or a list of them; each "
            "may be compressed (`.gz`, `.xz`)",
            example="~/mail/all.mbox",
        ),
    ),
    questions=(Question("path", "The file or folder", there=True),),
    link=links.mid,
    nearby=nearby,
)
