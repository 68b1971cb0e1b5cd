"""[acts] The ground of the gate: judged collections, other wordings of their needs, what the base answers.

Read in this order: data (a folder as values), wordings, base (who answers), exact (its twin in memory),
world (all of it as one value), keep (a world in a file), alike, split.
"""
