"""[pure] What every package stands on: errors, ids, clocks, jailed child processes, DuckDB's one door.

Read in this order: errors, ids, clock, jail, child, duck, database.
"""
