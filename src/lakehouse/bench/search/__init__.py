"""[acts] Bench of search: builds, questions, filters, embedding, refreshes and ranking, beside named peers.

Read in this order: clusters, sentences (data and their exact answers); library (the lakes that several
measures ask); stranger, strangers (peers in an environment of their own); vectors, asked, filtered, rivals,
embedding, refreshed, quality, large (what is measured).
"""
