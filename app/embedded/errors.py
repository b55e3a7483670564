"""What stops an embedded start: each a sentence for the person at the terminal."""

from __future__ import annotations


class EmbeddedError(Exception):
    """What is wrong and what to do about it; shown as it is, then exit code 1."""
