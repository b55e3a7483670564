"""What everybody may read without signing in: figures, kinds of deeds, programmes, checks."""
