"""The budget in slices: each process promises from its own, and asks the pool when that is short.

The sum of what slices were granted never passes the fundings that are final, and no slice
promises more than it was granted, so promises never pass the fundings. Near the end all slices are
locked together, so that nobody is cut while another still holds money. See docs/adr/0030.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.driver import Fixed
from app.rewards.models import RewardCounter
from app.rewards.valuing.caps import BUDGET, POOL, Counters, Key, lock_counters

SLICES = 16
SHARE = 64  # a slice asks for this part of what is free, and so for ever less towards the end
DEEDS = 20  # and no more than this many like the one that is short
NEAR = 100  # room for this many of the largest deed asked for, or less, is the end

# Whatever others hold unused. Far from the end a slice that is busy is passed over: waiting for it,
# with the pool locked, would wait in a circle. If only those are left the statement that waits for
# nobody fails, and with it the transaction, which is done again from the start.
_UNUSED = """
    with unused as (
        select span, granted_cents - cents as cents from reward_counter
        where programme_id = %(programme_id)s and scope = 'budget' and span like 'slice:%%'
            and span <> %(own)s and granted_cents > cents
        for update {busy}
    ), taken as (
        update reward_counter r set granted_cents = r.granted_cents - unused.cents from unused
        where r.programme_id = %(programme_id)s and r.scope = 'budget' and r.span = unused.span
        returning unused.cents
    )
    select cast(coalesce(sum(cents), 0) as bigint) from taken
"""
_RECLAIM = [Fixed(_UNUSED.format(busy=busy)) for busy in ("skip locked", "nowait")]
_GRANT = Fixed("""
    update reward_counter set
        granted_cents = granted_cents
            + case when span = 'pool' then %(pool)s else cast(%(slice)s as bigint) end
    where programme_id = %(programme_id)s and scope = 'budget' and span in ('pool', %(own)s)
""")


def own_slice() -> Key:
    """This process's."""
    return (BUDGET, f"slice:{os.getpid() % SLICES:02d}")


def money_keys(own: Key, worths: Collection[int], room: int) -> list[Key]:
    """What deeds of these worths lock of a budget with this much room: a slice, at its end all."""
    if not worths or room > sum(worths) + NEAR * max(worths):
        return [own]
    return [own, POOL, *((BUDGET, f"slice:{number:02d}") for number in range(SLICES))]


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
    Raises OperationalError where that is in slices that are busy.
    """
    short, at_end = need - counters.count(own).left, counters.holds(POOL)
    pool = lock_counters(session, programme_id, [POOL])[POOL].granted_cents or 0
    values = {"programme_id": programme_id, "own": own[1]}
    free, back = funded - pool, 0
    for reclaim in _RECLAIM:
        if free < short:
            found = int(reclaim.rows(session, values)[0][0])
            free, back = free + found, back + found
    share = DEEDS * need if at_end else min(free // SHARE, DEEDS * need)
    more = max(0, min(free, max(short, share)))
    if more or back:
        _GRANT.rows(session, values | {"slice": more, "pool": more - back})
        counters.granted(own, more)
