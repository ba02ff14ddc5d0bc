"""The client review of a team: its pool, its privacy rules, its lines."""
