"""[pure] Indexes: text columns of a table come in, ids of the rows that answer a question go out.

An index is a disposable accelerator: its vectors lie in an Iceberg table, everything else is made from that
table and the source again. Reading order: `template` and `chunk` (what is embedded), `ann` (the seam of vector
indexes) with `hnsw`, `lexical` (words).
"""
