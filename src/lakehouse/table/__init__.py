"""[pure] Open tables: files come in, versioned Apache Iceberg tables with history come out.

Read in this order: names, schema, card (values); fileio, catalog, snapshot, scan (metadata);
rest, door, writer (rows); timeline, sweep, maintain, rebuild (time and upkeep).
"""
