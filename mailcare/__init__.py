"""Care, measured: how people hear back from a mailbox's owner, from mail metadata alone."""

__version__ = "0.1.0"
