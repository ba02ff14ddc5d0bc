"""Mail in files: mbox, Maildir, folders of messages."""
