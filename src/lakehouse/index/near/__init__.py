"""[pure] What every backend of vector indexes needs beside its library.

Reading order: `unit` (what may enter), `groups` (equal vectors are linked once), `guarded` (candidates of a
library come in, answers that can be trusted go out).
"""
