"""[pure] Indexes: text columns of a table come in, ids of the rows that answer a question go out.

An index is a disposable accelerator: its vectors lie in an Iceberg table, everything else is made from that
table and the source again. Reading order: `definition` (what was asked for), `template` and `chunk` (what is
embedded), `source` (the rows, by SQL), `changes` (what must be done again), `vectors` (the Iceberg table),
`words` (search by words), `ann` (the seam of vector indexes) with `near` behind it, `seal` and `generation`
(built aside, checked, numbered), `trials`, `refresh` and `meaning` (only what changed), `allowed` (what a
condition leaves), `view` (one moment of it) and `index` (all of it).
"""
