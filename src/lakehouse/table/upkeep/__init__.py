"""[pure] Upkeep: many small commits come in, few large files and a bounded history stay.

Read in this order: sweep (what to do), fold (how files are joined), maintain (doing it), background (when).
"""
