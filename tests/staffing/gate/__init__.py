"""The staffing world of the lift gate: small rosters, a model made of words."""
