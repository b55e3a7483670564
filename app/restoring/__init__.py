"""After a restore: doors shut, everything matched, ends replayed, then doors open."""
