"""The officers' pages: what was done and decided, and what waits for a decision."""
