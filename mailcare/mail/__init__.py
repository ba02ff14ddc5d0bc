"""What a connector may know: messages, headers, addresses, and the connector's interface."""
