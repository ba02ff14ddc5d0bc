"""What every connector to a server needs: options, credentials, patience, trust."""
