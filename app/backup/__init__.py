"""Backups, and what brings a restored city up to the chain before its doors open."""
