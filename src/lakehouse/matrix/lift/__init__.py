"""[acts] The gate: does what was learned give people what they look for, against a control without memory?

Read in this order: ground (collections, wordings, worlds, splits); arm, rivals, ours (who ranks); oracle,
users (who asks); stream, attack, titles, rejudge (one run of each kind); plan, outcome, run (all of them);
proof (what they prove), cost.
"""
