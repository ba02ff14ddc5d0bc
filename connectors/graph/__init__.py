"""Exchange Online and Outlook.com, through Microsoft Graph."""
