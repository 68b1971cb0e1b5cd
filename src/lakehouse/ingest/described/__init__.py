"""[pure] Sources that describe themselves: JSON, Parquet and Arrow come in, typed Parquet goes out.

Read in this order: flatten, jsontext, records, stored, restage, columnar.
"""
