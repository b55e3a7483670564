"""Paper cards: made in batches, given out with the person, blocked, replaced."""
