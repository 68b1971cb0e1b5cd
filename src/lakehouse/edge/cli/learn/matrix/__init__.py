"""[acts] Commands about many corpora asked as one.

Read in this order: entries (the list), ask (search), cards (corpora, add, remove, build, suggest), gates.
"""
