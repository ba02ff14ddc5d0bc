"""Gmail and Google Workspace, through Google's API."""
