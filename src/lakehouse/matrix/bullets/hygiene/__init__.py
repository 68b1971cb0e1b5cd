"""[pure] What is judged before anything is written: copies, loops, leaks, orders, claims without evidence.

Read in this order: wording (what is compared), same (what says the same), leaks, orders, served, verdict.
"""
