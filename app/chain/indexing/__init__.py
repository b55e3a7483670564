"""From blocks to rows: read, held against each other, final, and told to those who listen."""
