"""[pure] Data files: Parquet on disk comes in, entries for a snapshot go out, readable by every reader.

Read in this order: datafile, footer, marking.
"""
