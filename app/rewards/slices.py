"""The budget in slices: each process promises from its own, and asks the pool when that is short.

The sum of what slices were granted never passes the fundings that are final, and no slice
promises more than it was granted, so promises never pass the fundings. See docs/adr/0030.
"""

from __future__ import annotations

import os
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.driver import Fixed
from app.rewards.caps import BUDGET, Counters, Key, lock_counters
from app.rewards.models import RewardCounter

SLICES = 16
SHARE = 64  # a slice asks for this part of what is free, and so for ever less towards the end
DEEDS = 20  # and no more than this many like the one that is short: so much may lie in a busy slice
POOL: Key = (BUDGET, "pool")

# Whatever others hold unused. Who is promising just now keeps it: waiting for them, with the pool
# locked, would wait in a circle.
_RECLAIM = Fixed("""
    with idle as (
        select span, granted_cents - cents as unused from reward_counter
        where programme_id = %(programme_id)s and scope = 'budget' and span like 'slice:%%'
            and span <> %(own)s and granted_cents > cents
        for update skip locked
    ), taken as (
        update reward_counter r set granted_cents = r.granted_cents - idle.unused from idle
        where r.programme_id = %(programme_id)s and r.scope = 'budget' and r.span = idle.span
        returning idle.unused
    )
    select cast(coalesce(sum(unused), 0) as bigint) from taken
""")
_GRANT = Fixed("""
    update reward_counter set
        granted_cents = granted_cents
            + case when span = 'pool' then %(pool)s else cast(%(slice)s as bigint) end
    where programme_id = %(programme_id)s and scope = 'budget' and span in ('pool', %(own)s)
""")


def own_slice() -> Key:
    """This process's."""
    return (BUDGET, f"slice:{os.getpid() % SLICES:02d}")


def promised(session: Session, programme_id: UUID) -> int:
    """Cents of the budget that are reserved or minted."""
    query = select(func.coalesce(func.sum(col(RewardCounter.cents)), 0)).where(
        col(RewardCounter.programme_id) == programme_id, col(RewardCounter.scope) == BUDGET
    )
    return int(session.scalar(query) or 0)


def refill(
    session: Session, programme_id: UUID, counters: Counters, own: Key, *, need: int, funded: int
) -> None:
    """Gets the slice, which the caller holds locked, as near to `need` cents as there is money.

    Takes a part of what the pool has free, and when that is short what other slices don't use.
    """
    short = need - counters.count(own).left
    pool = lock_counters(session, programme_id, [POOL])[POOL].granted_cents or 0
    free, back = funded - pool, 0
    if free < short:
        asked = {"programme_id": programme_id, "own": own[1]}
        back = int(_RECLAIM.rows(session, asked)[0][0])
        free += back
    more = max(0, min(free, max(short, min(free // SHARE, DEEDS * need))))
    if more or back:
        values = {"programme_id": programme_id, "own": own[1]}
        _GRANT.rows(session, values | {"slice": more, "pool": more - back})
        counters.granted(own, more)
