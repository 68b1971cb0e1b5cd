"""[pure] Trials: configurations of an index come in, what each costs and finds goes out.

Reading order: `trial` (what came out, which was best, what to try next), `measure` (build, ask, time) and
`tuning` (one index: what to ask, and what is kept).
"""
