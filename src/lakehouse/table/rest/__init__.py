"""[pure] The Iceberg REST catalog: requests of other engines, and of our own writer, come in as commits.

Read in this order: protocol, door.
"""
