"""[acts] Many corpora asked as one, and what earlier askers found useful: the matrix and its playbook.

Read in this order: corpus, conditions, gather, features, relevance, merge (the matrix); playbook (what was
learned); downgrade (when less context is better); lift (the proof, measured against a control).
"""
