"""[pure] Open tables: files come in, versioned Apache Iceberg tables with history come out.

Read in this order: names, schema, card (values); fileio, heads, pointers, manifests, catalog (metadata);
files, snapshot, rows, statements, writer, rest (changes); scan, timeline, evolve, upkeep, rebuild (time).
"""
