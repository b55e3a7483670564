"""The first page and, in a demo, its tour: one click signs in as each role."""
