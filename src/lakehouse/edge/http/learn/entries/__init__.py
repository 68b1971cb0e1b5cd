"""[pure] Text entries of the playbook, over HTTP.

Read in this order: bodies and answers (what is said), told, routes.
"""
