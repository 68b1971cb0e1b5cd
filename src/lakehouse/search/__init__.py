"""[pure] Search: a question comes in, hits and passages with their proof go out.

Reading order: `fusion` (words and meaning into one ranking), `calibrate` (weights learned from judged
questions), `cite` (sentences and what supports them), `answer`.
"""
