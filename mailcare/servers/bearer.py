"""An access token told to a mail server, by SASL: XOAUTH2 (Google's and Microsoft's own) or OAUTHBEARER (RFC 7628)."""

from collections.abc import Callable

from mailcare.errors import Exit, MailcareError

MECHANISMS = ("xoauth2", "oauthbearer")


def answers(mechanism: str, user: str, token: str) -> Callable[[bytes], str]:
    """What to answer to the server's challenges, not yet in base64: the first asks for the token; a further one tells
    of an error, which XOAUTH2 answers by nothing and OAUTHBEARER by one octet (RFC 7628, section 3.2.3)."""
    if mechanism == "xoauth2":
        return _steps(f"user={user}\1auth=Bearer {token}\1\1", "")
    name = user.replace("=", "=3D").replace(",", "=2C")
    return _steps(f"n,a={name},\1auth=Bearer {token}\1\1", "\1")


def not_offered(mechanism: str) -> MailcareError:
    """What to tell of a server that does not offer this mechanism."""
    return MailcareError(f"the server offers no {mechanism.upper()}", todo='Set auth = "password".', code=Exit.USAGE)


def _steps(first: str, afterwards: str) -> Callable[[bytes], str]:
    left = iter([first])
    return lambda _: next(left, afterwards)
