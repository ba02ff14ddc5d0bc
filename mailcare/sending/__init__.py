"""The e-mail summary on its way to the mailbox's owner."""
