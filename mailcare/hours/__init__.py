"""Time: working hours, time zones, and how long things take (survival curves)."""
