"""The pages of a shop: its till, and what it is paid out."""
