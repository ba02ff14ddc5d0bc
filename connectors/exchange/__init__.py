"""An Exchange Server on premises, over EWS."""
