"""[pure] Models: texts come in, vectors and answers go out; which model, and where it runs, is a setting.

Reading order: `embedding` and `chat` are the seams, `cache` wraps an embedder, `fake` is its twin in memory.
"""
