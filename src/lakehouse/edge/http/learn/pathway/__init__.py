"""[pure] Pathway memory over HTTP. Read in this order: bodies and answers (what is said), pathway, routes."""
