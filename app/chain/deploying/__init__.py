"""Contracts come and go: the first deployment, the decisions of the quorum, replacements."""
