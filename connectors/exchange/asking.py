"""One question to an Exchange server, asked as often as patience allows."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from exchangelib import Account, errors
from spnego.exceptions import SpnegoError

from connectors.exchange.errors import PUZZLING, WAITED_FOR, Unexpected, explained, is_no_mailbox, unreachable
from mailcare.errors import MailcareError
from mailcare.servers.patience import Patience

T = TypeVar("T")


class Closed(Exception):
    """The user may see this folder, and not what is in it."""


class Poison(Exception):
    """A request for items that the server could not answer."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class Asking:
    """Asks about one mailbox. Raises MailcareError for what can't be waited for, or lasts."""

    def __init__(self, account: Account, host: str, patience: Patience) -> None:
        self.account, self.host, self._patience = account, host, patience
        self._answered = False

    def ask(
        self, question: Callable[[], T], meant: Mapping[type[Exception], Exception] = {}, poison: bool = False
    ) -> T:
        """The answer, after as many tries as patience allows; ``meant``: what some errors mean to who asks.

        ``poison``: raises Poison for what may be due to what was asked for.
        """
        while True:
            try:
                answer = question()
            except (errors.UnauthorizedError, SpnegoError) as error:
                if not self._answered:
                    raise explained(error, self.host) from None
                self._answered = False
                self.wait(error)
            except WAITED_FOR as error:
                if not self._answered and unreachable(error):
                    raise explained(error, self.host) from None
                self.wait(error)
            except (errors.EWSError, *PUZZLING) as error:
                if type(error) in meant:
                    raise meant[type(error)] from None
                if is_no_mailbox(error):
                    raise explained(error, self.host) from None
                if poison:
                    raise Poison(error) from None
                if not isinstance(error, PUZZLING) or (isinstance(error, Unexpected) and error.status < 500):
                    raise explained(error, self.host) from None
                self.wait(error)
            else:
                self._answered = True
                self._patience.progress()
                return answer

    def wait(self, error: Exception) -> None:
        """Wait before another try, as long as the error asks for. Raises MailcareError where patience ends."""
        try:
            self._patience.wait(explained(error, self.host).what, getattr(error, "back_off", None))
        except MailcareError as end:
            raise end.at(self.host) from None
