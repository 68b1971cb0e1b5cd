"""[pure] Search by words: documents come in, keys of those that say what was asked go out.

Reading order: `phrase` (what a person may type), `lexical` (the index), `weigh` (what words weigh over
several indexes), `states` (whole commits or nothing), `native` (the one module that knows tantivy).
"""
