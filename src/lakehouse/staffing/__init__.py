"""[pure] A staffing company that does not exist: the reference case, as data and as questions.

In: a scale and a seed. Out: seven tables that agree with each other (286,500 rows at scale 1), a roster of
any size, and, for evaluation alone, the truth that no table tells. A guest: nothing outside imports it.

Read in this order: schema (the tables), dice (how numbers are drawn), people, words, trades, letters (what is
said), workforce (who there is), world (what happened), resume, columns, registry, activity (rows),
generate (tables and files), queries (what to ask).
"""
