"""One account's store: Arrow batches in an SQLite file."""
