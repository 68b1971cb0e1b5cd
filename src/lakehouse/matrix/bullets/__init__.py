"""[acts] Playbook text: what was learned, in words, comes in; the one or two entries a prompt needs come out.

An entry says one thing, where it holds (scope) and what shows it (evidence). It is never rewritten as a
whole: entries are added, updated, merged, retired, or linked to more evidence, each as an event in the
stream `playbook`; what stands is a fold over them. Whether an entry helps is told by votes on calls that it
was served to, never by its author. Before anything is written it is judged: copies, text that we served
ourselves, secrets, personal data, orders to a model and claims without evidence stay out.

Read in this order: params, bullet, limits, draft (values); events, fold (what happened, what it means);
hygiene, known (what is compared); worth, choose (what a prompt gets); stale, audit; plan (what an operation
writes); outside, meaning, log, judge, ask, bullets (the object that does it all).
"""
