"""How a programme ends: announced, told, closed over nothing open, and its money given back."""
