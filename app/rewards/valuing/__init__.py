"""What a deed is worth: facts, rules, limits, counters, and the numbered evaluations."""
