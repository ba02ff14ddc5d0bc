"""One question to an Exchange server, and what it means that there is no answer."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from exchangelib import Account, errors
from spnego.exceptions import SpnegoError

from connectors.exchange.errors import PUZZLING, WAITED_FOR, Unexpected, explained, is_no_mailbox, unreachable
from mailcare.servers.later import Later

T = TypeVar("T")


class Closed(Exception):
    """The user may see this folder, and not what is in it."""


class Poison(Exception):
    """A request for items that the server could not answer."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class Asking:
    """Asks about one mailbox. Raises Later for what may pass by, and MailcareError for what can't be waited for."""

    def __init__(self, account: Account, host: str) -> None:
        self.account, self.host = account, host
        self._answered = False

    def ask(
        self, question: Callable[[], T], meant: Mapping[type[Exception], Exception] = {}, poison: bool = False
    ) -> T:
        """The answer; ``meant``: what some errors mean to who asks.

        ``poison``: raises Poison for what may be due to what was asked for.
        """
        try:
            answer = question()
        except (errors.UnauthorizedError, SpnegoError) as error:
            if not self._answered:
                raise explained(error, self.host) from None
            self._answered = False
            raise later(error, self.host) from None
        except WAITED_FOR as error:
            if not self._answered and unreachable(error):
                raise explained(error, self.host) from None
            raise later(error, self.host) from None
        except (errors.EWSError, *PUZZLING) as error:
            if type(error) in meant:
                raise meant[type(error)] from None
            if is_no_mailbox(error):
                raise explained(error, self.host) from None
            if poison:
                raise Poison(error) from None
            if not isinstance(error, PUZZLING) or (isinstance(error, Unexpected) and error.status < 500):
                raise explained(error, self.host) from None
            raise later(error, self.host) from None
        self._answered = True
        return answer


def later(error: Exception, host: str) -> Later:
    """What the error means if it may pass by, and how long it asks to wait."""
    return Later(explained(error, host).what, getattr(error, "back_off", None))
