"""[pure] Many corpora asked as one, over HTTP.

Read in this order: bodies and answers (what is said), asking, routes.
"""
