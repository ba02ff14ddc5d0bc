"""Logging in to an IMAP server: a password by PLAIN or LOGIN, an access token by XOAUTH2 or OAUTHBEARER."""

from collections.abc import Callable

from imapclient import IMAPClient

from mailcare.errors import Exit, MailcareError


def log_in(client: IMAPClient, user: str, auth: str, secret: str) -> None:
    """Log in once. Raises MailcareError where the server offers no such way, else what the library raises."""
    if auth == "password":
        _with_password(client, user, secret)
        return
    if not client.has_capability(f"AUTH={auth}"):
        raise MailcareError(f"the server offers no {auth.upper()}", todo='Set auth = "password".', code=Exit.USAGE)
    client.sasl_login(auth.upper(), _xoauth2(user, secret) if auth == "xoauth2" else _oauthbearer(user, secret))


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


def _xoauth2(user: str, token: str) -> Callable[[bytes], str]:
    """Google's and Microsoft's own mechanism; an error's challenge is answered by nothing."""
    return _steps(f"user={user}\1auth=Bearer {token}\1\1", "")


def _oauthbearer(user: str, token: str) -> Callable[[bytes], str]:
    """RFC 7628; an error's challenge is answered by one octet (section 3.2.3)."""
    name = user.replace("=", "=3D").replace(",", "=2C")
    return _steps(f"n,a={name},\1auth=Bearer {token}\1\1", "\1")


def _steps(first: str, afterwards: str) -> Callable[[bytes], str]:
    answers = iter([first])
    return lambda _: next(answers, afterwards)
