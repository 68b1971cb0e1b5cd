"""[acts] Commands about what the lake learns from outcomes.

Read in this order: feedback, playbook (its commands), record, look, steer; lift (the gate);
matrix (its commands); entries (commands about text).
"""
