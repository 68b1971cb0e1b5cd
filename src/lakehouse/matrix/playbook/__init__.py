"""[acts] The playbook: what became of earlier searches changes later ones, as far as evidence says it helps.

Everything is a view over one log of events (searches, outcomes, playbook). Nothing that was concluded is
kept, so a source found bad loses its weight in hindsight, and any state can be had again.

Read in this order: events, params, terms (values); wordings, boost, blend (the formula); trust, ledger, floor
(what audits teach it); memory (the fold).
"""
