"""Acting for somebody else: representatives and guardians."""
