"""P4: how much the city holds for people who have no device wallet, as it tells the public.

Figures of one moment would tell of single payments. So they are taken at most once a day, and
only when at least five of these accounts moved since they were taken last.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.identity.models import WalletKind
from app.rewards.batches.cells import FEWEST_PEOPLE

EVERY = timedelta(days=1)

_MOVED = text("""
    select count(*) from (
      select distinct l.address from ledger_entry l join account a on a.address = l.address
      where a.wallet = :custodial and l.block_time > :since limit :fewest
    ) moved
""")
_TAKE = text("""
    update record_total set held_at = :now, (held_cents, holders) = (
      select coalesce(sum(b.final_cents), 0), count(distinct a.person_id)
      from balance b join account a on a.address = b.address
      where a.wallet = :custodial and b.final_cents > 0)
    where id = 1
""")
_TAKEN_AT = text("select held_at from record_total where id = 1")


def take(session: Session, now: datetime) -> None:
    """Final balances of custodial wallets, and how many people hold them. The caller commits."""
    custodial = {"custodial": WalletKind.CUSTODIAL.value}
    taken_at: datetime | None = session.scalar(_TAKEN_AT)
    if taken_at is not None and taken_at <= now:  # else by a clock that was ahead
        if now - taken_at < EVERY:
            return
        moved = session.scalar(_MOVED, custodial | {"since": taken_at, "fewest": FEWEST_PEOPLE})
        if (moved or 0) < FEWEST_PEOPLE:
            return
    session.execute(_TAKE, custodial | {"now": now})
