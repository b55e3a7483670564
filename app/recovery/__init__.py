"""Wallets blocked at once, and accounts that come back to their person by two officers."""
