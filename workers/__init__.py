"""Processes of the house, each started as `python -m workers...`."""
