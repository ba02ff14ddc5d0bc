"""The ten ways of caring, one module each."""
