"""[pure] The lake as one object: what a person would say to it, and what it answers.

Reading order: `facade` (the object itself), `parts` (what it is made of), `tables` (what names in SQL stand
for), `indexes` (`lake.index`), `jobs` (work nobody waits for), `running` (for whoever keeps it open).
"""
