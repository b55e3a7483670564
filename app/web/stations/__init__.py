"""Browsers that several people share, and the badges that open a shift at one."""
