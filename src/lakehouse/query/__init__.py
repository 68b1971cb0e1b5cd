"""[pure] SQL in, rows out: read-only, jailed, bounded, and always on a whole snapshot.

In: the text of one SELECT, parameters, a version. Out: an Arrow stream and the snapshots that prove it.
Read in this order: engine (what crosses the seams), relation (what a table name may stand for), tree,
functions, guard (what may run), bind (names become relations), faults (errors in the user's own words),
params, exchange, worker (runs in the jail), duck (the pool of workers), local (its twin), cache (hot copies),
result, values, render, session.
"""
