"""Any IMAP server."""
