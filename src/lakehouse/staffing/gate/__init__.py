"""[acts] The staffing world of the lift gate, handed to it by name: `lakehouse lift --data staffing`.

Read in this order: needs (what is looked for, and in which words), world (who meets it, who would last).
"""
