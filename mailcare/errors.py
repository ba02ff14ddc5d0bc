"""What went wrong, where, and what to do next: the one kind of error a user sees."""

from collections.abc import Iterable
from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of the command line."""

    DONE = 0
    ERROR = 1
    USAGE = 2
    PARTLY = 3
    LOCKED = 4
    LOGIN = 5
    TEMPORARY = 75
    INTERRUPTED = 130
    TERMINATED = 143


MEANINGS = {
    Exit.DONE: "done",
    Exit.ERROR: "an error",
    Exit.USAGE: "usage or configuration",
    Exit.PARTLY: "some of several accounts failed, the others are done (where all failed alike, their own code)",
    Exit.LOCKED: "another run holds the lock",
    Exit.LOGIN: "a login is needed",
    Exit.TEMPORARY: "a temporary failure, run again later",
    Exit.INTERRUPTED: "stopped by Ctrl-C, what was stored so far is kept",
    Exit.TERMINATED: "stopped by SIGTERM, what was stored so far is kept",
}
"""What the exit codes tell whoever ran the command."""


class MailcareError(Exception):
    """One line for the user: what happened, where, and what to do next.

    ``NAME`` in the advice stands for the account, as in ``mailcare login NAME``; ``of`` puts its name there.
    """

    def __init__(self, what: str, *, where: str = "", todo: str = "", code: Exit = Exit.ERROR) -> None:
        super().__init__(what)
        self.what, self.where, self.todo, self.code = what, where, todo, code

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" {self.todo}" if self.todo else ""
        line = " ".join(f"{place}{self.what.rstrip('.')}.{advice}".split())
        return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in line)

    def of(self, account: str) -> "MailcareError":
        """The same error, as one of this account."""
        error = self.at(account)
        error.todo = error.todo.replace("mailcare login NAME", f"mailcare login {account}")
        return error

    def at(self, place: str) -> "MailcareError":
        """The same error, its place seen from further out, such as the account's name."""
        where = f"{place}: {self.where}" if self.where else place
        return MailcareError(self.what, where=where, todo=self.todo, code=self.code)


def suggestion(word: str, known: Iterable[str]) -> str:
    """``Did you mean …?``, or what there is to choose from."""
    import difflib

    choices = sorted(known)
    near = difflib.get_close_matches(word.lower(), choices, n=1)
    if near:
        return f"Did you mean {near[0]}?"
    return f"There are {', '.join(choices)}." if len(choices) > 1 else f"There is only {''.join(choices)}."
