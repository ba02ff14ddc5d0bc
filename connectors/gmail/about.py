"""The connector ``gmail``: Gmail through Google's API."""

from mailcare.mail import links
from mailcare.mail.about import About, File, Number, Question, Text

ABOUT = About(
    title="Gmail or Google Workspace",
    order=20,
    keys=(
        File(
            "client_file",
            "the desktop client's JSON file",
            without="`service_account_file` is needed",
            example="client_secret.json",
        ),
        File(
            "service_account_file",
            "a service account's JSON key, to read a Workspace's mailbox without a login",
            without="`client_file` is needed",
            example="service_account.json",
        ),
        Text(
            "user",
            "the mailbox to read; needed with `service_account_file`",
            "me",
            example="ann@example.com",
            without="that of who logged in",
        ),
        Number(
            "quota_per_minute",
            "Google's quota units per minute and user",
            6000,
            more="a message costs 20; 15000 in projects made before May 2026",
            least=1000,
        ),
        Text("api_endpoint", "another server than Google's", "https://gmail.googleapis.com"),
        File("ca_file", "certificates (PEM) to trust", without="the usual ones", example="ca.pem"),
        Number("timeout", "seconds to wait for the server", 60, most=600),
    ),
    questions=(Question("client_file", "The client's JSON file from Google's console", "client_secret.json"),),
    steps=True,
    link=links.gmail,
)
