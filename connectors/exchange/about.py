"""The connector ``exchange``: a mailbox on an Exchange server of one's own."""

from connectors.exchange.links import outlook
from mailcare.mail.about import About, Choice, File, Key, Number, Question, Text
from mailcare.servers import credentials

VERSIONS = (
    *("exchange2016", "exchange2015_sp1", "exchange2015"),
    *("exchange2013_sp1", "exchange2013", "exchange2010_sp2"),
)
"""What RequestServerVersion may say, in lower case, the newest first."""

ABOUT = About(
    title="an Exchange Server of your organisation's own",
    order=40,
    keys=(
        Text("mailbox", "the mailbox's primary address", example="me@example.com"),
        Text(
            "server",
            "the server's name",
            "",
            without="`service_endpoint` or `autodiscover` is needed",
            example="mail.example.com",
        ),
        Text(
            "service_endpoint",
            "in its place: the whole address of EWS",
            "",
            example="https://mail.example.com/EWS/Exchange.asmx",
        ),
        Key(
            "autodiscover",
            "in its place: `true`, to ask the mailbox's domain, or the address to be asked",
            example=True,
        ),
        Text(
            "user",
            "the login name: an address or `'DOMAIN\\name'`",
            "",
            without="the mailbox's address",
            example="EXAMPLE\\me",
        ),
        Choice(
            "auth",
            "what the server offers",
            choices={"ntlm": "", "basic": "", "kerberos": "with an [extra](operations.md#extras)", "oauth": ""},
        ),
        Choice(
            "access",
            "whose rights are used",
            choices={
                "delegate": "your own mailbox, or one to which you have access",
                "impersonation": "with a service account that has this role",
            },
        ),
        Choice("version", "the server's", choices=dict.fromkeys(VERSIONS, "")),
        *credentials.keys("password"),
        *credentials.keys("token", 'with `auth = "oauth"`'),
        File("ca_file", "certificates (PEM) to trust", without="the system's", example="ca.pem"),
        Number("timeout", "seconds to wait for the server", 60, most=3600),
    ),
    questions=(
        Question("server", "The Exchange server", "mail.{domain}"),
        Question("mailbox", "", "{address}"),
        Question("user", "Your name there", "{address}"),
    ),
    steps=True,
    link=outlook,
)
