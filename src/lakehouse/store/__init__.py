"""[pure] Where bytes live: named objects that are durable when a put returns, and event journals on top.

In come bytes and records; out go objects that every engine can read by address. Read in this order:
objects, keys, memory, durable, local, remote; then streams, segments, folds, columns, views, journal.
"""
