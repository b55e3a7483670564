"""An officer's form of a programme's rules, the same as JSON, and what comes of both."""
