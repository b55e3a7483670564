"""What several pages tell in the same words: deeds, waiting credits, payments, people."""
