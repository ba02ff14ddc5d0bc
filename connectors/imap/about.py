"""The connector ``imap``: mail on an IMAP server."""

from mailcare.mail import links
from mailcare.mail.about import About, Choice, File, Number, Question, Text
from mailcare.servers import bearer, credentials

ABOUT = About(
    title="an IMAP server",
    order=10,
    keys=(
        Text("host", "the server's name", example="imap.example.com"),
        Number(
            "port",
            "the server's port",
            without='`993`, or `143` unless `security` is `"tls"`',
            most=65535,
            example=993,
        ),
        Text("user", "the login name", example="me@example.com"),
        Choice(
            "security",
            "how the connection is encrypted",
            choices={"tls": "", "starttls": "", "none": "for a server on this machine only"},
        ),
        Choice("auth", "how to log in", choices=dict.fromkeys(("password", *bearer.MECHANISMS), "")),
        *credentials.keys("password", 'with `auth = "password"`'),
        *credentials.keys("token", "with any other `auth`; asked for anew whenever mailcare connects"),
        File("ca_file", "certificates (PEM) to trust", without="the system's", example="ca.pem"),
        Number("timeout", "seconds to wait for the server", 60, most=3600),
    ),
    questions=(
        Question("host", "The IMAP server", "imap.{domain}"),
        Question("user", "Your name there", "{address}"),
    ),
    link=links.mid,
)
