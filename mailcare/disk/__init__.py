"""The local disk: private folders, files written whole, secrets."""
