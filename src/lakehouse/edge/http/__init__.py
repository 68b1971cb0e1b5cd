"""[pure] The HTTP door: requests come in, the lake is asked, JSON, Arrow, CSV, Parquet or a problem goes out.

Read in this order: rules (who may knock), gate (every request passes it), problems (errors as answers),
rooms (threads, bounded by kind of work), bodies and answers (what is said), then a module for each group
of routes: queries, datasets, system, pages, and the folders files, search and memory; app puts them
together, server runs it.
"""
