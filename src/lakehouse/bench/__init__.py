"""[acts] Bench: how fast and how small the lake is, beside a named peer in the same run; never a timed test.

Names come in, a table of medians, ratios and targets goes out; a missed target is shown as missed. Read in
this order: targets, outcome (values); ground, race, memory, machine (how things are measured); ingest, cold,
pinned, upsert, served, start (what is measured of tables), learn (of outcomes), the folders corpora and
search (what is measured of search, and over what); show (the table), run (the entry).
"""
