"""What goes to the chain together: choosing, leaves, cells, settling, and what was refused."""
