"""The signer: the only process that holds custodial and role keys. See `trust.md` beside it."""
