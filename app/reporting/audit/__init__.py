"""The public audit: recompute every chain-backed figure from events alone and compare."""
