"""The formats that mail lies in, one module each."""
