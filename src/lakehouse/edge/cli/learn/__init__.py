"""[acts] Commands about what the lake learns from outcomes.

Read in this order: lift (the gate).
"""
