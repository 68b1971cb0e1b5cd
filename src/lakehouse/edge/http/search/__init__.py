"""[pure] Search over HTTP: indexes are built and looked after, questions are asked, texts become vectors.

Read in this order: bodies and answers (what is said), then a module for each group of routes: indexes
(what there is), making (builds, refreshes and trials, which are jobs), asking (search, hybrid, passages),
vectors (texts to vectors, ours and as OpenAI's protocol has it); routes adds them all.
"""
