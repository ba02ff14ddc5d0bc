"""The weekly job: schedulers, the record of runs, and who watches them."""
