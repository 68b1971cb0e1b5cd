"""[pure] What the lake learns from outcomes, over HTTP.

Read in this order: bodies and answers (what is said), told, routes; matrix (many corpora asked as one),
entries (what was learned in words).
"""
