"""[pure] Search by vectors: unit vectors come in, the positions of those nearest to a question go out.

Reading order: `unit` (what may enter), `groups` (equal vectors are linked once), `guarded` (candidates of a
library come in, answers that can be trusted go out), `hnsw` and `lance` (the libraries), `recall` (what an
index finds and costs), `route` (exact or graph).
"""
