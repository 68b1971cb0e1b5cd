"""[pure] Files of a table: Parquet on disk comes in, entries for a snapshot go out, readable by every reader.

Read in this order: datafile, footer, marking; spans, sources (which bytes the table has taken in).
"""
