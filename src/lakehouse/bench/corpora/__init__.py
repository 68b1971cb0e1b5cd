"""[acts] What the measures of search ask: vectors and texts come in by a size, lakes that hold them go out.

Read in this order: clusters, sentences (data and their exact answers); library (the lakes).
"""
