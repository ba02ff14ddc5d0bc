"""Logging in to an IMAP server: a password by PLAIN or LOGIN, an access token by XOAUTH2 or OAUTHBEARER."""

from imapclient import IMAPClient

from mailcare.errors import Exit, MailcareError
from mailcare.servers import bearer


def log_in(client: IMAPClient, user: str, auth: str, secret: str) -> None:
    """Log in once. Raises MailcareError where the server offers no such way, else what the library raises."""
    if auth == "password":
        _with_password(client, user, secret)
        return
    if not client.has_capability(f"AUTH={auth}"):
        raise bearer.not_offered(auth)
    client.sasl_login(auth.upper(), bearer.answers(auth, user, secret))


def _with_password(client: IMAPClient, user: str, password: str) -> None:
    if client.has_capability("AUTH=PLAIN"):
        client.plain_login(user, password)
    elif client.has_capability("LOGINDISABLED"):
        todo = 'Set security = "tls" or "starttls", or auth to what your provider wants.'
        raise MailcareError("the server takes no password on this connection", todo=todo, code=Exit.USAGE)
    elif not (user + password).isascii():
        todo = "Choose a password of ASCII letters, then log in again: mailcare login NAME."
        raise MailcareError("this server takes only ASCII letters in a password", todo=todo, code=Exit.LOGIN)
    else:
        escaped = user.replace("\\", "\\\\").replace('"', '\\"')
        client.login(f'"{escaped}"', password)
