"""[acts] Pathway memory: what was tried for a kind of task and how it went comes in; proven ways come out.

One design for two shapes. What is stored is a versioned trace: a uid, content that the store does not read,
tags, a predecessor. The rich trace (attempts, passages, flags, bugs, verdicts) is such content that says of
itself `"schema": "pathway/1"`: then it is checked when written, and read for what only it can answer: the
same kind of task, known bugs, whether the model that it remembers may replace the ladder.

Nothing but events is stored, in the stream `pathway`; what is known is a fold over them.

Read in this order: params, limits, fingerprint, vector, path (the rich shape), trace (values); events, fold
(what happened, what it means); posterior, plan, swap (what an operation writes, what may be trusted); find,
known (questions); state_file (the earlier shape); log, pathway (the object that does it all).
"""
