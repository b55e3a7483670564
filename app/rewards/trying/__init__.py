"""Rule sets tried on a history: what they would cost, who gets how much, which rule bites.

A history is read row by row and forgotten; what stays is a sum for each person, each month and
each rule. No database, no web.
"""
