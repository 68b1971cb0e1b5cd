"""[acts] Search on the command line: `index …`, `search`, `rag`.

Reading order: index (the commands of the group) · phases (progress of long work) · build, look, trial,
serving (what they do) · passage (a text cut and its words marked) · find (`search`) · rag.
"""
