"""A citizen's own pages: deeds, payments, permissions, data, who acts for them."""
