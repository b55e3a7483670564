"""What a partner brings: a file of trips, read as a stream, kept as little as possible.

A row of a linked rider becomes an action; a row of an unlinked rider leaves only a keyed hash; a
row without `rider_ref` adds to daily sums. The upload is deleted when its job ends.
"""
