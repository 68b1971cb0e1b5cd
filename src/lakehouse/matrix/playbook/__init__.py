"""[acts] The playbook: outcomes of earlier searches change later ones, as far as evidence says that they help.

Everything is a view over one log of events (searches, outcomes, playbook): nothing that was concluded is stored,
so a source found bad loses its weight in hindsight, and any state can be had again.

Read in this order: events, params, terms (values); neighbours, boost (the formula); trust, ledger (what audits
teach it); memory (the fold); bullets, hygiene, audit (playbook text).
"""
