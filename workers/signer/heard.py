"""Moves that the signer heard of, each with the moment before which it lends no hand to it.

The clock runs from when the signer itself was asked, in a table that only it writes: who writes
everywhere else shortens no wait. A stop, once added, can't be taken back by the application.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session
from sqlmodel import col

from app.chain.typed_recovery import Move
from app.errors import Problem
from app.identity.block_models import WalletBlock
from app.identity.signer_models import HeardMove
from app.recovery.move_models import AnnouncedMoveEnd
from app.recovery.rules import MOVED_WITHIN

_KEPT = MOVED_WITHIN + timedelta(days=1)


def note(session: Session, row: HeardMove) -> datetime:
    """When it may be done; asked again, as at first, or at once where that was shown since."""
    known = session.get(HeardMove, row.id, with_for_update=True)
    if known is None:
        session.add(row)
        session.flush()
        return row.ready_at
    if (known.person_id, _between(known)) != (row.person_id, _between(row)):
        raise Problem("signer-order-refused")
    known.ready_at = min(known.ready_at, row.ready_at)
    session.flush()
    return known.ready_at


def ripe(session: Session, announced: UUID, move: Move, now: datetime) -> HeardMove:
    """The move between these very accounts, whose time has come and which nobody stopped.

    Raises Problem signer-move-waits, signer-order-refused.
    """
    known = session.get(HeardMove, announced)
    if known is None or now < known.ready_at:
        raise Problem("signer-move-waits")
    if _between(known) != _between(move) or now >= known.ready_at + MOVED_WITHIN:
        raise Problem("signer-order-refused")
    stopped = exists().where(col(AnnouncedMoveEnd.announced_id) == announced)
    blocked = exists().where(
        col(WalletBlock.person_id) == known.person_id, col(WalletBlock.since) >= known.heard_at
    )
    if session.scalar(select(stopped | blocked)):
        raise Problem("signer-order-refused")
    return known


def forget(session: Session, now: datetime) -> int:
    """Those whose time has run out; how many."""
    gone = delete(HeardMove).where(col(HeardMove.ready_at) < now - _KEPT)
    return len(session.execute(gone.returning(col(HeardMove.id))).all())


def _between(move: Move | HeardMove) -> tuple[bytes, str, str]:
    return move.programme_id, move.sender, move.receiver
