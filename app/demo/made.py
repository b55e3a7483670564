"""Whether the city is there as a whole. Loads nothing, since each start asks before all else."""

from __future__ import annotations

import psycopg

_LAST_STEP = """
    select exists (select from pay_out where period = %s and state = 'confirmed')
"""
FIRST_PERIOD = "simulated-1"


def is_made(connection: psycopg.Connection) -> bool:
    """Whether seeding came to its end once: the bank confirmed the first pay-out."""
    found = connection.execute(_LAST_STEP, [FIRST_PERIOD]).fetchone()
    return found is not None and bool(found[0])
