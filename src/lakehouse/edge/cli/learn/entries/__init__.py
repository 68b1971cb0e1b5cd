"""[acts] Commands about what was learned in words.

Read in this order: shown (an entry on the screen), look, write.
"""
