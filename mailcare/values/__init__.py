"""Every number of a page, once: what measures hand to reports."""
