"""[acts] What a question says about columns, as conditions on rows: never left to likeness of meaning.

In: a question and the facets of a table. Out: conditions, one predicate in SQL, hard keys, the text that is
left to search for, and a note on everything that was found or let go. No table is known here by name.

Read in this order: facet, condition (values), words (how a text falls apart), speech (words that every
question shares), lexicon (values found in a text), amounts (numbers and dates), evidence (is it meant?),
pieces, cues, polarity (yes or no), joined (and, or), sql, structural (conditions given outright), reading
(all of it); facets (the vocabulary, read from a table).
"""
