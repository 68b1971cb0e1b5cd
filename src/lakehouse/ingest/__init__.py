"""[pure] From any file to staged, typed Parquet: types and counts proven, bad rows kept, personal data found.

What comes in is a path; what goes out are Parquet files with field ids, the rows that were refused with
their line and reason, and figures that add up. Read in this order: source, shape, dialect, infer, cast,
split, scan, delimited, repair, flatten, records, columnar, expand, pii, write, worker, report.
"""
