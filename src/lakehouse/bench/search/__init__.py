"""[acts] Bench of search: builds, questions, filters, embedding, refreshes and ranking, beside named peers.

Read in this order: stranger, strangers (peers in an environment of their own); vectors, asked, filtered,
rivals, embedding, refreshed, quality, large (what is measured).
"""
