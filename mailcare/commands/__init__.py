"""The commands of the command line, a family a file; ``mailcare.cli`` puts them together."""
