"""The configuration file, read and checked into typed settings."""
