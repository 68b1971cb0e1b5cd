"""[pure] From any file to staged, typed Parquet: types and counts proven, bad rows kept, personal data found.

What comes in is a path; what goes out are Parquet files with field ids, the rows that were refused with
their line and reason, and figures that add up. Read in this order: naming, source, expand, shape, infer,
write, delimited, described, pii, wire, worker, report, plan, commit, run.
"""
