"""[pure] What a run proves: differences and their intervals, goals and verdicts, the report and its chart.

Read in this order: stats, results (rows), figures (what goals are about), floors (goals), report,
arrivals (lift along the traffic), chart, picture (the chart as PNG).
"""
