"""Rule sets as they are proposed, warned of, published and kept."""
