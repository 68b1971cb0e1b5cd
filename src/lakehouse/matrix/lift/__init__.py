"""[acts] The gate: does what was learned give people what they look for, against a control that learns nothing?

Read in this order: data, wordings, split, users (the world); arms, rivals (who ranks); stream (one run);
stats, floors (what it proves); report, chart (what people see).
"""
