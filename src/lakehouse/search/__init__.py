"""[pure] Search: a question comes in, hits and passages with their proof go out.

Reading order: `fusion` (words and meaning into one ranking), `calibrate` (weights learned from judged
questions), `bound` (what quotes and minus signs demand of hits), `cite` (sentences and what supports them),
`answer`.
"""
