"""[pure] What a run proves: differences and their intervals, goals and verdicts, the report and its chart.

Read in this order: stats, results (rows), figures (what goals are about), floors (goals), report, chart.
"""
