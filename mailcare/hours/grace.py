"""The grace period: how long an open turn may wait (docs/measures.md, "Grace period")."""

GRACE_DAYS = 3.0
"""Working days for which an open turn may wait before it counts as dropped, unless the configuration says otherwise."""
LONGEST_DAYS = 60
"""The longest that may be configured."""
