"""The connector ``graph``: Exchange Online and Outlook.com by Microsoft Graph."""

from mailcare.mail import links
from mailcare.mail.about import About, Choice, File, Number, Question, Text

ABOUT = About(
    title="Exchange Online or Outlook.com (Microsoft 365)",
    order=30,
    keys=(
        Text("tenant", "the directory, by its domain or id", example="example.com"),
        Text("client_id", "the application's registration", example="11111111-2222-3333-4444-555555555555"),
        Text(
            "user",
            "the mailbox to read; needed with `certificate_file`",
            "",
            example="anna@example.com",
            without="that of who logged in",
        ),
        File(
            "certificate_file",
            "key and certificate (PEM) of an application that reads by itself",
            without="a person logs in",
            example="app.pem",
        ),
        Choice("cloud", "Microsoft's cloud", choices={"global": "", "usgov": "", "usgov_dod": ""}),
        Text(
            "api_endpoint",
            "another server than Microsoft's",
            "",
            without="the cloud's",
            example="https://graph.microsoft.com",
        ),
        Text(
            "authority",
            "another login server than Microsoft's",
            "",
            without="the cloud's",
            example="https://login.microsoftonline.com",
        ),
        File("ca_file", "certificates (PEM) to trust", without="the usual ones", example="ca.pem"),
        Number("timeout", "seconds to wait for the server", 60, most=600),
    ),
    questions=(
        Question("tenant", "The tenant", "{domain}"),
        Question("client_id", "The application's (client) id"),
    ),
    steps=True,
    link=links.told,
)
"""Outlook on the web doesn't open mail by Graph's immutable ids (msgraph-sdk-go issue 795)."""
