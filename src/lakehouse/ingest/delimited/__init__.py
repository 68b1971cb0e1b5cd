"""[pure] CSV and its relatives: a text of records comes in, typed Parquet and rejects go out.

Read in this order: dialect, cast, split, scan, checked, repair, convert.
"""
