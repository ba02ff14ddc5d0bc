"""What a connector needs to log in: a vault for its secrets, and, once, a person to ask."""

from typing import Protocol, runtime_checkable


class Vault(Protocol):
    """Where one account's secrets are kept. Raises ``errors.MailcareError`` where that place fails."""

    def get(self, name: str) -> str | None:
        """The secret of this name, such as ``password``; None where there is none."""

    def put(self, name: str, secret: str) -> None:
        """Keep the secret, in place of an earlier one."""


class Dialogue(Protocol):
    """The person in front of ``mailcare login``."""

    browser: bool
    """Whether a browser may be opened; otherwise addresses are told."""

    def tell(self, text: str) -> None:
        """Show a line."""

    def ask(self, prompt: str) -> str:
        """Ask for a secret, which is not shown while it is typed."""


@runtime_checkable
class Login(Protocol):
    """A connector that a person can log in to; one without this method needs no login."""

    def login(self, person: Dialogue) -> None:
        """Ask for what is needed, try it at the server, and keep it in the vault. Raises ``errors.MailcareError``."""
