"""Checking a citizen's receipt: offline, and against the chain where a node is given."""
